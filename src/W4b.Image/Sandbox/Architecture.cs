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

    /// <summary>Whether this host runs such programs itself.</summary>
    public static bool IsNative(this Architecture architecture)
        => architecture == Architecture.Arm64
            && System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64;
}
