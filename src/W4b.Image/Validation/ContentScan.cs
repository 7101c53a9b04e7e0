using System.Text;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Tools;
using W4b.Image.Validation.Rules;

namespace W4b.Image.Validation;

/// <summary>A place where something was found.</summary>
/// <param name="Path">The file; null when it is in space that no file has.</param>
internal sealed record ContentPlace(string? Path)
{
    /// <inheritdoc/>
    public override string ToString() => Path ?? "Space that no file has (a deleted file's)";
}

/// <summary>
/// All bytes of an image, looked through once for texts that must not be there. Both file systems are read as they lie on the card,
/// which is fastest and sees what deleted files left, but not a text over the border of two pieces of a file that lie apart; only where something is found is it asked whose block that is.
/// </summary>
internal sealed class ContentScan
{
    // What the processor keeps near itself while each of the texts is looked for.
    private const int ChunkBytes = 256 << 10;

    // A shorter secret may be an ordinary word somewhere.
    private const int ShortestSecret = 16;

    private readonly RuleSubject _subject;
    private readonly List<(string Needle, long Block)> _blocks = [];
    private readonly List<(string Needle, long Place)> _bootPlaces = [];
    private readonly Lazy<IReadOnlyDictionary<long, string>> _owners;

    /// <summary>Begins to look through the image.</summary>
    public ContentScan(RuleSubject subject)
    {
        _subject = subject;
        _owners = new(() => Owners(_blocks.Select(b => b.Block).ToHashSet()));
        byte[][] needles = [.. TraceNeedles(subject), .. SecretNeedles(subject)];
        var blockSize = subject.Root.Statistics.BlockSize;
        var (boot, root) = (subject.Image.Layout.Boot, subject.Image.Layout.Root);
        Action read = () =>
        {
            Read(boot, needles, (needle, place) => _bootPlaces.Add((needle, boot.OffsetBytes + place)));
            Read(root, needles, (needle, place) => _blocks.Add((needle, place / blockSize)));
        };
        // Of a raw image only bytes are read, past the file system's library: other rules may be asked meanwhile. Other readers are for one thread.
        if (subject.Image.Reader.RawPath is not null)
        {
            Ended = OwnThread.Run(read, CancellationToken.None);
        }
        else
        {
            Ended = new Task(read);
            Ended.RunSynchronously(TaskScheduler.Default);
        }
    }

    /// <summary>The reading: until it has ended, nothing is known, and the image must stay open.</summary>
    public Task Ended { get; }

    /// <summary>Texts that only a build has.</summary>
    public static IReadOnlyList<byte[]> TraceNeedles(RuleSubject subject)
    {
        List<string> traces = [LeftoverRules.TwinsPath];
        // The tree in which the layer was made: work/layer-ID/root.
        if (subject.Release.TryGetValue("W4B_LAYER_ID", out var layer) && layer.Length > 0)
            traces.Add($"/layer-{layer}/root");
        return [.. traces.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The project's secrets, or of one of many lines the longest line: it is that which a copy would have.</summary>
    public static IEnumerable<byte[]> SecretNeedles(RuleSubject subject)
        => subject.Secrets.Select(s => s.Split('\n').Select(l => l.Trim()).MaxBy(l => l.Length)!).Where(s => s.Length >= ShortestSecret).Distinct().Select(Encoding.UTF8.GetBytes);

    /// <summary>Where any of the texts is, each place once; waits for the reading.</summary>
    public IEnumerable<ContentPlace> PlacesOf(IEnumerable<byte[]> needles)
    {
        Ended.GetAwaiter().GetResult();
        var keys = needles.Select(Key).ToHashSet(StringComparer.Ordinal);
        return _blocks.Where(b => keys.Contains(b.Needle)).Select(b => new ContentPlace(_owners.Value.GetValueOrDefault(b.Block)))
            .Concat(_bootPlaces.Where(p => keys.Contains(p.Needle)).Select(p => new ContentPlace(BootFile(p.Place)))).Distinct().ToList();
    }

    private void Read(Partition partition, byte[][] needles, Action<string, long> found)
    {
        var reader = _subject.Image.Reader;
        var overlap = needles.Max(n => n.Length) - 1;
        var buffer = new byte[ChunkBytes + overlap];
        var holes = reader.RawPath is { } path ? new SparseFile.HoleMap(path) : null;
        using (holes)
            for (long at = 0; at < partition.LengthBytes; at += ChunkBytes)
            {
                var wanted = (int)Math.Min(buffer.Length, partition.LengthBytes - at);
                if (holes?.IsHole(partition.OffsetBytes + at, wanted) == true)
                    continue;
                var got = reader.Read(partition.OffsetBytes + at, buffer.AsSpan(0, wanted));
                foreach (var needle in needles)
                    for (var from = 0; buffer.AsSpan(from, got - from).IndexOf(needle) is >= 0 and var place && from + place < ChunkBytes; from += place + 1)
                        found(Key(needle), at + from + place);
            }
    }

    // Null for a cluster that no file has any more.
    private string? BootFile(long place)
    {
        var fat = _subject.Image.Fat;
        return fat.Nodes.FirstOrDefault(n => !n.IsFolder && fat.PlacesOf(n).Any(start => start <= place && place < start + fat.ClusterBytes)) is { } file
            ? BootMount.Find(_subject.Root) + "/" + file.Path : null;
    }

    private Dictionary<long, string> Owners(HashSet<long> blocks)
    {
        var owners = new Dictionary<long, string>();
        // Likely ones first: what is planned holds the secrets.
        var planned = _subject.Plan?.Entries.Select(e => _subject.Root.Find(e.Path)).OfType<Ext4Entry>() ?? [];
        foreach (var file in planned.Concat(_subject.Tree).Where(e => e.Type == Ext4FileType.RegularFile && e.Size > 0))
        {
            if (owners.Count == blocks.Count)
                break;
            foreach (var block in _subject.Root.BlocksOf(file).Where(blocks.Contains))
                owners.TryAdd(block, file.Path);
        }

        return owners;
    }

    private static string Key(byte[] needle) => Convert.ToBase64String(needle);
}
