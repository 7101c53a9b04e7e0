using System.Text.RegularExpressions;

namespace W4b.Image.Configuration;

/// <summary>Of the system, its accounts and sensors.</summary>
internal static partial class Values
{
    private const string ZoneFolder = "/usr/share/zoneinfo";
    private const string SupportedLocales = "/usr/share/i18n/SUPPORTED";
    // They stand among the zones: the host's own, rules without a place, and other counts of the seconds.
    private static readonly string[] s_notZones = ["localtime", "Factory", "posixrules", "posix", "right"];
    private static readonly Lazy<HashSet<string>?> s_locales = new(ReadLocales);

    public static string? TimeZone(string value)
        => TimeZonePattern().IsMatch(value) && !s_notZones.Contains(value.Split('/')[0]) && IsZone(value) ? null : "a name of the tz database, e.g. Europe/Berlin";

    public static string? Locale(string value)
        => !LocalePattern().IsMatch(value) ? "a UTF-8 locale, e.g. en_US.UTF-8, de_DE.UTF-8 or C.UTF-8"
            : s_locales.Value is { } known && !known.Contains(value.Replace("utf8", "UTF-8", StringComparison.Ordinal))
                ? $"a locale that glibc supports ({SupportedLocales} lists them)" : null;

    public static string? Keyboard(string value)
        => KeyboardPattern().IsMatch(value) ? null : "an XKB layout, e.g. us, gb, de or `us,de`";

    // useradd(8): the shorter limit of Debian's NAME_REGEX, so that every base accepts it.
    public static string? UserName(string value)
        => value == "root" ? "the name of an account other than root"
            : UserNamePattern().IsMatch(value) ? null : "an account's name: lower-case letters, digits, `_` and `-`, first a letter, at most 32 characters";

    public static string? Email(string value)
        => EmailPattern().IsMatch(value) ? null : "an address for mail such as keeper@example.org";

    public static string? Password(string value)
        => value.Length is > 0 and <= 128 && !value.Any(char.IsControl) ? null : "1 to 128 printable characters";

    public static string? DatabaseVersion(string value)
        => value == "latest" || DatabaseVersionPattern().IsMatch(value) ? null : "a major version of PostgreSQL such as 17, or latest";

    // PostgreSQL cuts longer ones off without an error (NAMEDATALEN).
    public static string? DatabaseName(string value)
        => DatabaseNamePattern().IsMatch(value) && !value.StartsWith("pg_", StringComparison.Ordinal)
            ? null : "a name of lower-case letters, digits and `_`, first a letter, at most 63 characters, not pg_…";

    public static string? SensorId(string value)
        => SensorIdPattern().IsMatch(value) ? null : "letters, digits, `_`, `-` and `.`, at most 64 characters";

    public static string? BusAddress(string value)
        => OneWirePattern().IsMatch(value) || ReadI2cAddress(value) is not null || SpiPattern().IsMatch(value) ? null
            : "an I2C address from 0x03 to 0x77, a 1-wire id such as 28-0316a2795e6f, or an SPI device such as 0.1";

    /// <summary>A 7-bit I2C address that is not reserved (UM10204, 3.1.12), or null.</summary>
    public static int? ReadI2cAddress(string value)
        => I2cPattern().IsMatch(value) && Convert.ToInt32(value, 16) is >= 0x03 and <= 0x77 and var address ? address : null;

    public static string? Mode(string value)
        => ModePattern().IsMatch(value) ? null : "an octal mode such as 0644";

    public static string? Owner(string value)
        => OwnerPattern().IsMatch(value) ? null : "user or user:group";

    // systemd.unit(5): what a unit may be named; without a suffix .service is meant.
    public static string? Unit(string value)
        => UnitPattern().IsMatch(value) ? null : "the name of a systemd unit, e.g. nginx.service or backup.timer";

    public static string? TargetPath(string value)
        => value.StartsWith('/') && !value.EndsWith('/') && !value.Split('/').Any(part => part is "." or "..") && !value.Contains('\0', StringComparison.Ordinal)
            ? null : "the absolute path of a file in the image";

    private static bool IsZone(string name)
        => Directory.Exists(ZoneFolder) ? IsZoneFile($"{ZoneFolder}/{name}") : TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);

    // tzfile(5): lists and leap seconds stand in the same folder.
    private static bool IsZoneFile(string path)
    {
        if (!File.Exists(path))
            return false;
        using var file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual("TZif"u8);
    }

    private static HashSet<string>? ReadLocales()
        => File.Exists(SupportedLocales)
            ? [.. File.ReadLines(SupportedLocales).Select(line => line.Split(' ')).Where(f => f is [_, "UTF-8"])
                .Select(f => f[0].Contains(".UTF-8", StringComparison.Ordinal) ? f[0] : WithCharset(f[0])), "C.UTF-8"]
            : null;

    // SUPPORTED says `eo UTF-8` and `aa_ER@saaho UTF-8`; in a setting the charset stands in the name.
    private static string WithCharset(string name)
        => name.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at ? $"{name[..at]}.UTF-8{name[at..]}" : name + ".UTF-8";

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*\z")]
    private static partial Regex TimeZonePattern();

    [GeneratedRegex(@"^(C|[a-z]{2,3}(_[A-Z]{2})?)\.(UTF-8|utf8)(@[a-z]+)?\z")]
    private static partial Regex LocalePattern();

    [GeneratedRegex(@"^[a-z]{2,8}(,[a-z]{2,8})*\z")]
    private static partial Regex KeyboardPattern();

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,31}\z")]
    private static partial Regex UserNamePattern();

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+\z")]
    private static partial Regex EmailPattern();

    [GeneratedRegex(@"^[1-9][0-9]?\z")]
    private static partial Regex DatabaseVersionPattern();

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,62}\z")]
    private static partial Regex DatabaseNamePattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\z")]
    private static partial Regex SensorIdPattern();

    [GeneratedRegex(@"^[0-9a-fA-F]{2}-[0-9a-fA-F]{12}\z")]
    private static partial Regex OneWirePattern();

    [GeneratedRegex(@"^[0-9](\.[0-9])?\z")]
    private static partial Regex SpiPattern();

    [GeneratedRegex(@"^0x[0-9a-fA-F]{1,2}\z")]
    private static partial Regex I2cPattern();

    [GeneratedRegex(@"^[0-7]{3,4}\z")]
    private static partial Regex ModePattern();

    [GeneratedRegex(@"^[a-z_][a-z0-9_-]{0,31}(:[a-z_][a-z0-9_-]{0,31})?\z")]
    private static partial Regex OwnerPattern();

    [GeneratedRegex(@"^[A-Za-z0-9:_.\\@-]{1,240}\z")]
    private static partial Regex UnitPattern();
}
