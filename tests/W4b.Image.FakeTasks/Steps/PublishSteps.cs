using W4b.Image.Diagnostics;

namespace W4b.Image.Steps;

/// <summary>The fake domain: a copy. publish: another folder than the build's own.</summary>
public static class PublishImageStep
{
    /// <summary>As in the real domain.</summary>
    public static async Task<string> RunAsync(string objFolder, string outputFolder, string givenFolder, string defaultFolder, IBuildLog log, CancellationToken ct)
    {
        var configuration = FakeConfiguration.Read(Path.Combine(objFolder, "publish.json"));
        configuration.Run("PublishImage", log);
        var name = (await File.ReadAllTextAsync(Path.Combine(objFolder, "image.name"), ct).ConfigureAwait(false)).Trim();
        var folder = givenFolder.Length > 0 ? givenFolder : configuration["publish"].Length > 0 ? configuration["publish"] : defaultFolder;
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(outputFolder, name + ".*"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        var publication = Path.Combine(objFolder, "publication.json");
        await File.WriteAllTextAsync(publication, Path.Combine(folder, name), ct).ConfigureAwait(false);
        return publication;
    }
}

/// <summary>The fake domain: names what was published.</summary>
public static class PublishListStep
{
    /// <summary>As in the real domain.</summary>
    public static async Task<string> RunAsync(IReadOnlyList<string> publications, IBuildLog log, CancellationToken ct)
    {
        var images = await Task.WhenAll(publications.Select(p => File.ReadAllTextAsync(p, ct))).ConfigureAwait(false);
        return $"Listed {images.Length}: {string.Join(' ', images)}";
    }
}
