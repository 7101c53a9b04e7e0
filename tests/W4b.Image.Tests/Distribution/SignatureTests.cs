using W4b.Image.Diagnostics;
using W4b.Image.Distribution.Signing;

namespace W4b.Image.Tests.Distribution;

/// <summary>Signatures are right when the stock programs verify them, and refuse them for another file.</summary>
public sealed class SignatureTests : IDisposable
{
    private static readonly DateTimeOffset s_time = DateTimeOffset.FromUnixTimeSeconds(2_000_000_000);

    private readonly TestFolder _folder = new();
    private readonly ListLog _log = new();
    private readonly string _archive;

    public SignatureTests() => _archive = _folder.Write("image.img.xz", Sample.Image(3_000_000));

    public void Dispose()
    {
        if (Directory.Exists(_folder["gnupg"]))
            StockProgram.Run("gpgconf", "--homedir", _folder["gnupg"], "--kill", "all");
        _folder.Dispose();
    }

    [Fact]
    public async Task Minisign_verifies_and_two_signatures_are_equal()
    {
        StockProgram.Run("minisign", "-G", "-W", "-f", "-p", _folder["key.pub"], "-s", _folder["key"]);
        var signature = await SignAsync(_folder["key"]);
        Assert.Equal(_archive + ".minisig", signature);
        var first = File.ReadAllText(signature);
        Assert.Contains("file:image.img.xz", StockProgram.Run("minisign", "-V", "-p", _folder["key.pub"], "-m", _archive), StringComparison.Ordinal);
        Assert.Equal(first, File.ReadAllText(await SignAsync(_folder["key"])));

        Damage();
        Assert.NotEqual(0, StockProgram.Try("minisign", "-V", "-p", _folder["key.pub"], "-m", _archive).ExitCode);
    }

    [Theory]
    [InlineData("ed25519", "")]
    [InlineData("rsa2048", "")]
    [InlineData("nistp256", "")]
    [InlineData("ed25519", "pass phrase")]
    public async Task Gpg_verifies_and_finds_a_changed_file(string algorithm, string passphrase)
    {
        Gpg("--passphrase", passphrase, "--quick-generate-key", "Hive Images <images@example.org>", algorithm, "sign", "never");
        File.WriteAllText(_folder["key.asc"], Gpg("--passphrase", passphrase, "--armor", "--export-secret-keys"));
        Environment.SetEnvironmentVariable(ImageSigner.PassphraseVariable, passphrase);
        try
        {
            var signature = await SignAsync(_folder["key.asc"]);
            Assert.Equal(_archive + ".asc", signature);
            Assert.Contains("Good signature from", Gpg("--verify", signature, _archive), StringComparison.Ordinal);
            var first = File.ReadAllText(signature);
            if (algorithm != "nistp256") // its signatures hold a random number
                Assert.Equal(first, File.ReadAllText(await SignAsync(_folder["key.asc"])));
            Damage();
            Assert.NotEqual(0, StockProgram.Try("gpg", "--homedir", _folder["gnupg"], "--batch", "--verify", signature, _archive).ExitCode);
        }
        finally
        {
            Environment.SetEnvironmentVariable(ImageSigner.PassphraseVariable, null);
        }
    }

    [Theory]
    [InlineData("nothing of a key")]
    [InlineData("untrusted comment: minisign encrypted secret key\nRWRTY0IyAAAA\n")]
    public async Task What_is_no_key_is_an_error_that_names_the_file(string content)
    {
        var failure = await Assert.ThrowsAsync<W4bException>(() => SignAsync(_folder.Write("key", content)));
        Assert.Equal(DiagnosticCode.SigningFailed, failure.Diagnostics[0].Code);
        Assert.Contains(_folder["key"], failure.Message, StringComparison.Ordinal);
        Assert.Equal(["image.img.xz", "key"], _folder.Files);
    }

    [Fact]
    public async Task A_missing_key_is_an_error()
        => Assert.Equal(DiagnosticCode.SigningFailed, (await Assert.ThrowsAsync<W4bException>(() => SignAsync(_folder["none"]))).Diagnostics[0].Code);

    private Task<string> SignAsync(string key) => ImageSigner.SignAsync(_archive, "image.img.xz", key, s_time, _archive, _log, default);

    private void Damage()
    {
        using var file = File.OpenWrite(_archive);
        file.Position = 1_234_567;
        file.WriteByte(0xA5);
    }

    // Agents find each other by short socket paths; the folder must be its owner's alone.
    private string Gpg(params string[] arguments)
    {
        Directory.CreateDirectory(_folder["gnupg"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return StockProgram.Run("gpg", ["--homedir", _folder["gnupg"], "--batch", "--pinentry-mode", "loopback", "--no-tty", "--ignore-time-conflict", .. arguments]);
    }
}
