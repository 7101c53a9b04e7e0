using W4b.Image.Compression;

namespace W4b.Image.Tests.Compression;

public sealed class Sha256StreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(1_000_001)]
    public void It_is_SHA_256(int size)
    {
        var hash = new Sha256Stream();
        var data = Sample.Image(size);
        hash.Append(data.AsSpan(0, size / 3));
        hash.Append(data.AsSpan(size / 3));
        Assert.Equal(Sample.Sha256(data), hash.Finish());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(3 * 64 * 1024)]
    public void Another_goes_on_from_its_state(int length)
    {
        var data = Sample.Image(500_000);
        var first = new Sha256Stream();
        first.Append(data.AsSpan(0, length));
        var second = new Sha256Stream(first.State, length);
        second.Append(data.AsSpan(length));
        Assert.Equal(Sample.Sha256(data), second.Finish());
    }

    [Fact]
    public void The_length_of_more_than_half_a_gibibyte_goes_with_it()
    {
        // From 2^29 bytes on, the number of bits needs both of its words.
        const long length = (1L << 29) + 64;
        var zeros = new byte[1 << 20];
        var whole = new Sha256Stream();
        for (long done = 0; done < 1L << 29; done += zeros.Length)
            whole.Append(zeros);
        whole.Append(zeros.AsSpan(0, 64));
        var resumed = new Sha256Stream(whole.State, length);
        whole.Append("the end"u8);
        resumed.Append("the end"u8);
        Assert.Equal(whole.Finish(), resumed.Finish());
    }

    [Fact]
    public void Only_between_blocks() => Assert.Throws<ArgumentOutOfRangeException>(() => new Sha256Stream(new Sha256Stream().State, 63));
}
