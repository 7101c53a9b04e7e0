using System.Diagnostics;
using System.Globalization;
using W4b.Image.Benchmarks;
using W4b.Image.Compression;
using W4b.Image.Configuration;
using W4b.Image.Layers;
using W4b.Image.Steps;

// What eng/bench.sh measures inside the process; each command prints numbers only.
switch (args)
{
    // Milliseconds to read and check a hive of 200 sensors, once everything is loaded; then seconds for a fleet of 1,000 files.
    case ["configuration", var folder]:
        var hives = HiveFiles.Write(folder, 1000);
        var large = HiveFiles.WriteLarge(folder, sensors: 200);
        Time(() => HiveFiles.Read(large, folder)); // loads the code
        Console.WriteLine(Enumerable.Range(0, 9).Select(_ => Time(() => HiveFiles.Read(large, folder))).Order().ElementAt(4) * 1000);
        Console.WriteLine(Time(() => hives.ForEach(h => HiveFiles.Read(h, folder))));
        return 0;

    // Seconds to compare the hives of a fleet of 1,000 files.
    case ["fleet", var folder]:
        var fleet = HiveFiles.Write(folder, 1000).ConvertAll(h => new FleetHive(Path.GetFileNameWithoutExtension(h), h, []));
        Console.WriteLine(Time(() => CheckFleetStep.Run(fleet, Path.Combine(folder, "fleet.w4bproj"), Path.Combine(folder, "fleet.dependencies"), SilentLog.Instance)));
        return 0;

    // Seconds and bytes to compress an image from scratch, as the build does.
    case ["compress", var image, var archive, var level]:
        Compress(image, archive, level, reference: null);
        return 0;

    // The same of a layer and of a hive over it: from scratch and by difference. The two archives of the hive are equal, or this fails.
    case ["difference", var layer, var hive, var folder, var level]:
        var layerArchive = Path.Combine(folder, "layer.xz");
        XzReference.Complete(layerArchive, Compress(layer, layerArchive, level, reference: null));
        using (var reference = XzReference.Open(layerArchive)!)
        {
            var spliced = Compress(hive, Path.Combine(folder, "spliced.xz"), level, reference);
            var scratch = Compress(hive, Path.Combine(folder, "scratch.xz"), level, reference: null);
            return (spliced.RawSha256, spliced.ArchiveSha256) == (scratch.RawSha256, scratch.ArchiveSha256) ? 0 : 1;
        }

    default:
        Console.Error.WriteLine("usage: configuration FOLDER | fleet FOLDER | compress IMAGE ARCHIVE LEVEL | difference LAYER IMAGE FOLDER LEVEL");
        return 2;
}

// Prints seconds, processor seconds, bytes of the archive, blocks, encoded blocks and bytes.
static XzResult Compress(string image, string archive, string level, XzReference? reference)
{
    var options = new XzOptions
    {
        Level = int.Parse(level, CultureInfo.InvariantCulture),
        Places = ArchivePlaces.Of(image),
        Reference = reference,
    };
    XzResult? result = null;
    var cpu = Environment.CpuUsage.TotalTime;
    var seconds = Time(() => result = XzCompressor.CompressAsync(image, archive, options, SilentLog.Instance, default).GetAwaiter().GetResult());
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{seconds:0.00} {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.00} {result!.ArchiveBytes} {result.Blocks.Count} {result.EncodedBlocks} {result.EncodedBytes}"));
    return result;
}

static double Time(Action action)
{
    var watch = Stopwatch.StartNew();
    action();
    return watch.Elapsed.TotalSeconds;
}
