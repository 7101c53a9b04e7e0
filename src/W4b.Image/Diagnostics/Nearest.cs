namespace W4b.Image.Diagnostics;

/// <summary>Finds what somebody probably meant.</summary>
public static class Nearest
{
    /// <summary>The candidate nearest to <paramref name="word"/>, or null when none is near: more than a third of it (at least 3 characters) would have to change.</summary>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        var limit = Math.Max(3, word.Length / 3);
        return candidates.Where(c => Math.Abs(c.Length - word.Length) <= limit)
            .Select(c => (Text: c, Distance: Distance(c, word)))
            .Where(p => p.Distance <= limit)
            .OrderBy(p => p.Distance).ThenBy(p => p.Text, StringComparer.Ordinal)
            .Select(p => p.Text).FirstOrDefault();
    }

    // Levenshtein's distance: insertions, deletions and replacements cost 1 each.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
