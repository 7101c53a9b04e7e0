using System.Text;
using W4b.Image.Provisioning;
using W4b.Image.Sandbox;

namespace W4b.Image.Layers.Twins;

/// <summary>
/// The folder of twins that a sandbox shows as <see cref="SandboxOptions.TwinsPath"/>: <c>bin</c> with the programs, <c>lib</c> with
/// their libraries and the compiled modules of perl, and <c>ld.so</c>, which loads them. Nothing of it needs a place in the target.
/// </summary>
/// <param name="folder">The folder, to be filled.</param>
/// <param name="architecture">The target's architecture.</param>
internal sealed class TwinTree(string folder, Architecture architecture)
{
    private const string Triplet = "x86_64-linux-gnu";
    private const string Loader = "ld-linux-x86-64.so.2";

    // Names of files in the programs, and what they become: of the same length, so that nothing in a program moves.
    private static readonly Replacement[] s_paths =
    [
        new($"/usr/lib/{Triplet}", $"{SandboxOptions.TwinsPath}/lib//"),
        new($"/lib64/{Loader}", $"//{SandboxOptions.TwinsPath}/ld.so"),
    ];

    // What dpkg's programs were compiled for is a name in them (ARCHITECTURE, as dpkg --print-architecture tells it; and in what --version tells).
    // All else in them is the same, so with the target's name they are the target's dpkg.
    private readonly Replacement[] _architecture =
    [
        new($"\0{NativeTwins.HostArchitecture}\0", $"\0{architecture.DebianName()}\0"),
        new($" ({NativeTwins.HostArchitecture})\0", $" ({architecture.DebianName()})\0"),
    ];

    private static readonly (string Prefix, string[] Folders)[] ProgramFolders =
        [("", ["bin", "sbin", "usr/bin", "usr/sbin"]), ("apt/", ["usr/lib/apt"]), ("apt/methods/", ["usr/lib/apt/methods"]), ("dracut/", ["usr/lib/dracut"])];

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>The programs in it.</summary>
    public string Bin { get; } = Path.Combine(folder, "bin");

    private string Lib { get; } = Path.Combine(folder, "lib");

    /// <summary>Takes the programs of an unpacked package.</summary>
    /// <param name="package">Folder of its files.</param>
    /// <param name="isListed">Whether a program of that name may have a twin.</param>
    public void AddPrograms(string package, Func<string, bool> isListed)
    {
        // The names that twins.c makes of their paths.
        foreach (var (prefix, folders) in ProgramFolders)
            foreach (var file in Files(package, folders).Where(f => f.LinkTarget is null && isListed(prefix + f.Name)))
                file.MoveTo(Path.Combine(Directory.CreateDirectory(Path.Combine(Bin, prefix)).FullName, file.Name), overwrite: true);
    }

    /// <summary>Takes the libraries of an unpacked package and the modules of perl, if it has some.</summary>
    public void AddLibraries(string package)
    {
        foreach (var file in Files(package, $"lib/{Triplet}", $"usr/lib/{Triplet}", $"usr/lib/{Triplet}/systemd", "lib/systemd", "usr/lib/systemd")
            .Where(f => f.Name.Contains(".so", StringComparison.Ordinal)))
            Take(file, Path.Combine(Directory.CreateDirectory(Lib).FullName, file.Name));
        foreach (var modules in new[] { "perl-base", "perl", "perl5" })
            AddPerlModules(Path.Combine(package, "usr/lib", Triplet, modules), Path.Combine(Lib, modules), $"/usr/lib/{TargetTriplet}/{modules}");
        // Its link in /lib64 is absolute or relative, by suite; the file itself is where the libraries are.
        var loader = Path.Combine(Lib, Loader);
        if (File.Exists(loader) && !File.Exists(Path.Combine(folder, "ld.so")))
            File.Copy(loader, Path.Combine(folder, "ld.so"));
    }

    /// <summary>
    /// Names in all files the places where the sandbox shows the twins and in dpkg's programs the target's architecture, and lets every user of the sandbox pass.
    /// </summary>
    public void Complete()
    {
        // Whatever this user's umask.
        foreach (var directory in Directory.GetDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
            File.SetUnixFileMode(directory, PlanModes.PublicFolder);
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.LinkTarget is null))
        {
            var content = File.ReadAllBytes(file.FullName);
            var replacements = IsDpkg(file.Name) ? s_paths.Concat(_architecture) : s_paths;
            if (replacements.Aggregate(false, (changed, replacement) => replacement.In(content) || changed))
                Write(file, content);
        }
    }

    private static bool IsDpkg(string name) => name == "dpkg" || name.StartsWith("dpkg-", StringComparison.Ordinal);

    private string TargetTriplet => architecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "arm-linux-gnueabihf";

    // A module has a part in Perl and a compiled part. The first is a link to the target's own file: so a twin sees a module when the
    // target has it, from the moment it is unpacked, and of what describes the processor (Config.pm) it sees the target's.
    private static void AddPerlModules(string source, string target, string inTarget)
    {
        if (!Directory.Exists(source))
            return;
        Directory.CreateDirectory(target);
        foreach (var entry in new DirectoryInfo(source).EnumerateFileSystemInfos())
        {
            var path = Path.Combine(target, entry.Name);
            if (entry is DirectoryInfo { LinkTarget: null })
                AddPerlModules(entry.FullName, path, $"{inTarget}/{entry.Name}");
            else if (entry.LinkTarget is not null || entry.Extension == ".so")
                Take(entry, path);
            else
                File.CreateSymbolicLink(path, $"{inTarget}/{entry.Name}");
        }
    }

    private static void Take(FileSystemInfo entry, string path)
    {
        // Several packages may have a folder's link.
        if (Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
            return;
        if (entry.LinkTarget is { } link)
            // Libraries of several folders come together in one.
            File.CreateSymbolicLink(path, link.StartsWith('/') || link.StartsWith("../", StringComparison.Ordinal) ? Path.GetFileName(link) : link);
        else
            ((FileInfo)entry).MoveTo(path);
    }

    private static IEnumerable<FileInfo> Files(string package, params string[] folders)
        => folders.Select(f => new DirectoryInfo(Path.Combine(package, f)))
            .Where(f => f.Exists && f.LinkTarget is null).SelectMany(f => f.GetFiles());

    private static void Write(FileInfo file, byte[] content)
    {
        var mode = file.UnixFileMode;
        file.UnixFileMode = mode | UnixFileMode.UserWrite;
        File.WriteAllBytes(file.FullName, content);
        file.UnixFileMode = mode;
    }

    private sealed class Replacement(string from, string to)
    {
        private readonly byte[] _from = Encoding.ASCII.GetBytes(from);
        private readonly byte[] _to = Encoding.ASCII.GetBytes(to);

        /// <summary>Whether there was something to replace.</summary>
        public bool In(Span<byte> content)
        {
            var replaced = false;
            for (int at; (at = content.IndexOf(_from)) >= 0; replaced = true)
            {
                _to.CopyTo(content[at..]);
                content = content[(at + _to.Length)..];
            }

            return replaced;
        }
    }
}
