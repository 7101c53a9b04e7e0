using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Components;
using W4b.Image.Layers.Download;

namespace W4b.Image.Layers;

/// <summary>What a step of a software layer does.</summary>
internal enum LayerStepKind
{
    /// <summary>Debian packages and locales.</summary>
    Packages,
    /// <summary>The Python environment and the components in it.</summary>
    Components,
    /// <summary>The project's scripts.</summary>
    Scripts,
}

/// <summary>A step of making a software layer.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Id">Content id of what is there after it: sha256 of the id before it and of its inputs.</param>
/// <param name="Inputs">What it depends on beside the steps before it.</param>
internal sealed record LayerStep(LayerStepKind Kind, string Id, IReadOnlyList<StageInput> Inputs);

/// <summary>
/// The steps of a software layer, each over the one before it, and their ids: the whole argument for using a cached one. Content
/// only, never a time, and never a secret.
/// </summary>
/// <param name="All">The steps that there are, at least the packages.</param>
/// <param name="LayerId">The id of the layer: the last step's, unless a size is wanted.</param>
internal sealed record LayerSteps(IReadOnlyList<LayerStep> All, string LayerId)
{
    // Raised when a step makes something else of equal inputs.
    private const int Version = 6;

    private const string ArchitectureInput = "architecture";
    private const string PackagesInput = "packages";
    private const string LocalesInput = "locales";
    private const string ComponentInput = "component ";
    private const string RepositoryInput = "repository ";
    private static readonly HashSet<string> s_resolved = [ArchitectureInput, PackagesInput, "Python packages", "Python requirements", "Python index"];

    /// <summary>
    /// Whether what the packages make is kept as a layer of its own, from which others start. Writing an image takes seconds and installing
    /// packages minutes, so that pays where something comes after packages; a step without packages, and the
    /// steps after them, are as soon done as an image is written and read.
    /// </summary>
    public bool KeepsPackages => All.Count > 1 && All[0].Inputs.Any(i => i is { Name: PackagesInput or LocalesInput, Value.Length: > 0 });

    /// <summary>Everything that the layer depends on.</summary>
    public IReadOnlyList<StageInput> Inputs => [.. All.SelectMany(s => s.Inputs)];

    /// <summary>What of the inputs is resolved to packages: equal requests have equal locks.</summary>
    public IReadOnlyList<StageInput> Request =>
    [
        .. Inputs.Where(i => i.Value.Length > 0 && s_resolved.Contains(i.Name)),
        .. Inputs.Where(i => i.Name.StartsWith(ComponentInput, StringComparison.Ordinal) || i.Name.StartsWith(RepositoryInput, StringComparison.Ordinal)).Select(i => i with { Value = "" }),
    ];

    /// <summary>The steps of the layer that <paramref name="inputs"/> make of a base.</summary>
    /// <param name="baseSha256">sha256 of the base image.</param>
    /// <param name="inputs">What is asked for.</param>
    /// <param name="lockId">The id of a lock, where another resolution than the first one in this cache is wanted.</param>
    public static LayerSteps Of(string baseSha256, SoftwareInputs inputs, string? lockId = null)
    {
        var software = inputs.Software;
        var steps = new List<LayerStep>();
        void Add(LayerStepKind kind, params IEnumerable<StageInput> stepInputs)
        {
            List<StageInput> list = [.. stepInputs];
            steps.Add(new LayerStep(kind, ContentFile.Sha256(string.Join('\n', list.Select(i => $"{i.Name}: {i.Value}").Prepend(steps.LastOrDefault()?.Id ?? ""))), list));
        }

        Add(LayerStepKind.Packages,
        [
            new StageInput("version of the steps", $"{Version}"), new StageInput("base image", baseSha256), new StageInput(ArchitectureInput, inputs.Architecture),
            new StageInput("SOURCE_DATE_EPOCH", $"{BuildEpoch.Current.ToUnixTimeSeconds()}"),
            .. software.Repositories.Select(r => new StageInput(RepositoryInput + Shown(r.Url), $"{r.Suite} {string.Join(' ', r.Components)} {ContentFile.Sha256OfFile(r.KeyFile)}")),
            new StageInput(PackagesInput, string.Join(' ', Packages(software))), new StageInput(LocalesInput, string.Join(' ', software.Locales)),
            .. lockId is null ? Enumerable.Empty<StageInput>() : [new StageInput("lock", lockId)],
        ]);
        if (software.NeedsPython || software.Components.Count > 0)
            Add(LayerStepKind.Components, [.. Python(software), .. software.Components.Select(c => new StageInput(ComponentInput + c.Name, c.Sha256 ?? $"{Shown(c.Source)}#{c.Revision}"))]);
        if (software.Scripts.Count > 0)
            Add(LayerStepKind.Scripts, software.Scripts.Select((s, i) => new StageInput($"script {i + 1}, {Path.GetFileName(s)}", ContentFile.Sha256OfFile(s))));
        return new LayerSteps(steps, software.ImageSize == 0 ? steps[^1].Id : ContentFile.Sha256($"{steps[^1].Id}\nsize {software.ImageSize}"));
    }

    /// <summary>The packages of the first step: those of the configuration, and what components need whose files are at hand. What others need
    /// is known when they are fetched.</summary>
    public static IReadOnlyList<string> Packages(SoftwareConfiguration software)
        => [.. software.Packages.Concat(software.Components.Where(c => c.Revision is null && Directory.Exists(c.Source)).SelectMany(c => ComponentDescription.Read(c.Source).AllPackages))
            .Concat(NeedsLocales(software) ? ["locales"] : []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static bool NeedsLocales(SoftwareConfiguration software) => SoftwareInstaller.Generated(software.Locales).Count > 0;

    private static IEnumerable<StageInput> Python(SoftwareConfiguration software) => software.NeedsPython
        ?
        [
            new("Python packages", string.Join(' ', software.PythonPackages)),
            new("Python requirements", software.PythonRequirements is { } file ? ContentFile.Sha256OfFile(file) : ""),
            new("Python wheels", software.PythonWheels is { } folder ? ComponentResolver.HashOfFolder(folder) : ""),
            new("Python index", software.PythonIndex is { } index ? Shown(index) : ""),
        ]
        : [];

    // Neither an id nor a log knows a password.
    private static string Shown(string place) => Uri.TryCreate(place, UriKind.Absolute, out var url) ? DownloadUrl.Shown(url) : place;
}
