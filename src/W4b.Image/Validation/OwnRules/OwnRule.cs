namespace W4b.Image.Validation;

/// <summary>A rule of the project's: an item <c>W4bRule</c>.</summary>
/// <param name="Path">Full path of a program or script, or of a .NET assembly (.dll) with classes that are <c>IImageRule</c>.</param>
/// <param name="Severity"><c>error</c> or <c>warning</c> for a script; empty for <c>error</c>.</param>
/// <param name="Files">Patterns of the image's files that a script gets, separated by semicolons; empty for none.</param>
public sealed record OwnRule(string Path, string Severity, string Files);
