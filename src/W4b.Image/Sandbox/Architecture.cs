using W4b.Image.Tools;

namespace W4b.Image.Sandbox;

/// <summary>The architecture of the programs in an image.</summary>
public enum Architecture
{
    /// <summary>64-bit ARM: Debian's arm64.</summary>
    Arm64,
    /// <summary>32-bit ARM with hardware floating point: Debian's armhf. Raspberry Pi OS has its own for ARMv6 by the same name.</summary>
    Armhf,
}

/// <summary>What an architecture is called, and how its programs run on this host.</summary>
public static class ArchitectureExtensions
{
    /// <summary>The architecture by Debian's name.</summary>
    public static Architecture Parse(string debianName) => debianName switch
    {
        "arm64" => Architecture.Arm64,
        "armhf" => Architecture.Armhf,
        _ => throw new ArgumentOutOfRangeException(nameof(debianName), debianName, "arm64 or armhf"),
    };

    /// <summary>Debian's name.</summary>
    public static string DebianName(this Architecture architecture) => architecture == Architecture.Arm64 ? "arm64" : "armhf";

    /// <summary>QEMU's name.</summary>
    public static string QemuName(this Architecture architecture) => architecture == Architecture.Arm64 ? "aarch64" : "arm";

    /// <summary>The host's emulator for such programs.</summary>
    public static HostTool Emulator(this Architecture architecture)
        => architecture == Architecture.Arm64 ? HostTool.QemuAarch64 : HostTool.QemuArm;

    /// <summary>Whether this host may run such programs itself; whether it does is the kernel's to say, for 32 bit on a 64-bit processor.</summary>
    public static bool MayBeNative(this Architecture architecture)
        => System.Runtime.InteropServices.RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.Arm64 => true,
            System.Runtime.InteropServices.Architecture.Arm => architecture == Architecture.Armhf,
            _ => false,
        };
}
