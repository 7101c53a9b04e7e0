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

/// <summary>Lines at the end of a file of the boot partition. The file is the base's.</summary>
/// <param name="File">Its name on that partition, e.g. <c>config.txt</c>.</param>
/// <param name="Text">The lines.</param>
public sealed record PlannedBootLines(string File, string Text) : PlanEntry("/boot/firmware/" + File)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path} += {Text.ReplaceLineEndings("|")}";
}

/// <summary>A change of the kernel's command line, the base's <c>cmdline.txt</c> on the boot partition.</summary>
/// <param name="Remove">Words that go.</param>
/// <param name="Add">Words that come to the end, each in place of what set the same before.</param>
public sealed record PlannedCommandLine(IReadOnlyList<string> Remove, IReadOnlyList<string> Add) : PlanEntry("/boot/firmware/" + File)
{
    /// <summary>The file's name on the boot partition.</summary>
    public const string File = "cmdline.txt";

    /// <inheritdoc/>
    public override string ToString() => $"{Path}{string.Concat(Remove.Select(w => $" -{w}"))}{string.Concat(Add.Select(w => $" +{w}"))}";
}

/// <summary>An account, made when the image has none of that name.</summary>
/// <param name="Name">Its name, and its group's.</param>
/// <param name="Comment">The comment field (GECOS).</param>
/// <param name="Home">Its home folder.</param>
/// <param name="Shell">Its shell.</param>
/// <param name="Groups">Further groups; one that neither image nor plan has is an error.</param>
public sealed record PlannedUser(string Name, string Comment, string Home, string Shell, IReadOnlyList<string> Groups)
{
    /// <summary>Whether its id is one of the system's, below 1000.</summary>
    public bool System { get; init; }

    /// <summary>The hash of its password, as crypt(5) has it; null for none, so that no password opens it.</summary>
    public string? PasswordHash { get; init; }

    // The hash is not for messages.
    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Comment}) {Home} {Shell} {string.Join(',', Groups)}{(System ? " system" : "")}";
}

/// <summary>A systemd unit that starts at boot, by the [Install] section that it has in the image.</summary>
/// <param name="Name">Its full name, e.g. <c>wg-quick@wg0.service</c>.</param>
/// <param name="Package">The Debian package that has it, for the error when the image lacks it; null when unknown.</param>
public sealed record EnabledUnit(string Name, string? Package = null);

/// <summary>What makes a software layer a hive's image: a list that can be read, compared and printed. Making it does no I/O.</summary>
public sealed record FilePlan
{
    /// <summary>Nothing.</summary>
    public static FilePlan Empty { get; } = new();

    /// <summary>Folders, files and links, in the order of writing.</summary>
    public IReadOnlyList<PlanEntry> Entries { get; init; } = [];

    /// <summary>Groups of the system's, made when the image has none of that name.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Accounts.</summary>
    public IReadOnlyList<PlannedUser> Users { get; init; } = [];

    /// <summary>Units that start at boot.</summary>
    public IReadOnlyList<EnabledUnit> Units { get; init; } = [];

    /// <summary>Whether no password of the base's opens an account any more.</summary>
    public bool LocksPasswords { get; init; }

    /// <summary>This plan and then <paramref name="other"/>.</summary>
    public FilePlan With(FilePlan other) => new()
    {
        Entries = [.. Entries, .. other.Entries],
        Groups = [.. Groups.Union(other.Groups)],
        Users = [.. Users, .. other.Users],
        Units = [.. Units, .. other.Units],
        LocksPasswords = LocksPasswords || other.LocksPasswords,
    };

    /// <summary>All of <paramref name="plans"/>, one after another.</summary>
    public static FilePlan Of(params IEnumerable<FilePlan> plans) => plans.Aggregate(Empty, (all, plan) => all.With(plan));
}

/// <summary>The usual permission bits.</summary>
public static class PlanModes
{
    /// <summary>0644.</summary>
    public const UnixFileMode PublicFile = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    /// <summary>0600.</summary>
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    /// <summary>0640: for the group to read, and nobody else.</summary>
    public const UnixFileMode GroupFile = PrivateFile | UnixFileMode.GroupRead;
    /// <summary>0440, as sudo wants its drop-ins.</summary>
    public const UnixFileMode SudoersFile = UnixFileMode.UserRead | UnixFileMode.GroupRead;
    /// <summary>0755.</summary>
    public const UnixFileMode PublicFolder = PublicFile | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    /// <summary>0755, of a program.</summary>
    public const UnixFileMode Program = PublicFolder;
    /// <summary>0750: for the group to enter and read.</summary>
    public const UnixFileMode GroupFolder = PrivateFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
    /// <summary>0700.</summary>
    public const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    /// <summary>Permission bits from their octal digits, e.g. <c>0644</c>; null when they are none.</summary>
    public static UnixFileMode? Parse(string octal)
        => octal.Length is 3 or 4 && octal.All(c => c is >= '0' and <= '7') ? (UnixFileMode)Convert.ToInt32(octal, 8) : null;
}
