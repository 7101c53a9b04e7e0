using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;
using W4b.Image.Layers.Packages;
using W4b.Image.Layers.Twins;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Layers.Debian;

/// <summary>A base image made of Debian packages, laid out as Raspberry Pi OS lays out its card.</summary>
internal sealed class DebianBase(DebianConfiguration configuration, Architecture architecture)
{
    // Raised when the recipe below or configure-debian-base changes what comes out.
    private const int RecipeVersion = 1;

    // What every hive needs to start, be reached and be kept up to date.
    private static readonly string[] Packages =
    [
        "ca-certificates", "console-setup", "dbus", "e2fsprogs", "fdisk", "firmware-brcm80211", "initramfs-tools", "iproute2", "iputils-ping",
        "keyboard-configuration", "kmod", "less", "locales", "nano", "netbase", "nftables", "openssh-server", "procps", "raspi-firmware",
        "sudo", "systemd-resolved", "systemd-sysv", "systemd-timesyncd", "tzdata", "udev", "wireless-regdb", "wpasupplicant",
    ];

    private static string KernelPackage(Architecture architecture) => architecture == Architecture.Arm64 ? "linux-image-arm64" : "linux-image-armmp";

    private IReadOnlyList<string> AllPackages => [.. Packages, KernelPackage(architecture), .. configuration.Packages];

    /// <summary>The id of what this recipe makes: equal recipes share one base image in the cache.</summary>
    public string Id { get; } = ContentFile.Sha256(string.Join('\n',
        [
            $"{RecipeVersion}", architecture.DebianName(), configuration.Suite, configuration.Mirror ?? "",
            string.Join(' ', configuration.Packages), Resource(), BuildEpoch.Current.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
        ]));

