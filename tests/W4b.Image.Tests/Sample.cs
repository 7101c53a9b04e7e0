using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;

namespace W4b.Image.Tests;

/// <summary>Image data and archives of it, made by the programs that users make theirs with.</summary>
public static class Sample
{
    /// <summary>Data of which some compresses, some does not, and some is zero; the same for the same seed.</summary>
    public static byte[] Image(int size, int seed = 1)
    {
        var random = new Random(seed);
        var data = new byte[size];
        random.NextBytes(data.AsSpan(0, size / 3));
        for (var i = size / 2; i < size; i++)
            data[i] = (byte)((i / 7) ^ (i >> 9));
        return data;
    }

    public static string Sha256(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));

    /// <summary><paramref name="raw"/> as an archive: xz, gz, zst, zip, or img for itself.</summary>
    public static byte[] Archive(string kind, byte[] raw, int parts = 1) => kind switch
    {
        "img" => raw,
        "zip" => Zip(("image.img", raw)),
        "xz" => Parts(raw, parts, "xz", "-1", "-c", "--block-size=65536"),
        "gz" => Parts(raw, parts, "gzip", "-1", "-c"),
        "zst" => Parts(raw, parts, "zstd", "-1", "-c", "-q"),
        _ => throw new ArgumentException(kind),
    };

    public static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    }

    /// <summary>Runs a program: what it prints for <paramref name="input"/>. Fails when it fails.</summary>
    public static byte[] Pipe(byte[] input, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var writing = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        });
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        writing.GetAwaiter().GetResult();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }

    private static byte[] Parts(byte[] raw, int parts, string program, params string[] arguments)
        => [.. raw.Chunk((raw.Length + parts - 1) / parts).SelectMany(part => Pipe(part, program, arguments))];
}
