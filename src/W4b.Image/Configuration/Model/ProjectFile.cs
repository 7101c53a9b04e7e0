namespace W4b.Image.Configuration;

/// <summary>A file of the project's that goes into the image.</summary>
/// <param name="Source">Its full path on the host.</param>
/// <param name="TargetPath">Its absolute path in the image.</param>
/// <param name="Mode">Mode in octal, e.g. <c>0644</c>; null for the source's own.</param>
/// <param name="Owner"><c>user</c> or <c>user:group</c>; null for root.</param>
public sealed record ProjectFile(string Source, string TargetPath, string? Mode, string? Owner);
