using System.IO.Compression;
using System.Text;
using Microsoft.Build.Logging.StructuredLogger;

namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>Looks for secrets in whatever a build wrote.</summary>
internal static class Scan
{
    private const int Chunk = 4 << 20;

    /// <summary>The files under <paramref name="folder"/> that hold one of the secrets as it is, in base64 or in UTF-16, one finding a line.</summary>
    /// <param name="folder">Where to look; archives of binary logs are looked into.</param>
    /// <param name="secrets">The secrets.</param>
    /// <param name="except">Parts of the paths where a secret may stand: a folder with slashes around it, or a file's end.</param>
    public static IReadOnlyList<string> ForSecrets(string folder, IEnumerable<string> secrets, IReadOnlyList<string> except)
    {
        var forms = secrets.SelectMany(Forms).ToList();
        return [.. from file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                   where !except.Any(part => part.EndsWith('/') ? file.Contains(part, StringComparison.Ordinal) : file.EndsWith(part, StringComparison.Ordinal))
                   from form in Found(file, forms)
                   select $"{file} holds the secret {form.Secret} {form.Name}"];
    }

    private static HashSet<(string Secret, string Name)> Found(string file, IReadOnlyList<(string Secret, string Name, byte[] Bytes)> forms)
    {
        using var content = Open(file);
        var found = new HashSet<(string, string)>();
        var overlap = forms.Max(form => form.Bytes.Length) - 1;
        var buffer = new byte[overlap + Chunk];
        // What two chunks share stands at the end of one and before the next.
        for (int kept = 0, read; (read = content.ReadAtLeast(buffer.AsSpan(kept), Chunk, throwOnEndOfStream: false)) > 0; kept = Math.Min(kept + read, overlap))
        {
            var window = buffer.AsSpan(0, kept + read);
            if (window.ContainsAnyExcept((byte)0))
                foreach (var form in forms.Where(form => buffer.AsSpan(0, kept + read).IndexOf(form.Bytes) >= 0))
                    found.Add((form.Secret, form.Name));
            window[^Math.Min(window.Length, overlap)..].CopyTo(buffer);
        }

        return found;
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

    private static Stream Open(string file)
    {
        if (!file.EndsWith(".binlog", StringComparison.Ordinal))
            return File.OpenRead(file);
        var all = new MemoryStream();
        using (var log = new GZipStream(File.OpenRead(file), CompressionMode.Decompress))
            log.CopyTo(all);
        all.Write(ProjectFiles(file));
        all.Position = 0;
        return all;
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
