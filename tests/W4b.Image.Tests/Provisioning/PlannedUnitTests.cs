using System.Diagnostics;
using System.Text;
using W4b.Image.Provisioning;

namespace W4b.Image.Tests.Provisioning;

/// <summary>The plans' units as systemd itself sees them, without a boot: systemd-analyze(1) of this host, beside this host's own units.</summary>
[Trait("Category", "Sandbox")]
public sealed class PlannedUnitTests : IDisposable
{
    private const string Folder = "/etc/systemd/system/";
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("full")]
    [InlineData("database")]
    [InlineData("raspios")]
    public void No_unit_waits_for_one_that_waits_for_it(string plan)
    {
        Write(PlanSnapshotTests.PlanOf(plan));
        Assert.DoesNotContain("ordering cycle", Start(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_that_comes_after_the_network_would_be_such_a_one()
    {
        Write(PlanSnapshotTests.PlanOf("database"));
        var mount = _folder["var-lib-postgresql.mount"];
        File.WriteAllText(mount, File.ReadAllText(mount).Replace("DefaultDependencies=no\n", "", StringComparison.Ordinal));
        Assert.Contains("ordering cycle", Start(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("full", "w4b-clock", "w4b-database-backup", "w4b-database-cluster", "w4b-database-retention", "w4b-database", "w4b-grow-root", "w4b-keyboard", "w4b-sensor-manager", "w4b-ssh-host-keys", "w4b-tunnel")]
    [InlineData("database", "w4b-clock", "w4b-database-cluster", "w4b-database-retention", "w4b-database-volume", "w4b-database", "w4b-grow-root", "w4b-keyboard")]
    public void Our_own_services_are_exposed_by_3_at_most(string plan, params string[] expected)
    {
        Write(PlanSnapshotTests.PlanOf(plan));
        string[] services = [.. _folder.Files.Where(f => f.StartsWith("w4b-", StringComparison.Ordinal) && f.EndsWith(".service", StringComparison.Ordinal))];
        Assert.Superset(expected.Select(e => e + ".service").ToHashSet(), services.ToHashSet());
        Assert.All(services, service =>
        {
            var (code, said) = Analyze("security", "--offline=true", "--threshold=30", "--no-pager", _folder[service]);
            Assert.True(code == 0, said);
        });
    }

    private string Start() => Analyze("verify", "--man=no", "multi-user.target").Output;

    // The units, and the links of those that are enabled.
    private void Write(FilePlan plan)
    {
        var units = plan.Entries.OfType<PlannedFile>().Where(f => f.Path.StartsWith(Folder, StringComparison.Ordinal))
            .ToDictionary(f => f.Path[Folder.Length..], f => Encoding.UTF8.GetString(f.Content.Span), StringComparer.Ordinal);
        foreach (var (name, text) in units)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
            File.WriteAllText(_folder[name], text);
        }

        foreach (var link in plan.Units.Where(u => units.ContainsKey(u.Name)).SelectMany(u => UnitInstall.Links(u.Name, _folder[u.Name], units[u.Name])))
        {
            var path = _folder[link.Path[Folder.Length..]];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.CreateSymbolicLink(path, link.Target);
        }
    }

    private (int ExitCode, string Output) Analyze(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("systemd-analyze", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["SYSTEMD_UNIT_PATH"] = $"{_folder.Path}:/usr/lib/systemd/system", ["SYSTEMD_LOG_LEVEL"] = "warning" },
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
