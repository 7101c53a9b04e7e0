using System.Text.Json.Serialization;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>
/// How the files of the configuration are read and written, made by the compiler: every stage of every build reads one, and by reflection the
/// first time costs a tenth of a second.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(HiveConfiguration))]
[JsonSerializable(typeof(BaseImageConfiguration))]
[JsonSerializable(typeof(SoftwareInputs))]
[JsonSerializable(typeof(PublishConfiguration))]
[JsonSerializable(typeof(BuildInputs))]
[JsonSerializable(typeof(CacheLimits))]
[JsonSerializable(typeof(Dictionary<string, SourceLocation>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, SourceLocation>))]
[JsonSerializable(typeof(List<StageInput>))]
[JsonSerializable(typeof(IReadOnlyList<StageInput>))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;
