using W4b.Image.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace W4b.Image.Configuration;

/// <summary>One value of a YAML file with its place.</summary>
/// <param name="Key">The path of keys, joined by dots.</param>
/// <param name="Node">The value.</param>
/// <param name="Location">Where it stands.</param>
internal sealed record YamlValue(string Key, YamlNode Node, SourceLocation Location);

/// <summary>A YAML file as a flat table: key path to value, in the order of the file.</summary>
internal sealed class YamlSource
{
    private const long LargestFile = 1024 * 1024;
    private readonly List<YamlValue> _values = [];

    private YamlSource(string file) => File = file;

    /// <summary>The file's full path.</summary>
    public string File { get; }

    /// <summary>All values. A mapping's own values follow it.</summary>
    public IReadOnlyList<YamlValue> Values => _values;

    /// <summary>Reads <paramref name="file"/>.</summary>
    /// <exception cref="W4bException">Missing, unreadable, or not one YAML mapping.</exception>
    public static YamlSource Load(string file)
    {
        if (!System.IO.File.Exists(file))
            throw DiagnosticCode.ConfigurationMissing.Error($"The configuration file {file} does not exist.", new SourceLocation(file));
        if (new FileInfo(file).Length > LargestFile)
            throw DiagnosticCode.InvalidYaml.Error("The file is larger than 1 MiB: this is no hive configuration.", new SourceLocation(file));
        try
        {
            using var reader = new StreamReader(file, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
            var stream = new YamlStream();
            stream.Load(reader);
            var source = new YamlSource(file);
            if (stream.Documents.Count == 0)
                return source;
            if (stream.Documents.Count > 1 || stream.Documents[0].RootNode is not YamlMappingNode root)
                throw DiagnosticCode.InvalidYaml.Error("The file must hold one mapping of keys to values.", new SourceLocation(file, 1, 1));
            source.Add(root, "", depth: 0);
            return source;
        }
        catch (YamlException e)
        {
            throw DiagnosticCode.InvalidYaml.Error(e.InnerException?.Message ?? e.Message,
                new SourceLocation(file, (int)e.Start.Line, (int)e.Start.Column), e);
        }
        catch (System.Text.DecoderFallbackException e)
        {
            throw DiagnosticCode.InvalidYaml.Error("The file is not encoded in UTF-8.", new SourceLocation(file), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCode.FileAccess.Error($"The configuration file {file} cannot be read: {e.Message}", null, e);
        }
    }

    /// <summary>The text of the scalar at <paramref name="key"/>, or null.</summary>
    public string? Scalar(string key) => (_values.FirstOrDefault(v => v.Key == key)?.Node as YamlScalarNode)?.Value;

    /// <summary>The value at <paramref name="key"/>, or null.</summary>
    public YamlValue? Find(string key) => _values.FirstOrDefault(v => v.Key == key);

    /// <summary>The place of <paramref name="node"/> in this file.</summary>
    public SourceLocation Place(YamlNode node) => new(File, (int)node.Start.Line, (int)node.Start.Column);

    private void Add(YamlMappingNode mapping, string prefix, int depth)
    {
        // Aliases can make a small file endlessly deep or wide.
        if (depth > 16 || _values.Count > 10_000)
            throw DiagnosticCode.InvalidYaml.Error("The configuration is nested too deeply or has too many values.", Place(mapping));
        foreach (var (keyNode, node) in mapping.Children)
        {
            if (keyNode is not YamlScalarNode { Value: { Length: > 0 } name })
                throw DiagnosticCode.InvalidYaml.Error("A key must be a plain word.", Place(keyNode));
            var key = prefix.Length == 0 ? name : $"{prefix}.{name}";
            // A mapping is known by its key's place, a value by its own.
            _values.Add(new YamlValue(key, node, Place(node is YamlScalarNode ? node : keyNode)));
            if (node is YamlMappingNode child)
                Add(child, key, depth + 1);
        }
    }
}
