namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>The SDK, packed once for all tests of a collection into a feed of its own, with a packages folder of its own.</summary>
public sealed class SdkPackage : IDisposable
{
    // Each pack builds in the same folders.
    private static readonly Lock s_packing = new();

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
        lock (s_packing)
            Run(folder);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static void Run(string folder)
    {
        var result = new Command(Repository.Root).Run("dotnet", "pack", "src/W4b.Image.Tasks", "-c", "Release", "-o", folder);
        Assert.True(result.ExitCode == 0, result.Output);
    }

    private static string Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return target;
    }
}

/// <summary>
/// The tests that use the package. Those of a collection run one after another, each a whole `dotnet build`; two collections run beside
/// each other.
/// </summary>
[CollectionDefinition(Name)]
public sealed class SdkPackageTests : ICollectionFixture<SdkPackage>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "SDK package";
}

/// <summary>Those that build whole images and look into them.</summary>
[CollectionDefinition(Name)]
public sealed class ImageTests : ICollectionFixture<SdkPackage>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Images";
}

/// <summary>Those that are mostly waiting for one emulated processor.</summary>
[CollectionDefinition(Name)]
public sealed class DeviceTests : ICollectionFixture<SdkPackage>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Devices";
}
