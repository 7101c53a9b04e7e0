using System.Buffers.Binary;
using System.Globalization;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution.Contents;
using W4b.Image.Distribution.Report;
using W4b.Image.Validation;
using W4b.Image.Validation.Boot;

namespace W4b.Image.Tests.Distribution.Report;

/// <summary>The page about a build: what it tells, and how it looks in a browser.</summary>
public sealed class BuildReportTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_tells_of_the_image_its_checks_its_boot_and_what_changed()
    {
        var page = BuildReport.Write(Inputs());
        foreach (var told in new[]
                 {
                     "hive-a", "Raspberry Pi 3, arm64", "Debian GNU/Linux 13 (trixie)", "debian trixie", SampleImage.Facts.Image.Sha256, SampleImage.Facts.Archive.Sha256, "2026-01-02 03:04:05 UTC",
                     "sensor_manager", "https://git.example.org/dashboard.git", "CustomizeImage", "12.5 s", "The root file system is clean", "/etc/shadow: Others can read it.",
                     "1 of 2 assertions are true", "libssl3t64", "3.5.0", "3.5.1", "5.2.37-1", "pyserial",
                 })
            Assert.Contains(told, page, StringComparison.Ordinal);
        Assert.Equal(page, BuildReport.Write(Inputs()));
    }

    [Fact]
    public void Nothing_in_it_comes_from_elsewhere()
    {
        var page = BuildReport.Write(Inputs());
        foreach (var foreign in new[] { "<script", "src=", "@import", "url(", "href=\"http" })
            Assert.DoesNotContain(foreign, page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Texts_are_texts()
    {
        var facts = SampleImage.Facts with { Hostname = "<b>&\"x\"" };
        Assert.Contains("&lt;b&gt;&amp;&quot;x&quot;", BuildReport.Write(Inputs() with { Facts = facts }), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_image_has_nothing_to_compare_with_and_needs_neither_checks_nor_boot()
    {
        var page = BuildReport.Write(Inputs() with { Previous = null, Boot = null, Validation = null, Times = [] });
        Assert.Contains("This is the first one.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Boot test", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Changes_are_what_came_went_and_differs()
        => Assert.Equal([new PackageChange("came", "", "1"), new PackageChange("other", "1", "2"), new PackageChange("went", "3", "")],
            BuildReport.Changes(new Dictionary<string, string> { ["same"] = "1", ["other"] = "1", ["went"] = "3" },
                new Dictionary<string, string> { ["same"] = "1", ["other"] = "2", ["came"] = "1" }));

    // W4B_SCREENSHOTS names a folder for the pictures, to look at.
    [Theory]
    [InlineData(390, 844, false)]
    [InlineData(1280, 900, false)]
    [InlineData(390, 844, true)]
    [InlineData(1280, 900, true)]
    public void A_browser_shows_it_without_complaint(int width, int height, bool dark)
    {
        // The page itself has no script; this one tells what the browser made of it.
        const string probe = """
            <script>addEventListener("load", () => { const shown = [...document.querySelectorAll("svg")].filter(s => s.getBoundingClientRect().height > 100);
            document.title = ["probe", document.documentElement.scrollWidth - innerWidth, shown.length, shown[0].querySelectorAll("text").length > 0,
            [...document.querySelectorAll("section")].every(s => s.getBoundingClientRect().height > 30),
            getComputedStyle(document.body).backgroundColor].join("|"); })</script></body>
            """;
        var page = BuildReport.Write(Inputs()).Replace("</body>", probe, StringComparison.Ordinal);
        var file = _folder.Write("report.html", page);
        var picture = _folder["report.png"];
        string[] browser =
        [
            "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr", "--log-level=0", $"--user-data-dir={_folder["profile"]}",
            $"--window-size={width},{height}", .. dark ? new[] { "--blink-settings=preferredColorScheme=0" } : [],
        ];

        var dom = StockProgram.Run("chromium-headless-shell", [.. browser, "--dump-dom", "file://" + file]);
        Assert.DoesNotContain("CONSOLE", dom, StringComparison.Ordinal);
        var told = dom[dom.IndexOf("<title>probe|", StringComparison.Ordinal)..].Split('<')[1].Split('|');
        Assert.Equal("0", told[1]); // nothing to scroll sideways
        Assert.Equal("2", told[2]); // one picture of each pair
        Assert.Equal(["true", "true"], told[3..5]);
        Assert.Equal(dark ? "rgb(20, 23, 28)" : "rgb(246, 245, 241)", told[5]);

        StockProgram.Run("chromium-headless-shell", [.. browser, $"--screenshot={picture}", "file://" + file]);
        var png = File.ReadAllBytes(picture);
        Assert.Equal((width, height), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
        if (Environment.GetEnvironmentVariable("W4B_SCREENSHOTS") is not { Length: > 0 } pictures)
            return;
        File.WriteAllText(Path.Combine(pictures, "report.html"), page);
        File.Copy(picture, Path.Combine(pictures, string.Create(CultureInfo.InvariantCulture, $"report-{width}{(dark ? "-dark" : "")}.png")), overwrite: true);
    }

    private static ReportInputs Inputs()
    {
        static RuleInfo Rule(string id, string title) => new(id, id, RuleSeverity.Error, title, "why", "fix");
        var contents = SampleImage.Contents with
        {
            PackageSizes = [.. SampleImage.Contents.PackageSizes, .. Enumerable.Range(1, 120).Select(i => new PackageSize($"package-{i}", 90_000_000 / i))],
            Folders = [.. SampleImage.Contents.Folders, new FolderSize("/opt", 60_000_000), new FolderSize("/opt/w4b", 60_000_000), new FolderSize("/opt/w4b/venv", 50_000_000)],
        };
        var start = new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
        return new ReportInputs(SampleImage.Facts, contents,
            [new StageTime("FetchBaseImage", start, 180.2, 1), new StageTime("InstallSoftware", start, 61, 1), new StageTime("CustomizeImage", start, 12.5, 1), new StageTime("CompressImage", start, 4, 1)],
            new ValidationReport("x.img",
            [
                new RuleResult(Rule("W4BR001", "The root file system is clean"), RuleState.Kept, []),
                new RuleResult(Rule("W4BR002", "Shadow is private"), RuleState.Broken, [new RuleFinding("Others can read it.", "/etc/shadow")]),
                new RuleResult(Rule("W4BR003", "The tunnel's file parses"), RuleState.NotApplicable, [], "There is no tunnel."),
            ]),
            new BootReport("x.img", "virt", "tcg", 44, "Startup finished in 5s (kernel) + 20s (userspace) = 25s", [],
                [new BootResult("a", "The host name is hive-a", true, ""), new BootResult("b", "Port 22 is open", false, "refused")]),
            new PreviousBuild("w4b_pi3_hive_a_20251201_000000",
                new Dictionary<string, string>(PreviousBuild.Of("", contents).Packages) { ["libssl3t64"] = "3.5.0", ["bash"] = "5.2.37-1" }))
        with { Contents = contents with { Packages = [.. contents.Packages, new DebianPackage("libssl3t64", "3.5.1", "arm64", "openssl 3.5.1", "", null, "TLS")] } };
    }
}
