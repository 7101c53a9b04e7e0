using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>
/// The sample's image, built for real by the tests' own user and by another kind of user at the same time. The first time on a
/// machine each makes its own Debian base: some minutes.
/// </summary>
public sealed class RealImages
{
    /// <summary>Builds both.</summary>
    public RealImages(SdkPackage package)
    {
        MountsBefore = Mounts();
        LoopDevicesBefore = LoopDevices();
        Own = SampleHive.Create(package, Builder.Own);
        Other = SampleHive.Create(package, Builder.Other);
        var other = Task.Run(() => Other.Build("-v:n"));
        OwnBuild = Own.Build("-v:n");
        OtherBuild = other.GetAwaiter().GetResult();
    }

    internal HiveProject Own { get; }

    internal HiveProject Other { get; }

    internal BuildResult OwnBuild { get; }

    internal BuildResult OtherBuild { get; }

    internal string[] MountsBefore { get; }

    internal string LoopDevicesBefore { get; }

    internal static string[] Mounts() => [.. File.ReadAllLines("/proc/self/mountinfo").Order(StringComparer.Ordinal)];

    internal static string LoopDevices() => new Command("/").Run("losetup", "-a").Output;

    internal static string RawImage(HiveProject project) => Assert.Single(Directory.GetFiles(project.At("obj"), "*.img"));
}
