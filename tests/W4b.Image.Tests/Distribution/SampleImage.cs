using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution;
using W4b.Image.Distribution.Contents;

namespace W4b.Image.Tests.Distribution;

/// <summary>What is known of an image that a test tells of.</summary>
internal static class SampleImage
{
    public const string Status = """
        Package: bash
        Status: install ok installed
        Maintainer: Matthias Klose <doko@debian.org>
        Architecture: arm64
        Version: 5.2.37-2+b5
        Homepage: http://tiswww.case.edu/php/chet/bash/bashtop.html
        Description: GNU Bourne Again SHell
         Bash is an sh-compatible command language interpreter.

        Package: libc6
        Status: install ok installed
        Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
        Architecture: arm64
        Source: glibc
        Version: 2.41-12
        Description: GNU C Library: Shared libraries

        Package: gone
        Status: deinstall ok config-files
        Architecture: all
        Version: 1

        Package: login
        Status: install ok installed
        Maintainer: Chris Hofstaedtler <zeha@debian.org>
        Architecture: arm64
        Source: util-linux (2.41-5)
        Version: 1:4.16.0-2+really2.41-5
        Description: system login tools

        """;

    public static readonly ImageFacts Facts = Of("w4b_pi3_hive_a_20260102_030405", "hive_a");

    public static ImageContents Contents { get; } = new("debian", "13", "Debian GNU/Linux 13 (trixie)", DebianPackage.Parse(Status),
        [new PythonPackage("pyserial", "3.5", "Python Serial Port Extension", null), new PythonPackage("smbus2", "0.5.0", null, "MIT")],
        [
            new FolderSize("/boot", 90_000_000), new FolderSize("/boot/firmware", 90_000_000), new FolderSize("/etc", 2_000_000), new FolderSize("/usr", 800_000_000),
            new FolderSize("/usr/bin", 90_000_000), new FolderSize("/usr/lib", 600_000_000), new FolderSize("/usr/lib/aarch64-linux-gnu", 300_000_000),
            new FolderSize("/usr/lib/modules", 250_000_000), new FolderSize("/usr/share", 100_000_000), new FolderSize("/var", 30_000_000),
        ],
        [new PackageSize("bash", 7_000_000), new PackageSize("libc6", 14_000_000), new PackageSize("login", 1_100_000)]);

    public static ImageFacts Of(string name, string hive) => new(name, hive, "hive-a", 3, "arm64", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        "debian trixie", new string('b', 64), new string('c', 64), "0.1.0",
        new FileFacts(name + ".img", 2147483648, ContentHash(name + " raw")), new FileFacts(name + ".img.xz", 345678901, ContentHash(name)))
    {
        Components =
        [
            new ComponentConfiguration("sensor_manager", "", new string('d', 64), null),
            new ComponentConfiguration("dashboard", "https://git.example.org/dashboard.git", null, "v1.2"),
        ],
    };

    private static string ContentHash(string text) => ContentFile.Sha256(text);
}
