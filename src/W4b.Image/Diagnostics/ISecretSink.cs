namespace W4b.Image.Diagnostics;

/// <summary>A log that hides secrets. Whoever resolves a secret gives it here first; from then on every text shows <c>***</c> instead.</summary>
public interface ISecretSink
{
    /// <summary>Hides <paramref name="value"/>, and each line of it, in everything that is logged from now on.</summary>
    void AddSecret(string value);
}
