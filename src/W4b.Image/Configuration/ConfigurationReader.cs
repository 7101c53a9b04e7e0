using System.Globalization;
using System.Text.RegularExpressions;
using W4b.Image.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace W4b.Image.Configuration;

/// <summary>
/// Brings YAML, overrides and defaults together by the table <see cref="Settings"/>. Collects every finding before it fails,
/// so that a user mends all of them at once.
/// </summary>
internal sealed partial class ConfigurationReader
{
    private readonly YamlSource _yaml;
    private readonly Dictionary<string, SettingOverride> _overrides;
    private readonly List<Diagnostic> _errors = [];
    private readonly List<Diagnostic> _warnings = [];

    public ConfigurationReader(YamlSource yaml, IEnumerable<SettingOverride> overrides)
    {
        _yaml = yaml;
        _overrides = overrides.ToDictionary(o => o.Name, StringComparer.Ordinal);
        foreach (var value in yaml.Values)
            CheckKey(value);
    }

    /// <summary>Errors found up to now.</summary>
    public IReadOnlyList<Diagnostic> Errors => _errors;

    /// <summary>Warnings found up to now.</summary>
    public IReadOnlyList<Diagnostic> Warnings => _warnings;

    /// <summary>Whether any value depends on the environment, so that its change cannot be seen in a file.</summary>
    public bool ReadsEnvironment { get; private set; }

    /// <summary>The files that were read for values, beside the YAML itself.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Notes an error in the value of <paramref name="key"/>.</summary>
    public void Error(DiagnosticCode code, string message, string key)
        => _errors.Add(new Diagnostic(code, message, Place(key)));

    /// <summary>Where <paramref name="key"/> stands, else the file.</summary>
    public SourceLocation Place(string key) => _yaml.Find(key)?.Location ?? new SourceLocation(_yaml.File);

    /// <summary>Whether anything but a default gives <paramref name="key"/> a value.</summary>
    public bool IsSet(string key)
        => (Settings.Find(key)!.Option is { } option && _overrides.ContainsKey(option)) || _yaml.Find(key) is not null;

    /// <summary>The text of a setting; null when it has none or an invalid one (which is then noted).</summary>
    public string? Text(string key)
    {
        var setting = Settings.Find(key) ?? throw new ArgumentException($"{key} is not in the table of settings.", nameof(key));
        string? value;
        var source = "";
        if (setting.Option is { } option && _overrides.TryGetValue(option, out var given))
            (value, source) = (given.Value, $" ({given.Source})");
        else if (_yaml.Find(key) is { } found)
            value = Scalar(found);
        else
            value = setting.Default;

        if (value is null || setting.Check?.Invoke(value) is not { } expected)
            return value;
        Error(DiagnosticCode.InvalidValue, $"{key}{source} is \"{value}\", expected {expected}.", key);
        return null;
    }

    /// <summary>A text that must be there.</summary>
    public string Required(string key, string why)
    {
        var errors = _errors.Count;
        var value = Text(key);
        if (value is null && _errors.Count == errors)
            Error(DiagnosticCode.MissingValue, $"{key} is missing: {why}.", key);
        return value ?? "";
    }

    /// <summary>A yes or no.</summary>
    public bool? Flag(string key)
    {
        switch (Text(key))
        {
            case null: return null;
            case "true" or "True" or "TRUE" or "yes" or "on": return true;
            case "false" or "False" or "FALSE" or "no" or "off": return false;
            case var other:
                Error(DiagnosticCode.InvalidValue, $"{key} is \"{other}\", expected true or false.", key);
                return null;
        }
    }

    /// <summary>A whole number; the setting's check has made sure that it is one.</summary>
    public int? Number(string key) => Text(key) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>A list of texts with their places; a single text counts as a list of one.</summary>
    public IReadOnlyList<(string Text, SourceLocation Place)> List(string key)
    {
        switch (_yaml.Find(key)?.Node)
        {
            case null: return [];
            case YamlScalarNode { Value: null or "" }: return [];
            case YamlScalarNode scalar: return [(Expand(scalar.Value!, _yaml.Place(scalar)), _yaml.Place(scalar))];
            case YamlSequenceNode sequence when sequence.Children.All(c => c is YamlScalarNode):
                return [.. sequence.Children.Cast<YamlScalarNode>().Select(c => (Expand(c.Value ?? "", _yaml.Place(c)), _yaml.Place(c)))];
            default:
                Error(DiagnosticCode.InvalidValue, $"{key} is not a list of texts.", key);
                return [];
        }
    }

