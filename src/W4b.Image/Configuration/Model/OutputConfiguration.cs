namespace W4b.Image.Configuration;

/// <summary>How the image is named and where it goes.</summary>
/// <param name="NamingTemplate">Its name without extension, with <c>{hive_id}</c>, <c>{model}</c> and <c>{timestamp}</c>.</param>
/// <param name="UploadUrl">Where `dotnet publish` uploads it; null when it does not.</param>
/// <param name="DownloadServer">URL from which users get it; null when not told.</param>
public sealed record OutputConfiguration(string NamingTemplate, string? UploadUrl, string? DownloadServer)
{
    /// <summary>The image's name without extension.</summary>
    /// <param name="hive">The hive whose image it is.</param>
    /// <param name="time">The time in the name; UTC is used.</param>
    public string Name(HiveConfiguration hive, DateTimeOffset time)
        => Values.Name(NamingTemplate, hive.HiveId, hive.Base.PiModel,
            time.UtcDateTime.ToString("yyyyMMdd_HHmmss", System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>Folders that the YAML names; null where it does not.</summary>
/// <param name="Output">Full path of the folder for images.</param>
/// <param name="Cache">Full path of the cache.</param>
public sealed record FolderConfiguration(string? Output, string? Cache);
