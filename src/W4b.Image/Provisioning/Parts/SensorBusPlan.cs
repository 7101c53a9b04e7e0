using System.Globalization;
using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>Switches on the buses that the hive's sensors are connected to: in the firmware's config.txt, and as kernel modules.</summary>
internal static class SensorBusPlan
{
    /// <summary>The plan for <paramref name="sensors"/>; empty when the firmware's own settings do.</summary>
    public static FilePlan Create(IReadOnlyList<SensorConfiguration> sensors)
    {
        var interfaces = sensors.Where(s => s.Enabled).Select(s => s.Interface).OfType<SensorInterface>().ToList();
        var modules = new List<string>();
        var firmware = new List<string>();
        if (interfaces.Exists(i => i.Type == "i2c"))
        {
            firmware.Add("dtparam=i2c_arm=on");
            modules.Add("i2c-dev");
        }

        if (interfaces.Exists(i => i.Type == "spi"))
            firmware.Add("dtparam=spi=on");
        foreach (var pin in interfaces.Where(i => i.Type == "w1").Select(i => i.Pin ?? 4).Distinct().Order())
        {
            firmware.Add(string.Create(CultureInfo.InvariantCulture, $"dtoverlay=w1-gpio,gpiopin={pin}"));
            if (!modules.Contains("w1-therm"))
                modules.Add("w1-therm");
        }

        var plan = new FilePlan();
        if (modules.Count > 0)
            plan = plan.With(new FilePlan { Entries = [PlannedFile.OfText("/etc/modules-load.d/w4b.conf", string.Concat(modules.Select(m => m + "\n")))] });
        if (firmware.Count > 0)
            plan = plan.With(new FilePlan
            {
                Entries = [new PlannedBootLines("config.txt", "\n# For the hive's sensors.\n[all]\n" + string.Concat(firmware.Select(f => f + "\n")))],
            });
        return plan;
    }
}
