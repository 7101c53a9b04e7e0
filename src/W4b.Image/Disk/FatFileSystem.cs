using System.Globalization;
using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Tools;

namespace W4b.Image.Disk;

/// <summary>A file of a FAT file system.</summary>
/// <param name="Path">The path with slashes and without one before it, <c>overlays/README</c>.</param>
/// <param name="Size">The length in bytes.</param>
public sealed record FatEntry(string Path, long Size);

/// <summary>The FAT file system of a boot partition inside an image, through mtools and dosfstools (listed by <see cref="FatReader"/>): without root, without a mount.</summary>
/// <remarks>FAT keeps local times in steps of two seconds; they count as UTC here. One user at a time.</remarks>
/// <param name="log">Receives the tools' output.</param>
/// <param name="imagePath">The image.</param>
/// <param name="offsetBytes">Where the file system begins in it; a multiple of 512.</param>
/// <param name="epoch">The creation time of everything written; 1980 or later, the first year FAT knows.</param>
public sealed class FatFileSystem(IBuildLog log, string imagePath, long offsetBytes, DateTimeOffset epoch)
{
    // Far below what one command line holds.
    private const int FilesPerRun = 500;

    private readonly Dictionary<string, string> _environment = new()
    {
        ["SOURCE_DATE_EPOCH"] = epoch.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        // The user's and the host's own drives and settings play no part.
        ["MTOOLSRC"] = "/dev/null",
        ["MTOOLS_SKIP_CHECK"] = "1",
        ["MTOOLS_DATE_STRING"] = "yyyy-mm-dd",
        ["MTOOLS_TWENTY_FOUR_HOUR_CLOCK"] = "1",
        // In the C locale names that are not ASCII would be lost.
        ["LC_ALL"] = "C.UTF-8",
    };

    private string Drive => string.Create(CultureInfo.InvariantCulture, $"{imagePath}@@{offsetBytes}");

    /// <summary>Makes an empty FAT32 file system.</summary>
    /// <param name="label">The volume label, at most 11 ASCII characters.</param>
    /// <param name="volumeId">The volume's serial number.</param>
    /// <param name="lengthBytes">The partition's length: a multiple of 1024, at least about 33 MiB for FAT32.</param>
    /// <param name="cancellation">Stops the program.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/>, <see cref="DiagnosticCode.ToolFailed"/>.</exception>
    public async Task CreateAsync(string label, uint volumeId, long lengthBytes, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(lengthBytes % 1024, 0, nameof(lengthBytes));
        ArgumentOutOfRangeException.ThrowIfNotEqual(offsetBytes % PartitionTable.SectorSize, 0, nameof(offsetBytes));
        var sector = (offsetBytes / PartitionTable.SectorSize).ToString(CultureInfo.InvariantCulture);
        await HostTool.MkfsVfat.RunAsync(log,
        [
            "--invariant", "-F", "32", "-S", "512", "-n", label, "-i", volumeId.ToString("x8", CultureInfo.InvariantCulture),
            "-h", sector, "--offset", sector, imagePath, (lengthBytes / 1024).ToString(CultureInfo.InvariantCulture),
        ], cancellation, environment: _environment).ConfigureAwait(false);
    }

    /// <summary>What the boot sector says.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DamagedFileSystem"/> when it is none of FAT's.</exception>
    public FatBootSector ReadBootSector()
    {
        using var image = HostFile.OpenRead(imagePath);
        var sector = new byte[PartitionTable.SectorSize];
        var got = RandomAccess.Read(image, sector, offsetBytes);
        return FatBootSector.TryParse(sector.AsSpan(0, got))
            ?? throw DiagnosticCode.DamagedFileSystem.Error($"{imagePath} has no FAT file system at byte {offsetBytes}.");
    }

    /// <summary>All files, hidden ones too, by path in ordinal order. Folders are not listed.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DamagedFileSystem"/>.</exception>
    public IReadOnlyList<FatEntry> List()
    {
        using var image = new RawImageReader(imagePath);
        return [.. new FatReader(image, offsetBytes).Nodes.Where(n => !n.IsFolder).Select(n => new FatEntry(n.Path, n.Size)).OrderBy(e => e.Path, StringComparer.Ordinal)];
    }

    /// <summary>Copies all files and folders out, with their modification times.</summary>
    /// <param name="folder">An existing folder; a file in it that has the name of one here is replaced.</param>
    /// <param name="cancellation">Stops the program.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/>, <see cref="DiagnosticCode.ToolFailed"/>.</exception>
    public async Task ExtractAsync(string folder, CancellationToken cancellation)
    {
        await RunAsync(HostTool.Mcopy, ["-s", "-m", "-n", "::/", folder], cancellation).ConfigureAwait(false);
        // The root of a FAT file system has no time: mcopy gives the folder one of 2098.
        Directory.SetLastWriteTimeUtc(folder, epoch.UtcDateTime);
    }

    /// <summary>
    /// Copies a folder's content in, always in the same order and so to the same clusters: two times the same folder gives
    /// the same bytes. Modification times come from the files; folders get the epoch.
    /// </summary>
    /// <param name="folder">The folder; it holds files and folders and no links, which FAT does not know.</param>
    /// <param name="cancellation">Stops between folders.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.PlanNotApplicable"/> for a link or special file;
    /// <see cref="DiagnosticCode.ImageFull"/>; <see cref="DiagnosticCode.ToolMissing"/>, <see cref="DiagnosticCode.ToolFailed"/>.</exception>
    public async Task PopulateAsync(string folder, CancellationToken cancellation)
        => await PopulateAsync(new DirectoryInfo(folder), "::/", cancellation).ConfigureAwait(false);

