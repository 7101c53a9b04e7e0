using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>
/// The sample's image, built for real by the tests' own user and by another kind of user at the same time. The first time on a
/// machine each makes its own Debian base: some minutes.
/// </summary>
internal sealed class RealImages
{
    // One pair for all classes of tests that look at them; they run one after another.
    private static RealImages? s_images;

    private RealImages(SdkPackage package)
    {
        MountsBefore = Mounts();
        LoopDevicesBefore = LoopDevices();
        Own = SampleHive.Create(package, Builder.Own);
        Other = SampleHive.Create(package, Builder.Other);
        var other = Task.Run(() => Other.Build("-v:n"));
        OwnBuild = Own.Build("-v:n");
        OtherBuild = other.GetAwaiter().GetResult();
    }

    /// <summary>The pair, built when it is first asked for.</summary>
    public static RealImages Of(SdkPackage package) => s_images ??= new RealImages(package);

    public HiveProject Own { get; }

    public HiveProject Other { get; }

    public BuildResult OwnBuild { get; }

    public BuildResult OtherBuild { get; }

    public string[] MountsBefore { get; }

    public string LoopDevicesBefore { get; }

    public static string[] Mounts() => [.. File.ReadAllLines("/proc/self/mountinfo").Order(StringComparer.Ordinal)];

    public static string LoopDevices() => new Command("/").Run("losetup", "-a").Output;

    public static string RawImage(HiveProject project) => Assert.Single(Directory.GetFiles(project.At("obj"), "*.img"));
}
