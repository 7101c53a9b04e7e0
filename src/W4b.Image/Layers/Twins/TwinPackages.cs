using System.Text.RegularExpressions;

namespace W4b.Image.Layers.Twins;

/// <summary>Which Debian packages the native twins come from. Pure.</summary>
internal static partial class TwinPackages
{
    /// <summary>The packages that have the programs of twins.c, but for those whose name has a version in it.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "apt", "apt-utils", "bash", "bzip2", "coreutils", "cpio", "dash", "debianutils", "diffutils", "dpkg", "dracut-install", "findutils", "gawk",
        "gpgv", "grep", "gzip", "kmod", "libc-bin", "mawk", "perl", "perl-base", "python3-minimal", "sed", "sqv", "systemd", "tar", "udev",
        "util-linux", "xz-utils", "zstd",
    ];

    /// <summary>What of the target's packages is wanted as twins: programs, and the compiled modules of perl.</summary>
    public static IReadOnlyList<InstalledPackage> Wanted(IEnumerable<InstalledPackage> target)
        => [.. target.Where(p => p.Architecture != "all" && (Names.Contains(p.Name) || Versioned().IsMatch(p.Name)))];

    /// <summary>Whether a package is needed by a twin though it has none: a library, or a package that stands for a versioned one.</summary>
    public static bool IsSupport(string name) => Support().IsMatch(name);

    /// <summary>Whether a package brings compiled modules of perl: without them a perl program may fail or do something else.</summary>
    public static bool IsPerlModule(string name) => PerlModule().IsMatch(name);

    /// <summary>
    /// Whether two versions are of the same source: a rebuild of one architecture alone (<c>+b1</c>, deb-version(7) calls it a
    /// binary-only upload) changes nothing in the other's.
    /// </summary>
    public static bool SameSource(string version, string other) => Rebuild().Replace(version, "") == Rebuild().Replace(other, "");

    [GeneratedRegex(@"^(python3\.\d+-minimal|libperl5\.\d+|lib.+-perl)$")]
    private static partial Regex Versioned();

    [GeneratedRegex(@"^(lib.*|zlib1g|python3\.\d+-minimal)$")]
    private static partial Regex Support();

    [GeneratedRegex(@"^(libperl5\.\d+|lib.+-perl)$")]
    private static partial Regex PerlModule();

    [GeneratedRegex(@"\+b\d+$")]
    private static partial Regex Rebuild();
}
