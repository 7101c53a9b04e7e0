using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration.Yaml;

/// <summary>A value of a YAML file with the place by which people know it: a text's own; the key's of a mapping or list.</summary>
/// <param name="Place">File, line and column.</param>
/// <param name="Size">How many values it holds, itself included: aliases let a small file hold very many.</param>
internal abstract record YamlNode(SourceLocation Place, int Size)
{
    /// <summary>Where its key stands; for what has none, its own place.</summary>
    public SourceLocation KeyPlace { get; init; } = Place;

    /// <summary>
    /// <paramref name="over"/> laid over <paramref name="under"/>: mappings are merged key by key, all else is replaced; a list
    /// tagged <c>!append</c> goes after the one below it, and a reference to a secret replaces one of another kind.
    /// </summary>
    public static YamlNode Merge(YamlNode under, YamlNode over) => (under, over) switch
    {
        (YamlMapping a, YamlMapping b) => IsReference(a) && IsReference(b) ? b : Merge(a, b),
        (YamlList a, YamlList { Append: true } b) => b with { Items = [.. a.Items, .. b.Items], Size = a.Size + b.Size },
        // A single text counts as a list of one.
        (YamlText { Text.Length: > 0 } a, YamlList { Append: true } b) => b with { Items = [a, .. b.Items], Size = a.Size + b.Size },
        _ => over,
    };

    /// <summary>The same for two whole files.</summary>
    public static YamlMapping Merge(YamlMapping under, YamlMapping over)
    {
        var values = new OrderedDictionary<string, YamlNode>(under.Values, StringComparer.Ordinal);
        foreach (var (key, value) in over.Values)
            values[key] = values.TryGetValue(key, out var below) ? Merge(below, value) : value;
        return over with { Values = values, Size = 1 + values.Values.Sum(v => v.Size) };
    }

    private static bool IsReference(YamlMapping mapping) => mapping.Values.Count == 1 && mapping.Values.Keys.First() is "file" or "env" or "command";
}

/// <summary>A text, number, or yes and no: YAML's types are not told apart, what is expected decides.</summary>
/// <param name="Text">The text; null for none (<c>key:</c>, <c>~</c>, <c>null</c>).</param>
/// <param name="Place">Where it stands.</param>
internal sealed record YamlText(string? Text, SourceLocation Place) : YamlNode(Place, 1);

/// <summary>A list.</summary>
/// <param name="Items">Its elements.</param>
/// <param name="Append">Whether it extends the list of an extended file instead of replacing it.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Size">How many values it holds, itself included.</param>
internal sealed record YamlList(IReadOnlyList<YamlNode> Items, bool Append, SourceLocation Place, int Size) : YamlNode(Place, Size);

/// <summary>A mapping, in the order of the file.</summary>
/// <param name="Values">Key to value.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Size">How many values it holds, itself included.</param>
internal sealed record YamlMapping(IReadOnlyDictionary<string, YamlNode> Values, SourceLocation Place, int Size) : YamlNode(Place, Size);
