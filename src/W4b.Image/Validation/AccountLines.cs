using W4b.Image.Disk;

namespace W4b.Image.Validation;

/// <summary>The fields of an image's account files: passwd(5), shadow(5), group(5). A file that is missing has no lines.</summary>
internal sealed record AccountLines(IReadOnlyList<string[]> Passwd, IReadOnlyList<string[]> Shadow, IReadOnlyList<string[]> Group)
{
    /// <summary>Reads them.</summary>
    public static AccountLines Read(Ext4FileSystem root)
    {
        IReadOnlyList<string[]> Lines(string path)
            => root.Find(path) is null ? [] : [.. root.ReadAllText(path).Split('\n').Where(l => l.Length > 0).Select(l => l.Split(':'))];
        return new AccountLines(Lines("/etc/passwd"), Lines("/etc/shadow"), Lines("/etc/group"));
    }
}
