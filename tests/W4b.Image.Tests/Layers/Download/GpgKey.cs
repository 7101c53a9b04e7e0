using System.Globalization;

namespace W4b.Image.Tests.Layers.Download;

/// <summary>A publisher's OpenPGP key, made by GnuPG and gone after the test.</summary>
public sealed class GpgKey : IDisposable
{
    private readonly TestFolder _home = new();

    /// <summary>Makes a key of the kind that gpg(1) names, on a day.</summary>
    public GpgKey(DateOnly made, string kind = "ed25519", string expires = "never")
    {
        File.SetUnixFileMode(_home.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Gpg(made, "--quick-generate-key", "publisher@example.org", kind, "sign", expires);
        Fingerprint = Gpg(made, "--with-colons", "--list-keys").Split('\n').First(l => l.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];
        Armored = Gpg(made, "--armor", "--export");
    }

    public string Fingerprint { get; }

    public string Armored { get; }

    /// <summary>Writes the detached signature of a file, made on that day, and returns its path.</summary>
    public string Sign(string file, DateOnly day, params string[] options)
    {
        File.Delete(file + ".sig");
        Gpg(day, [.. options, "--output", file + ".sig", "--detach-sign", file]);
        return file + ".sig";
    }

    public void Dispose()
    {
        // Its agent holds the key.
        Sample.Pipe([], "gpgconf", "--homedir", _home.Path, "--kill", "gpg-agent");
        _home.Dispose();
    }

    private string Gpg(DateOnly day, params string[] arguments)
        => System.Text.Encoding.UTF8.GetString(Sample.Pipe([], "gpg", ["--homedir", _home.Path, "--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", "",
            "--faked-system-time", day.ToString("yyyyMMdd", CultureInfo.InvariantCulture) + "T120000!", .. arguments]));
}
