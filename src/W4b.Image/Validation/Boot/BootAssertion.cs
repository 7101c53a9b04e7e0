using System.Globalization;

namespace W4b.Image.Validation.Boot;

/// <summary>Something that must be true of a running hive.</summary>
/// <param name="Id">A short name, unique, of letters, digits and hyphens.</param>
/// <param name="Title">The same as a sentence.</param>
/// <param name="Command">A bash command that ends with 0 when it is true, and prints what it saw.</param>
/// <param name="Unit">The unit whose journal tells more when it is not true; null for none.</param>
internal sealed record BootAssertion(string Id, string Title, string Command, string? Unit = null);

/// <summary>What came of an assertion.</summary>
/// <param name="Id">Its <see cref="BootAssertion.Id"/>.</param>
/// <param name="Title">Its <see cref="BootAssertion.Title"/>.</param>
/// <param name="Passed">Whether it is true.</param>
/// <param name="Evidence">What was seen; for one that failed with the end of its unit's journal.</param>
public sealed record BootResult(string Id, string Title, bool Passed, string Evidence);

/// <summary>What came of a boot: <c>boot-report.json</c>.</summary>
/// <param name="Image">The image's file name.</param>
/// <param name="Machine">QEMU's machine.</param>
/// <param name="Accelerator">What ran the processor: <c>tcg</c> or <c>kvm</c>.</param>
/// <param name="SecondsToReady">From power on to the end of the start, by the host's clock.</param>
/// <param name="Startup">What systemd-analyze(1) says of the start.</param>
/// <param name="Units">Seconds that each unit took to start, the longest first.</param>
/// <param name="Results">All assertions.</param>
public sealed record BootReport(string Image, string Machine, string Accelerator, double SecondsToReady, string Startup,
    IReadOnlyList<UnitTime> Units, IReadOnlyList<BootResult> Results)
{
    /// <summary>Whether every assertion is true.</summary>
    public bool Passed => Results.Count > 0 && Results.All(r => r.Passed);

    /// <summary>The assertions as a table for people: what was asserted, and the first line of what was seen.</summary>
    public string ToTable()
    {
        var width = Results.Select(r => r.Title.Length).DefaultIfEmpty().Max();
        static string First(string evidence) => evidence.Trim().Split('\n')[0] is { Length: > 100 } line ? line[..100] + "…" : evidence.Trim().Split('\n')[0];
        return string.Create(CultureInfo.InvariantCulture, $"{Image} on {Machine} ({Accelerator}), up after {SecondsToReady:0} s\n\n")
            + string.Concat(Results.Select(r => $"{(r.Passed ? "true    " : "NOT TRUE")}  {r.Title.PadRight(width)}  {First(r.Evidence)}".TrimEnd() + "\n"));
    }
}

/// <summary>How long a unit took to start.</summary>
/// <param name="Unit">Its name.</param>
/// <param name="Seconds">Seconds.</param>
public sealed record UnitTime(string Unit, double Seconds);
