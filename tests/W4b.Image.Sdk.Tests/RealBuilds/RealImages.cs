using W4b.Image.Layers.Cache;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>
/// The sample's image, built for real by the tests' own user and by another kind of user at the same time, in surroundings that differ
/// in what must not matter: folder, time zone, locale, umask, number of cores. The first time on a machine each makes its own Debian
/// base: some minutes.
/// </summary>
internal sealed class RealImages
{
    // Whatever the level, equal images have equal archives; the default is for sizes, and one core would need minutes.
    private const string Body = "<PropertyGroup><W4bCompressionLevel>1</W4bCompressionLevel></PropertyGroup>";

    // One pair for all classes of tests that look at them; they run one after another.
    private static RealImages? s_images;

    private RealImages(SdkPackage package)
    {
        MountsBefore = Mounts();
        LoopDevicesBefore = LoopDevices();
        AbandonedBefore = [.. new CacheFolder(Builder.Own.Cache).AbandonedWork()];
        UnfinishedBefore = Unfinished(Builder.Other.Cache);
        // The time that a build bears anyway: with it the two have one name, and the bases and layers of the other tests.
        Own = SampleHive.Create(package, Builder.Own with { Wrapper = [.. Builder.Own.Wrapper, .. WithUmask("022")] }, Body);
        Surround(Own, "Asia/Kolkata", "de_DE.UTF-8");
        Other = SampleHive.Create(package, Builder.Other with { Wrapper = [.. Builder.Other.Wrapper, "taskset", "--cpu-list", "0", .. WithUmask("077")] }, Body);
        Surround(Other, "America/St_Johns", "tr_TR.UTF-8");
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

    /// <summary>What builds that were killed at some time left in the cache of the tests' own user.</summary>
    public string[] AbandonedBefore { get; }

    /// <summary>What builds that were killed at some time left in the cache of the other one.</summary>
    public string[] UnfinishedBefore { get; }

    private static string[] WithUmask(string umask) => ["sh", "-c", $"umask {umask}; exec \"$@\"", "sh"];

    private static void Surround(HiveProject project, string timeZone, string locale)
    {
        project.Set("TZ", timeZone);
        project.Set("LANG", locale);
        project.Set("LC_ALL", locale);
        project.Set("SOURCE_DATE_EPOCH", TreeListing.AnyTime.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    public static string[] Mounts() => [.. File.ReadAllLines("/proc/self/mountinfo").Order(StringComparer.Ordinal)];

    public static string[] Unfinished(string cache)
        => Directory.Exists(cache) ? Directory.GetFiles(cache, "*.partial", SearchOption.AllDirectories) : [];

    public static string LoopDevices() => new Command("/").Run("losetup", "-a").Output;

    public static string RawImage(HiveProject project) => Assert.Single(Directory.GetFiles(project.At("obj"), "*.img"));
}
