using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using W4b.Image.Diagnostics;

namespace W4b.Image.Sandbox;

/// <summary>The helper program <c>w4b-sandbox</c>: where it is and how it is called (main.c).</summary>
internal static class SandboxHelper
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>How to start <paramref name="command"/> in the sandbox.</summary>
    /// <param name="options">What the sandbox is like.</param>
    /// <param name="command">The command, with its arguments.</param>
    /// <param name="controlHandle">Inherited read end of the pipe whose end ends the sandbox.</param>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/>, <see cref="DiagnosticCode.NoEmulation"/>.</exception>
    public static ProcessStartInfo StartInfo(SandboxOptions options, IReadOnlyList<string> command, string controlHandle)
    {
        string[] commandLine = [.. options.RunBy, options.Helper ?? Path, .. Arguments(options, controlHandle), "--", .. command];
        var start = new ProcessStartInfo(commandLine[0], commandLine.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in options.Environment)
            start.Environment[name] = value;
        return start;
    }

    /// <summary>Starts the helper.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/>: it is not there or not executable.</exception>
    public static void Start(Process helper)
    {
        try
        {
            helper.Start();
        }
        catch (Win32Exception e)
        {
            throw DiagnosticCode.ToolMissing.Error($"The sandbox's helper cannot be started: {e.Message}", inner: e);
        }
    }

    /// <summary>What starts a program of the host, without a sandbox, so that it does not flush what it has looked at to the disk; nothing where there is no helper.</summary>
    public static IReadOnlyList<string> Unsynced => Find() is { } path ? [path, "unsynced"] : [];

    /// <summary>The full path of the helper beside this assembly.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/> or <see cref="DiagnosticCode.UnsupportedHost"/>.</exception>
    public static string Path
    {
        get
        {
            if (!OperatingSystem.IsLinux())
                throw DiagnosticCode.UnsupportedHost.Error($"This is {RuntimeInformation.OSDescription}.");
            return Find() ?? throw DiagnosticCode.ToolMissing.Error($"The sandbox's helper {Place} is missing: there is none for {Platform}, or the build had no C compiler.");
        }
    }

    private static string Platform => $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    private static string Place => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(typeof(SandboxHelper).Assembly.Location)!, "native", Platform, "w4b-sandbox");

    /// <summary>The programs that may have a native twin; a dot at the end of one stands for any number (twins.c).</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ToolMissing"/>, <see cref="DiagnosticCode.UnsupportedHost"/>.</exception>
    public static IReadOnlySet<string> ListTwins()
    {
        using var helper = new Process { StartInfo = new ProcessStartInfo(Path, ["list-twins"]) { RedirectStandardOutput = true } };
        Start(helper);
        var names = helper.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        helper.WaitForExit();
        return names.ToHashSet();
    }

    private static string? Find()
    {
        var path = Place;
        if (!OperatingSystem.IsLinux() || !File.Exists(path))
            return null;
        // A NuGet package keeps no modes; and the kernel runs it in the sandbox for every user there.
        var mode = File.GetUnixFileMode(path);
        if ((mode & Execute) != Execute)
            File.SetUnixFileMode(path, mode | Execute);
        return path;
    }

    private static List<string> Arguments(SandboxOptions options, string controlHandle)
    {
        List<string> arguments = ["run", "--control-fd", controlHandle, "--hostname", options.HostName, "--chdir", options.WorkingFolder];
        if (options.OwnNetwork)
            arguments.Add("--own-network");
        if (options.Root is not null)
            arguments.AddRange(["--chroot", options.Root]);
        // Where the host runs such programs itself the helper knows that and registers nothing.
        if (options.Architecture is { } architecture)
            arguments.AddRange(["--emulate", $"{architecture.QemuName()}={options.Emulator ?? Emulator(architecture)}"]);
        if (options.Twins is not null)
            arguments.AddRange(["--twins", options.Twins]);
        foreach (var bind in options.Binds)
            arguments.AddRange([bind.ReadOnly ? "--ro-bind" : "--bind", bind.Source, bind.Target]);
        return arguments;
    }

    private static string Emulator(Architecture architecture)
    {
        var tool = architecture.Emulator();
        return tool.Find() ?? (architecture.MayBeNative() ? tool.Name
            : throw DiagnosticCode.NoEmulation.Error($"The program {tool.Name} is not on this machine (Debian package {tool.Package})."));
    }
}
