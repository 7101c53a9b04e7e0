using System.Globalization;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration.Yaml;

/// <summary>A configuration file with all that it extends, as one table: key path to value, in the order of the files.</summary>
internal sealed class YamlSource
{
    /// <summary>The key that names files which this one extends.</summary>
    public const string ExtendsKey = "extends";

    // Files that extend two others each would soon be very many.
    private const int MostFiles = 100;

    /// <summary>Stands in a path for a dot or bracket that belongs to a key's own name: such a key is not two.</summary>
    public const char InName = '\u0001';

    private readonly OrderedDictionary<string, YamlNode> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private int _read;

    private YamlSource(string file) => File = file;

    /// <summary>The full path of the file itself.</summary>
    public string File { get; }

    /// <summary>The full paths of all files read.</summary>
    public IReadOnlyCollection<string> Files => _files;

    /// <summary>Whether a path of what is extended depends on the environment.</summary>
    public bool ReadsEnvironment { get; private set; }

    /// <summary>All values by their path of keys: <c>network.wifi[0].ssid</c>. What a mapping or list holds follows it.</summary>
    public IReadOnlyDictionary<string, YamlNode> Values => _values;

    /// <summary>Reads <paramref name="file"/> and what it extends.</summary>
    /// <exception cref="W4bException">A file is missing, unreadable or no YAML mapping, or the files extend each other in a circle.</exception>
    public static YamlSource Load(string file)
    {
        var source = new YamlSource(file);
        source.Flatten(source.Read(file, []), "");
        return source;
    }

    /// <summary>The value at <paramref name="key"/>, or null.</summary>
    public YamlNode? Find(string key) => _values.GetValueOrDefault(key);

    /// <summary>The text that stands at <paramref name="place"/> of that one file, or null.</summary>
    public static string? TextAt(SourceLocation place)
    {
        var source = new YamlSource(place.File);
        source.Flatten(YamlFile.Read(place.File), "");
        return source._values.Values.OfType<YamlText>().FirstOrDefault(t => t.Place == place)?.Text;
    }

    private YamlMapping Read(string file, IReadOnlyList<string> above)
    {
        _files.Add(file);
        if (++_read > MostFiles)
            throw DiagnosticCode.InvalidValue.Error($"With all that the files extend, more than {MostFiles} are read.", new SourceLocation(File, 1, 1));
        var own = YamlFile.Read(file);
        var path = above.Append(file).ToList();
        return Extended(own, file)
            .Select(place => place.Path is var other && path.Contains(other)
                ? throw DiagnosticCode.InvalidValue.Error(
                    $"extends leads in a circle: {string.Join(" -> ", path.Append(other).Select(Path.GetFileName))}.", place.Place)
                : System.IO.File.Exists(other) ? Read(other, path)
                : throw DiagnosticCode.ConfigurationMissing.Error($"The file {other}, which this one extends, does not exist.", place.Place))
            .Append(own)
            .Aggregate(YamlNode.Merge);
    }

    private IEnumerable<(string Path, SourceLocation Place)> Extended(YamlMapping mapping, string file)
    {
        var listed = mapping.Values.GetValueOrDefault(ExtendsKey) switch
        {
            null => [],
            YamlList list => list.Items,
            var one => [one],
        };
        foreach (var node in listed)
        {
            if (node is not YamlText { Text: { Length: > 0 } path })
                throw DiagnosticCode.InvalidValue.Error("extends is the path of a YAML file, or a list of such paths.", node.Place);
            var expanded = Variables.Expand(path, node.Place);
            ReadsEnvironment |= expanded.ReadsEnvironment;
            if (expanded.Problems.Count > 0)
                throw new W4bException(expanded.Problems);
            yield return (Path.GetFullPath(expanded.Text, Path.GetDirectoryName(file)!), node.Place);
        }
    }

    private static string Own(string name) => name.Replace('.', InName).Replace('[', InName).Replace(']', InName);

    private void Flatten(YamlNode node, string key)
    {
        if (key.Length > 0)
            _values[key] = node;
        switch (node)
        {
            case YamlMapping mapping:
                foreach (var (name, value) in mapping.Values)
                    Flatten(value, (key.Length == 0 ? "" : key + ".") + Own(name));
                break;
            case YamlList list:
                for (var i = 0; i < list.Items.Count; i++)
                    Flatten(list.Items[i], string.Create(CultureInfo.InvariantCulture, $"{key}[{i}]"));
                break;
        }
    }
}
