using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

public sealed unsafe partial class Ext4FileSystem
{
    // As many as the kernel follows: path_resolution(7).
    private const int MaximumLinks = 40;

    /// <summary>What is at a path; null when nothing is, also when a link on the way dangles or goes in circles.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="followLinks">Whether a symbolic link in the path's last place is followed; those before always are.</param>
    public Ext4Entry? Find(string path, bool followLinks = true)
        => Resolve(path, followLinks) is { } trail ? Describe(trail[^1].Inode, PathOf(trail)) : null;

    /// <summary>What is at a path.</summary>
    /// <inheritdoc cref="Find" path="/param"/>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanPrerequisiteMissing"/> when there is nothing.</exception>
    public Ext4Entry Stat(string path, bool followLinks = true)
        => Find(path, followLinks) ?? throw DiagnosticCode.PlanPrerequisiteMissing.Error($"{_image} has no {path}.");

    // The names and inodes from the root to the place, with no symbolic link among them but perhaps the last.
    private List<(string Name, uint Inode)>? Resolve(string path, bool followLinks)
    {
        Ext4Path.ThrowIfRelative(path);
        var trail = new List<(string Name, uint Inode)> { ("", Ext2Fs.RootInode) };
        var rest = new Stack<string>(Ext4Path.Split(path).Reverse());
        var links = 0;
        while (rest.TryPop(out var name))
        {
            if (ReadInode(trail[^1].Inode, path).Type != Ext4FileType.Directory)
                return null;
            if (name == ".")
                continue;
            if (name == "..")
            {
                if (trail.Count > 1)
                    trail.RemoveAt(trail.Count - 1);
                continue;
            }

            if (Lookup(trail[^1].Inode, name, path) is not { } number)
                return null;
            var inode = ReadInode(number, path);
            if (inode.Type != Ext4FileType.SymbolicLink || rest.Count == 0 && !followLinks)
            {
                trail.Add((name, number));
                continue;
            }

            if (++links > MaximumLinks)
                return null;
            var target = ReadLink(number, inode, path);
            if (target.StartsWith('/'))
                trail.RemoveRange(1, trail.Count - 1);
            foreach (var step in Ext4Path.Split(target).Reverse())
                rest.Push(step);
        }

        return trail;
    }

    private static string PathOf(List<(string Name, uint Inode)> trail)
        => trail.Count == 1 ? "/" : string.Join('/', trail.Select(t => t.Name));

    private uint? Lookup(uint directory, string name, string path)
    {
        var bytes = s_utf8.GetBytes(name);
        fixed (byte* data = bytes)
        {
            var code = Ext2Fs.Lookup(Fs, directory, data, bytes.Length, 0, out var inode);
            if (code == Ext2Fs.FileNotFound)
                return null;
            Check(code, "looking up", path);
            return inode;
        }
    }
}
