using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using W4b.Image.Disk;
using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>A software layer made with native twins is the one made without: every path, type, mode, owner, link, attribute and content.</summary>
[Collection(ImageTests.Name)]
[Trait("Category", "Image")]
public sealed partial class NativeTwinsTests(SdkPackage package)
{
    [Fact]
    public void A_layer_made_with_twins_is_the_one_made_without()
    {
        if (RuntimeInformation.OSArchitecture != Architecture.X64)
            return; // there are none

        var (with, twins) = Build("true");
        var (without, emulation) = Build("false");

        Assert.Equal(0, emulation.Native);
        Assert.True(twins.Native > 5 * twins.Emulated, $"{twins}");
        var (a, b) = (TreeListing.Of(with), TreeListing.Of(without));
        Assert.True(a.Count > 20_000);
        var different = a.Keys.Union(b.Keys).Where(p => a.GetValueOrDefault(p) != b.GetValueOrDefault(p))
            .Select(p => $"{p}: {a.GetValueOrDefault(p)} / {b.GetValueOrDefault(p)}").ToList();
        Assert.True(different.Count == 0, string.Join('\n', different));
        Assert.Equal(HashOfBoot(without), HashOfBoot(with));

        // A program of the list that none of the packages brings would be emulated, and nobody would see it.
        var made = Directory.GetDirectories(Path.Combine(Path.GetDirectoryName(with)!, "../../twins"));
        List<string> listed = [.. Listed().Where(name => new[] { "/usr/bin/", "/usr/sbin/", "/usr/lib/" }.Any(folder => a.ContainsKey(folder + name)))];
        Assert.Contains("dpkg", listed);
        var missing = listed.Where(name => !made.Any(tree => File.Exists(Path.Combine(tree, "bin", name))));
        Assert.Empty(missing);
    }

    /// <summary>The programs of the sandbox's list, but for those whose name has a version in it.</summary>
    private static List<string> Listed()
    {
        var source = Comment().Replace(File.ReadAllText(Path.Combine(Repository.Root, "src/w4b-sandbox/twins.c")), "");
        List<string> names = [.. Neutral().Matches(source).SelectMany(list => Text().Matches(list.Value)).Concat(Special().Matches(source)).Select(m => m.Groups["name"].Value)];
        Assert.Contains("dpkg", names);
        Assert.Contains("apt-get", names);
        return names;
    }

    private (string Layer, (int Native, int Emulated) Programs) Build(string twins)
    {
        var project = SampleHive.CreateApart(package, edit: yaml => yaml.Replace("    - prometheus-node-exporter\n",
            "    - prometheus-node-exporter\n    - postgresql-17\n    - postgresql-17-timescaledb\n    - python3-pip\n", StringComparison.Ordinal));
        var build = project.MustBuild("-t:InstallSoftware", $"-p:W4bNativeTwins={twins}");
        Assert.DoesNotContain(build.Warnings, w => w.Code is "W4B3005" or "W4B3006");
        var folder = Assert.Single(Directory.GetDirectories(Path.Combine(project.Cache, "layers")));
        var runs = Ran().Matches(File.ReadAllText(Path.Combine(folder, "layer.log")));
        int Sum(string group) => runs.Sum(m => int.Parse(m.Groups[group].Value, System.Globalization.CultureInfo.InvariantCulture));
        return (Path.Combine(folder, "layer.img"), (Sum("native"), Sum("emulated")));
    }

    private static string HashOfBoot(string image)
    {
        var boot = CardLayout.Read(image).Boot;
        using var file = File.OpenRead(image);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        file.Position = boot.OffsetBytes;
        for (var left = boot.LengthBytes; left > 0;)
        {
            var got = file.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            hash.AppendData(buffer, 0, got);
            left -= got;
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    [GeneratedRegex("programs: (?<native>[0-9]+) native, (?<emulated>[0-9]+) emulated")]
    private static partial Regex Ran();

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"neutral\[\] = \{.*?\n\}", RegexOptions.Singleline)]
    private static partial Regex Neutral();

    [GeneratedRegex(@"""(?<name>[^""]+)""")]
    private static partial Regex Text();

    [GeneratedRegex(@"\{ ""(?<name>[^"".]+)"", \w+, [^}]+\}")]
    private static partial Regex Special();
}
