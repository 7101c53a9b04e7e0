using System.Globalization;
using System.Text.RegularExpressions;

namespace W4b.Image.Configuration;

/// <summary>Checks and readings of single values. A check returns what is expected, or null when the value is valid.</summary>
internal static partial class Values
{
    public static string? HiveId(string value)
        => HiveIdPattern().IsMatch(value) ? null : "`hive_` followed by letters, digits, `_` or `-`, at most 64 characters";

    /// <summary>Yes or no as YAML 1.1 and 1.2 write them, or null.</summary>
    public static bool? ReadFlag(string value) => value switch
    {
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => true,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => false,
        _ => null,
    };

    /// <summary>A text without the characters that no text of a configuration has but by accident.</summary>
    public static string? Plain(string value)
        => value.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? "a text without control characters" : null;

    /// <summary>For messages: user and password of a URL are left out.</summary>
    public static string WithoutPassword(string text) => UserInfoPattern().Replace(text, "://***@");

    public static string? WholeNumber(string value, double? least, double? most)
        => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) && !(n < least) && !(n > most)
            ? null : "a whole number" + Between(least, most);

    public static string? Number(string value, double? least, double? most)
        => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) && !(n < least) && !(n > most)
            ? null : "a number" + Between(least, most);

    public static string? Size(string value) => ReadSize(value) is null ? "a size such as 4G, 3500M or a number of bytes" : null;

    /// <summary>A size in bytes, or null. K, M, G and T are powers of 1024; `iB` or `B` may follow.</summary>
    public static long? ReadSize(string value)
    {
        var match = SizePattern().Match(value.Trim());
        if (!match.Success || !long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        var shift = " KMGT".IndexOf(match.Groups[2].Value.ToUpperInvariant().PadLeft(1), StringComparison.Ordinal) * 10;
        return number <= long.MaxValue >> shift ? number << shift : null;
    }

    public static string? Duration(string value)
        => ReadDuration(value, TimeSpan.FromSeconds(1)) is null ? "a duration such as 90s, 15m, 24h, 7d or 4w" : null;

    // The hive manager counts in seconds; 24 is what somebody writes who thinks of hours.
    public static string? BackupInterval(string value)
        => ReadDuration(value, TimeSpan.FromSeconds(1)) >= TimeSpan.FromMinutes(1) ? null : "a duration such as 24h or 12h; a bare number is seconds, and a minute the least";

    /// <summary>A duration longer than none, or null; <paramref name="unit"/> is a bare number's.</summary>
    public static TimeSpan? ReadDuration(string value, TimeSpan unit)
    {
        var match = DurationPattern().Match(value.Trim());
        if (!match.Success)
            return null;
        var one = match.Groups[2].Value switch
        {
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            "w" => TimeSpan.FromDays(7),
            _ => unit,
        };
        var number = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return number > 0 ? number * one : null;
    }

    public static string? Weekday(string value) => ReadWeekday(value) is null ? "a day of the week such as `sun` or `Sunday`" : null;

    /// <summary>A day by its English name or the name's first three letters, or null.</summary>
    public static DayOfWeek? ReadWeekday(string value)
        => Enum.GetValues<DayOfWeek>().Cast<DayOfWeek?>().FirstOrDefault(day =>
            value.Equals(day.ToString(), StringComparison.OrdinalIgnoreCase) || value.Equals(day.ToString()![..3], StringComparison.OrdinalIgnoreCase));

    public static string? LogLevel(string value)
        => value.ToLowerInvariant() is "debug" or "info" or "warning" or "error" or "critical" ? null : "one of debug, info, warning, error, critical";

    private static string Between(double? least, double? most) => (least, most) switch
    {
        (null, null) => "",
        ({ } l, null) => string.Create(CultureInfo.InvariantCulture, $", at least {l}"),
        (null, { } m) => string.Create(CultureInfo.InvariantCulture, $", at most {m}"),
        ({ } l, { } m) => string.Create(CultureInfo.InvariantCulture, $" from {l} to {m}"),
    };

    [GeneratedRegex(@"://[^/\s@:]*:[^/\s@]*@")]
    private static partial Regex UserInfoPattern();

    [GeneratedRegex(@"^hive_[A-Za-z0-9_-]{1,59}\z")]
    private static partial Regex HiveIdPattern();

    [GeneratedRegex(@"^([0-9]{1,15})\s*([KMGTkmgt]?)(i?B)?\z")]
    private static partial Regex SizePattern();

    [GeneratedRegex(@"^([0-9]{1,6})\s*([smhdw]?)\z")]
    private static partial Regex DurationPattern();
}
