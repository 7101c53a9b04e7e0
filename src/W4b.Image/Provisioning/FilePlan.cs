using System.Text;

namespace W4b.Image.Provisioning;

/// <summary>Something that stands at a path of the image.</summary>
/// <param name="Path">Absolute path in the image.</param>
public abstract record PlanEntry(string Path);

/// <summary>A file. Whatever file or symbolic link has that path is replaced.</summary>
/// <param name="Path">Absolute path in the image.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Owner">Name of the owner in the image.</param>
/// <param name="Group">Name of the group in the image.</param>
public sealed record PlannedFile(string Path, ReadOnlyMemory<byte> Content, UnixFileMode Mode, string Owner = "root", string Group = "root")
    : PlanEntry(Path)
{
    /// <summary>A file of UTF-8 text.</summary>
    public static PlannedFile OfText(string path, string text, UnixFileMode mode = PlanModes.PublicFile, string owner = "root", string group = "root")
        => new(path, Encoding.UTF8.GetBytes(text), mode, owner, group);

    // Its content may be a secret: neither it nor its length belongs in a message.
    /// <inheritdoc/>
    public override string ToString() => $"{Path} {Convert.ToString((int)Mode, 8)} {Owner}:{Group}";
}

/// <summary>A folder. Missing parents are made with mode 0755, root's.</summary>
/// <param name="Path">Absolute path in the image.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Owner">Name of the owner in the image.</param>
/// <param name="Group">Name of the group in the image.</param>
public sealed record PlannedDirectory(string Path, UnixFileMode Mode, string Owner = "root", string Group = "root") : PlanEntry(Path)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}/ {Convert.ToString((int)Mode, 8)} {Owner}:{Group}";
}

/// <summary>A symbolic link. Whatever stands at the path, but a folder, is replaced.</summary>
/// <param name="Path">Absolute path in the image.</param>
/// <param name="Target">What the link points to.</param>
public sealed record PlannedLink(string Path, string Target) : PlanEntry(Path)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path} -> {Target}";
}

/// <summary>An account without a password, made when the image has none of that name.</summary>
/// <param name="Name">Its name, and its group's.</param>
/// <param name="Comment">The comment field (GECOS).</param>
/// <param name="Home">Its home folder.</param>
/// <param name="Shell">Its shell.</param>
/// <param name="Groups">Further groups; one that the image lacks is an error.</param>
public sealed record PlannedUser(string Name, string Comment, string Home, string Shell, IReadOnlyList<string> Groups);

/// <summary>A systemd unit that starts at boot, by the [Install] section that it has in the image.</summary>
/// <param name="Name">Its full name, e.g. <c>wg-quick@wg0.service</c>.</param>
/// <param name="Package">The Debian package that has it, for the error when the image lacks it; null when unknown.</param>
public sealed record EnabledUnit(string Name, string? Package = null);

/// <summary>What makes a software layer a hive's image: a list that can be read, compared and printed. Making it does no I/O.</summary>
/// <param name="Entries">Folders, files and links, in the order of writing.</param>
/// <param name="Users">Accounts.</param>
/// <param name="Units">Units that start at boot.</param>
public sealed record FilePlan(IReadOnlyList<PlanEntry> Entries, IReadOnlyList<PlannedUser> Users, IReadOnlyList<EnabledUnit> Units)
{
    /// <summary>This plan and then <paramref name="other"/>.</summary>
    public FilePlan With(FilePlan other) => new([.. Entries, .. other.Entries], [.. Users, .. other.Users], [.. Units, .. other.Units]);
}

/// <summary>The usual permission bits.</summary>
public static class PlanModes
{
    /// <summary>0644.</summary>
    public const UnixFileMode PublicFile = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    /// <summary>0600.</summary>
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    /// <summary>0440, as sudo wants its drop-ins.</summary>
    public const UnixFileMode SudoersFile = UnixFileMode.UserRead | UnixFileMode.GroupRead;
    /// <summary>0755.</summary>
    public const UnixFileMode PublicFolder = PublicFile | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    /// <summary>0700.</summary>
    public const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    /// <summary>Permission bits from their octal digits, e.g. <c>0644</c>; null when they are none.</summary>
    public static UnixFileMode? Parse(string octal)
        => octal.Length is 3 or 4 && octal.All(c => c is >= '0' and <= '7') ? (UnixFileMode)Convert.ToInt32(octal, 8) : null;
}
