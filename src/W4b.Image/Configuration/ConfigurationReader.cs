using System.Buffers;
using System.Globalization;
using W4b.Image.Configuration.Yaml;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>
/// Brings YAML, overrides and defaults together by a <see cref="SettingTable"/>. Every value is checked, whether anything reads
/// it or not, and every finding is collected, so that a user mends all of them at once.
/// </summary>
internal sealed class ConfigurationReader
{
    // Who mends a hundred mistakes builds again.
    private const int MostFindings = 100;

    private static readonly SearchValues<char> s_keyCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-[]");

    private readonly YamlSource _yaml;
    private readonly SettingTable _table;
    private readonly Dictionary<string, SettingValue> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);
    private readonly List<Diagnostic> _errors = [];
    private readonly List<Diagnostic> _warnings = [];

    /// <param name="yaml">The files.</param>
    /// <param name="overrides">What wins over them.</param>
    /// <param name="readSecrets">Whether secrets are read and checked now; else only their references are.</param>
    /// <param name="table">The settings that the files may have; a hive's own when null.</param>
    public ConfigurationReader(YamlSource yaml, IEnumerable<SettingOverride> overrides, bool readSecrets = true, SettingTable? table = null)
    {
        (_yaml, _table) = (yaml, table ?? Settings.Table);
        Files = [.. yaml.Files];
        ReadsEnvironment = yaml.ReadsEnvironment;
        foreach (var given in overrides)
            Override(given);
        foreach (var (key, node) in yaml.Values)
            Read(key, node, readSecrets);
    }

    /// <summary>Errors found up to now; of very many the first.</summary>
    public IReadOnlyList<Diagnostic> Errors => Limited(_errors);

    /// <summary>Warnings found up to now; of very many the first.</summary>
    public IReadOnlyList<Diagnostic> Warnings => Limited(_warnings);

    /// <summary>Whether any value depends on more than files, so that its change cannot be seen in one.</summary>
    public bool ReadsEnvironment { get; private set; }

    /// <summary>The files that were read: the YAML, what it extends, and what its values name.</summary>
    public List<string> Files { get; }

    /// <summary>All secrets named, valid or not.</summary>
    public IEnumerable<Secret> Secrets => _values.Values.Select(v => v.Secret).OfType<Secret>();

    /// <summary>Notes an error in the value of <paramref name="key"/>.</summary>
    public void Error(DiagnosticCode code, string message, string key) => Error(code, message, Place(key));

    /// <summary>Notes an error at <paramref name="place"/>; null for none of the hive's files.</summary>
    public void Error(DiagnosticCode code, string message, SourceLocation? place) => _errors.Add(new Diagnostic(code, message, place));

    /// <summary>Notes a warning about <paramref name="key"/>.</summary>
    public void Warning(DiagnosticCode code, string message, string key) => _warnings.Add(new Diagnostic(code, message, Place(key)));

    /// <summary>Where <paramref name="key"/> stands, else what would hold it, else the file.</summary>
    public SourceLocation Place(string key)
    {
        for (var at = key; at.Length > 0; at = Parent(at))
            if (_yaml.Find(at) is { } node)
                return node.Place;
        return new SourceLocation(_yaml.File, 1, 1);
    }

    /// <summary>Whether anything but a default gives <paramref name="key"/> a value.</summary>
    public bool IsSet(string key) => _values.ContainsKey(key);

    /// <summary>Whether the YAML has a mapping or list at <paramref name="key"/>.</summary>
    public bool HasSection(string key) => _yaml.Find(key) is YamlMapping { Values.Count: > 0 } or YamlList { Items.Count: > 0 };

    /// <summary>The value of a setting with its origin: what is given, else the default.</summary>
    public SettingValue Value(string key)
    {
        var setting = _table.Find(key) ?? throw new ArgumentException($"{key} is not in the table of settings.", nameof(key));
        return _values.GetValueOrDefault(key) ?? new SettingValue(setting, key, setting.Default is null ? "not set" : "default") { Text = setting.Default };
    }

    /// <summary>Gives a setting a value that follows from others, unless it has one.</summary>
    public string Derive(string key, string value, string source)
    {
        if (!_values.TryGetValue(key, out var given))
            _values[key] = given = new SettingValue(_table.Find(key)!, key, source) { Text = value };
        return given.Text ?? value;
    }

    /// <summary>The text of a setting; null when it has none or an invalid one (which is noted).</summary>
    public string? Text(string key) => Value(key) is { Valid: true } value ? value.Text : null;

    /// <summary>What stands in the file at <paramref name="key"/>, as it stands there; null when nothing does.</summary>
    public YamlNode? Raw(string key) => _yaml.Find(key);

    /// <summary>A text that must be there.</summary>
    public string Required(string key, string why)
    {
        var value = Value(key);
        if (value.Text is null && value.Valid)
            Error(DiagnosticCode.MissingValue, $"{key} is missing: {why}.", key);
        return value.Valid ? value.Text ?? "" : "";
    }

    /// <summary>A yes or no.</summary>
    public bool? Flag(string key) => Text(key) is { } text ? Values.ReadFlag(text) : null;

    /// <summary>A whole number.</summary>
    public int? WholeNumber(string key) => Text(key) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>A number.</summary>
    public double? Number(string key) => Text(key) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>A list of texts with their places; a single text counts as a list of one.</summary>
    public IReadOnlyList<(string Text, SourceLocation Place)> List(string key) => Value(key).List;

    /// <summary>The keys of a list's mappings: <c>sensors[0]</c>, <c>sensors[1]</c>, …</summary>
    public IReadOnlyList<string> Mappings(string key)
        => _yaml.Find(key) is YamlList list ? [.. Enumerable.Range(0, list.Items.Count)
            .Where(i => list.Items[i] is YamlMapping).Select(i => string.Create(CultureInfo.InvariantCulture, $"{key}[{i}]"))] : [];

    /// <summary>The names that the user chose below a key, with their values, in ordinal order.</summary>
    public IReadOnlyDictionary<string, string> Named(string key)
        => new SortedDictionary<string, string>((_yaml.Find(key) is YamlMapping mapping ? mapping.Values.Select(v => v.Key) : [])
            .Where(name => Text($"{key}.{name}") is not null).ToDictionary(name => name, name => Text($"{key}.{name}")!), StringComparer.Ordinal);

    /// <summary>A secret's reference; null when there is none, or its value is not valid.</summary>
    public Secret? Secret(string key) => Value(key) is { Valid: true } value ? value.Secret : null;

    /// <summary>The full path that a text of this file names: relative to the file where it stands.</summary>
    public static string FullPath(string path, SourceLocation place) => Path.GetFullPath(path, Path.GetDirectoryName(place.File)!);

    private void Override(SettingOverride given)
    {
        var setting = _table.All.FirstOrDefault(s => s.Option == given.Name)
            ?? throw new ArgumentException($"No setting has the option {given.Name}.", nameof(given));
        // It stands in no file of the hive's: the project's is named.
        _values[setting.Key] = Checked(new SettingValue(setting, setting.Key, given.Source) { Text = given.Value }, $" ({given.Source})", null);
    }

    private void Read(string key, YamlNode node, bool readSecrets)
    {
        if (_table.Find(key) is not { } setting)
        {
            CheckKey(key, node);
            return;
        }

        if (setting.AliasOf is { } current)
        {
            if (setting.Deprecated)
                _warnings.Add(new Diagnostic(DiagnosticCode.DeprecatedKey, $"The key {key} is now called {current}.", node.KeyPlace));
            if (_yaml.Find(current) is not null)
                return;
            (key, setting) = (current, _table.Find(current)!);
        }

        // Overridden: only what wins is checked.
        if (_values.ContainsKey(key))
            return;
        var value = new SettingValue(setting, key, Source(node.Place)) { Place = node.Place };
        switch (setting.Kind, node)
        {
            case (_, YamlText { Text: null or "" }):
                return;
            case (SettingKind.Secret, _):
                _values[key] = Secret(value, node, readSecrets);
                return;
            case (SettingKind.List, YamlText text):
                _values[key] = List(value, [text]);
                return;
            case (SettingKind.List, YamlList list):
                _values[key] = List(value, list.Items);
                return;
            case (SettingKind.Mappings, YamlList list):
                foreach (var item in list.Items.Where(i => i is not YamlMapping))
                    Error(DiagnosticCode.InvalidValue, $"{key} is a list of mappings of keys to values.", item.Place);
                return;
            case (_, YamlList list) when setting.Several && list.Items.All(i => i is YamlText { Text.Length: > 0 }):
                Read(key, new YamlText(string.Join(", ", list.Items.Select(i => ((YamlText)i).Text)), list.Items is [var first, ..] ? first.Place : list.Place), readSecrets);
                return;
            case (not SettingKind.Mappings, YamlText text):
                if (Expand(text.Text!, node.Place) is not { } expanded)
                    _values[key] = value with { Valid = false };
                else if (expanded.Length > 0)
                    _values[key] = Checked(value with { Text = expanded }, "", node.Place);
                return;
            case (_, YamlMapping) when _table.IsSection(key):
                return;
            default:
                var expected = setting.Kind switch
                {
                    SettingKind.List => "a list of texts",
                    SettingKind.Mappings => "a list of mappings of keys to values",
                    _ => "a single value",
                };
                Error(DiagnosticCode.InvalidValue, $"{key} must be {expected}.", node.Place);
                _values[key] = value with { Valid = false };
                return;
        }
    }

    private void CheckKey(string key, YamlNode node)
    {
        var parent = Parent(key);
        // What a value holds that should be single, a secret's mapping, and all below an unknown key is not looked at.
        if (_unknown.Contains(parent) || (_table.Find(parent) is { } setting && !_table.IsSection(parent) && (setting.Kind != SettingKind.Mappings || !key.EndsWith(']'))))
        {
            _unknown.Add(key);
            return;
        }

        if (key.EndsWith(']'))
            return;
        if (!_table.IsSection(key))
        {
            _unknown.Add(key);
            var dotted = key.Contains(YamlSource.InName, StringComparison.Ordinal) ? " Keys are nested, not joined by dots." : "";
            // Finding it takes time; a file that has so many is another program's.
            var near = _warnings.Count < MostFindings && _table.NearestKey(key) is { } nearest ? $" The nearest known key is {nearest}." : "";
            _warnings.Add(new Diagnostic(DiagnosticCode.UnknownKey, $"The key {Word(key)} is not known.{dotted}{near}", node.KeyPlace));
        }
        else if (node is not YamlMapping and not YamlText { Text: null or "" })
        {
            Error(DiagnosticCode.InvalidValue, $"{key} must be a mapping of keys to values.", node.Place);
        }
    }

    private SettingValue Checked(SettingValue value, string source, SourceLocation? place)
    {
        if (value.Setting.Expected(value.Text!) is not { } expected)
            return value;
        Error(DiagnosticCode.InvalidValue, $"{value.Key}{source} is \"{Shortened(value.Text!)}\", expected {expected}.", place);
        return value with { Valid = false };
    }

    private SettingValue List(SettingValue value, IReadOnlyList<YamlNode> nodes)
    {
        var list = new List<(string, SourceLocation)>();
        foreach (var node in nodes)
        {
            if (node is not YamlText { Text: { Length: > 0 } text })
            {
                Error(DiagnosticCode.InvalidValue, $"{value.Key} must be a list of texts.", node.Place);
                continue;
            }

            if (Expand(text, node.Place) is not { Length: > 0 } expanded)
                continue;
            if (value.Setting.Expected(expanded) is { } expected)
                Error(DiagnosticCode.InvalidValue, $"{value.Key} has \"{Shortened(expanded)}\", expected {expected}.", node.Place);
            else
                list.Add((expanded, node.Place));
        }

        return value with { List = list };
    }

    private SettingValue Secret(SettingValue value, YamlNode node, bool read)
    {
        if (Reference(value.Key, node) is not { } secret)
            return value with { Valid = false };
        if (!read)
            return value with { Secret = secret };
        try
        {
            // One that stands here need not be looked up.
            var text = secret.Origin == SecretOrigin.Literal ? ((YamlText)node).Text!.Trim() : secret.Resolve();
            if (value.Setting.Expected(text) is not { } expected)
                return value with { Secret = secret };
            var from = secret.Origin is SecretOrigin.Literal or SecretOrigin.Template ? "" : $" from {secret.Place}";
            Error(DiagnosticCode.InvalidValue, $"The secret {value.Key}{from} is not valid, expected {expected}.", node.Place);
        }
        catch (W4bException e)
        {
            _errors.AddRange(e.Diagnostics);
        }

        return value with { Secret = secret, Valid = false };
    }

    private Secret? Reference(string key, YamlNode node)
    {
        switch (node)
        {
            case YamlText { Text: { Length: > 0 } text }:
                if (Variables.Only(text) is { } variable)
                    return Outside(new Secret(SecretOrigin.Environment, variable, node.Place));
                if (text.Contains("${", StringComparison.Ordinal))
                    return Template(key, text, node.Place);
                WarnWhenOthersCanRead(key, node.Place);
                return new Secret(SecretOrigin.Literal, key, node.Place);
            case YamlMapping { Values: { Count: 1 } values } when values.First() is { Key: "file", Value: YamlText { Text: { Length: > 0 } file } at }:
                if (Expand(file, at.Place) is not { } expanded)
                    return null;
                var path = FullPath(expanded, at.Place);
                Files.Add(path);
                return new Secret(SecretOrigin.File, path, node.Place);
            case YamlMapping { Values: { Count: 1 } values } when values.First() is { Key: "env", Value: YamlText { Text: { Length: > 0 } name } at }:
                if (Expand(name, at.Place) is not { } called)
                    return null;
                return Outside(new Secret(SecretOrigin.Environment, called, node.Place));
            case YamlMapping { Values: { Count: 1 } values } when values.First() is { Key: "command", Value: YamlList { Items.Count: > 0 } command }
                && command.Items.All(i => i is YamlText { Text: not null }) && command.Items[0] is YamlText { Text.Length: > 0 }:
                var words = command.Items.Cast<YamlText>().Select(w => Expand(w.Text!, w.Place)).ToList();
                return words.Contains(null) ? null : Outside(new Secret(SecretOrigin.Command, words[0]!, node.Place, [.. words[1..].OfType<string>()]));
            default:
                Error(DiagnosticCode.InvalidValue,
                    $"The secret {key} must be a text, {{file: path}}, {{env: NAME}} or {{command: [program, argument]}}.", node.Place);
                return null;
        }
    }

    // Checked now, read when it is needed. What a default says stands in clear; what only the environment knows does not.
    private Secret? Template(string key, string text, SourceLocation place)
    {
        var expanded = Variables.Expand(text, place);
        _errors.AddRange(expanded.Problems);
        if (expanded.Problems.Count > 0)
            return null;
        if (!expanded.ReadsEnvironment || Variables.HasDefault(text))
            WarnWhenOthersCanRead(key, place);
        return Outside(new Secret(SecretOrigin.Template, key, place));
    }

    private Secret Outside(Secret secret)
    {
        ReadsEnvironment = true;
        return secret;
    }

    private void WarnWhenOthersCanRead(string key, SourceLocation place)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(place.File) & others) != 0)
            _warnings.Add(new Diagnostic(DiagnosticCode.ExposedSecret, $"The secret {key} stands in clear in a file that others can read.", place));
    }

    // Null when a variable has no value, which is noted.
    private string? Expand(string text, SourceLocation place)
    {
        var expanded = Variables.Expand(text, place);
        ReadsEnvironment |= expanded.ReadsEnvironment;
        _errors.AddRange(expanded.Problems);
        return expanded.Problems.Count == 0 ? expanded.Text : null;
    }

    private string Source(SourceLocation place)
        => string.Create(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(Path.GetDirectoryName(_yaml.File)!, place.File)}:{place.Line}");

    // The key of what holds it; "" for the file.
    private static string Parent(string key) => key[..Math.Max(0, key.LastIndexOfAny(['.', '[']))];

    // A slip of the pen makes a value part of its key, `password; "secret"`: only what is a key is repeated.
    private static string Word(string key)
    {
        var end = key.AsSpan().IndexOfAnyExcept(s_keyCharacters);
        return end < 0 ? key : key[..end] + "…";
    }

    // One line, of a URL no password, and nothing of a private key that stands where a public one should.
    private static string Shortened(string text)
    {
        if (text.Contains("PRIVATE KEY", StringComparison.Ordinal))
            return "***";
        var line = string.Concat(Values.WithoutPassword(text).Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= 100 ? line : line[..100] + "…";
    }

    private static List<Diagnostic> Limited(List<Diagnostic> findings)
        => findings.Count <= MostFindings ? findings
            : [.. findings.Take(MostFindings), findings[MostFindings] with { Message = $"There are {findings.Count - MostFindings} more findings like these." }];
}
