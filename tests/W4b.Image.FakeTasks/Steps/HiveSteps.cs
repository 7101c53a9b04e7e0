using System.Security.Cryptography;
using W4b.Image.Diagnostics;
using W4b.Image.Validation;

namespace W4b.Image.Steps;

/// <summary>The fake domain: the image is a text, named by its content.</summary>
public static class ConfigureHiveStep
{
    /// <summary>As in the real domain.</summary>
    public static async Task<HiveImage> RunAsync(string imageJson, string projectFolder, string layerImage, string objFolder, string outputFolder, string cacheFolder, IBuildLog log, CancellationToken ct)
    {
        var configuration = FakeConfiguration.Read(imageJson);
        configuration.Run("ConfigureHive", log);
        if (configuration["own"] is { Length: > 0 } own)
            await MeetAsync(own, configuration["other"], ct).ConfigureAwait(false);
        var content = await File.ReadAllTextAsync(imageJson, ct).ConfigureAwait(false);
        var name = "w4b_pi3_" + Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)))[..8];
        var partial = Path.Combine(objFolder, name + ".img.partial");
        await File.WriteAllTextAsync(partial, layerImage + "\n" + content, ct).ConfigureAwait(false);
        return new HiveImage(name, partial);
    }

    private static async Task MeetAsync(string own, string other, CancellationToken ct)
    {
        await File.WriteAllTextAsync(own + ".here", "", ct).ConfigureAwait(false);
        for (var patience = TimeSpan.FromMinutes(1); !File.Exists(other + ".here"); patience -= TimeSpan.FromMilliseconds(20))
        {
            if (patience < TimeSpan.Zero)
                throw DiagnosticCode.ToolFailed.Error($"{other} is not being built.");
            await Task.Delay(20, ct).ConfigureAwait(false);
        }
    }
}

/// <summary>The fake domain: gives the image its final name.</summary>
public static class ConfigureWireGuardStep
{
    /// <summary>As in the real domain.</summary>
    public static Task<HiveImage> RunAsync(string imageJson, HiveImage image, IBuildLog log, CancellationToken ct)
    {
        FakeConfiguration.Read(imageJson).Run("ConfigureWireGuard", log);
        var final = Path.ChangeExtension(image.ImagePath, null);
        File.Move(image.ImagePath, final, overwrite: true);
        return Task.FromResult(image with { ImagePath = final });
    }
}

/// <summary>The fake domain: the report is written only when it differs.</summary>
public static class ValidateStep
{
    /// <summary>As in the real domain.</summary>
    public static Task RunAsync(string imageJson, string image, string reportFile, IReadOnlyList<OwnRule> rules, IBuildLog log, CancellationToken ct)
    {
        FakeConfiguration.WriteWhenDifferent(reportFile, "valid");
        FakeConfiguration.Read(imageJson).Run("Validate", log);
        return Task.CompletedTask;
    }
}

/// <summary>The fake domain: an image is what it says.</summary>
public static class VerifyStep
{
    /// <summary>As in the real domain.</summary>
    public static async Task<string> RunAsync(VerifyRequest request, IBuildLog log, CancellationToken ct)
    {
        var content = await File.ReadAllTextAsync(request.Image, ct).ConfigureAwait(false);
        var expected = request.ImageJson is null ? "" : await File.ReadAllTextAsync(request.ImageJson, ct).ConfigureAwait(false);
        Directory.CreateDirectory(Path.GetDirectoryName(request.ReportFile)!);
        await File.WriteAllTextAsync(request.ReportFile, (request.Quick ? "quick" : "full") + (request.Manifest is null ? "" : $" by {request.Manifest}"), ct).ConfigureAwait(false);
        return content.Contains(expected, StringComparison.Ordinal) ? $"verified {Path.GetFileName(request.Image)}"
            : throw DiagnosticCode.VerificationFailed.Error($"{request.Image} is another hive's.");
    }
}

/// <summary>The fake domain: nothing is booted.</summary>
public static class BootTestStep
{
    /// <summary>As in the real domain.</summary>
    public static Task RunAsync(string imageJson, string image, string machineName, string reportFile, IBuildLog log, CancellationToken ct)
    {
        FakeConfiguration.Read(imageJson).Run("BootTest", log);
        Directory.CreateDirectory(Path.GetDirectoryName(reportFile)!);
        File.WriteAllText(reportFile, machineName);
        return Task.CompletedTask;
    }
}

/// <summary>The fake domain: a copy, and three small files.</summary>
public static class CompressStep
{
    /// <summary>As in the real domain.</summary>
    public static async Task<string> RunAsync(string imageJson, string projectFolder, string image, string outputFolder, string objFolder, int? level, BegunArchive? begun, ICoreBudget cores, string? signingKey, IBuildLog log, CancellationToken ct)
    {
        FakeConfiguration.Read(imageJson).Run("Compress", log);
        var name = Path.Combine(Directory.CreateDirectory(outputFolder).FullName, Path.GetFileNameWithoutExtension(image));
        await File.WriteAllTextAsync(name + ".json", "{}", ct).ConfigureAwait(false);
        await File.WriteAllTextAsync(name + ".log", "log", ct).ConfigureAwait(false);
        await File.WriteAllTextAsync(name + ".img.xz.sha256", "sum", ct).ConfigureAwait(false);
        if (signingKey is not null)
            await File.WriteAllTextAsync(name + ".img.xz.minisig", await File.ReadAllTextAsync(signingKey, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        await File.WriteAllTextAsync(name + ".img.xz", await File.ReadAllTextAsync(image, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        return name + ".img.xz";
    }

    /// <summary>As in the real domain.</summary>
    public static BegunArchive? Begin(string image, string objFolder, int? level, int cores) => new(image);
}

/// <summary>The fake domain: a file that is there as long as somebody may take the archive.</summary>
public sealed class BegunArchive : IDisposable
{
    private readonly string _mark;

    internal BegunArchive(string image) => File.WriteAllText(_mark = image + ".begun", "");

    /// <inheritdoc/>
    public void Dispose() => File.Delete(_mark);
}
