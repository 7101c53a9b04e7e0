using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Download;

/// <summary>A SHA-256: 64 lower-case hexadecimal digits, as <see cref="object.ToString"/> gives them.</summary>
public readonly record struct Sha256Digest
{
    private const string Prefix = "sha256:";
    private readonly string _hex;

    private Sha256Digest(string hex) => _hex = hex;

    /// <summary>Reads 64 hexadecimal digits, of either case, with or without <c>sha256:</c> before them.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.InvalidValue"/>.</exception>
    public static Sha256Digest Parse(string text) => TryParse(text)
        ?? throw DiagnosticCode.InvalidValue.Error($"'{text}' is no SHA-256 checksum: 64 hexadecimal digits, with or without \"sha256:\" before them.");

    /// <summary>As <see cref="Parse"/>; null when <paramref name="text"/> is something else.</summary>
    public static Sha256Digest? TryParse(string text)
    {
        var hex = text.Trim();
        if (hex.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            hex = hex[Prefix.Length..];
        return hex.Length == 64 && hex.All(char.IsAsciiHexDigit) ? new Sha256Digest(hex.ToLowerInvariant()) : null;
    }

    /// <summary>The hash that <paramref name="bytes"/> are.</summary>
    internal static Sha256Digest From(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(bytes));

    /// <inheritdoc/>
    public override string ToString() => _hex;
}
