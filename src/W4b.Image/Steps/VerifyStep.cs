using W4b.Image.Compression;
using W4b.Image.Configuration;
using W4b.Image.Customization;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Inspection;
using W4b.Image.Layers;
using W4b.Image.Provisioning;
using W4b.Image.Tools;
using W4b.Image.Validation;
using W4b.Image.Steps.Verification;

namespace W4b.Image.Steps;

/// <summary>Any image is verified: that it is whole, that its sidecars are its own, that it is the project's, and by all rules.</summary>
public static class VerifyStep
{
    /// <summary>Verifies an image and writes the report, as <see cref="ValidateStep"/> does.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="log">Receives the report, and warnings.</param>
    /// <param name="ct">Stops between blocks and rules.</param>
    /// <returns>One line that says what came out, for an image that passes.</returns>
    /// <exception cref="W4bException">Each finding whose severity is error, and <see cref="DiagnosticCode.VerificationFailed"/>;
    /// <see cref="DiagnosticCode.FileAccess"/> when there is no such image.</exception>
    public static async Task<string> RunAsync(VerifyRequest request, IBuildLog log, CancellationToken ct)
    {
        File.Delete(request.ReportFile);
        File.Delete(request.ReportFile + ".failed");
        var work = Directory.CreateDirectory(Path.GetDirectoryName(request.ReportFile)!).FullName;
        var project = request.ImageJson is { } json ? ImageJson.Read<HiveConfiguration>(json) : null;
        var rules = RuleSet.Create(project?.ValidationRules ?? new Dictionary<string, string>(), request.Rules, log);

        using var file = ImageFile.Open(request.Image);
        var sidecars = Sidecars.Find(request.Image, request.Manifest);
        log.Info($"Verifying {request.Image}: {(request.Quick ? "what the rules need of some files" : "everything")}.");
        using var raw = request.Quick || file.Archive is null ? null : UnpackedImage.Create(work, file.Archive.RawLength, HostMemory.Free(), log);
        var results = (await IntegrityChecks.RunAsync(file, sidecars, raw, request.Quick, ct).ConfigureAwait(false)).ToList();
        results.AddRange(file.IsReadable && results[0].State != RuleState.Broken ? await AskAsync().ConfigureAwait(false)
            : rules.Select(r => new RuleResult(r.Info, RuleState.NotApplicable, [], "the image is damaged")));

        var report = new ValidationReport(Path.GetFileName(request.Image), results);
        var errors = ValidationOutput.Write(report, request.ReportFile, log);
        if (errors.Count > 0)
            throw new W4bException([.. errors, new Diagnostic(DiagnosticCode.VerificationFailed,
                $"{request.Image} breaks {string.Join(", ", results.Where(r => !r.Passed).Select(r => r.Rule.Name))}. The report: {request.ReportFile}.failed.")]);
        return $"{Path.GetFileName(request.Image)}: {results.Count(r => r.State == RuleState.Kept)} rules kept, {results.Count(r => r.State == RuleState.Broken)} broken as warnings, "
            + $"{results.Count(r => r.State == RuleState.NotApplicable)} not asked{(request.Quick ? " (quick)" : "")}.";

        async Task<IReadOnlyList<RuleResult>> AskAsync()
        {
            CardImage card;
            try
            {
                // A card's device is longer than its image, or the file of an unpacked one elsewhere: the rules do not mind.
                card = CardImage.Open(raw is not null ? new RawImageReader(raw.Path) : file.OpenReader());
            }
            catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.UnsupportedLayout || e.Diagnostics[0].Code == DiagnosticCode.ImageDamaged)
            {
                return ImageValidator.WithoutCard(e, rules);
            }

            using (card)
            {
                var secrets = new SecretCollector(log);
                var objFolder = request.ImageJson is { } path ? Path.GetDirectoryName(path)! : null;
                var layer = project is null ? null : LayerOf(objFolder!, sidecars);
                var (plan, failure) = PlanOf(project, layer, secrets);
                var subject = new RuleSubject(card, log)
                {
                    Project = project, ProjectPlan = plan, PlanFailure = failure,
                    NoPlan = project is null ? "no project is known that made the image" : failure ?? "the project was not built here, and the image has no manifest", Secrets = secrets.Secrets, BaseImage = objFolder is null ? null : ValidateStep.BaseImageOf(objFolder),
                    Quick = request.Quick, WorkFolder = work,
                };
                return await ImageValidator.CheckAsync(subject, rules, request.Quick, ct).ConfigureAwait(false);
            }
        }
    }

    private static (FilePlan? Plan, string? Failure) PlanOf(HiveConfiguration? project, LayerInfo? layer, SecretCollector secrets)
    {
        try
        {
            return (project is null || layer is null ? null : HivePlans.Create(project, layer, secrets).Whole, null);
        }
        catch (W4bException e) when (e.Diagnostics[0].Code == DiagnosticCode.PlanPrerequisiteMissing)
        {
            return (null, e.Diagnostics[0].Message);
        }
    }

    // The layer that the project was last built with; else, in a project that was not built here, the image's own by its manifest.
    private static LayerInfo? LayerOf(string objFolder, Sidecars sidecars)
    {
        var own = Path.Combine(objFolder, "layer.json");
        return File.Exists(own) ? ImageJson.Read<LayerInfo>(own)
            : sidecars.Manifest is { } manifest ? new LayerInfo(manifest.LayerId, manifest.Base.Sha256, manifest.Packages) : null;
    }
}
