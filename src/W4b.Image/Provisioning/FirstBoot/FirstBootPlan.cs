namespace W4b.Image.Provisioning.FirstBoot;

/// <summary>The first boot, by what the base is.</summary>
internal static class FirstBootPlan
{
    public static FilePlan Create(PlanInputs inputs) => Of(inputs.Layer).Create(inputs).With(GrowRoot());

    /// <summary>The world that the layer belongs to. Names and dates of images say nothing: what is in it does.</summary>
    public static IFirstBoot Of(LayerFacts layer)
        => !layer.IsRaspberryPiOs ? new DebianFirstBoot()
            : FirstBootProgram.In(layer.CommandLine) is null && (layer.CommandLine.Has(InitramfsResize.Word) || layer.Packages.Contains(InitramfsResize.CloudInit)) ? new InitramfsResize()
            : new FirstBootProgram();

    // Each base has its own way, which fits the sizes that it was made with; ours does nothing where one of them has done it.
    private static FilePlan GrowRoot() => new()
    {
        Entries =
        [
            PlannedFile.OfText("/usr/lib/w4b/grow-root", Template.Read("grow-root"), PlanModes.Program),
            PlannedFile.OfText("/etc/systemd/system/w4b-grow-root.service", Template.Unit("w4b-grow-root.service")),
        ],
        Units = [new EnabledUnit("w4b-grow-root.service")],
    };
}
