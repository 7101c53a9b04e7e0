using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>The sample hive_0Bpfj4cT as a project outside the repository, on the packed SDK and the real domain.</summary>
internal static class SampleHive
{
    /// <summary>The sample's folder in the repository.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "samples/hive_0Bpfj4cT");

    /// <summary>The sample's private key: a secret wherever it stands but in the image.</summary>
    public static string PrivateKey { get; } = File.ReadAllText(Path.Combine(Folder, "secrets/wireguard.key")).Trim();

    /// <summary>A copy of the sample for <paramref name="builder"/>.</summary>
    public static HiveProject Create(SdkPackage package, Builder builder, string body = "", Func<string, string>? edit = null)
    {
        var yaml = File.ReadAllText(Path.Combine(Folder, "hive_0Bpfj4cT.yaml"));
        var project = new HiveProject(package, body, edit is null ? yaml : edit(yaml), fake: false, builder.User) { Wrapper = builder.Wrapper };
        Directory.CreateDirectory(project.At("secrets"));
        project.Write("secrets/wireguard.key", PrivateKey);
        project.Set("W4B_CACHE_DIR", builder.Cache);
        return project;
    }

    /// <summary>
    /// A copy of the sample for the tests' own user whose layers go with the test; of the user's cache it takes the base images.
    /// </summary>
    public static HiveProject CreateApart(SdkPackage package, string body = "", Func<string, string>? edit = null)
    {
        var project = Create(package, Builder.Own, body, edit);
        project.Set("W4B_CACHE_DIR", project.Cache);
        Directory.CreateDirectory(project.Cache);
        // With the locks of those who make them: tests of other collections build beside.
        foreach (var folder in new[] { "base", "locks" })
        {
            Directory.CreateDirectory(Path.Combine(Builder.Own.Cache, folder));
            File.CreateSymbolicLink(Path.Combine(project.Cache, folder), Path.Combine(Builder.Own.Cache, folder));
        }

        return project;
    }
}
