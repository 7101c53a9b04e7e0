namespace W4b.Image.Comparison;

/// <summary>What an image holds, as far as two images are compared by it. No content and no secret: hashes alone.</summary>
/// <param name="Layout">Sizes, partitions and file systems: what it is called, and the value.</param>
/// <param name="Packages">Installed packages, <c>name:architecture</c>, and their versions.</param>
/// <param name="Files">Everything in both partitions by its path on the device.</param>
/// <param name="Units">systemd units that start, or are masked, and by what.</param>
/// <param name="Users">Accounts and groups.</param>
/// <param name="Ports">Ports that the firewall lets in, and on what condition.</param>
public sealed record ImageFacts(IReadOnlyDictionary<string, string> Layout, IReadOnlyDictionary<string, string> Packages,
    IReadOnlyDictionary<string, FileFacts> Files, IReadOnlyDictionary<string, string> Units, IReadOnlyDictionary<string, string> Users,
    IReadOnlyDictionary<string, string> Ports);

/// <summary>A file, folder or link of an image.</summary>
/// <param name="Type">What it is: <c>file</c>, <c>folder</c>, <c>link</c>, or another type's name.</param>
/// <param name="Mode">Permissions in octal digits; empty in the boot partition, which knows none.</param>
/// <param name="Owner"><c>uid:gid</c>; empty in the boot partition.</param>
/// <param name="Size">Bytes of a file; 0 for everything else.</param>
/// <param name="Content">Where a link points, or the sha256 of a file; of a device its numbers.</param>
/// <param name="Attributes">Extended attributes as one text.</param>
/// <param name="Time">Modification time in seconds since 1970.</param>
public sealed record FileFacts(string Type, string Mode, string Owner, long Size, string Content, string Attributes, long Time);
