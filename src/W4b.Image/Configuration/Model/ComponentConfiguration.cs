namespace W4b.Image.Configuration;

/// <summary>Software of W4B's own, or anybody's, that goes to <c>/opt/w4b/NAME</c> of the software layer.</summary>
/// <param name="Name">Its name; a folder's.</param>
/// <param name="Source">Full path of a folder or an archive, URL of an archive, or of a git repository.</param>
/// <param name="Sha256">sha256 of an archive; of a folder, of its files' names and contents. Null for a repository.</param>
/// <param name="Revision">Commit or tag of a repository; null for all else.</param>
public sealed record ComponentConfiguration(string Name, string Source, string? Sha256, string? Revision);
