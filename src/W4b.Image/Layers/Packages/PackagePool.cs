using System.Security.Cryptography;
using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Layers.Packages;

/// <summary>
/// The .debs that builds have downloaded, each named by its sha256: bases, twins and layers of all projects take them from here
/// instead of the network. apt trusts whatever has the right name and size in its folder of archives, and two repositories may have
/// different files of one name; so what is put there is chosen, and checked while it is copied, by the hash in the repository's
/// signed list.
/// </summary>
/// <param name="cache">The cache that the pool is in.</param>
/// <param name="log">Receives what was taken.</param>
internal sealed class PackagePool(CacheFolder cache, IBuildLog log)
{
    /// <summary>Puts those of <paramref name="wanted"/> that the pool has into <paramref name="archives"/>. One that is damaged leaves the pool.</summary>
    /// <returns>The bytes that are left to download.</returns>
    public long Provide(IReadOnlyList<PackageArchive> wanted, string archives)
    {
        var taken = wanted.Where(archive => Take(archive, archives)).ToHashSet();
        var left = wanted.Where(archive => !taken.Contains(archive)).Sum(archive => archive.Bytes);
        if (wanted.Count > 0)
            log.Info($"Packages: {taken.Count} of {wanted.Count} are in the cache, {left / (1024 * 1024)} MiB to download.");
        return left;
    }

    /// <summary>Keeps the .debs in <paramref name="archives"/>, which apt has checked as it downloaded them.</summary>
    public void Keep(string archives)
    {
        foreach (var file in Directory.GetFiles(archives, "*.deb"))
        {
            var path = PathOf(ContentFile.Sha256OfFile(file));
            if (File.Exists(path))
                continue;
            // A copy: a link would let whatever writes to the one change the other.
            var partial = $"{path}.{Guid.NewGuid():N}.partial";
            File.Copy(file, partial);
            DurableFile.Move(partial, path);
        }
    }

    private string PathOf(string sha256) => Path.Combine(cache.Packages, sha256 + ".deb");

    private bool Take(PackageArchive archive, string archives)
    {
        var path = PathOf(archive.Sha256);
        // apt takes no notice of a name that does not end in .deb.
        var partial = Path.Combine(archives, archive.FileName + ".partial");
        try
        {
            using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var target = File.Create(partial);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[1024 * 1024];
            while (source.Read(buffer) is var read and > 0)
            {
                hash.AppendData(buffer, 0, read);
                target.Write(buffer, 0, read);
            }

            if (Convert.ToHexStringLower(hash.GetHashAndReset()) == archive.Sha256)
            {
                File.Move(partial, Path.Combine(archives, archive.FileName), overwrite: true);
                CacheUses.Mark(path);
                return true;
            }
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        log.Info($"The package {archive.FileName} in the cache is damaged; it is downloaded again.");
        File.Delete(partial);
        File.Delete(path);
        return false;
    }
}
