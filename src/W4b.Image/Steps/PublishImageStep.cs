using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Distribution;
using W4b.Image.Distribution.Imager;
using W4b.Image.Distribution.Publishing;

namespace W4b.Image.Steps;

/// <summary>An image and the files that tell of it go to where users get them. They are listed there by <see cref="PublishListStep"/>.</summary>
public static class PublishImageStep
{
    /// <summary>What <see cref="PublishListStep"/> is told, a file of obj/.</summary>
    public const string PublicationName = "publication.json";

    // Where the other side is being restarted, it is back by then.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Sends what is not there yet, and writes <c>publication.json</c> into <paramref name="objFolder"/>.</summary>
    /// <param name="objFolder">The build's folder, with publish.json and what CompressImage left.</param>
    /// <param name="outputFolder">Where the image is.</param>
    /// <param name="givenFolder">The folder that the command line or project names: it wins. Empty for none.</param>
    /// <param name="defaultFolder">The folder where nothing names one.</param>
    /// <param name="log">Receives what happens.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>The path of publication.json.</returns>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.SecretsNotPublished"/> and the codes of publishing.</exception>
    public static async Task<string> RunAsync(string objFolder, string outputFolder, string givenFolder, string defaultFolder, IBuildLog log, CancellationToken ct)
    {
        var publication = Path.Combine(objFolder, PublicationName);
        File.Delete(publication);
        var publish = ImageJson.Read<PublishConfiguration>(Path.Combine(objFolder, "publish.json"));
        if (givenFolder.Length > 0)
            publish = publish with { Url = new Uri(givenFolder).AbsoluteUri };
        var facts = ImageJson.Read<ImageFacts>(Path.Combine(objFolder, ImageFacts.FileName));
        if (facts.HoldsSecrets && !publish.AllowSecrets && publish.EncryptTo.Count == 0)
            throw DiagnosticCode.SecretsNotPublished.Error($"{facts.Name} holds secrets of the hive {facts.HiveId}.");

        var target = PublishTarget.Of(publish, defaultFolder);
        var destination = target.Open(log);
        await using (destination.ConfigureAwait(false))
        {
            var url = publish.DownloadServer ?? destination.Url;
            var files = await FilesAsync(facts, publish, url, isFolder: destination is FolderDestination, objFolder, outputFolder, log, ct).ConfigureAwait(false);
            var patience = new Patience(s_patience, log);
            var uploader = new Uploader(destination, patience, log);
            var known = PublishedImages.Parse(await uploader.ReadTextAsync(PublishedImages.FileName, ct).ConfigureAwait(false), $"{destination.Description}/{PublishedImages.FileName}");
            foreach (var (path, file) in files)
                await uploader.PutAsync(path, file, known.Has(file), ct).ConfigureAwait(false);
            var image = new PublishedImage(facts.Name, facts.HiveId, facts.TimeText, DeliveryFiles.Join(url, files[^1].File.Name), publish.EncryptTo.Count > 0, [.. files.Select(f => f.File)]);
            ContentFile.WriteAtomically(publication, ImageJson.Write(new Publication(target, image, facts)));
        }

        return publication;
    }

    // The archive last: who sees it finds all that belongs to it.
    private static async Task<IReadOnlyList<(string Path, FileFacts File)>> FilesAsync(ImageFacts facts, PublishConfiguration publish, string url, bool isFolder,
        string objFolder, string outputFolder, IBuildLog log, CancellationToken ct)
    {
        var archive = Path.Combine(outputFolder, facts.Archive.Name);
        var own = Directory.CreateDirectory(Path.Combine(objFolder, "publish")).FullName;
        if (await Task.Run(() => ContentFile.Sha256OfFile(archive), ct).ConfigureAwait(false) != facts.Archive.Sha256)
            throw DiagnosticCode.FileAccess.Error($"{archive} was changed since it was built. Delete it and build again.");
        var beside = Directory.GetFiles(outputFolder, facts.Name + ".*").Order(StringComparer.Ordinal)
            .Where(f => f != archive && !f.EndsWith(".partial", StringComparison.Ordinal)
                // A log tells of the machine that built: of no use to others.
                && (isFolder || !(f.EndsWith(".log", StringComparison.Ordinal) || f.EndsWith(".timings.json", StringComparison.Ordinal)))).ToList();
        if (publish.EncryptTo.Count > 0)
        {
            archive = await ImageEncryption.EncryptAsync(archive, facts.Archive.Sha256, publish.EncryptTo, own, log, ct).ConfigureAwait(false);
            var sum = Path.Combine(own, Path.GetFileName(archive) + ".sha256");
            ContentFile.WriteAtomically(sum, $"{ContentFile.Sha256OfFile(archive)}  {Path.GetFileName(archive)}\n");
            // Of no use before it is decrypted; and checksums of single blocks would help to guess a short password.
            beside = [.. beside.Where(f => !f.EndsWith(".bmap", StringComparison.Ordinal) && !f.EndsWith(".rpi-imager-manifest", StringComparison.Ordinal)), sum];
        }
        else
        {
            // The build did not know the destination.
            var manifest = Path.Combine(own, facts.Name + ".rpi-imager-manifest");
            ContentFile.WriteAtomically(manifest, ImagerList.Manifest(facts, DeliveryFiles.Join(url, facts.Archive.Name)));
            beside = [.. beside.Where(f => Path.GetFileName(f) != Path.GetFileName(manifest)), manifest];
        }

        return [.. beside.Append(archive).Select(f => (f, new FileFacts(Path.GetFileName(f), new FileInfo(f).Length, ContentFile.Sha256OfFile(f))))];
    }
}
