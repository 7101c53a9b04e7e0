using System.Globalization;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Customization;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Inspection;
using W4b.Image.Layers;
using W4b.Image.Layers.Cache;
using W4b.Image.Provenance;
using W4b.Image.Provisioning;

namespace W4b.Image.Steps;

/// <summary>A copy of the software layer becomes this hive's image, but for the tunnel.</summary>
public static class ConfigureHiveStep
{
    /// <summary>Writes <c>NAME.img.partial</c>, readable by its owner only, and the layer's facts as <c>layer.json</c>.</summary>
    /// <exception cref="W4bException">The hive does not fit the layer, a secret is missing, or the disk is full.</exception>
    public static async Task<HiveImage> RunAsync(string imageJson, string projectFolder, string layerImage, string objFolder, string outputFolder, string cacheFolder,
        IBuildLog log, CancellationToken ct)
    {
        var hive = ImageJson.Read<HiveConfiguration>(imageJson);
        var layerFolder = Path.GetDirectoryName(layerImage)!;
        // The stage that makes the layer was skipped, for nothing that MSBuild looks at has changed.
        if (!CacheUses.Take(new CacheFolder(cacheFolder), layerFolder, null, log))
            throw DiagnosticCode.CacheDamaged.Error($"The software layer {layerFolder} is damaged, or was removed while this build began.");
        // The copy takes longest: it is made while the plan is.
        var copy = Path.Combine(objFolder, "layer.img.partial");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var copying = SparseFile.CopyAsync(layerImage, copy, SparseFile.OwnerOnly, stop.Token);
        try
        {
            var layer = SoftwareLayer.ReadInfo(layerImage) with { CommandLine = ReadCommandLine(layerImage) };
            var plans = HivePlans.Create(hive, layer, log);
            ContentFile.WriteWhenDifferent(Path.Combine(objFolder, "layer.json"), ImageJson.Write(layer));
            var record = new StageRecord(objFolder, "CustomizeImage", Inputs(imageJson, layer));
            record.Explain(log);

            // Of a clean commit: whoever builds it gets the same name. Else the time at which this content was first built.
            var time = BuildEpoch.FromEnvironment
                ?? (await SourceRevision.FindAsync(projectFolder, [objFolder, outputFolder], log, ct).ConfigureAwait(false) is { IsClean: true } revision
                    ? revision.Time : FirstBuilt(plans.BuildId, cacheFolder));
            var name = hive.Output.Name(hive, time);
            var image = Path.Combine(objFolder, name + ".img.partial");
            log.Info($"Writing {plans.Hive.Entries.Count} files and folders into a copy of the software layer.");
            await copying.ConfigureAwait(false);
            File.Move(copy, image, overwrite: true);
            await ImageEdit.ApplyAsync(image, plans.Hive, log, ct).ConfigureAwait(false);
            record.Complete();
            return new HiveImage(name, image);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await copying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            File.Delete(copy);
            throw;
        }
    }

    /// <summary>All that the hive's image depends on.</summary>
    internal static IReadOnlyList<StageInput> Inputs(string imageJson, LayerInfo layer)
        =>
        [
            .. StageInputs.OfJson(imageJson), new("software layer", layer.Id),
            .. ImageJson.Read<HiveConfiguration>(imageJson).Files.Select(f => StageInputs.OfFile($"file {f.TargetPath}", f.Source, Path.GetDirectoryName(imageJson)!)),
        ];

    private static string? ReadCommandLine(string layerImage)
    {
        using var image = CardImage.Open(layerImage);
        return image.Fat.Find(PlannedCommandLine.File) is { } file ? Encoding.UTF8.GetString(image.Fat.Read(file)) : null;
    }

    // Outside of a commit an image bears the time at which this content was first built: building it again changes nothing, its name neither.
    private static DateTimeOffset FirstBuilt(string imageId, string cacheFolder)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(cacheFolder, "builds")).FullName, imageId);
        if (!File.Exists(file))
            ContentFile.WriteAtomically(file, DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        return DateTimeOffset.FromUnixTimeSeconds(long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture));
    }
}
