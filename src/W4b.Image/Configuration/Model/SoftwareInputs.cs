namespace W4b.Image.Configuration;

/// <summary>What a software layer depends on beside its base image; a part of image.json in a file of its own.</summary>
/// <param name="Architecture">Debian's name of the target architecture.</param>
/// <param name="Software">Packages, scripts, locales, size.</param>
public sealed record SoftwareInputs(string Architecture, SoftwareConfiguration Software);
