using W4b.Image.Disk;

namespace W4b.Image.Validation;

/// <summary>fstab(5) names partitions that the card has.</summary>
internal static class FstabRule
{
    /// <summary>What is wrong with the image's fstab.</summary>
    public static IEnumerable<string> Check(CardLayout card, Ext4FileSystem root)
    {
        if (root.Find("/etc/fstab") is null)
        {
            yield return "/etc/fstab is missing.";
            yield break;
        }

        string[] known = [card.BootPartUuid, card.RootPartUuid];
        foreach (var line in root.ReadAllText("/etc/fstab").Split('\n'))
        {
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || !fields[0].StartsWith("PARTUUID=", StringComparison.OrdinalIgnoreCase))
                continue;
            var expected = fields[1] == "/" ? card.RootPartUuid : fields[1].StartsWith("/boot", StringComparison.Ordinal) ? card.BootPartUuid : null;
            var actual = fields[0]["PARTUUID=".Length..].ToLowerInvariant();
            if (expected is not null && actual != expected)
                yield return $"/etc/fstab mounts {actual} at {fields[1]}, the card's partition is {expected}.";
            else if (!known.Contains(actual))
                yield return $"/etc/fstab names the partition {actual}, which the card lacks.";
        }
    }
}