    /// <summary>The content of a file.</summary>
    /// <param name="path">Its path, <c>overlays/README</c>; upper and lower case are the same.</param>
    /// <param name="cancellation">Stops the program.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolFailed"/> when there is no such file.</exception>
    public async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
        => await WithTemporaryFolderAsync(async folder =>
        {
            var copy = Path.Combine(folder, "file");
            await RunAsync(HostTool.Mcopy, ["-n", Quote(path), copy], cancellation).ConfigureAwait(false);
            return await File.ReadAllBytesAsync(copy, cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);

    /// <summary>Writes a file with the epoch as its time; replaces one of this name.</summary>
    /// <param name="path">Its path; the folder must exist.</param>
    /// <param name="content">The content.</param>
    /// <param name="cancellation">Stops the program.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ImageFull"/>, <see cref="DiagnosticCode.ToolFailed"/>.</exception>
    public async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
        => await WithTemporaryFolderAsync(async folder =>
        {
            var copy = Path.Combine(folder, Path.GetFileName(path));
            await File.WriteAllBytesAsync(copy, content, cancellation).ConfigureAwait(false);
            File.SetLastWriteTimeUtc(copy, epoch.UtcDateTime);
            return await RunAsync(HostTool.Mcopy, ["-o", "-m", copy, "::/" + path.TrimStart('/')], cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);

    /// <summary>Checks the file system without changing it (<c>fsck.vfat -n</c>).</summary>
    /// <param name="cancellation">Stops the program.</param>
    /// <param name="folder">Where a copy of the file system may be for that time; null for the image's folder.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.DamagedFileSystem"/> without a boot sector;
    /// <see cref="DiagnosticCode.ToolMissing"/>, <see cref="DiagnosticCode.ToolFailed"/>, <see cref="DiagnosticCode.NoSpace"/>.</exception>
    public async Task<FileSystemCheck> CheckAsync(CancellationToken cancellation, string? folder = null)
    {
        // The checker knows no offset: it gets a copy without holes, beside the image where there is room.
        var copy = folder is null ? $"{imagePath}.{Guid.NewGuid():N}.fat" : Path.Combine(folder, $"boot-{Guid.NewGuid():N}.fat");
        try
        {
            await SparseFile.CopyPartAsync(imagePath, offsetBytes, ReadBootSector().LengthBytes, copy, SparseFile.OwnerOnly, cancellation)
                .ConfigureAwait(false);
            // 1 means that errors were found.
            var result = await HostTool.FsckVfat.RunAsync(log, ["-n", copy], cancellation, [0, 1], _environment).ConfigureAwait(false);
            return new FileSystemCheck(result.ExitCode == 0, result.Output);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private async Task PopulateAsync(DirectoryInfo from, string to, CancellationToken cancellation)
    {
        var entries = from.GetFileSystemInfos();
        Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var entry in entries)
            if (entry.LinkTarget is not null || entry is FileInfo && (entry.Attributes & FileAttributes.Device) != 0)
                throw DiagnosticCode.PlanNotApplicable.Error($"{entry.FullName} cannot be put into the boot partition: FAT knows only files and folders.");

        var folders = entries.OfType<DirectoryInfo>().ToList();
        foreach (var group in folders.Chunk(FilesPerRun))
            await RunAsync(HostTool.Mmd, group.Select(f => to + f.Name), cancellation).ConfigureAwait(false);
        foreach (var group in entries.OfType<FileInfo>().Chunk(FilesPerRun))
            await RunAsync(HostTool.Mcopy, ["-m", .. group.Select(f => f.FullName), to], cancellation).ConfigureAwait(false);
        foreach (var folder in folders)
            await PopulateAsync(folder, to + folder.Name + "/", cancellation).ConfigureAwait(false);
    }

    private async Task<ToolResult> RunAsync(HostTool tool, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        try
        {
            return await tool.RunAsync(log, ["-i", Drive, .. arguments], cancellation, environment: _environment).ConfigureAwait(false);
        }
        catch (W4bException e) when (e.Message.Contains("Disk full", StringComparison.Ordinal))
        {
            throw DiagnosticCode.ImageFull.Error($"The boot partition of {imagePath} is full.", inner: e);
        }
    }

    private static async Task<T> WithTemporaryFolderAsync<T>(Func<string, Task<T>> action)
    {
        // Made for the owner alone (0700): a boot partition may hold the Wi-Fi's password.
        var folder = Directory.CreateTempSubdirectory("w4b-fat-");
        try
        {
            return await action(folder.FullName).ConfigureAwait(false);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // On the side of the image mtools takes names for patterns.
    private static string Quote(string path)
    {
        var quoted = new StringBuilder("::/");
        foreach (var c in path.TrimStart('/'))
        {
            if (c is '*' or '?' or '[' or ']' or '\\')
                quoted.Append('\\');
            quoted.Append(c);
        }

        return quoted.ToString();
    }
}
