using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Layers.Download;

/// <summary>Who may have signed an image, and when. Pure, but that it reads the fingerprints in key files.</summary>
/// <param name="publisher">The publisher's keys.</param>
internal sealed class SignaturePolicy(IReadOnlyList<PinnedKey> publisher)
{
    /// <summary>Accepts a good signature, or throws.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.SignatureWrong"/>: by somebody else; <see cref="DiagnosticCode.SigningKeyNotValid"/>.</exception>
    public void Require(GoodSignature signature, SignatureConfiguration wanted)
    {
        if (publisher.FirstOrDefault(k => k.Fingerprint == signature.Fingerprint) is { } pinned)
            RequireTime(pinned, wanted.ReleaseDate ?? signature.Made);
        else if (wanted.KnownRelease)
            throw DiagnosticCode.SignatureWrong.Error($"The signature was made by the key {signature.Fingerprint}, which is none of the publisher's ({Names}).");
        else if (!wanted.KeyFiles.SelectMany(SignatureVerifier.FingerprintsIn).Contains(signature.Fingerprint))
            throw DiagnosticCode.SignatureWrong.Error($"The signature was made by the key {signature.Fingerprint}, which is not in base_image.signing_keys.");
    }

    /// <summary>Whether a signature can be checked: not when it must be by a key of the publisher's that nobody has brought.</summary>
    public bool CanBeChecked(SignatureConfiguration wanted)
        => !wanted.KnownRelease || wanted.KeyFiles.Count > 0 || Missing(wanted).Count == 0 || InUse(wanted).Exists(k => k.Armored is not null);

    /// <summary>Throws unless the key that is missing could have signed that known release: its sha256 is enough then.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.SignatureWrong"/>: the key must be here.</exception>
    public void RequireMayBeUnchecked(SignatureConfiguration wanted)
    {
        if (!wanted.KnownRelease || Missing(wanted).Count == 0)
            throw DiagnosticCode.SignatureWrong.Error("The signature names a key of the publisher's that this SDK does not have or that was not in use then; base_image.signing_keys can bring it.");
    }

    private List<PinnedKey> InUse(SignatureConfiguration wanted)
        => [.. publisher.Where(k => wanted.ReleaseDate is not { } date || k.SignedOn(date))];

    private List<PinnedKey> Missing(SignatureConfiguration wanted) => [.. InUse(wanted).Where(k => k.Armored is null)];

    private static void RequireTime(PinnedKey key, DateOnly released)
    {
        if (!key.SignedOn(released))
            throw DiagnosticCode.SigningKeyNotValid.Error($"The image was released on {released:yyyy-MM-dd} and is signed by the key {key.Fingerprint}, "
                + $"which signed releases from {key.First:yyyy-MM-dd} {(key.Last is { } last ? $"to {last:yyyy-MM-dd}" : "on")}.");
    }

    private string Names => string.Join(", ", publisher.Select(k => k.Fingerprint));
}
