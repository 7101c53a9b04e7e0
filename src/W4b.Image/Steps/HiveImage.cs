namespace W4b.Image.Steps;

/// <summary>A hive's image on its way.</summary>
/// <param name="Name">Its name without extension, e.g. <c>w4b_pi3_hive_0Bpfj4cT_20260101_120000</c>.</param>
/// <param name="ImagePath">Where it is now.</param>
public sealed record HiveImage(string Name, string ImagePath);
