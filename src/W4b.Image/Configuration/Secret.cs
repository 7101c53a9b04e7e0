using System.Text.Json.Serialization;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>Where a secret's value stands.</summary>
public enum SecretOrigin
{
    /// <summary>In the YAML file itself, at <see cref="Secret.Reference"/> (a key path).</summary>
    Literal,
    /// <summary>In a file; surrounding white space is not part of it.</summary>
    File,
    /// <summary>In an environment variable of the build.</summary>
    Environment,
}

/// <summary>
/// A secret: it knows where its value stands and reads it only when <see cref="Resolve"/> is called. What is written to
/// image.json, a log or a message is the reference, never the value.
/// </summary>
/// <param name="Origin">The kind of place.</param>
/// <param name="Reference">The key path in the YAML, the full path of the file, or the variable's name.</param>
/// <param name="Location">Where the YAML names it.</param>
public sealed record Secret(SecretOrigin Origin, string Reference, SourceLocation Location)
{
    /// <summary>Reads the value, now.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.SecretUnavailable"/>.</exception>
    public string Resolve()
    {
        var value = Origin switch
        {
            SecretOrigin.Literal => YamlSource.Load(Location.File).Scalar(Reference),
            SecretOrigin.File => ReadFile(),
            _ => System.Environment.GetEnvironmentVariable(Reference),
        };
        return string.IsNullOrWhiteSpace(value)
            ? throw DiagnosticCode.SecretUnavailable.Error($"The secret from {Place} is empty or not set.", Location)
            : value.Trim();
    }

    /// <summary>The place in words, for messages.</summary>
    [JsonIgnore]
    public string Place => Origin switch
    {
        SecretOrigin.Literal => $"{Reference} of {Location.File}",
        SecretOrigin.File => $"the file {Reference}",
        _ => $"the environment variable {Reference}",
    };

    /// <inheritdoc/>
    public override string ToString() => "***";

    private string ReadFile()
    {
        try
        {
            return File.ReadAllText(Reference);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCode.SecretUnavailable.Error($"The secret file {Reference} cannot be read: {e.Message}", Location, e);
        }
    }
}
