using System.Diagnostics;
using System.Text;
using System.Text.Json.Serialization;
using W4b.Image.Configuration.Yaml;
using W4b.Image.Diagnostics;

namespace W4b.Image.Configuration;

/// <summary>Where a secret's value stands.</summary>
public enum SecretOrigin
{
    /// <summary>In the YAML file itself, at <see cref="Secret.Location"/>.</summary>
    Literal,
    /// <summary>The same with variables of the environment in it.</summary>
    Template,
    /// <summary>In a file; surrounding white space is not part of it.</summary>
    File,
    /// <summary>In an environment variable of the build.</summary>
    Environment,
    /// <summary>In what a program prints, e.g. a password store's.</summary>
    Command,
}

/// <summary>
/// A secret: it knows where its value stands and reads it only when <see cref="Resolve()"/> is called. What is written to
/// image.json, a log or a message is the reference, never the value.
/// </summary>
/// <param name="Origin">The kind of place.</param>
/// <param name="Reference">The key path in the YAML, the full path of the file, the variable's name, or the program's.</param>
/// <param name="Location">Where the YAML names it.</param>
/// <param name="Arguments">The program's arguments, for <see cref="SecretOrigin.Command"/>.</param>
public sealed record Secret(SecretOrigin Origin, string Reference, SourceLocation Location, IReadOnlyList<string>? Arguments = null)
{
    // Far above any key or configuration, far below what fills the memory.
    private const int MostCharacters = 64 * 1024;

    // Long enough for a person to touch a security key.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    // An encoding that was guessed would make another password of it.
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the value, now.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.SecretUnavailable"/>.</exception>
    public string Resolve() => Resolve(s_patience);

    /// <summary>Reads the value, now; a program has <paramref name="patience"/> for it.</summary>
    internal string Resolve(TimeSpan patience)
    {
        var value = Origin switch
        {
            SecretOrigin.Literal => YamlSource.TextAt(Location),
            SecretOrigin.Template => ReadTemplate(),
            SecretOrigin.File => ReadFile(),
            SecretOrigin.Command => RunCommand(patience),
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
        SecretOrigin.Literal or SecretOrigin.Template => $"{Reference} of {Location.File}",
        SecretOrigin.File => $"the file {Reference}",
        SecretOrigin.Command => $"the program {Reference}",
        _ => $"the environment variable {Reference}",
    };

    /// <summary>Whether a change of the value can be seen in no file.</summary>
    [JsonIgnore]
    public bool IsOutsideFiles => Origin is SecretOrigin.Environment or SecretOrigin.Command or SecretOrigin.Template;

    /// <inheritdoc/>
    public override string ToString() => "***";

    private string ReadTemplate()
    {
        var expanded = Variables.Expand(YamlSource.TextAt(Location) ?? "", Location);
        return expanded.Problems.Count == 0 ? expanded.Text : throw new W4bException(expanded.Problems);
    }

    private string ReadFile()
    {
        try
        {
            using var reader = new StreamReader(Reference, s_strict);
            return ReadAllAsync(reader).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is DecoderFallbackException or InvalidDataException)
        {
            throw DiagnosticCode.SecretUnavailable.Error($"The secret file {Reference} cannot be read: {Problem(e)}", Location, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCode.SecretUnavailable.Error($"The secret file {Reference} cannot be read: {e.Message}", Location, e);
        }
    }

    // Without a shell, in the YAML's folder. What it prints on either output may be the secret, so no message has it.
    private string RunCommand(TimeSpan patience)
    {
        var folder = Path.GetDirectoryName(Location.File)!;
        // A path is one from that folder too; a bare name is looked for in PATH.
        var start = new ProcessStartInfo(Reference.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(Reference, folder) : Reference, Arguments ?? [])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = s_strict,
            WorkingDirectory = folder,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw DiagnosticCode.SecretUnavailable.Error($"The program {Reference} for a secret cannot be started: {e.Message}", Location, e);
        }

        using (process)
        {
            process.StandardInput.Close();
            var output = ReadAllAsync(process.StandardOutput);
            var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
            try
            {
                // What it left running may hold its outputs: that is waited for no longer than for itself.
                if (output.Wait(patience) && Task.WhenAll(errors, process.WaitForExitAsync()).Wait(patience))
                    return process.ExitCode == 0 ? output.Result
                        : throw DiagnosticCode.SecretUnavailable.Error($"The program {Reference} for a secret ended with exit code {process.ExitCode}.", Location);
            }
            catch (AggregateException e) when (e.InnerException is DecoderFallbackException or InvalidDataException)
            {
                process.Kill(entireProcessTree: true);
                throw DiagnosticCode.SecretUnavailable.Error($"What the program {Reference} prints is no secret: {Problem(e.InnerException)}", Location, e);
            }

            process.Kill(entireProcessTree: true);
            throw DiagnosticCode.SecretUnavailable.Error(
                $"The program {Reference} for a secret, or one that it started, did not end within {patience.TotalSeconds:0} s.", Location);
        }
    }

    private static async Task<string> ReadAllAsync(TextReader reader)
    {
        var text = new char[MostCharacters + 1];
        var length = await reader.ReadBlockAsync(text).ConfigureAwait(false);
        return length <= MostCharacters ? new string(text, 0, length) : throw new InvalidDataException();
    }

    private static string Problem(Exception e) => e is DecoderFallbackException ? "it is not encoded in UTF-8." : $"it is longer than {MostCharacters / 1024} KiB.";
}
