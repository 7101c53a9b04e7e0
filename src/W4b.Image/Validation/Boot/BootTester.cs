using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Provisioning;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Validation.Boot;

/// <summary>Boots a throw-away copy of an image in QEMU and asks it whether it is the hive that is configured.</summary>
internal sealed class BootTester(HiveConfiguration hive, FilePlan plan, LayerFacts layer, BootMachine machine, IBuildLog log)
{
    // An emulated hive takes minutes; one that hangs must still end.
    private static readonly TimeSpan s_longestBoot = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_longestTest = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan s_longestShutdown = TimeSpan.FromMinutes(2);

    private readonly Architecture _architecture = ArchitectureExtensions.Parse(hive.Base.Architecture);
    private readonly List<BootResult> _results = [];
    private string _startup = "";
    private IReadOnlyList<UnitTime> _units = [];

    /// <summary>Boots <paramref name="image"/>, with <paramref name="folder"/> for the copy, removed afterwards, and the console's log, which stays.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.BootFailed"/>: it never came to an answer.</exception>
    /// <param name="image">The image.</param>
    /// <param name="folder">For the copy and the log.</param>
    /// <param name="cancellation">Ends the machine.</param>
    /// <param name="keys">Folder of the key server's keys, to which a volume of the image's is bound already; null for new ones.</param>
    public async Task<BootReport> RunAsync(string image, string folder, CancellationToken cancellation, string? keys = null)
    {
        var assertions = BootAssertions.Of(hive, plan, layer);
        var card = Path.Combine(folder, "card.img");
        var console = Path.Combine(folder, "console.log");
        var sockets = Directory.CreateTempSubdirectory("w4b-boot-").FullName; // a socket's path is short, unix(7)
        File.Delete(console);
        try
        {
            var (lan, spare) = Lan();
            var keyServer = hive.Encryption is null ? null : await KeyServer.CreateAsync(spare, keys ?? Path.Combine(sockets, "keys"), log, cancellation).ConfigureAwait(false);
            await ThrowAwayCard.CreateAsync(image, card, assertions, keyServer is null ? [] : [keyServer.File], machine, cancellation).ConfigureAwait(false);
            var files = await BootFiles.TakeAsync(card, hive.Base.PiModel, _architecture, machine, sockets, log, cancellation).ConfigureAwait(false);
            var kvm = MayUseKvm();
            var probes = Probes();
            var ports = FreePorts(probes.Count).Zip(probes, (host, probe) => new ForwardedPort(host, probe.Guest)).ToList();
            var inputs = new MachineInputs(card, files.Kernel, files.Initramfs, files.DeviceTree, files.CommandLine, lan + keyServer?.NetworkOption, ports, console,
                Path.Combine(sockets, "test"), kvm);
            log.Info($"Booting {Path.GetFileName(image)} on QEMU's {machine.Name}: {assertions.Count + probes.Count} assertions.");
            var seconds = await BootAsync(inputs, probes, cancellation).ConfigureAwait(false);
            foreach (var missing in assertions.Where(a => _results.TrueForAll(r => r.Id != a.Id)))
                _results.Add(new BootResult(missing.Id, missing.Title, false, "The self-test did not come to it."));
            return new BootReport(Path.GetFileName(image), machine.Name, kvm ? "kvm" : "tcg", seconds, _startup, _units, _results);
        }
        finally
        {
            File.Delete(card);
            Directory.Delete(sockets, recursive: true);
        }
    }

