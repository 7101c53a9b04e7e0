using System.Text;
using W4b.Image.Disk;

namespace W4b.Image.Validation;

/// <summary>What the rules want to know of a boot partition.</summary>
/// <param name="Files">Paths of its files, without a leading slash; a FAT does not tell upper case from lower.</param>
/// <param name="Config">Text of config.txt, or null.</param>
/// <param name="CommandLine">Text of cmdline.txt, or null.</param>
internal sealed record BootPartition(IReadOnlySet<string> Files, string? Config, string? CommandLine)
{
    /// <summary>The text of one of the two files, or null.</summary>
    public string? TextOf(string file) => file switch
    {
        "config.txt" => Config,
        "cmdline.txt" => CommandLine,
        _ => null,
    };

    /// <summary>The values of a setting of config.txt, under whatever condition.</summary>
    public IEnumerable<string> Values(string setting)
        => (Config ?? "").Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith(setting + "=", StringComparison.Ordinal)).Select(l => l[(setting.Length + 1)..].Trim());

    /// <summary>Reads it.</summary>
    public static BootPartition Read(FatReader fat)
    {
        string? Text(string name) => fat.Find(name) is { IsFolder: false } file ? Encoding.UTF8.GetString(fat.Read(file)) : null;
        return new BootPartition(fat.Nodes.Where(n => !n.IsFolder).Select(n => n.Path).ToHashSet(StringComparer.OrdinalIgnoreCase), Text("config.txt"), Text("cmdline.txt"));
    }

    /// <inheritdoc cref="Read(FatReader)"/>
    public static BootPartition Read(string image, long offset)
    {
        using var reader = new RawImageReader(image);
        return Read(new FatReader(reader, offset));
    }
}
