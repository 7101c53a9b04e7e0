using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>
/// The fake domain's configuration: lines "key: value" of a file. base, software, hive: what the steps depend on.
/// fail: the step that fails. secret: what the logs must hide. reads: "environment" when the result depends on it.
/// warn: a warning's text. output, cache: folders. vpn: what no other hive of a fleet has.
/// meets: another file of the same folder; the hive's image is only made while that one's is made too.
/// </summary>
internal sealed record FakeConfiguration(string File, IReadOnlyDictionary<string, string> Values)
{
    public string this[string key] => Values.GetValueOrDefault(key, "");

    public static FakeConfiguration Read(string file)
        => new(file, System.IO.File.ReadLines(file)
            .Select(line => line.Split(": ", 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));

    /// <summary>Fails when the configuration says that this step fails, after the step's secret was logged.</summary>
    public void Run(string step, IBuildLog log)
    {
        (log as ISecretSink)?.AddSecret(this["secret"]);
        log.Info($"{step} with the secret {this["secret"]}");
        if (this["fail"] == step)
            throw DiagnosticCode.ToolFailed.Error($"{step} failed on {this["secret"]}.", new SourceLocation(File, 3, 7));
    }

    /// <summary>Writes only what differs, so that the time stamp tells when the content last changed.</summary>
    public static void WriteWhenDifferent(string file, string content)
    {
        if (!System.IO.File.Exists(file) || System.IO.File.ReadAllText(file) != content)
            System.IO.File.WriteAllText(file, content);
    }
}
