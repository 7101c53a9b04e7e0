namespace W4b.Image.Sandbox;

/// <summary>A folder of the host that the sandbox sees elsewhere.</summary>
/// <param name="Source">The host's folder, full path.</param>
/// <param name="Target">Where it is seen; below the root when there is one.</param>
/// <param name="ReadOnly">Whether it can only be read there.</param>
public sealed record Bind(string Source, string Target, bool ReadOnly = false);

/// <summary>How a command runs in the sandbox.</summary>
public sealed record SandboxOptions
{
    /// <summary>Folder that is the command's root, set up as a system's; null for the host's own root.</summary>
    public string? Root { get; init; }

    /// <summary>Architecture of the programs run; null for the host's.</summary>
    public Architecture? Architecture { get; init; }

    /// <summary>Full path of the emulator, a static program; null for the host's own qemu-user.</summary>
    public string? Emulator { get; init; }

    /// <summary>Where the sandbox shows <see cref="Twins"/>; their own paths name it (twins.c).</summary>
    public const string TwinsPath = "/dev/shm/.w4b/twins";

    /// <summary>Folder of native twins, run in place of emulated programs of the same name; null for none. Without effect where
    /// nothing is emulated.</summary>
    public string? Twins { get; init; }

    /// <summary>Whether the command sees a network of its own, with nothing in it, instead of the host's.</summary>
    public bool OwnNetwork { get; init; }

    /// <summary>Files and folders seen elsewhere, in the order of mounting.</summary>
    public IReadOnlyList<Bind> Binds { get; init; } = [];

    /// <summary>The command's current folder, seen from inside.</summary>
    public string WorkingFolder { get; init; } = "/";

    /// <summary>The host name that the command sees. Part of the result of some package scripts, so never the host's own.</summary>
    public string HostName { get; init; } = "localhost";

    /// <summary>The command's whole environment: nothing of the build's own gets in.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Full path of the helper <c>w4b-sandbox</c>; null for the one beside this assembly.</summary>
    public string? Helper { get; init; }

    /// <summary>A command that runs the helper, to try it as another user.</summary>
    internal IReadOnlyList<string> RunBy { get; init; } = [];
}

/// <summary>A program of the target that ran in the sandbox.</summary>
/// <param name="Path">Its path, as it was called.</param>
/// <param name="IsNative">Whether its native twin ran; else it was emulated.</param>
public sealed record StartedProgram(string Path, bool IsNative);

/// <summary>What a command in the sandbox left.</summary>
/// <param name="ExitCode">Its exit status; 128 and the signal's number when a signal ended it.</param>
/// <param name="Output">The end of its standard output and error, at most about 64 KiB; standard error alone when the output went
/// to a stream.</param>
public sealed record SandboxResult(int ExitCode, string Output)
{
    /// <summary>The program of the target that was started last; null when none was, or nothing is known of it.</summary>
    public StartedProgram? LastProgram { get; init; }

    /// <summary>The last line of the output that says anything.</summary>
    public string LastLine => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("(it printed nothing)").Trim();
}
