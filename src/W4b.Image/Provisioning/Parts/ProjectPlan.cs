using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Provisioning;

/// <summary>What the project adds: its files and units.</summary>
internal static class ProjectPlan
{
    public static FilePlan Create(PlanInputs inputs) => new()
    {
        Entries = [.. inputs.Hive.Files.Select(file => File(file, inputs.ReadFile))],
        Units = [.. inputs.Hive.Services.Select(s => new EnabledUnit(s.Contains('.', StringComparison.Ordinal) ? s : s + ".service"))],
    };

    private static PlannedFile File(ProjectFile file, Func<string, SourceFile> readFile)
    {
        if (!file.TargetPath.StartsWith('/') || file.TargetPath.EndsWith('/'))
            throw DiagnosticCode.PlanNotApplicable.Error($"The TargetPath \"{file.TargetPath}\" of {file.Source} is no absolute path of a file.");
        var (content, mode) = readFile(file.Source);
        if (file.Mode is not null)
            mode = PlanModes.Parse(file.Mode)
                ?? throw DiagnosticCode.PlanNotApplicable.Error($"The Mode \"{file.Mode}\" of {file.Source} is not octal, such as 0644.");
        var owner = (file.Owner ?? "root").Split(':', 2);
        return new PlannedFile(file.TargetPath, content, mode, owner[0], owner.ElementAtOrDefault(1) ?? owner[0]);
    }
}
