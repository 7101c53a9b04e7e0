using System.Diagnostics;
using W4b.Image.Configuration;
using W4b.Image.Provisioning;

namespace W4b.Image.Tests.Configuration.Keys;

/// <summary>Keys and hashes of ours, as the programs that use them see them.</summary>
public sealed class KeysTests
{
    [Fact]
    public void A_new_WireGuard_key_has_the_public_key_that_wg_says()
    {
        var key = WireGuardKey.New();
        Assert.Null(Values.WireGuardKey(key));
        Assert.Equal(Run("wg", ["pubkey"], key + "\n").Trim(), WireGuardKey.PublicOf(key));
        Assert.NotEqual(key, WireGuardKey.New());
    }

    [Fact]
    public void A_new_host_key_has_the_public_key_that_ssh_keygen_says()
    {
        using var folder = new TestFolder();
        var key = SshHostKey.New();
        var file = folder.Write("key", key);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(string.Join(' ', Run("ssh-keygen", ["-y", "-f", file]).Split(' ').Take(2)).Trim(), string.Join(' ', SshHostKey.PublicOf(key, "hive")!.Split(' ').Take(2)));
    }

    [Fact]
    public void A_host_key_of_ssh_keygen_is_read_and_one_of_another_kind_is_not()
    {
        using var folder = new TestFolder();
        string Make(string type)
        {
            Run("ssh-keygen", ["-q", "-t", type, "-N", "", "-f", folder[type]]);
            return File.ReadAllText(folder[type]);
        }

        var key = Make("ed25519");
        Assert.Equal(string.Join(' ', File.ReadAllText(folder["ed25519.pub"]).Split(' ').Take(2)), string.Join(' ', SshHostKey.PublicOf(key, "x")!.Split(' ').Take(2)));
        Assert.Null(SshHostKey.PublicOf(Make("ecdsa"), "x"));
        Assert.Null(SshHostKey.PublicOf("no key", "x"));
    }

    [Fact]
    public void A_yescrypt_hash_is_the_one_that_crypt_verifies_and_the_same_each_time()
    {
        var hash = PasswordHash.Yescrypt("correct horse", "hive_a");
        Assert.StartsWith("$y$", hash, StringComparison.Ordinal);
        Assert.Equal(hash, PasswordHash.Yescrypt("correct horse", "hive_a"));
        Assert.NotEqual(hash, PasswordHash.Yescrypt("correct horse", "hive_b"));
        Assert.Equal("True\n", Run("perl", ["-e", "print crypt($ARGV[0], $ARGV[1]) eq $ARGV[1] ? \"True\\n\" : \"False\\n\"", "correct horse", hash]));
    }

    [Fact]
    public void A_scram_verifier_is_as_PostgreSQL_computes_it()
    {
        var verifier = PasswordHash.ScramSha256("pencil", "hive_a");
        Assert.Matches(@"^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$", verifier);
        var salt = verifier.Split('$')[1].Split(':')[1];
        const string program = """
            import sys, hashlib, hmac, base64
            salted = hashlib.pbkdf2_hmac("sha256", b"pencil", base64.b64decode(sys.argv[1]), 4096)
            mac = lambda k, m: hmac.new(k, m, "sha256").digest()
            b = lambda x: base64.b64encode(x).decode()
            print("SCRAM-SHA-256$4096:%s$%s:%s" % (sys.argv[1], b(hashlib.sha256(mac(salted, b"Client Key")).digest()), b(mac(salted, b"Server Key"))))
            """;
        Assert.Equal(Run("python3", ["-c", program, salt]).Trim(), verifier);
    }

    private static string Run(string program, string[] arguments, string input = "")
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
