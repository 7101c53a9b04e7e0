namespace W4b.Image.Configuration;

/// <summary>How the image is named and where users get it.</summary>
/// <param name="NamingTemplate">Its name without extension, with <c>{hive_id}</c>, <c>{model}</c> and <c>{timestamp}</c>.</param>
/// <param name="DownloadServer">URL from which users get it; null when not told.</param>
public sealed record OutputConfiguration(string NamingTemplate, string? DownloadServer)
{
    private const string TimeFormat = "yyyyMMdd_HHmmss";

    /// <summary>The image's name without extension.</summary>
    /// <param name="hive">The hive whose image it is.</param>
    /// <param name="time">The time in the name; UTC is used.</param>
    public string Name(HiveConfiguration hive, DateTimeOffset time)
        => Values.Name(NamingTemplate, hive.HiveId, hive.Base.PiModel,
            time.UtcDateTime.ToString(TimeFormat, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The time in an image's name, UTC.</summary>
    public DateTimeOffset Time(HiveConfiguration hive, string name)
    {
        var before = Values.Name(NamingTemplate[..NamingTemplate.IndexOf("{timestamp}", StringComparison.Ordinal)], hive.HiveId, hive.Base.PiModel, "");
        return DateTimeOffset.ParseExact(name.AsSpan(before.Length, TimeFormat.Length), TimeFormat, System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal);
    }
}

/// <summary>Folders that the YAML names; null where it does not.</summary>
/// <param name="Output">Full path of the folder for images.</param>
/// <param name="Cache">Full path of the cache.</param>
public sealed record FolderConfiguration(string? Output, string? Cache);
