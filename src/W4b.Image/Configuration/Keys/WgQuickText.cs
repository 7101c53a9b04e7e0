namespace W4b.Image.Configuration;

/// <summary>What stands in a file of wg-quick(8).</summary>
internal static class WgQuickText
{
    /// <summary>The values of <paramref name="key"/>, in any section.</summary>
    public static IEnumerable<string> Values(string text, string key)
        => Lines(text).Where(l => l.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Select(l => l.Value);

    /// <summary>What is wrong with the file, in words that tell nothing of it but its lines' numbers; null when it is valid.</summary>
    public static string? Problem(string text)
    {
        var lines = Lines(text).ToList();
        foreach (var (number, _, key, value) in lines)
        {
            var problem = key.ToLowerInvariant() switch
            {
                "privatekey" or "publickey" or "presharedkey" => Configuration.Values.WireGuardKey(value),
                "address" or "allowedips" when value.Length > 0 => Configuration.Values.CidrList(value),
                "endpoint" => Configuration.Values.Endpoint(value),
                _ => null,
            };
            if (problem is not null)
                return $"{key} in its line {number} is not {problem}";
        }

        var keys = lines.ToLookup(l => l.Section, l => l.Key, StringComparer.OrdinalIgnoreCase);
        if (!keys.Contains("Interface"))
            return "it has no [Interface]";
        // A command may set the key: wg set %i private-key …
        if (!keys["Interface"].Any(k => k.Equals("PrivateKey", StringComparison.OrdinalIgnoreCase) || k.Equals("PostUp", StringComparison.OrdinalIgnoreCase)))
            return "its [Interface] has no PrivateKey";
        return keys["Peer"].Any(k => k.Equals("PublicKey", StringComparison.OrdinalIgnoreCase)) ? null : "it has no [Peer] with a PublicKey";
    }

    // Sections and keys as wg-quick reads them: a # begins a comment anywhere.
    private static IEnumerable<(int Number, string Section, string Key, string Value)> Lines(string text)
    {
        var section = "";
        foreach (var (index, whole) in text.Split('\n').Index())
        {
            var line = whole.Split('#')[0].Trim();
            if (line.StartsWith('[') && line.EndsWith(']'))
                section = line[1..^1];
            else if (line.Split('=', 2, StringSplitOptions.TrimEntries) is [var key, var value])
                yield return (index + 1, section, key, value);
        }
    }
}