    private async Task<double> BootAsync(MachineInputs inputs, IReadOnlyList<PortProbe> probes, CancellationToken cancellation)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(inputs.Channel!));
        listener.Listen(1);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var started = Stopwatch.StartNew();
        // In the sandbox: it dies with the build, whatever ends that.
        var emulator = _architecture == Architecture.Arm64 ? HostTool.QemuSystemAarch64 : HostTool.QemuSystemArm;
        var options = new SandboxOptions { Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["LC_ALL"] = "C.UTF-8" }, WorkingFolder = "/" };
        var machineRun = SandboxRunner.RunAsync(options, emulator.Path, machine.Arguments(_architecture, inputs), log, ending.Token);
        try
        {
            var accepting = listener.AcceptAsync(ending.Token).AsTask();
            if (await Task.WhenAny(accepting, machineRun).ConfigureAwait(false) == machineRun)
                throw DiagnosticCode.BootFailed.Error($"{emulator.Name} did not start: {(await machineRun.ConfigureAwait(false)).LastLine}");
            using var channel = new NetworkStream(await accepting.ConfigureAwait(false), ownsSocket: true);
            ending.CancelAfter(s_longestBoot);
            var ready = await TalkAsync(channel, probes, inputs.Ports, started, ending).ConfigureAwait(false)
                ?? throw DiagnosticCode.BootFailed.Error($"The image did not start on {machine.Name}; the console's last lines:\n{Tail(inputs.Console)}\nAll of it: {inputs.Console}.");
            ending.CancelAfter(s_longestShutdown);
            await machineRun.ConfigureAwait(false);
            return ready.TotalSeconds;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw DiagnosticCode.BootFailed.Error($"The image did not come to an end on {machine.Name} in time; the console's last lines:\n{Tail(inputs.Console)}\nAll of it: {inputs.Console}.");
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            try
            {
                await machineRun.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // By us: it has ended, which is all that is wanted here.
            }
        }
    }

    /// <summary>Listens until the self-test ends. Returns the time at which the system was up; null when the machine ended before.</summary>
    private async Task<TimeSpan?> TalkAsync(NetworkStream channel, IReadOnlyList<PortProbe> probes, IReadOnlyList<ForwardedPort> ports, Stopwatch started,
        CancellationTokenSource limit)
    {
        TimeSpan? ready = null;
        using var reader = new StreamReader(channel, Encoding.UTF8, leaveOpen: true);
        while (await reader.ReadLineAsync(limit.Token).ConfigureAwait(false) is { } line)
        {
            switch (SelfTest.Parse(line))
            {
                case ["ready"]:
                    ready = started.Elapsed;
                    limit.CancelAfter(s_longestTest);
                    log.Info(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The hive is up after {ready.Value.TotalSeconds:0} s."));
                    // Together: those that shall be silent take their time.
                    foreach (var result in await Task.WhenAll(probes.Zip(ports, (probe, port) => probe.RunAsync(port.Host, limit.Token))).ConfigureAwait(false))
                        Add(result);
                    await channel.WriteAsync("go\n"u8.ToArray(), limit.Token).ConfigureAwait(false);
                    break;
                case ["startup", var text]:
                    _startup = text.Trim();
                    break;
                case ["blame", var text]:
                    _units = SelfTest.ParseBlame(text);
                    break;
                case ["result", var id, var code, var evidence]:
                    var assertion = BootAssertions.Of(hive, plan, layer).First(a => a.Id == id);
                    Add(new BootResult(id, assertion.Title, code == "0", evidence));
                    break;
                case ["end"]:
                    return ready;
                default:
                    break; // the console's, or damaged: then the assertion counts as not answered
            }
        }

        return ready;
    }

    private void Add(BootResult result)
    {
        _results.Add(result);
        log.Info($"{(result.Passed ? "true" : "NOT TRUE")}: {result.Title}.");
        log.Detail(result.Evidence);
    }

    // QEMU's network is the LAN that the hive is configured for. With an address in it that nobody has.
    private (string Options, IPAddress Spare) Lan()
    {
        if (hive.Network.Lan is not { } lan || Values.ReadCidr(lan.Address) is not var (address, prefix) || address.AddressFamily != AddressFamily.InterNetwork)
            return ("", IPAddress.Parse("10.0.2.100"));
        var network = Values.Network(address, prefix ?? 24);
        var gateway = lan.Gateway is { } router ? IPAddress.Parse(router) : FirstOther(network, address);
        var dns = FirstOther(network, address, gateway);
        return ($",net={network},host={gateway},dns={dns},dhcpstart={address}", FirstOther(network, address, gateway, dns));
    }

    private static IPAddress FirstOther(IPNetwork network, params IPAddress[] taken)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        do
            bytes[3]++;
        while (taken.Contains(new IPAddress(bytes)));
        return new IPAddress(bytes);
    }

    private List<PortProbe> Probes()
    {
        bool Open(int port) => !hive.Firewall.Enabled || hive.Firewall.Ports.Contains(new FirewallPort(port, "tcp"));
        List<PortProbe> probes = [];
        if (hive.Ssh.Enabled)
            probes.Add(new PortProbe(hive.Ssh.Port, Open(hive.Ssh.Port), "SSH"));
        if (hive.Monitoring is { } monitoring)
            probes.Add(new PortProbe(monitoring.Port, Open(monitoring.Port), "the node exporter"));
        if (hive.Database is { } database)
            probes.Add(new PortProbe(database.Port, false, "the database"));
        return probes;
    }

    private static List<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var ports = listeners.ConvertAll(l => ((IPEndPoint)l.LocalEndpoint).Port);
        listeners.ForEach(l => l.Dispose());
        return ports;
    }

    private bool MayUseKvm()
    {
        if (!_architecture.MayBeNative() || machine != BootMachine.Virt)
            return false;
        try
        {
            using var device = File.OpenHandle("/dev/kvm", FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Tail(string console)
        => File.Exists(console) ? string.Join('\n', File.ReadLines(console).Select(l => l.Trim()).Where(l => l.Length > 0).TakeLast(15)) : "(it said nothing)";
}