    /// <summary>A secret's reference: a literal, <c>${NAME}</c>, <c>{file: path}</c> or <c>{env: NAME}</c>. Its value is checked and forgotten.</summary>
    public Secret? Secret(string key)
    {
        if (_yaml.Find(key) is not { } found || Reference(found) is not { } secret)
            return null;
        try
        {
            if (Settings.Find(key)!.Check?.Invoke(secret.Resolve()) is { } expected)
                Error(DiagnosticCode.InvalidValue, $"The secret {key} from {secret.Place} is not valid, expected {expected}.", key);
            return secret;
        }
        catch (W4bException e)
        {
            _errors.AddRange(e.Diagnostics);
            return null;
        }
    }

    /// <summary>A path in the configuration is relative to the YAML file.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, Path.GetDirectoryName(_yaml.File)!);

    private Secret? Reference(YamlValue found)
    {
        switch (found.Node)
        {
            case YamlScalarNode { Value: { Length: > 0 } text }:
                if (VariablePattern().Match(text) is { Success: true } variable && variable.Length == text.Length && !variable.Groups[2].Success)
                    return FromEnvironment(variable.Groups[1].Value, found);
                WarnWhenOthersCanRead(found);
                return new Secret(SecretOrigin.Literal, found.Key, found.Location);
            case YamlMappingNode { Children.Count: 1 } mapping
                when mapping.Children.First() is { Key: YamlScalarNode { Value: "file" }, Value: YamlScalarNode { Value: { Length: > 0 } file } node }:
                var path = FullPath(Expand(file, _yaml.Place(node)));
                Files.Add(path);
                return new Secret(SecretOrigin.File, path, found.Location);
            case YamlMappingNode { Children.Count: 1 } mapping
                when mapping.Children.First() is { Key: YamlScalarNode { Value: "env" }, Value: YamlScalarNode { Value: { Length: > 0 } name } }:
                return FromEnvironment(name, found);
            default:
                Error(DiagnosticCode.InvalidValue, $"The secret {found.Key} is not a text, {{file: path}} or {{env: NAME}}.", found.Key);
                return null;
        }
    }

    private Secret FromEnvironment(string name, YamlValue found)
    {
        ReadsEnvironment = true;
        return new Secret(SecretOrigin.Environment, name, found.Location);
    }

    private void WarnWhenOthersCanRead(YamlValue found)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(_yaml.File) & others) != 0)
            _warnings.Add(new Diagnostic(DiagnosticCode.ExposedSecret, $"The secret {found.Key} stands in clear in a file that others can read.", found.Location));
    }

    private void CheckKey(YamlValue value)
    {
        var parents = value.Key.Split('.');
        for (var i = 1; i < parents.Length; i++)
        {
            // Below a note or a secret's mapping all is free; below an unknown key one warning is enough.
            var parent = string.Join('.', parents[..i]);
            if (Settings.Find(parent) is not null || !Settings.IsSection(parent))
                return;
        }

        if (Settings.Find(value.Key) is not null)
            return;
        if (!Settings.IsSection(value.Key))
        {
            var near = Settings.NearestKey(value.Key) is { } nearest ? $" The nearest known key is {nearest}." : "";
            _warnings.Add(new Diagnostic(DiagnosticCode.UnknownKey, $"The key {value.Key} is not known.{near}", value.Location));
        }
        else if (value.Node is not YamlMappingNode && value.Node is not YamlScalarNode { Value: null or "" })
        {
            _errors.Add(new Diagnostic(DiagnosticCode.InvalidValue, $"{value.Key} must be a mapping of keys to values.", value.Location));
        }
    }

    private string? Scalar(YamlValue found)
    {
        if (found.Node is YamlScalarNode scalar)
            return string.IsNullOrEmpty(scalar.Value) ? null : Expand(scalar.Value, found.Location);
        Error(DiagnosticCode.InvalidValue, $"{found.Key} must be a single value.", found.Key);
        return null;
    }

    // ${NAME} and ${NAME:-default}, in any text.
    private string Expand(string text, SourceLocation place) => VariablePattern().Replace(text, match =>
    {
        ReadsEnvironment = true;
        var value = Environment.GetEnvironmentVariable(match.Groups[1].Value);
        if (!string.IsNullOrEmpty(value))
            return value;
        if (match.Groups[2].Success)
            return match.Groups[2].Value;
        _errors.Add(new Diagnostic(DiagnosticCode.UndefinedVariable, $"The environment variable {match.Groups[1].Value} is not set.", place));
        return "";
    });

    [GeneratedRegex(@"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")]
    private static partial Regex VariablePattern();
}
