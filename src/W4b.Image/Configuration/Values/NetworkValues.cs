using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace W4b.Image.Configuration;

/// <summary>Of networks.</summary>
internal static partial class Values
{
    // WireGuard's port, unless the endpoint says another.
    private const int WireGuardPort = 51820;
    private const string HostLabel = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    public static string? Port(string value) => WholeNumber(value, 1, 65535);

    public static string? HostnamePrefix(string value)
        => HostLabelPattern().IsMatch(value) && value.Length <= 40 ? null : "letters, digits and inner hyphens, at most 40 characters";

    public static string? Hostname(string value)
        => HostLabelPattern().IsMatch(value) ? null : "a host name: letters, digits and inner hyphens, at most 63 characters";

    public static string? Host(string value)
        => HostNamePattern().IsMatch(value) || ReadAddress(value) is not null ? null : "a host name or address";

    public static string? WireGuardKey(string value)
    {
        var key = new byte[32];
        // wg(8) refuses a key whose last digit has bits that no byte needs.
        return value.Length == 44 && Convert.TryFromBase64String(value, key, out var length) && length == 32 && Convert.ToBase64String(key) == value
            ? null : "32 bytes in base64 (44 characters), as `wg genkey` prints them";
    }

    // RFC 7638 with SHA-256, or with SHA-1 as old Tang servers print it.
    public static string? KeyThumbprint(string value)
        => value.Length is 43 or 27 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? null : "a thumbprint as `tang-show-keys` prints it (43 characters)";

    public static string? WgQuickFile(string value)
        => WgQuickText.Problem(value) is { } problem ? $"a file as wg-quick(8) reads it: {problem}" : null;

    public static string? Endpoint(string value) => ReadEndpoint(value) is null ? "host:port or host; an IPv6 address stands in brackets" : null;

    /// <summary>Host and port of an endpoint (port 51820 when none is given), or null. IPv6 addresses stand in brackets.</summary>
    public static (string Host, int Port)? ReadEndpoint(string value)
    {
        var match = EndpointPattern().Match(value.Trim());
        if (!match.Success)
            return null;
        var host = match.Groups["host"].Value;
        var valid = host.StartsWith('[') ? ReadAddress(host[1..^1]) is { AddressFamily: AddressFamily.InterNetworkV6 }
            // Digits and dots alone are an address or nothing.
            : host.All(c => char.IsAsciiDigit(c) || c == '.') ? ReadAddress(host) is not null : HostNamePattern().IsMatch(host);
        var port = match.Groups["port"].Success ? match.Groups["port"].Value : WireGuardPort.ToString(CultureInfo.InvariantCulture);
        return valid && Port(port) is null ? (host, int.Parse(port, CultureInfo.InvariantCulture)) : null;
    }

    public static string? Address(string value) => ReadAddress(value) is null ? "an IP address, e.g. 192.168.1.1" : null;

    /// <summary>An address in its usual form, or null: not the short, octal and hexadecimal forms of inet_aton, no zone, no brackets.</summary>
    public static IPAddress? ReadAddress(string value)
        => IPAddress.TryParse(value, out var address) && value.AsSpan().IndexOfAny('%', '[', ']') < 0
            && (address.AddressFamily != AddressFamily.InterNetwork || address.ToString() == value) ? address : null;

    public static string? Cidr(string value) => ReadCidr(value) is null ? "an address with prefix length, e.g. 10.10.0.2/32" : null;

    /// <summary>An address with or without prefix length, or null. Unlike an <see cref="IPNetwork"/> it may have host bits: 10.10.0.2/24 is an interface's.</summary>
    public static (IPAddress Address, int? Prefix)? ReadCidr(string value)
    {
        var parts = value.Trim().Split('/');
        if (parts.Length > 2 || ReadAddress(parts[0]) is not { } address)
            return null;
        if (parts.Length == 1)
            return (address, null);
        return WholeNumber(parts[1], 0, address.GetAddressBytes().Length * 8) is null && char.IsAsciiDigit(parts[1][0]) && (parts[1].Length == 1 || parts[1][0] != '0')
            ? (address, int.Parse(parts[1], CultureInfo.InvariantCulture)) : null;
    }

    public static string? CidrList(string value)
        => value.Split(',').Select(part => Cidr(part)).FirstOrDefault(problem => problem is not null);

    /// <summary>The network in which an address lies.</summary>
    public static IPNetwork Network(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = prefix; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), prefix);
    }

    public static string? FirewallPort(string value)
        => ReadFirewallPort(value) is null ? "a port from 1 to 65535, with /tcp or /udp where it matters, e.g. 22 or 51820/udp" : null;

    /// <summary>A port and its protocol, or null.</summary>
    public static (int Port, string Protocol)? ReadFirewallPort(string value)
    {
        var parts = value.Trim().Split('/');
        if (parts.Length > 2 || Port(parts[0]) is not null)
            return null;
        var port = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var protocol = parts.Length == 2 ? parts[1].ToLowerInvariant() : port == WireGuardPort ? "udp" : "tcp";
        return protocol is "tcp" or "udp" ? (port, protocol) : null;
    }

    public static string? Country(string value)
        => CountryPattern().IsMatch(value) && s_countries.Value.Contains(value) ? null : "a country's two capital letters (ISO 3166), e.g. DE";

    public static string? Ssid(string value)
        => Encoding.UTF8.GetByteCount(value) is >= 1 and <= 32 && !value.Any(char.IsControl) ? null : "a network's name of 1 to 32 bytes";

    public static string? WifiPassword(string value)
        => value.Length is >= 8 and <= 63 && value.All(c => c is >= ' ' and <= '~') || (value.Length == 64 && value.All(char.IsAsciiHexDigit))
            ? null : "a WPA passphrase of 8 to 63 ASCII characters, or 64 hexadecimal digits";

    // The tz database lists the countries of ISO 3166; without it, two letters must do.
    private static readonly Lazy<CountryList> s_countries = new(() => new CountryList("/usr/share/zoneinfo/iso3166.tab"));

    private sealed class CountryList(string file)
    {
        private readonly HashSet<string>? _codes = File.Exists(file)
            ? [.. File.ReadLines(file).Where(line => line.Length > 2 && line[0] != '#').Select(line => line[..2])] : null;

        public bool Contains(string code) => _codes?.Contains(code) ?? true;
    }

    [GeneratedRegex($@"^{HostLabel}\z")]
    private static partial Regex HostLabelPattern();

    [GeneratedRegex($@"^(?=.{{1,253}}\z){HostLabel}(\.{HostLabel})*\.?\z")]
    private static partial Regex HostNamePattern();

    [GeneratedRegex(@"^(?<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]/\s]+)(:(?<port>[0-9]{1,5}))?\z")]
    private static partial Regex EndpointPattern();

    [GeneratedRegex(@"^[A-Z]{2}\z")]
    private static partial Regex CountryPattern();
}
