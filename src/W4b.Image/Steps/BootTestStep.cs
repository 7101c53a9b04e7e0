using W4b.Image.Configuration;
using W4b.Image.Customization;
using W4b.Image.Diagnostics;
using W4b.Image.Layers;
using W4b.Image.Provisioning;
using W4b.Image.Tools;
using W4b.Image.Validation.Boot;

namespace W4b.Image.Steps;

/// <summary>A throw-away copy of the image boots in the emulator and is asked whether it is what is configured.</summary>
public static class BootTestStep
{
    /// <summary>Boots <paramref name="image"/> and writes the report.</summary>
    /// <param name="imageJson">The configuration; layer.json is beside it.</param>
    /// <param name="image">The finished image.</param>
    /// <param name="machineName"><c>virt</c>, <c>raspi3b</c>, or empty: the fastest that the image's kernel runs on.</param>
    /// <param name="reportFile">The report to write; the console's log stands beside it.</param>
    /// <param name="log">Receives each assertion.</param>
    /// <param name="ct">Ends the machine.</param>
    /// <exception cref="W4bException">An assertion that is not true, or no boot at all.</exception>
    public static async Task RunAsync(string imageJson, string image, string machineName, string reportFile, IBuildLog log, CancellationToken ct)
    {
        if (HostTool.QemuSystemAarch64.Find() is null)
            throw DiagnosticCode.ToolMissing.Error($"The program {HostTool.QemuSystemAarch64.Name} is not on this machine (Debian package {HostTool.QemuSystemAarch64.Package}); only a boot test needs it.");
        var hive = ImageJson.Read<HiveConfiguration>(imageJson);
        var plans = HivePlans.Read(imageJson, log);
        var machine = machineName.Length == 0 ? Default(hive, plans.Layer)
            : BootMachine.Find(machineName) ?? throw DiagnosticCode.InvalidValue.Error($"W4bBootMachine is \"{machineName}\", expected virt or raspi3b.");
        if (machine == BootMachine.RaspberryPi3 && hive.Base.Architecture != "arm64")
            throw DiagnosticCode.InvalidValue.Error("W4bBootMachine is raspi3b, which boots 64-bit images here; this one is armhf.");

        var folder = Path.GetDirectoryName(reportFile)!;
        Directory.CreateDirectory(folder);
        File.Delete(reportFile);
        var report = await new BootTester(hive, plans.Whole, plans.Layer, machine, log).RunAsync(image, folder, ct).ConfigureAwait(false);
        ContentFile.WriteAtomically(Path.ChangeExtension(reportFile, ".txt"), report.ToTable());
        ContentFile.WriteAtomically(reportFile, ImageJson.Write(report));
        log.Info(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{report.Results.Count(r => r.Passed)} of {report.Results.Count} assertions are true; up after {report.SecondsToReady:0} s. {report.Startup.Split('\n')[0]} The report: {reportFile}."));
        if (!report.Passed)
            throw new W4bException([.. report.Results.Where(r => !r.Passed).Select(r => new Diagnostic(DiagnosticCode.BootAssertionFailed, $"{r.Title}: this is not so.\n{LastLines(r.Evidence)}"))]);
    }

    // The whole evidence is in the report and the log.
    private static string LastLines(string evidence) => string.Join('\n', evidence.Trim().Split('\n').TakeLast(15));

    // A kernel of Raspberry Pi OS has no drivers for a board that is none of Raspberry Pi's.
    private static BootMachine Default(HiveConfiguration hive, LayerFacts layer)
        => layer.IsRaspberryPiOs && hive.Base.Architecture == "arm64" ? BootMachine.RaspberryPi3 : BootMachine.Virt;
}
