namespace W4b.Image.Distribution.Publishing;

/// <summary>How a card is written from a published image, in command lines.</summary>
internal static class FlashHint
{
    /// <summary>The text for one image.</summary>
    public static string Of(Publication published)
    {
        var (image, url) = (published.Image, published.Image.Url);
        var (fetch, local) = url.StartsWith("file://", StringComparison.Ordinal) ? ("cat", new Uri(url).LocalPath) : ("curl -fL", url);
        const string write = "xz -dc | sudo dd of=/dev/sdX bs=4M conv=fsync status=progress";
        if (image.Encrypted)
        {
            var decrypt = url.EndsWith(".age", StringComparison.Ordinal) ? "age -d -i KEY" : "gpg -d";
            return $"""
                {image.HiveId}: {url}
                  write the card: {fetch} '{local}' | {decrypt} | {write}

                """;
        }

        var lists = url[..url.LastIndexOf('/')] + "/" + ListUpdate.ImagerFile;
        return $"""
            {image.HiveId}: {url}
              write the card: {fetch} '{local}' | {write}
              faster:         sudo bmaptool copy '{local}' /dev/sdX
              Imager:         rpi-imager, custom repository {lists}

            """;
    }
}
