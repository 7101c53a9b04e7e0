using System.Diagnostics;
using System.Globalization;
using W4b.Image.Tools;

namespace W4b.Image.Tests.Sandbox;

/// <summary>A user to run the sandbox as, and how.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="RunBy">What runs a command as that user; nothing for the current one.</param>
internal sealed record SandboxUser(string Name, IReadOnlyList<string> RunBy)
{
    private const string CreatedName = "w4b-sandbox-test";

    public static SandboxUser Current { get; } = new(Environment.UserName, []);

    /// <summary>The current user; for root one with subordinate ids, created when the machine has none.</summary>
    public static SandboxUser FindOrdinary()
    {
        if (!Environment.IsPrivilegedProcess)
            return Current;
        var existing = File.ReadLines("/etc/subuid").Select(line => line.Split(':')[0])
            .FirstOrDefault(name => Run("id", "-u", name) is { Length: > 3 });
        if (existing is null)
            Run("useradd", "--create-home", "--add-subids-for-system", CreatedName);
        var user = existing ?? CreatedName;
        return new(user,
            [new HostTool("setpriv", "util-linux").Path, $"--reuid={Run("id", "-u", user)}", $"--regid={Run("id", "-g", user)}", "--init-groups", "--"]);
    }

    /// <summary>Makes a folder of the user's that everybody may enter.</summary>
    public void CreateFolder(string path) => Run("install", "-d", "-m", "0755", "-o", Name, path);

    /// <summary>Removes the user again if it was created.</summary>
    public void Delete()
    {
        if (Name == CreatedName)
            Run("userdel", "--remove", Name);
    }

    /// <summary>Runs a program of the host and returns what it prints.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(new HostTool(program, program).Path, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0 || program == "id", string.Create(CultureInfo.InvariantCulture, $"{program} ended with {process.ExitCode}"));
        return output;
    }
}
