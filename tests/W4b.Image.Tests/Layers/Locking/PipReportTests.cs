using W4b.Image.Layers.Locking;

namespace W4b.Image.Tests.Layers.Locking;

/// <summary>What pip says that it installed.</summary>
public sealed class PipReportTests
{
    [Fact]
    public void Wheels_have_their_hashes_and_what_has_none_says_so()
    {
        var wheels = PipReport.Parse("""
            {"version": "1", "install": [
              {"download_info": {"url": "https://files.example.org/a/requests-2.32.3%2Bw4b-py3-none-any.whl", "archive_info": {"hash": "sha256=abc", "hashes": {"sha256": "abc"}}},
               "metadata": {"name": "requests", "version": "2.32.3+w4b"}},
              {"download_info": {"url": "file:///opt/w4b/sensors", "dir_info": {}}, "metadata": {"name": "a-sensor", "version": "1"}}]}
            """);
        Assert.Equal([new LockedWheel("a-sensor", "1", null, "sensors"), new LockedWheel("requests", "2.32.3+w4b", "abc", "requests-2.32.3+w4b-py3-none-any.whl")], wheels);
    }
}
