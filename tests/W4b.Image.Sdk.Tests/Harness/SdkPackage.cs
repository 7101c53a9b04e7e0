namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>The SDK, packed once for all tests into a feed of its own, with a packages folder of its own.</summary>
public sealed class SdkPackage : IDisposable
{
    /// <summary>Packs the SDK.</summary>
    public SdkPackage()
    {
        Folder = Directory.CreateTempSubdirectory("w4b-sdk-tests-").FullName;
        // For builds as another user.
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        FakeTasks = Path.Combine(Copy(Path.GetDirectoryName(Repository.FakeTasks)!, Path.Combine(Folder, "fake")), Path.GetFileName(Repository.FakeTasks));
        Feed = Directory.CreateDirectory(Path.Combine(Folder, "feed")).FullName;
        Pack(Feed);
        PackageFile = Directory.GetFiles(Feed, "*.nupkg").Single();
        Version = Path.GetFileNameWithoutExtension(PackageFile)["W4b.Image.Sdk.".Length..];
    }

    /// <summary>The folder of everything that the tests write; deleted at the end.</summary>
    public string Folder { get; }

    /// <summary>The folder that serves as the NuGet feed.</summary>
    public string Feed { get; }

    /// <summary>The package.</summary>
    public string PackageFile { get; }

    /// <summary>The package's version.</summary>
    public string Version { get; }

    /// <summary>The assembly with the real tasks over the fake domain, where every user can read it.</summary>
    public string FakeTasks { get; }

    /// <summary>Packs the SDK into <paramref name="folder"/>.</summary>
    public static void Pack(string folder)
    {
        var result = new Command(Repository.Root).Run("dotnet", "pack", "src/W4b.Image.Tasks", "-c", "Release", "-o", folder);
        Assert.True(result.ExitCode == 0, result.Output);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return target;
    }
}

/// <summary>The tests that use the package. They run one after another: each is a whole `dotnet build`.</summary>
[CollectionDefinition(Name)]
public sealed class SdkPackageTests : ICollectionFixture<SdkPackage>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "SDK package";
}
