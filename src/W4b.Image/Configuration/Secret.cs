using System.Diagnostics;
using System.Text.Json.Serialization;
using W4b.Image.Configuration.Yaml;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>Where a secret's value stands.</summary>
public enum SecretOrigin
{
    /// <summary>In the YAML file itself, at <see cref="Secret.Location"/>.</summary>
    Literal,
    /// <summary>In a file; surrounding white space is not part of it.</summary>
    File,
    /// <summary>In an environment variable of the build.</summary>
    Environment,
    /// <summary>In what a program prints, e.g. a password store's.</summary>
    Command,
}

/// <summary>
/// A secret: it knows where its value stands and reads it only when <see cref="Resolve"/> is called. What is written to
/// image.json, a log or a message is the reference, never the value.
/// </summary>
/// <param name="Origin">The kind of place.</param>
/// <param name="Reference">The key path in the YAML, the full path of the file, the variable's name, or the program's.</param>
/// <param name="Location">Where the YAML names it.</param>
/// <param name="Arguments">The program's arguments, for <see cref="SecretOrigin.Command"/>.</param>
public sealed record Secret(SecretOrigin Origin, string Reference, SourceLocation Location, IReadOnlyList<string>? Arguments = null)
{
    // Long enough for a person to touch a security key.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Reads the value, now.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.SecretUnavailable"/>.</exception>
    public string Resolve()
    {
        var value = Origin switch
        {
            SecretOrigin.Literal => YamlSource.TextAt(Location),
            SecretOrigin.File => ReadFile(),
            SecretOrigin.Command => RunCommand(),
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
        SecretOrigin.Command => $"the program {Reference}",
        _ => $"the environment variable {Reference}",
    };

    /// <summary>Whether a change of the value can be seen in no file.</summary>
    [JsonIgnore]
    public bool IsOutsideFiles => Origin is SecretOrigin.Environment or SecretOrigin.Command;

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

    // Without a shell, in the YAML's folder. What it prints on either output may be the secret, so no message has it.
    private string RunCommand()
    {
        var start = new ProcessStartInfo(Reference, Arguments ?? [])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(Location.File),
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw DiagnosticCode.SecretUnavailable.Error($"The program {Reference} for a secret cannot be started: {e.Message}", Location, e);
        }

        using (process)
        {
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(s_patience))
            {
                process.Kill(entireProcessTree: true);
                throw DiagnosticCode.SecretUnavailable.Error($"The program {Reference} for a secret did not end within {s_patience.TotalSeconds:0} s.", Location);
            }

            Task.WaitAll(output, errors);
            return process.ExitCode == 0 ? output.Result
                : throw DiagnosticCode.SecretUnavailable.Error($"The program {Reference} for a secret ended with exit code {process.ExitCode}.", Location);
        }
    }
}
