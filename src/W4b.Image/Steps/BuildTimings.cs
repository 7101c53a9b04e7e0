using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>Where the time of a build went: <c>NAME.timings.json</c> beside the image.</summary>
/// <param name="Name">The image's name without extension.</param>
/// <param name="Blocks">The archive's blocks.</param>
/// <param name="EncodedBlocks">How many of them were encoded in this build; the others are the software layer's, or zeros.</param>
/// <param name="Stages">Each stage's last run; a stage that this build skipped has the time of an earlier one.</param>
public sealed record BuildTimings(string Name, int Blocks, int EncodedBlocks, IReadOnlyList<StageTime> Stages);
