using W4b.Image.Configuration;

namespace W4b.Image.Provisioning;

/// <summary>A file of the project's as it is read.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Its permission bits.</param>
public sealed record SourceFile(ReadOnlyMemory<byte> Content, UnixFileMode Mode);

/// <summary>What plans are made of. The functions are the only way by which something gets in that is no value.</summary>
/// <param name="Hive">The configuration.</param>
/// <param name="Layer">The software layer.</param>
/// <param name="Resolve">Gives a secret's value.</param>
/// <param name="ReadFile">Reads a <see cref="ProjectFile.Source"/>.</param>
public sealed record PlanInputs(HiveConfiguration Hive, LayerFacts Layer, Func<Secret, string> Resolve, Func<string, SourceFile> ReadFile);
