namespace W4b.Image.Provisioning.FirstBoot;

/// <summary>The kernel's command line as cmdline.txt has it: one line of words.</summary>
/// <param name="Words">The words, in their order.</param>
public sealed record CommandLine(IReadOnlyList<string> Words)
{
    /// <summary>Reads a cmdline.txt, of which the kernel gets the first line.</summary>
    public static CommandLine Parse(string text)
        => new(text.TrimStart('\n', '\r').Split('\n')[0].Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Whether <paramref name="word"/> is one of the words.</summary>
    public bool Has(string word) => Words.Contains(word, StringComparer.Ordinal);

    /// <summary>Without the words of <paramref name="remove"/>; then with those of <paramref name="add"/> at the end, each in place of
    /// what set the same before.</summary>
    public CommandLine With(IReadOnlyList<string> remove, IReadOnlyList<string> add)
    {
        bool IsSetAnew(string word) => add.Any(a => Key(a) == Key(word));
        return new CommandLine([.. Words.Where(w => !remove.Contains(w, StringComparer.Ordinal) && !IsSetAnew(w)), .. add]);
    }

    /// <summary>The line, without an end of line.</summary>
    public override string ToString() => string.Join(' ', Words);

    private static string Key(string word) => word.Split('=', 2)[0];
}
