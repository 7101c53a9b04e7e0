using System.Globalization;
using System.Security.Cryptography;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;

namespace W4b.Image.Comparison;

/// <summary>Reads what a raw image holds, without mounting it.</summary>
internal sealed class ImageFactsReader(IBuildLog log)
{
    // Only read: any time will do.
    private static readonly DateTimeOffset AnyTime = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    /// <summary>The facts of <paramref name="image"/>.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.UnsupportedLayout"/>, <see cref="DiagnosticCode.DamagedFileSystem"/>, or what reading may end with.</exception>
    public async Task<ImageFacts> ReadAsync(string image, CancellationToken cancellation)
    {
        var card = CardLayout.Read(image);
        var files = new SortedDictionary<string, FileFacts>(StringComparer.Ordinal);
        var layout = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["image bytes"] = Number(new FileInfo(image).Length), ["disk id"] = card.DiskId.ToString("x8", CultureInfo.InvariantCulture) };
        foreach (var partition in card.Table.Partitions)
            layout[$"partition {partition.Number}"] = string.Create(CultureInfo.InvariantCulture, $"type {partition.Type:x2}, from sector {partition.StartSector}, {partition.LengthBytes} bytes");

        var fat = new FatFileSystem(log, image, card.Boot.OffsetBytes, AnyTime);
        await AddBootAsync(fat, files, layout, cancellation).ConfigureAwait(false);
        using var root = Ext4FileSystem.Open(image, card.Root.OffsetBytes, writable: false, AnyTime);
        var statistics = root.Statistics;
        layout["root file system"] = $"{statistics.Label}, {statistics.Uuid:D}";
        layout["root bytes used"] = Number(statistics.UsedBytes);
        foreach (var entry in root.Walk())
        {
            cancellation.ThrowIfCancellationRequested();
            files[entry.Path] = FactsOf(root, entry);
        }

        string Text(string path) => root.Find(path) is null ? "" : root.ReadAllText(path);
        return new ImageFacts(layout, FactsOfText.Packages(Text("/var/lib/dpkg/status")), files,
            FactsOfText.Units(files.Where(f => f.Value.Type == "link").Select(f => KeyValuePair.Create(f.Key, f.Value.Content))),
            FactsOfText.Users(Text("/etc/passwd"), Text("/etc/shadow"), Text("/etc/group")), FactsOfText.Ports(Text("/etc/nftables.conf")));
    }

    private static async Task AddBootAsync(FatFileSystem fat, SortedDictionary<string, FileFacts> files, SortedDictionary<string, string> layout, CancellationToken cancellation)
    {
        var boot = fat.ReadBootSector();
        layout["boot file system"] = string.Create(CultureInfo.InvariantCulture, $"{boot.Label}, {boot.VolumeId:x8}");
        // For its owner alone: a boot partition may hold the Wi-Fi's password.
        var folder = Directory.CreateTempSubdirectory("w4b-compare-");
        try
        {
            await fat.ExtractAsync(folder.FullName, cancellation).ConfigureAwait(false);
            foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories))
                files["(boot)/" + Path.GetRelativePath(folder.FullName, file.FullName)] = new FileFacts("file", "", "", file.Length,
                    ContentFile.Sha256OfFile(file.FullName), "", new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeSeconds());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static FileFacts FactsOf(Ext4FileSystem root, Ext4Entry entry)
    {
        var type = entry.Type switch
        {
            Ext4FileType.RegularFile => "file",
            Ext4FileType.Directory => "folder",
            Ext4FileType.SymbolicLink => "link",
            var other => other.ToString(),
        };
        var content = type switch
        {
            "file" => Hash(root, entry),
            "link" => entry.LinkTarget!,
            "folder" => "",
            _ => string.Create(CultureInfo.InvariantCulture, $"{entry.DeviceMajor}:{entry.DeviceMinor}"),
        };
        var attributes = root.ReadXattrs(entry.Inode).Select(x => $"{x.Key}={Convert.ToHexStringLower(x.Value)}");
        return new FileFacts(type, Convert.ToString((int)entry.Mode, 8), string.Create(CultureInfo.InvariantCulture, $"{entry.Uid}:{entry.Gid}"),
            type == "file" ? entry.Size : 0, content, string.Join(' ', attributes), entry.ModifiedTime.Seconds);
    }

    private static string Hash(Ext4FileSystem root, Ext4Entry entry)
    {
        using var stream = root.OpenRead(entry);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
