namespace W4b.Image.Configuration;

/// <summary>A component as the project names it: the item W4bComponent.</summary>
/// <param name="Include">A folder or archive, full path, or a URL.</param>
/// <param name="Name">Its name; null for the one that its source has.</param>
/// <param name="Sha256">The archive's sha256; null when none is given.</param>
/// <param name="Revision">Commit or tag of a git repository; null for all else.</param>
public sealed record ComponentSource(string Include, string? Name, string? Sha256, string? Revision);
