namespace W4b.Image.Tasks;

/// <summary>Replaces known secrets in texts by <c>***</c>. Thread-safe.</summary>
internal sealed class SecretRedactor
{
    // Shorter values are parts of ordinary words: hiding them would make a log unreadable and show by its gaps what they are.
    private const int MinimumLength = 4;
    private readonly Lock _gate = new();
    private string[] _longestFirst = [];

    /// <summary>Adds a secret: its whole, and each of its lines, since tools print keys line by line.</summary>
    public void Add(string value)
    {
        var parts = value.Split('\n').Append(value).Select(part => part.Trim())
            .Where(part => part.Length >= MinimumLength && !part.StartsWith("-----", StringComparison.Ordinal));
        lock (_gate)
            _longestFirst = [.. _longestFirst.Union(parts, StringComparer.Ordinal).OrderByDescending(part => part.Length)];
    }

    /// <summary>The text without any of the secrets added so far.</summary>
    public string Redact(string text)
        => _longestFirst.Aggregate(text, (rest, secret) => rest.Replace(secret, "***", StringComparison.Ordinal));
}
