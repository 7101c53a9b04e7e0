using System.Net.Http.Headers;
using System.Text;

namespace W4b.Image.Layers.Download;

/// <summary>What a URL says beside where to go.</summary>
internal static class DownloadUrl
{
    /// <summary>The URL to show: without user and password, and without a query, which may be a signature.</summary>
    public static string Shown(Uri url)
        => !url.IsAbsoluteUri
            ? url.OriginalString
            : url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
                + (url.Query.Length > 0 ? "?…" : "");

    /// <summary>What the URL's user and password are sent as; null when it has none.</summary>
    public static AuthenticationHeaderValue? Credentials(Uri url)
        => url.UserInfo.Length == 0
            ? null
            : new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));

    /// <summary>The same file on the mirrors, in their order, and then at <paramref name="url"/> itself.</summary>
    public static IReadOnlyList<Uri> OnMirrors(Uri url, IEnumerable<string> mirrors)
        => url.IsFile ? [url] : [.. mirrors.Select(m => new Uri(m.TrimEnd('/') + url.PathAndQuery)), url];

    /// <summary>The extension that the cached file keeps: <c>.img.xz</c> and the like, or nothing; never <c>.partial</c>.</summary>
    public static string Extension(Uri url)
    {
        var name = url.Segments[^1].ToLowerInvariant();
        var last = Path.GetExtension(name);
        var extension = Path.GetExtension(Path.GetFileNameWithoutExtension(name)) is ".img" ? ".img" + last : last;
        return extension.Length <= 16 && last is not (".partial" or ".sig") && extension.All(c => char.IsAsciiLetterOrDigit(c) || c == '.') ? extension : "";
    }
}
