using System.Text;
using System.Text.RegularExpressions;
using W4b.Image.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace W4b.Image.Configuration.Yaml;

/// <summary>
/// Reads one YAML file into nodes that know their places. The limits are far above any hive's configuration and far below what
/// would make a build slow: a file is refused by its size, its depth or the number of its values before it is expanded.
/// </summary>
internal sealed partial class YamlFile
{
    private const long LargestFile = 1024 * 1024;
    private const int Deepest = 32;
    private const int MostValues = 20_000;
    private const string AppendTag = "!append";
    private const string YamlTag = "tag:yaml.org,2002:";

    private readonly string _file;
    private readonly Parser _parser;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private int _values;

    private YamlFile(string file, TextReader text) => (_file, _parser) = (file, new Parser(text));

    /// <summary>Reads <paramref name="file"/>; a file without a document is an empty mapping.</summary>
    /// <exception cref="W4bException">Missing, unreadable, too large, or not one YAML mapping.</exception>
    public static YamlMapping Read(string file)
    {
        var text = Text(file);
        var reader = new YamlFile(file, new StringReader(text));
        try
        {
            return reader.Document();
        }
        catch (YamlException e)
        {
            // The parser blames the line before, or the whole file.
            if (IndentingTab().Match(text) is { Success: true } tab)
                throw DiagnosticCode.InvalidYaml.Error("A tab cannot indent in YAML: use spaces.",
                    new SourceLocation(file, text.AsSpan(0, tab.Index).Count('\n') + 1, tab.Length), e);
            throw DiagnosticCode.InvalidYaml.Error(e.InnerException?.Message ?? e.Message, new SourceLocation(file, (int)e.Start.Line, (int)e.Start.Column), e);
        }
        // Some malformed scalars end in exceptions of the scanner's own making.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            var at = reader._parser.Current?.End ?? Mark.Empty;
            throw DiagnosticCode.InvalidYaml.Error("The text cannot be read as YAML from here on.", new SourceLocation(file, (int)at.Line, (int)at.Column), e);
        }
    }

    [GeneratedRegex(@"^ *\t", RegexOptions.Multiline)]
    private static partial Regex IndentingTab();

    private static string Text(string file)
    {
        try
        {
            if (!File.Exists(file))
                throw DiagnosticCode.ConfigurationMissing.Error($"The configuration file {file} does not exist.", new SourceLocation(file));
            if (new FileInfo(file).Length > LargestFile)
                throw DiagnosticCode.InvalidYaml.Error("The file is larger than 1 MiB: this is no hive configuration.", new SourceLocation(file));
            var bytes = File.ReadAllBytes(file).AsSpan();
            if (bytes.StartsWith(Encoding.UTF8.Preamble))
                bytes = bytes[Encoding.UTF8.Preamble.Length..];
            CheckEncoding(bytes, file);
            return Encoding.UTF8.GetString(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCode.FileAccess.Error($"The configuration file {file} cannot be read: {e.Message}", null, e);
        }
    }

    private static void CheckEncoding(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.StartsWith(Encoding.Unicode.Preamble) || bytes.StartsWith(Encoding.BigEndianUnicode.Preamble))
            throw DiagnosticCode.InvalidYaml.Error("The file is encoded in UTF-16, expected UTF-8.", new SourceLocation(file, 1, 1));
        var zero = bytes.IndexOf((byte)0);
        var valid = System.Text.Unicode.Utf8.IsValid(bytes);
        if (zero < 0 && valid)
            return;
        var end = zero >= 0 ? zero : FirstInvalid(bytes);
        var line = bytes[..end].Count((byte)'\n') + 1;
        var column = Encoding.UTF8.GetCharCount(bytes[(bytes[..end].LastIndexOf((byte)'\n') + 1)..end]) + 1;
        throw DiagnosticCode.InvalidYaml.Error(zero >= 0 ? "The file holds a zero byte: it is no text." : "The file is not encoded in UTF-8.",
            new SourceLocation(file, line, column));
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
            at += length;
        return at;
    }

    private YamlMapping Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
            return new YamlMapping(new Dictionary<string, YamlNode>(), new SourceLocation(_file, 1, 1), 1);
        _parser.Consume<DocumentStart>();
        var root = Node(1);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
            throw Invalid("The file must hold one document, not several.", second);
        return root switch
        {
            YamlMapping mapping => mapping,
            YamlText { Text: null } => new YamlMapping(new Dictionary<string, YamlNode>(), root.Place, 1),
            _ => throw DiagnosticCode.InvalidYaml.Error("The file must hold one mapping of keys to values.", root.Place),
        };
    }

    private YamlNode Node(int depth)
    {
        var start = _parser.Current ?? throw new YamlException("The file ends too early.");
        if (depth > Deepest)
            throw Invalid($"The configuration is nested deeper than {Deepest} levels.", start);
        if (start is AnchorAlias alias)
            return Alias(alias);
        var anchor = start is NodeEvent { Anchor.IsEmpty: false } named ? named.Anchor.Value : null;
        if (anchor is not null)
            _anchors[anchor] = null; // not whole yet
        YamlNode node = start switch
        {
            MappingStart => Mapping(depth),
            SequenceStart => List(depth),
            _ => Scalar(),
        };
        if (anchor is not null)
            _anchors[anchor] = node;
        return node;
    }

    private YamlNode Alias(AnchorAlias alias)
    {
        _parser.MoveNext();
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
            throw Invalid($"There is no anchor &{alias.Value.Value} before this alias.", alias);
        if (node is null)
            throw Invalid($"The anchor &{alias.Value.Value} holds itself.", alias);
        Count(node.Size, alias);
        return node;
    }

    private YamlText Scalar()
    {
        var scalar = _parser.Consume<Scalar>();
        Count(1, scalar);
        CheckTag(scalar, "str", "int", "float", "bool", "null");
        var none = scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL";
        return new YamlText(none ? null : scalar.Value, Place(scalar));
    }

    private YamlList List(int depth)
    {
        var start = _parser.Consume<SequenceStart>();
        Count(1, start);
        var append = !start.Tag.IsEmpty && start.Tag.Value == AppendTag;
        if (!append)
            CheckTag(start, "seq");
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(Node(depth + 1));
        return new YamlList(items, append, Place(start), 1 + items.Sum(i => i.Size));
    }

    private YamlMapping Mapping(int depth)
    {
        var start = _parser.Consume<MappingStart>();
        Count(1, start);
        CheckTag(start, "map");
        var values = new OrderedDictionary<string, YamlNode>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.TryConsume<Scalar>(out var key) || key.Value.Length == 0)
                throw Invalid("A key must be a plain word.", key ?? _parser.Current!);
            if (key.Value == "<<")
                throw Invalid("Merge keys (<<) are not read: put what is common into another file and name it with extends.", key);
            var value = Node(depth + 1);
            if (!values.TryAdd(key.Value, value with { KeyPlace = Place(key), Place = value is YamlText ? value.Place : Place(key) }))
                throw Invalid($"The key {key.Value} stands twice in this mapping.", key);
        }

        return new YamlMapping(values, Place(start), 1 + values.Values.Sum(v => v.Size));
    }

    // Of a secret that begins with `!` the tag is the secret: it is not repeated.
    private void CheckTag(NodeEvent node, params ReadOnlySpan<string> known)
    {
        if (!node.Tag.IsEmpty && node.Tag.Value != "!" && !(node.Tag.Value.StartsWith(YamlTag, StringComparison.Ordinal) && known.Contains(node.Tag.Value[YamlTag.Length..])))
            throw Invalid($"A word that begins with ! is a tag, and only {AppendTag} before a list is known: a text that begins so stands in quotes.", node);
    }

    private void Count(int values, ParsingEvent at)
    {
        _values += values;
        if (_values > MostValues)
            throw Invalid($"The configuration has more than {MostValues} values once its aliases are expanded.", at);
    }

    private SourceLocation Place(ParsingEvent at) => new(_file, (int)at.Start.Line, (int)at.Start.Column);

    private W4bException Invalid(string message, ParsingEvent at) => DiagnosticCode.InvalidYaml.Error(message, Place(at));
}
