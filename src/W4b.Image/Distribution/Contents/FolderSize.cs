namespace W4b.Image.Distribution.Contents;

/// <summary>A folder and how much is in it.</summary>
/// <param name="Path">Its absolute path in the image.</param>
/// <param name="Bytes">The sum of the sizes of all files in it and below, hard links once.</param>
public sealed record FolderSize(string Path, long Bytes);

/// <summary>A package and how much it brings.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">The sum of the sizes of its files that are in the image.</param>
public sealed record PackageSize(string Name, long Bytes);
