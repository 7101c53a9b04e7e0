using System.Text;
using W4b.Image.Layers.Twins;
using W4b.Image.Sandbox;

namespace W4b.Image.Tests.Layers.Twins;

public sealed class TwinTreeTests
{
    [Theory]
    [InlineData(Architecture.Arm64, "aarch64-linux-gnu")]
    [InlineData(Architecture.Armhf, "arm-linux-gnueabihf")]
    public void Perl_modules_are_the_targets_but_for_their_compiled_parts(Architecture architecture, string triplet)
    {
        using var folder = new TestFolder();
        Make(folder["package/usr/lib/x86_64-linux-gnu/perl/5.40.1/auto/POSIX/POSIX.so"], "compiled");
        Make(folder["package/usr/lib/x86_64-linux-gnu/perl/5.40.1/POSIX.pm"], "perl");
        File.CreateSymbolicLink(folder["package/usr/lib/x86_64-linux-gnu/perl/5.40"], "5.40.1");
        var tree = new TwinTree(folder["tree"], architecture);

        tree.AddLibraries(folder["package"]);

        Assert.Equal("5.40.1", new FileInfo(folder["tree/lib/perl/5.40"]).LinkTarget);
        Assert.Equal("compiled", File.ReadAllText(folder["tree/lib/perl/5.40/auto/POSIX/POSIX.so"]));
        Assert.Equal($"/usr/lib/{triplet}/perl/5.40.1/POSIX.pm", new FileInfo(folder["tree/lib/perl/5.40.1/POSIX.pm"]).LinkTarget);
    }

    [Fact]
    public void Programs_that_are_listed_come_from_both_layouts_of_a_package_and_links_do_not()
    {
        using var folder = new TestFolder();
        Make(folder["old/bin/dash"], "dash");
        Make(folder["new/usr/bin/sed"], "sed");
        Make(folder["new/usr/bin/uname"], "uname");
        File.CreateSymbolicLink(folder["old/bin/sh"], "dash");
        File.CreateSymbolicLink(folder["new/bin"], "usr/bin");
        var tree = new TwinTree(folder["tree"], Architecture.Arm64);

        tree.AddPrograms(folder["old"], name => name is "dash" or "sh" or "sed");
        tree.AddPrograms(folder["new"], name => name is "dash" or "sh" or "sed");

        Assert.Equal(["dash", "sed"], Directory.GetFiles(tree.Bin).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Libraries_of_all_folders_come_together_and_the_loader_is_beside_them()
    {
        using var folder = new TestFolder();
        Make(folder["a/lib/x86_64-linux-gnu/libz.so.1.3"], "z");
        File.CreateSymbolicLink(folder["a/lib/x86_64-linux-gnu/libz.so.1"], "libz.so.1.3");
        Make(folder["b/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-257.so"], "s");
        Make(folder["b/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"], "loader");
        Make(folder["b/usr/lib/x86_64-linux-gnu/notes.txt"], "n");
        var tree = new TwinTree(folder["tree"], Architecture.Arm64);

        tree.AddLibraries(folder["a"]);
        tree.AddLibraries(folder["b"]);

        Assert.Equal(["ld-linux-x86-64.so.2", "libsystemd-shared-257.so", "libz.so.1", "libz.so.1.3"],
            Directory.GetFiles(folder["tree/lib"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("z", File.ReadAllText(folder["tree/lib/libz.so.1"]));
        Assert.Equal("loader", File.ReadAllText(folder["tree/ld.so"]));
    }

    [Fact]
    public void Paths_in_programs_become_the_sandboxs_and_nothing_moves()
    {
        using var folder = new TestFolder();
        const string before = "\0/lib64/ld-linux-x86-64.so.2\0/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/perl-base\0/usr/lib/x86_64-linux-gnu\0";
        Make(folder["package/usr/bin/perl"], before);
        var tree = new TwinTree(folder["tree"], Architecture.Arm64);
        tree.AddPrograms(folder["package"], _ => true);
        var mode = File.GetUnixFileMode(folder["tree/bin/perl"]);

        tree.Complete();

        var after = File.ReadAllText(folder["tree/bin/perl"]);
        Assert.Equal(before.Length, after.Length);
        Assert.Equal(["///dev/shm/.w4b/twins/ld.so", "/lib/x86_64-linux-gnu/", "/dev/shm/.w4b/twins/lib///perl-base", "/dev/shm/.w4b/twins/lib//"],
            after.Split('\0', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(mode, File.GetUnixFileMode(folder["tree/bin/perl"]));
    }

    [Theory]
    [InlineData(Architecture.Arm64, "arm64")]
    [InlineData(Architecture.Armhf, "armhf")]
    public void Programs_of_dpkg_are_told_the_targets_architecture_and_others_are_not(Architecture architecture, string name)
    {
        using var folder = new TestFolder();
        foreach (var program in new[] { "dpkg", "dpkg-query", "sed" })
            Make(folder[$"package/usr/bin/{program}"], "\0amd64\01.22.22 (amd64)\0an amd64 in a text\0");
        var tree = new TwinTree(folder["tree"], architecture);
        tree.AddPrograms(folder["package"], _ => true);

        tree.Complete();

        foreach (var program in new[] { "dpkg", "dpkg-query" })
            Assert.Equal($"\0{name}\01.22.22 ({name})\0an amd64 in a text\0", File.ReadAllText(folder[$"tree/bin/{program}"]));
        Assert.Equal("\0amd64\01.22.22 (amd64)\0an amd64 in a text\0", File.ReadAllText(folder["tree/bin/sed"]));
    }

    private static void Make(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(content));
    }
}
