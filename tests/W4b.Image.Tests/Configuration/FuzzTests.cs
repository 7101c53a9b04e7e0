using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tests.Configuration;

/// <summary>
/// Mutated configurations: whatever a file holds, it is either read or refused with coded findings, and no finding has a secret in
/// it. The mutations follow from a seed, so a failure can be repeated: W4B_FUZZ_SEED, and W4B_FUZZ_CASES for more than the usual number.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private const string SecretText = "S3cretThatNoMessageMayTell";
    // A hang is a hang on any machine: no case comes near it.
    private static readonly TimeSpan s_watchdog = TimeSpan.FromMinutes(1);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_mutation_crashes_hangs_or_tells_a_secret()
    {
        var seed = Number("W4B_FUZZ_SEED", 20261123);
        var random = new Random(seed);
        var originals = Directory.GetFiles(Corpus(), "valid-*.yaml").Select(File.ReadAllText).Append(WithSecrets()).ToList();
        for (var i = 0; i < Number("W4B_FUZZ_CASES", 3000); i++)
        {
            var bytes = Encoding.UTF8.GetBytes(originals[random.Next(originals.Count)]);
            for (var n = random.Next(1, 6); n > 0; n--)
                bytes = Mutate(bytes, random);
            File.WriteAllBytes(_folder["hive.yaml"], bytes);
            var running = Task.Run(Findings);
            Assert.True(await Task.WhenAny(running, Task.Delay(s_watchdog)) == running, $"case {i} of seed {seed} hangs");
            Assert.All(await running, f => Assert.DoesNotContain(SecretText, f.Text, StringComparison.Ordinal));
        }
    }

    // Without secrets read: a mutated {command: …} is no program to run.
    private IReadOnlyList<Diagnostic> Findings()
    {
        var log = new ListLog();
        try
        {
            var (text, errors) = ShowConfigurationStep.Run(
                new ConfigurationRequest(_folder["hive.yaml"], _folder["hive_project.w4bproj"], [], [], [], [], [], _folder["obj"]), json: false, log);
            Assert.DoesNotContain(SecretText, text, StringComparison.Ordinal);
            return [.. errors, .. log.Warnings];
        }
        catch (W4bException e)
        {
            return [.. e.Diagnostics, .. log.Warnings];
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n').ToList();
        int Line() => random.Next(lines.Count);
        switch (random.Next(9))
        {
            case 0 when bytes.Length > 0:
                var flipped = (byte[])bytes.Clone();
                flipped[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                return bytes[..random.Next(bytes.Length + 1)];
            case 2:
                lines.Insert(Line(), lines[Line()]);
                break;
            case 3:
                lines.RemoveAt(Line());
                if (lines.Count == 0)
                    lines.Add("");
                break;
            case 4:
                (lines[Line()], var i) = (lines[Line()], Line());
                lines[i] = "  " + lines[i];
                break;
            case 5:
                var deep = random.Next(1, 2000);
                lines.Insert(Line(), "x: " + new string(random.Next(2) == 0 ? '[' : '{', deep));
                break;
            case 6:
                lines[Line()] += new string('a', random.Next(1, 20_000));
                break;
            case 7:
                lines.Insert(0, "b: &b " + (random.Next(2) == 0 ? "[*b, *b]" : "[x, x, x, x]"));
                for (var n = random.Next(1, 12); n > 0; n--)
                    lines.Insert(random.Next(1, lines.Count), string.Create(CultureInfo.InvariantCulture, $"c{n}: &b [*b, *b, *b, *b, *b, *b, *b, *b]"));
                break;
            default:
                string[] tokens = ["null", "~", "- ", "? ", ": ", "!append ", "!!binary ", "&a ", "*a", "${X}", "${", "|", ">", "---", "...", "\t", "\0", "%YAML 9.9", "<<: *a", "9e999", "-0", "\uFFFE"];
                var at = Line();
                lines[at] = lines[at].Insert(random.Next(lines[at].Length + 1), tokens[random.Next(tokens.Length)]);
                break;
        }

        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    private static string WithSecrets() => $$$"""
        hive_id: hive_a
        security:
          vpn: {private_key: {{{SecretText}}}, public_key: x, config: "{{{SecretText}}}"}
          local_access: {username: keeper, password: "{{{SecretText}}}"}
        network: {country: DE, wifi: [{ssid: garden, password: {{{SecretText}}}}]}
        services: {database: {type: timescaledb, password: {{{SecretText}}}}}
        """;

    private static int Number(string variable, int usual)
        => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    private static string Corpus([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Corpus");
}
