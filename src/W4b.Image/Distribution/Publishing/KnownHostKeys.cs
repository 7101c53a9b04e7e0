using System.Security.Cryptography;
using System.Text;
using Renci.SshNet;
using W4b.Image.Diagnostics;

namespace W4b.Image.Distribution.Publishing;

/// <summary>The host keys that a server may show: one that is configured, or those of known_hosts files.</summary>
internal sealed class KnownHostKeys
{
    private const int DefaultPort = 22;

    private readonly string? _fingerprint;
    private readonly string _source;
    private readonly List<(string Type, string Key)> _keys = [];

    private KnownHostKeys(string? fingerprint, string source) => (_fingerprint, _source) = (fingerprint, source);

    /// <summary>The key of the configuration: <c>SHA256:…</c>, or <c>ssh-ed25519 AAAA…</c>.</summary>
    public static KnownHostKeys OfText(string text)
    {
        if (text.StartsWith("SHA256:", StringComparison.Ordinal))
            return new KnownHostKeys(text["SHA256:".Length..].TrimEnd('='), "publish.host_key");
        var keys = new KnownHostKeys(null, "publish.host_key");
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var type, var key, ..])
            keys._keys.Add((type, key));
        return keys;
    }

    /// <summary>The keys that files in the form of sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT" name for a host.</summary>
    public static KnownHostKeys OfFiles(IEnumerable<string> files, string host, int port)
    {
        var there = files.Where(File.Exists).ToList();
        var keys = new KnownHostKeys(null, there.Count == 0 ? "~/.ssh/known_hosts" : string.Join(" and ", there));
        foreach (var line in there.SelectMany(File.ReadLines))
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var names, var type, var key, ..] && names[0] is not ('#' or '@')
                && names.Split(',').Any(n => Names(n, port == DefaultPort ? host : $"[{host}]:{port}")))
                keys._keys.Add((type, key));
        return keys;
    }

    /// <summary>Leaves of a client's algorithms only those of the keys that are known: a server has several, and shows what it is asked for.</summary>
    public void Restrict(IOrderedDictionary<string, Func<byte[], Renci.SshNet.Security.KeyHostAlgorithm>> algorithms)
    {
        if (_keys.Count == 0)
            return;
        foreach (var name in algorithms.Keys.Where(name => !_keys.Any(k => k.Type == KeyType(name))).ToList())
            algorithms.Remove(name);
    }

    /// <summary>Whether a server may show this key.</summary>
    public bool Knows(string algorithm, byte[] key, string fingerprint)
        => _fingerprint is not null ? _fingerprint == fingerprint.TrimEnd('=') : _keys.Any(k => k.Type == KeyType(algorithm) && k.Key == Convert.ToBase64String(key));

    /// <summary>The error for a key that it may not show.</summary>
    public W4bException Refusal(string server, string algorithm, string fingerprint)
        => DiagnosticCode.HostKeyRefused.Error(_fingerprint is null && _keys.Count == 0
            ? $"{server} is not in {_source}. It shows the {algorithm} key SHA256:{fingerprint.TrimEnd('=')}."
            : $"{server} shows the {algorithm} key SHA256:{fingerprint.TrimEnd('=')}, not the one of {_source}.");

    private static string KeyType(string algorithm) => algorithm is "rsa-sha2-256" or "rsa-sha2-512" ? "ssh-rsa" : algorithm;

    // |1|salt|HMAC-SHA1 of the name, or the name itself; other patterns are not taken.
    private static bool Names(string pattern, string host)
    {
        if (pattern.Split('|') is not ["", "1", var salt, var hash])
            return string.Equals(pattern, host, StringComparison.OrdinalIgnoreCase);
#pragma warning disable CA5350 // OpenSSH's format; it hides names, nothing rests on it
        return Convert.ToBase64String(HMACSHA1.HashData(Convert.FromBase64String(salt), Encoding.UTF8.GetBytes(host))) == hash;
#pragma warning restore CA5350
    }
}
