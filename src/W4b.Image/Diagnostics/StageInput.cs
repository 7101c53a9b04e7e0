namespace W4b.Image.Diagnostics;

/// <summary>Something that the result of a build's stage depends on.</summary>
/// <param name="Name">What it is, as the user knows it, e.g. <c>packages</c> or <c>script setup.sh</c>.</param>
/// <param name="Value">Its value; several with spaces between them; a hash where it is long, and a keyed one where it is secret.</param>
public sealed record StageInput(string Name, string Value);
