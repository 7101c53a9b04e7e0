using W4b.Image.Validation.Boot;

namespace W4b.Image.Tests.Validation.Boot;

public sealed class BootReportTests
{
    [Fact]
    public void The_table_tells_what_is_true_and_what_was_seen()
        => Assert.Equal("""
            hive.img on virt (tcg), up after 42 s

            true      The host name is hive-a  hive-a
            NOT TRUE  There is a way out       (nothing)

            """, new BootReport("hive.img", "virt", "tcg", 41.6, "", [],
            [
                new BootResult("hostname", "The host name is hive-a", true, "hive-a\n"), new BootResult("online", "There is a way out", false, "(nothing)\nmore"),
            ]).ToTable());
}
