using W4b.Image.Validation;

namespace W4b.Image.Steps;

/// <summary>What is to be verified, and against what.</summary>
/// <param name="Image">Path of an .img.xz, a raw image, or a device.</param>
/// <param name="Manifest">Path of the image's manifest; null for the one beside it, if any.</param>
/// <param name="ImageJson">The project's image.json; null when the image is not to be this project's.</param>
/// <param name="ReportFile">The report to write.</param>
/// <param name="Quick">Whether only little is to be read.</param>
/// <param name="Rules">The project's own rules.</param>
public sealed record VerifyRequest(string Image, string? Manifest, string? ImageJson, string ReportFile, bool Quick, IReadOnlyList<OwnRule> Rules);
