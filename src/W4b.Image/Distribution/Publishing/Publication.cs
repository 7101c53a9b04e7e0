namespace W4b.Image.Distribution.Publishing;

/// <summary>An image whose files are on a server, and which is now to be listed there: what one hive's build tells to the fleet's.</summary>
/// <param name="Destination">Where, and how it is reached; a secret stands in it as a reference only.</param>
/// <param name="Image">What is there.</param>
/// <param name="Facts">The image.</param>
internal sealed record Publication(PublishTarget Destination, PublishedImage Image, ImageFacts Facts);
