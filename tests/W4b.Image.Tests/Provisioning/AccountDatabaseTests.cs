using W4b.Image.Diagnostics;
using W4b.Image.Provisioning;

namespace W4b.Image.Tests.Provisioning;

public sealed class AccountDatabaseTests
{
    private static readonly AccountDatabase Image = new(
        "root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000::/home/pi:/bin/bash\n",
        "root:*:20000:0:99999:7:::\npi:!:20000:0:99999:7:::\n",
        "root:x:0:\nsudo:x:27:pi\npi:x:1000:\n",
        "root:*::\nsudo:*::pi\npi:!::\n");

    private static readonly PlannedUser Keeper = new("w4b", "W4B administrator", "/home/w4b", "/bin/bash", ["sudo"]);

    [Fact]
    public void A_new_user_gets_the_next_free_id_a_group_and_no_password()
    {
        var result = Image.With(Keeper, 20400);
        Assert.EndsWith("w4b:x:1001:1001:W4B administrator:/home/w4b:/bin/bash\n", result.Passwd, StringComparison.Ordinal);
        Assert.EndsWith("w4b:*:20400:0:99999:7:::\n", result.Shadow, StringComparison.Ordinal);
        Assert.Equal("root:x:0:\nsudo:x:27:pi,w4b\npi:x:1000:\nw4b:x:1001:\n", result.Group);
        Assert.Equal("root:*::\nsudo:*::pi,w4b\npi:!::\nw4b:!::\n", result.Gshadow);
    }

    [Fact]
    public void Twice_is_the_same_as_once()
        => Assert.Equal(Image.With(Keeper, 20400), Image.With(Keeper, 20400).With(Keeper, 20401));

    [Fact]
    public void A_user_who_is_there_gets_the_planned_shell_and_keeps_id_and_home()
    {
        var image = Image with { Passwd = Image.Passwd.Replace("/home/pi:/bin/bash", "/home/pi:/usr/sbin/nologin", StringComparison.Ordinal) };
        Assert.EndsWith("pi:x:1000:1000::/home/pi:/bin/bash\n", image.With(Keeper with { Name = "pi", Home = "/elsewhere" }, 1).Passwd, StringComparison.Ordinal);
        Assert.EndsWith("nologin\n", image.With(Keeper with { Name = "pi", System = true }, 1).Passwd, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_group_is_an_error()
        => Assert.Equal(DiagnosticCode.PlanPrerequisiteMissing,
            Assert.Throws<W4bException>(() => Image.With(Keeper with { Groups = ["gpio"] }, 1)).Diagnostics[0].Code);
}
