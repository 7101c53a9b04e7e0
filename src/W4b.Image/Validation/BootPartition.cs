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

    /// <summary>Reads it.</summary>
    public static async Task<BootPartition> ReadAsync(FatFileSystem fat, CancellationToken cancellation)
    {
        var files = (await fat.ListAsync(cancellation).ConfigureAwait(false)).Select(f => f.Path.TrimStart('/')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        async Task<string?> Text(string name)
            => files.Contains(name) ? Encoding.UTF8.GetString(await fat.ReadAsync("/" + name, cancellation).ConfigureAwait(false)) : null;
        return new BootPartition(files, await Text("config.txt").ConfigureAwait(false), await Text("cmdline.txt").ConfigureAwait(false));
    }
}
