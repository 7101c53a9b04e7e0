using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Validation;

/// <summary>The firewall's rules are ones that the kernel takes: asked of this host's own nft and kernel, in a network of their own.</summary>
internal static class FirewallRule
{
    /// <summary>What is wrong with the rules at <paramref name="path"/> of the image.</summary>
    public static async Task<IReadOnlyList<string>> CheckAsync(Ext4FileSystem root, string path, IBuildLog log, CancellationToken cancellation)
    {
        var rules = root.ReadAllBytes(path);
        var options = new SandboxOptions { OwnNetwork = true, Environment = new Dictionary<string, string> { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LC_ALL"] = "C.UTF-8" } };
        var result = await SandboxRunner.RunAsync(options, HostTool.Nft.Path, ["--check", "--file", "-"], log, cancellation,
            input: async (stream, token) => await stream.WriteAsync(rules, token).ConfigureAwait(false)).ConfigureAwait(false);
        if (result.ExitCode == 0)
            return [];
        // A kernel without nf_tables can take no rules at all, right ones neither.
        if (result.Output.Contains("Unable to initialize Netlink socket", StringComparison.Ordinal) || result.Output.Contains("cache initialization failed", StringComparison.Ordinal))
        {
            log.Info("The firewall's rules are not checked: this host's kernel has no nf_tables. The boot test loads them.");
            return [];
        }

        return [$"nft refuses {path}: {result.Output.Trim()}"];
    }
}
