namespace W4b.Image.Configuration;

/// <summary>What stands in a file of wg-quick(8).</summary>
internal static class WgQuickText
{
    /// <summary>The values of <paramref name="key"/>, in any section.</summary>
    public static IEnumerable<string> Values(string text, string key)
        => text.Split('\n').Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(pair => pair.Length == 2 && pair[0].Equals(key, StringComparison.OrdinalIgnoreCase)).Select(pair => pair[1]);
}
