using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace W4b.Image.Configuration;

/// <summary>Checks and readings of single values. A check returns what is expected, or null when the value is valid.</summary>
internal static partial class Values
{
    private const string HostLabel = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    public static string? HiveId(string value)
        => HiveIdPattern().IsMatch(value) ? null : "`hive_` followed by letters, digits, `_` or `-`, at most 64 characters";

    public static string? PiModel(string value) => ReadPiModel(value) is null ? "3, 4 or 5 (`pi3`, `pi4`, `pi5` too)" : null;

    /// <summary>The model's number, or null.</summary>
    public static int? ReadPiModel(string value)
        => value.Trim().ToLowerInvariant() is ['3' or '4' or '5'] or ['p', 'i', '3' or '4' or '5'] ? value.Trim()[^1] - '0' : null;

    public static Func<string, string?> OneOf(params string[] allowed)
        => value => allowed.Contains(value, StringComparer.Ordinal) ? null : "one of " + string.Join(", ", allowed);

    public static Func<string, string?> Range(int lowest, int highest)
        => value => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) && n >= lowest && n <= highest
            ? null : $"a whole number from {lowest} to {highest}";

    public static string? Port(string value) => Range(1, 65535)(value);

    public static string? ImageUrl(string value)
        => !value.Contains("://", StringComparison.Ordinal)
            || (Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" or "file")
            ? null : "an https, http or file URL, or a path";

    public static string? HttpUrl(string value)
        => Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" ? null : "an https or http URL";

    public static string? Sha256(string value)
        => ReadSha256(value) is null ? "a sha256: 64 hexadecimal digits, `sha256:` may stand before them" : null;

    /// <summary>The 64 lower-case digits, or null.</summary>
    public static string? ReadSha256(string value)
    {
        var hex = value.Trim().ToLowerInvariant();
        if (hex.StartsWith("sha256:", StringComparison.Ordinal))
            hex = hex["sha256:".Length..];
        return hex.Length == 64 && hex.All(char.IsAsciiHexDigit) ? hex : null;
    }

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

    public static string? HostnamePrefix(string value)
        => HostLabelPattern().IsMatch(value) && value.Length <= 40 ? null : "letters, digits and inner hyphens, at most 40 characters";

    public static string? TimeZone(string value)
        => TimeZonePattern().IsMatch(value) && TimeZoneInfo.TryFindSystemTimeZoneById(value, out _)
            ? null : "a name of the tz database, e.g. Europe/Berlin";

    public static string? Locale(string value)
        => LocalePattern().IsMatch(value) ? null : "a UTF-8 locale, e.g. en_US.UTF-8, de_DE.UTF-8 or C.UTF-8";

    public static string? Keyboard(string value)
        => KeyboardPattern().IsMatch(value) ? null : "an XKB layout, e.g. us, gb, de or `us,de`";

    public static string? WireGuardKey(string value)
    {
        var key = new byte[32];
        return value.Length == 44 && Convert.TryFromBase64String(value, key, out var length) && length == 32
            ? null : "32 bytes in base64 (44 characters), as `wg genkey` prints them";
    }

    public static string? Endpoint(string value) => ReadEndpoint(value) is null ? "host:port or host" : null;

    /// <summary>Host and port of an endpoint (port 51820 when none is given), or null. IPv6 addresses stand in brackets.</summary>
    public static (string Host, int Port)? ReadEndpoint(string value)
    {
        var match = EndpointPattern().Match(value.Trim());
        if (!match.Success)
            return null;
        var host = match.Groups["host"].Value;
        var valid = host.StartsWith('[') ? IPAddress.TryParse(host.Trim('[', ']'), out _) : HostNamePattern().IsMatch(host);
        var port = match.Groups["port"].Success ? match.Groups["port"].Value : "51820";
        return valid && Port(port) is null ? (host, int.Parse(port, CultureInfo.InvariantCulture)) : null;
    }

    // An address with a prefix length; unlike IPNetwork it may have host bits: 10.10.0.2/24 is an interface's address.
    public static string? Cidr(string value)
    {
        var parts = value.Trim().Split('/');
        return parts.Length is 1 or 2 && IPAddress.TryParse(parts[0], out var address)
            && (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork || parts[0].Count(c => c == '.') == 3)
            && (parts.Length == 1 || Range(0, address.GetAddressBytes().Length * 8)(parts[1]) is null)
            ? null : "an address with prefix length, e.g. 10.10.0.2/32";
    }

    public static string? CidrList(string value)
        => value.Split(',').Select(part => Cidr(part)).FirstOrDefault(problem => problem is not null);

    /// <summary>A line of authorized_keys without options: type, base64 blob whose first field is the type again, comment (RFC 4253, 6.6).</summary>
    public static string? SshPublicKey(string value)
    {
        const string expected = "a public SSH key in one line: type, base64, comment";
        var fields = value.Trim().Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        if (value.Trim().Contains('\n', StringComparison.Ordinal) || fields.Length < 2 || !Base64.IsValid(fields[1]))
            return expected;
        var blob = Convert.FromBase64String(fields[1]);
        if (blob.Length < 4)
            return expected;
        var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(blob);
        return length > 0 && length <= blob.Length - 4 && Encoding.ASCII.GetString(blob, 4, length) == fields[0]
            ? null : $"{expected}; the key's type in its base64 is not {fields[0]}";
    }

    [GeneratedRegex(@"^hive_[A-Za-z0-9_-]{1,59}$")]
    private static partial Regex HiveIdPattern();

    [GeneratedRegex($"^{HostLabel}$")]
    private static partial Regex HostLabelPattern();

    [GeneratedRegex($@"^{HostLabel}(\.{HostLabel})*\.?$")]
    private static partial Regex HostNamePattern();

    [GeneratedRegex(@"^(?<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]/\s]+)(:(?<port>[0-9]{1,5}))?$")]
    private static partial Regex EndpointPattern();

    [GeneratedRegex(@"^([0-9]+)\s*([KMGTkmgt]?)(i?B)?$")]
    private static partial Regex SizePattern();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$")]
    private static partial Regex TimeZonePattern();

    [GeneratedRegex(@"^(C|[a-z]{2,3}_[A-Z]{2})\.(UTF-8|utf8)(@[a-z]+)?$")]
    private static partial Regex LocalePattern();

    [GeneratedRegex(@"^[a-z]{2,8}(,[a-z]{2,8})*$")]
    private static partial Regex KeyboardPattern();
}
