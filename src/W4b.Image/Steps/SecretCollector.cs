using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>A log that keeps the secrets that are to be hidden in it, for those who have to look for them.</summary>
internal sealed class SecretCollector(IBuildLog log) : IBuildLog, ISecretSink
{
    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);

    /// <summary>The secrets up to now.</summary>
    public IReadOnlyCollection<string> Secrets => _secrets;

    public void AddSecret(string value)
    {
        _secrets.Add(value);
        (log as ISecretSink)?.AddSecret(value);
    }

    public void Info(string message) => log.Info(message);

    public void Detail(string message) => log.Detail(message);

    public void Warning(Diagnostic diagnostic) => log.Warning(diagnostic);
}