    /// <summary>Builds the image at <paramref name="image"/>, with <paramref name="workFolder"/> for its files.</summary>
    /// <param name="image">The image, to be made.</param>
    /// <param name="workFolder">The folder of its files while it is made.</param>
    /// <param name="cache">The cache, for packages and native twins.</param>
    /// <param name="nativeTwins">Whether native twins run where they can; else everything is emulated.</param>
    /// <param name="later">Packages of the layer that will be made over it, to be downloaded meanwhile.</param>
    /// <param name="log">Receives the progress.</param>
    /// <param name="cancellation">Stops the work.</param>
    public async Task BuildAsync(string image, string workFolder, CacheFolder cache, bool nativeTwins, IReadOnlyList<string> later, IBuildLog log, CancellationToken cancellation)
    {
        var started = DateTimeOffset.UtcNow.AddSeconds(-1);
        var card = Card();
        var tree = new ImageTree(workFolder, architecture);
        await tree.CreateAsync(log, cancellation).ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // What downloads beside the rest; it works in the tree's folder, so it ends before that goes.
        var running = Task.CompletedTask;
        try
        {
            var pool = new PackagePool(cache, log);
            var archives = new DebianArchives(configuration, architecture, Path.Combine(tree.Folder, "apt"), pool, log);
            var fetching = archives.FetchAsync(AllPackages, tree.ArchivesFolder, ending.Token);
            running = fetching;
            if (nativeTwins && NativeTwins.Exist(architecture))
                tree.Twins = await new NativeTwins(cache, architecture, tree.TwinsWorkFolder, log)
                    .ForDebianAsync(configuration, cancellation).ConfigureAwait(false);
            await fetching.ConfigureAwait(false);
            running = archives.FetchLaterAsync(AllPackages, later, ending.Token);
            await BootstrapAsync(tree, pool, running, log, cancellation).ConfigureAwait(false);
            await ConfigureAsync(tree, card, log, cancellation).ConfigureAwait(false);
            await new SoftwareInstaller(tree, new Dictionary<string, SourceLocation>(), log).CleanAsync(cancellation).ConfigureAwait(false);
            await CardWriter.WriteAsync(tree, card, image, 0, BuildEpoch.Current, started, log, cancellation).ConfigureAwait(false);
            await running.ConfigureAwait(false);
        }
        catch
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
            throw;
        }
        finally
        {
            await tree.DeleteAsync(log, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task BootstrapAsync(ImageTree tree, PackagePool pool, Task downloads, IBuildLog log, CancellationToken cancellation)
    {
        log.Info($"Building a Debian {configuration.Suite} base for {architecture.DebianName()} with mmdebstrap.");
        var result = await RunMmdebstrapAsync(tree, pool, log, cancellation).ConfigureAwait(false);
        if (tree.Twins is not null && await FindTwinsFaultAsync(tree, result, log, cancellation).ConfigureAwait(false) is { } fault)
        {
            log.Warning(fault);
            tree.Twins = null;
            await downloads.ConfigureAwait(false);
            await tree.CreateAsync(log, cancellation).ConfigureAwait(false);
            await new DebianArchives(configuration, architecture, Path.Combine(tree.Folder, "apt"), pool, log)
                .FetchAsync(AllPackages, tree.ArchivesFolder, cancellation).ConfigureAwait(false);
            result = await RunMmdebstrapAsync(tree, pool, log, cancellation).ConfigureAwait(false);
        }

        if (result.ExitCode != 0)
            throw DiagnosticCode.BaseBuildFailed.Error(
                $"mmdebstrap ended with exit code {result.ExitCode}: {AptOutput.Problem(result)}{tree.DescribeTwins(result)}");
    }

    // Why it is to be done again emulated: a package failed, or the suite changed after the twins were fetched. Null when it is not.
    private static async Task<Diagnostic?> FindTwinsFaultAsync(ImageTree tree, SandboxResult result, IBuildLog log, CancellationToken cancellation)
    {
        if (result.ExitCode != 0)
            return SoftwareInstaller.FailedPackages(result) is { Count: > 0 } failed
                ? new Diagnostic(DiagnosticCode.TwinBroken, $"With native twins this failed; the base is built again emulated: {string.Join(' ', failed)}.") : null;
        var installer = new SoftwareInstaller(tree, new Dictionary<string, SourceLocation>(), new QuietLog(log));
        var strangers = NativeTwins.Strangers(tree.Twins!, await installer.ListPackagesAsync(cancellation).ConfigureAwait(false));
        return strangers.Count == 0 ? null
            : new Diagnostic(DiagnosticCode.TwinsUnavailable, $"The suite has changed during the build; the base is built again emulated: {string.Join(' ', strangers.Select(p => p.Name))}.");
    }

    private async Task<SandboxResult> RunMmdebstrapAsync(ImageTree tree, PackagePool pool, IBuildLog log, CancellationToken cancellation)
    {
        var steps = 0;
        var options = new SandboxOptions
        {
            Architecture = architecture,
            // Where everybody may pass: apt downloads as a user of its own, who could not enter the user's home folder.
            Binds = [new Bind(tree.Folder, "/mnt")],
            // An initramfs that the kernel's hook makes would be made again once all that goes into it is configured: configure-debian-base does that.
            Environment = ImageTree.ChrootEnvironment(new Dictionary<string, string> { ["INITRD"] = "No" }),
        };
        // In mmdebstrap's chroot is what lies in /dev/shm, but not what is mounted there.
        string[] twins = tree.Twins is { } folder ? [$"--setup-hook=cp -r '{folder.Replace("'", @"'\''", StringComparison.Ordinal)}' {SandboxOptions.TwinsPath}"] : [];
        string[] target = configuration.Mirror is { } mirror ? [configuration.Suite, "/mnt/root", mirror] : [configuration.Suite, "/mnt/root"];
        // Into apt's archives before they are asked for, and out of them at the end.
        const string archives = "\"$1/var/cache/apt/archives\"";
        string[] hooks =
        [
            .. twins, $"--setup-hook=mkdir -p {archives} && find /mnt/debs -name '*.deb' -exec mv -t {archives} {{}} +",
            $"--customize-hook=find {archives} -name '*.deb' -exec mv -t /mnt/debs {{}} +",
        ];
        var result = await SandboxRunner.RunAsync(options, HostTool.Mmdebstrap.Path,
            [
                "--mode=root", "--format=directory", "--skip=check/qemu,chroot/mount/sys,essential/unlink", "--variant=minbase",
                $"--architectures={architecture.DebianName()}", $"--components={AptSources.DebianComponents}", $"--include={string.Join(',', AllPackages)}",
                "--aptopt=Acquire::Languages \"none\"", "--aptopt=Acquire::Retries \"3\"", "--aptopt=APT::Install-Recommends \"0\"",
                "--dpkgopt=force-unsafe-io", "--verbose", .. hooks, .. target,
            ], log, cancellation, onLine: line =>
            {
                if (line.StartsWith("I: ", StringComparison.Ordinal))
                    log.Info(line[3..]);
                else if (line.StartsWith("Setting up ", StringComparison.Ordinal) && ++steps % 25 == 0)
                    log.Info($"Packages: {steps} set up.");
            }).ConfigureAwait(false);
        pool.Keep(tree.ArchivesFolder);
        return result;
    }

    private static async Task ConfigureAsync(ImageTree tree, CardSpecification card, IBuildLog log, CancellationToken cancellation)
    {
        log.Info("Laying the base out as a Raspberry Pi card.");
        // The kernel's hook has filled /boot/firmware: these files belong to the boot partition.
        await ImageTree.RunOutsideAsync("/bin/sh", ["-euc", "mv \"$1\"/boot/firmware/* \"$2\"/", "sh", tree.RootFolder, tree.BootFolder],
            log, cancellation).ConfigureAwait(false);
        var result = await tree.RunInsideAsync("/bin/sh", ["-euc", Resource()], log, cancellation, new Dictionary<string, string>
        {
            ["BOOT_PARTUUID"] = card.BootPartUuid,
            ["ROOT_PARTUUID"] = card.RootPartUuid,
        }).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw DiagnosticCode.BaseBuildFailed.Error($"Configuring the base ended with exit code {result.ExitCode}: {result.LastLine}{tree.DescribeTwins(result)}");
        // From outside: inside, the sandbox stands in for the resolver's configuration.
        await ImageTree.RunOutsideAsync("/bin/ln", ["-sfn", "../run/systemd/resolve/stub-resolv.conf", Path.Combine(tree.RootFolder, "etc/resolv.conf")],
            log, cancellation).ConfigureAwait(false);
    }

    // Ids that are fixed by the recipe, so that building it twice gives the same bytes.
    private CardSpecification Card()
    {
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(Id));
        return CardSpecification.RaspberryPiOs(BinaryPrimitives.ReadUInt32LittleEndian(hash), new Guid(hash.AsSpan(4, 16), bigEndian: true));
    }

    private static string Resource()
    {
        using var stream = typeof(DebianBase).Assembly.GetManifestResourceStream("configure-debian-base")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
