using System.Diagnostics;
using System.Globalization;
using W4b.Image.Benchmarks;
using W4b.Image.Compression;
using W4b.Image.Configuration;
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

    // Seconds and bytes to compress an image from scratch.
    case ["compress", var image, var archive, var level]:
        var options = new XzOptions { Level = int.Parse(level, CultureInfo.InvariantCulture) };
        XzResult? result = null;
        var seconds = Time(() => result = XzCompressor.CompressAsync(image, archive, options, SilentLog.Instance, default).GetAwaiter().GetResult());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds} {result!.ArchiveBytes}"));
        return 0;

    default:
        Console.Error.WriteLine("usage: configuration FOLDER | fleet FOLDER | compress IMAGE ARCHIVE LEVEL");
        return 2;
}

static double Time(Action action)
{
    var watch = Stopwatch.StartNew();
    action();
    return watch.Elapsed.TotalSeconds;
}
