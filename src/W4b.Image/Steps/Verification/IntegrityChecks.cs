using System.Security.Cryptography;
using W4b.Image.Compression;
using W4b.Image.Disk;
using W4b.Image.Validation;

namespace W4b.Image.Steps.Verification;

/// <summary>That an image is whole, and what stands beside it its own: what is asked before any rule is. Further kinds of sidecars, such as signatures, belong here.</summary>
internal static class IntegrityChecks
{
    private static readonly RuleInfo s_archive = new("W4BV001", "archive", RuleSeverity.Error, "The archive is whole: each block's check matches",
        "Of a damaged archive a part of the card would be missing or wrong.", "Fetch it again, or build it again.");

    private static readonly RuleInfo s_checksum = new("W4BV002", "checksum-file", RuleSeverity.Error, "The .sha256 file is this archive's",
        "Whoever checks by it would take another file for this one.", "Fetch both again from where they were published.");

    private static readonly RuleInfo s_manifest = new("W4BV003", "manifest", RuleSeverity.Error, "The manifest is this image's",
        "What it says of hive, packages and keys would be another image's.", "Fetch both again from where they were published.");

    /// <summary>What each check is.</summary>
    public static IReadOnlyList<RuleInfo> All { get; } = [s_archive, s_checksum, s_manifest];

    /// <summary>Checks a file; the archive's result is the first.</summary>
    /// <param name="file">The file.</param>
    /// <param name="sidecars">What stands beside it.</param>
    /// <param name="raw">Takes the raw image while the archive is read; null for none.</param>
    /// <param name="quick">Whether neither archive nor image is read whole.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    public static async Task<IReadOnlyList<RuleResult>> RunAsync(ImageFile file, Sidecars sidecars, UnpackedImage? raw, bool quick, CancellationToken cancellation)
    {
        if (file.Damage is { } damage)
            return [Broken(s_archive, damage.Diagnostics.Select(d => d.Message)), NotAsked(s_checksum, "the archive is damaged"), NotAsked(s_manifest, "the archive is damaged")];
        var whole = file.Archive is null || quick ? null : await file.Archive.CheckAsync(raw?.File, cancellation).ConfigureAwait(false);
        return
        [
            file.Archive is null ? NotAsked(s_archive, "the image is not compressed")
                : Result(s_archive, whole?.Damaged.Select(d => Describe(d, file.Archive)) ?? []),
            Checksum(file, sidecars, whole?.Sha256),
            Manifest(file, sidecars, whole?.Sha256, quick, cancellation),
        ];
    }

    private static string Describe(DamagedBlock block, XzArchive archive)
        => $"Block {block.Block} of {archive.BlockCount} is damaged: bytes {block.ArchiveOffset} to {block.ArchiveOffset + block.ArchiveSize - 1} of the archive, "
            + $"which hold bytes {block.Offset} to {block.Offset + block.Size - 1} of the image.";

    private static RuleResult Checksum(ImageFile file, Sidecars sidecars, string? sha256)
    {
        if (file.Archive is null)
            return NotAsked(s_checksum, "the image is not compressed");
        if (sidecars.ChecksumFile is not { } path)
            return NotAsked(s_checksum, "there is none");
        // As sha256sum(1) writes it; a star before the name means binary.
        var words = File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2 || words[0].Length != 64 || !words[0].All(char.IsAsciiHexDigit))
            return Broken(s_checksum, [$"{Path.GetFileName(path)} is no file of sha256sum."]);
        var (said, name) = (words[0].ToLowerInvariant(), words[1].TrimStart('*'));
        List<string> problems = [];
        if (name != Path.GetFileName(file.Path))
            problems.Add($"{Path.GetFileName(path)} is that of {name}.");
        if (sha256 is not null && said != sha256)
            problems.Add($"{Path.GetFileName(path)} says {said}; the archive's SHA-256 is {sha256}.");
        if (sha256 is null && sidecars.Manifest is { } manifest && manifest.Archive.Sha256 != said)
            problems.Add($"{Path.GetFileName(path)} says {said}; the manifest says {manifest.Archive.Sha256}.");
        return Result(s_checksum, problems);
    }

    private static RuleResult Manifest(ImageFile file, Sidecars sidecars, string? sha256, bool quick, CancellationToken cancellation)
    {
        if (sidecars.ManifestFile is not { } path)
            return NotAsked(s_manifest, "there is none");
        if (sidecars.Manifest is not { } manifest)
            return Broken(s_manifest, [$"{Path.GetFileName(path)} is no image's manifest."]);
        var problems = file.Archive is { } archive ? OfArchive(archive, manifest, sha256) : OfRaw(file, manifest, quick, cancellation);
        return Result(s_manifest, problems.Select(p => $"{Path.GetFileName(path)} is that of {manifest.Name}: {p}"));
    }

    private static IEnumerable<string> OfArchive(XzArchive archive, ImageManifest manifest, string? sha256)
    {
        if (sha256 is null && manifest.Archive.File != Path.GetFileName(archive.Path))
            yield return "the archive has another name.";
        if (archive.Length != manifest.Archive.Bytes)
            yield return $"it says {manifest.Archive.Bytes} bytes, the archive has {archive.Length}.";
        else if (archive.RawLength != manifest.Image.Bytes)
            yield return $"it says {manifest.Image.Bytes} bytes of the image, the archive holds {archive.RawLength}.";
        else if (sha256 is not null && sha256 != manifest.Archive.Sha256)
            yield return $"it says the archive's SHA-256 is {manifest.Archive.Sha256}, and it is {sha256}.";
    }

    private static IEnumerable<string> OfRaw(ImageFile file, ImageManifest manifest, bool quick, CancellationToken cancellation)
    {
        using var reader = file.OpenReader();
        // A card is longer than its image.
        if (reader.Length < manifest.Image.Bytes)
            yield return $"it says {manifest.Image.Bytes} bytes, and there are only {reader.Length}.";
        else if (!quick && Sha256Of(reader, manifest.Image.Bytes, cancellation) is var actual && actual != manifest.Image.Sha256)
            yield return $"it says the image's SHA-256 is {manifest.Image.Sha256}, and it is {actual}. A card that was started once differs.";
    }

    private static string Sha256Of(ImageReader reader, long length, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[4 << 20];
        for (long at = 0; at < length;)
        {
            cancellation.ThrowIfCancellationRequested();
            var got = reader.Read(at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at)));
            if (got == 0)
                break;
            hash.AppendData(buffer, 0, got);
            at += got;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static RuleResult Result(RuleInfo info, IEnumerable<string> problems)
    {
        var findings = problems.Select(p => new RuleFinding(p)).ToList();
        return new RuleResult(info, findings.Count == 0 ? RuleState.Kept : RuleState.Broken, findings);
    }

    private static RuleResult Broken(RuleInfo info, IEnumerable<string> problems) => Result(info, problems);

    private static RuleResult NotAsked(RuleInfo info, string why) => new(info, RuleState.NotApplicable, [], why);
}
