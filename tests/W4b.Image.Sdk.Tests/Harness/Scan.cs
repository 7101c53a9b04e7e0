using System.IO.Compression;
using System.Text;
using Microsoft.Build.Logging.StructuredLogger;

namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>Looks for secrets in whatever a build wrote.</summary>
internal static class Scan
{
    /// <summary>The files under <paramref name="folder"/> that hold one of the secrets as it is, in base64 or in UTF-16, one finding a line.</summary>
    /// <param name="folder">Where to look; archives of binary logs are looked into.</param>
    /// <param name="secrets">The secrets.</param>
    /// <param name="except">Ends of the paths where a secret may stand.</param>
    public static IReadOnlyList<string> ForSecrets(string folder, IEnumerable<string> secrets, IReadOnlyList<string> except)
    {
        var forms = secrets.SelectMany(Forms).ToList();
        return [.. from file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                   where !except.Any(end => file.EndsWith(end, StringComparison.Ordinal))
                   let content = Read(file)
                   from form in forms
                   where content.AsSpan().IndexOf(form.Bytes) >= 0
                   select $"{file} holds the secret {form.Secret} {form.Name}"];
    }

    // In base64 a text looks different by what stands before it: 0, 1 or 2 bytes over a multiple of 3. The first and last characters
    // depend on the neighbours.
    private static IEnumerable<(string Secret, string Name, byte[] Bytes)> Forms(string secret)
    {
        var text = Encoding.UTF8.GetBytes(secret);
        yield return (secret, "as it is", text);
        yield return (secret, "in UTF-16", Encoding.Unicode.GetBytes(secret));
        yield return (secret, "in hexadecimal digits", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(text)));
        for (var before = 0; before < 3; before++)
        {
            var inner = Convert.ToBase64String([.. new byte[before], .. text])[(before == 0 ? 0 : 4)..].TrimEnd('=');
            yield return (secret, "in base64", Encoding.ASCII.GetBytes(inner[..^2]));
        }
    }

    private static byte[] Read(string file)
    {
        var bytes = File.ReadAllBytes(file);
        if (!file.EndsWith(".binlog", StringComparison.Ordinal))
            return bytes;
        using var stream = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var text = new MemoryStream();
        stream.CopyTo(text);
        return [.. text.ToArray(), .. ProjectFiles(file)];
    }

    // The log holds them as an archive.
    private static byte[] ProjectFiles(string log)
    {
        using var all = new MemoryStream();
        using var archive = new ZipArchive(new MemoryStream(BinaryLog.ReadBuild(log).SourceFilesArchive));
        foreach (var entry in archive.Entries)
        {
            using var content = entry.Open();
            content.CopyTo(all);
        }

        return all.ToArray();
    }
}
