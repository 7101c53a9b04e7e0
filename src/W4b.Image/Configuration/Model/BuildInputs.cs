namespace W4b.Image.Configuration;

/// <summary>What a build was given, for its provenance: <c>inputs.json</c>. Holds no secret, no hash of one, and no path of the host.</summary>
/// <param name="Project">The project's file name.</param>
/// <param name="Parameters">Values from the command line, the environment and the project that beat the YAML, by name; without the host's folders.</param>
/// <param name="Files">The files that were read, sorted by path.</param>
public sealed record BuildInputs(string Project, IReadOnlyDictionary<string, string> Parameters, IReadOnlyList<InputFile> Files)
{
    /// <summary>Its file in the folder of the build.</summary>
    public const string FileName = "inputs.json";
}

/// <summary>A file that a build read.</summary>
/// <param name="Path">Its path, relative to the project's folder.</param>
/// <param name="Sha256">Its sha256; null when the file holds a secret, which could be guessed by its hash.</param>
public sealed record InputFile(string Path, string? Sha256);
