using W4b.Image.Diagnostics;
using W4b.Image.Layers.Cache;

namespace W4b.Image.Tests.Layers.Cache;

public sealed class CacheSealTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly CacheFolder _cache;
    private readonly ListLog _log = new();
    private readonly string _layer;
    private readonly string _image;

    public CacheSealTests()
    {
        _cache = new CacheFolder(_folder["cache"]);
        _layer = Directory.CreateDirectory(Path.Combine(_cache.Layers, "layer")).FullName;
        File.WriteAllText(Path.Combine(_layer, "layer.img"), "image");
        File.WriteAllText(Path.Combine(_layer, "layer.json"), "{}");
        CacheSeal.Write(_layer);
        _image = Path.Combine(_cache.Base, ContentFile.Sha256("base") + ".img");
        File.WriteAllText(_image, "base");
        CacheSeal.Write(_image, ContentFile.Sha256("base"));
    }

    public void Dispose()
    {
        CacheUses.ReleaseAll();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_as_it_was_made_is_taken()
    {
        Assert.True(TakeLayer());
        Assert.True(TakeImage());
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void A_flipped_bit_is_found_though_size_and_time_are_those_of_before()
    {
        foreach (var file in new[] { Path.Combine(_layer, "layer.img"), _image })
        {
            var time = File.GetLastWriteTimeUtc(file);
            var bytes = File.ReadAllBytes(file);
            bytes[1] ^= 1;
            using (var stream = new FileStream(file, FileMode.Open))
                stream.Write(bytes);
            File.SetLastWriteTimeUtc(file, time);
        }

        Assert.False(TakeLayer());
        Assert.False(TakeImage());
        Assert.False(Directory.Exists(_layer));
        Assert.False(File.Exists(_image));
        Assert.Equal(2, _log.Lines.Count(l => l.Contains("is damaged", StringComparison.Ordinal) && l.Contains("made again", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_cache_that_was_copied_or_restored_is_as_good()
    {
        File.Copy(Path.Combine(_layer, "layer.img"), Path.Combine(_layer, "copy"));
        File.Move(Path.Combine(_layer, "copy"), Path.Combine(_layer, "layer.img"), overwrite: true);
        Assert.True(TakeLayer());
        Assert.Null(CacheSeal.FindFault(_layer));
    }

    [Fact]
    public void A_lost_file_and_a_half_made_folder_are_not_taken()
    {
        File.Delete(Path.Combine(_layer, "layer.json"));
        Assert.False(TakeLayer());
        Directory.CreateDirectory(_layer);
        File.WriteAllText(Path.Combine(_layer, "layer.img"), "image");
        Assert.False(TakeLayer());
        Assert.False(Directory.Exists(_layer));
    }

    [Fact]
    public void A_folder_may_get_more_files()
    {
        File.WriteAllText(Path.Combine(_layer, "layer.xz"), "compressed");
        Assert.True(TakeLayer());
    }

    [Fact]
    public void A_base_image_without_a_seal_is_what_its_name_says_or_goes()
    {
        File.Delete(CacheSeal.PathOf(_image));
        Assert.True(TakeImage());
        File.Delete(CacheSeal.PathOf(_image));
        File.WriteAllText(_image, "other");
        Assert.False(TakeImage());
    }

    private bool TakeLayer() => CacheUses.Take(_cache, _layer, null, _log);

    private bool TakeImage() => CacheUses.Take(_cache, _image, Path.GetFileNameWithoutExtension(_image), _log);
}
