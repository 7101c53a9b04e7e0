using System.Globalization;
using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>Which build it is: for people in a file, for the monitoring as a metric.</summary>
internal static class ReleasePlan
{
    /// <summary>Where it stands on the device.</summary>
    public const string Path = "/etc/w4b-release";

    /// <summary>The plan; everything else must be planned, since it is what <paramref name="buildId"/> is made of.</summary>
    public static FilePlan Create(PlanInputs inputs, string buildId, string toolVersion)
    {
        var hive = inputs.Hive;
        var model = new
        {
            BuildId = buildId,
            hive.HiveId,
            hive.Base.PiModel,
            LayerId = inputs.Layer.Id,
            ToolVersion = toolVersion,
            Base = hive.Base.Debian is { } debian ? $"debian {debian.Suite}" : "image " + hive.Base.Download!.Sha256,
            Model = hive.Base.PiModel.ToString(CultureInfo.InvariantCulture),
        };
        List<PlanEntry> entries = [PlannedFile.OfText(Path, Template.Render("w4b-release", model))];
        if (hive.Monitoring is not null)
            entries.Add(PlannedFile.OfText($"{MonitoringPlan.TextFileFolder}/w4b.prom", Template.Render("w4b.prom", model)));
        return new FilePlan { Entries = entries };
    }
}
