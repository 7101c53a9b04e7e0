using W4b.Image.Configuration;
using W4b.Image.Layers;

namespace W4b.Image.Tests.Layers;

public sealed class LayerStepsTests : IDisposable
{
    private static readonly string s_base = new('0', 64);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Packages_alone_are_one_step_and_one_layer()
    {
        var steps = Of(Software(["nano"]));
        Assert.Equal([LayerStepKind.Packages], steps.All.Select(s => s.Kind));
        Assert.Equal(steps.All[0].Id, steps.LayerId);
        Assert.False(steps.KeepsPackages);
    }

    [Fact]
    public void What_follows_packages_starts_from_the_layer_of_a_hive_with_these_packages_alone()
    {
        var steps = Of(Software(["nano"]) with { Scripts = [Script("a.sh", "true")] });
        Assert.Equal([LayerStepKind.Packages, LayerStepKind.Scripts], steps.All.Select(s => s.Kind));
        Assert.True(steps.KeepsPackages);
        Assert.Equal(Of(Software(["nano"])).LayerId, steps.All[0].Id);
    }

    [Fact]
    public void Without_packages_nothing_is_kept_on_the_way()
        => Assert.False(Of(Software([]) with { Scripts = [Script("a.sh", "true")] }).KeepsPackages);

    [Fact]
    public void A_changed_script_changes_the_scripts_step_alone()
    {
        var folder = Component("sensors", "one");
        var software = Software(["nano"]) with { Components = [folder], PythonPackages = ["requests"] };
        var (before, after) = (Of(software with { Scripts = [Script("a.sh", "true")] }), Of(software with { Scripts = [Script("a.sh", "false")] }));
        Assert.Equal(before.All.Take(2).Select(s => s.Id), after.All.Take(2).Select(s => s.Id));
        Assert.NotEqual(before.All[2].Id, after.All[2].Id);
        Assert.NotEqual(before.LayerId, after.LayerId);
    }

    [Fact]
    public void A_changed_component_wheel_or_requirement_keeps_the_packages_and_changes_all_after_them()
    {
        var script = Script("a.sh", "true");
        var software = Software(["nano"]) with { Scripts = [script], Components = [Component("sensors", "one")], PythonPackages = ["requests"], PythonWheels = Wheels("1") };
        var before = Of(software);
        foreach (var changed in new[]
                 {
                     software with { Components = [Component("sensors", "two")] }, software with { PythonWheels = Wheels("2") },
                     software with { PythonPackages = ["requests", "psutil"] },
                 })
        {
            var after = Of(changed);
            Assert.Equal(before.All[0].Id, after.All[0].Id);
            Assert.NotEqual(before.All[1].Id, after.All[1].Id);
            Assert.NotEqual(before.All[2].Id, after.All[2].Id);
        }
    }

    [Fact]
    public void A_base_a_package_an_architecture_change_everything()
    {
        var before = Of(Software(["nano"]));
        Assert.Equal(3, new[]
        {
            LayerSteps.Of(new string('1', 64), new SoftwareInputs("arm64", Software(["nano"]))), Of(Software(["vim"])),
            LayerSteps.Of(s_base, new SoftwareInputs("armhf", Software(["nano"]))),
        }.Select(s => s.LayerId).Where(id => id != before.LayerId).Distinct().Count());
    }

    [Fact]
    public void A_repository_its_suite_and_its_key_change_everything()
    {
        SoftwareConfiguration From(string suite, string key) => Software(["nano"]) with
        {
            Repositories = [new RepositoryConfiguration("https://keeper:hunter2@packages.example", suite, ["main"], _folder.Write(key, key))],
        };
        var all = new[] { Software(["nano"]), From("trixie", "a.asc"), From("bookworm", "a.asc"), From("trixie", "b.asc") }.Select(Of).ToList();
        Assert.Equal(4, all.Select(s => s.All[0].Id).Distinct().Count());
        Assert.DoesNotContain(all.SelectMany(s => s.Inputs), i => (i.Name + i.Value).Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_component_at_hand_needs_is_installed_with_the_packages()
    {
        var component = Component("sensors", "debian_packages: [python3-yaml]\nbuild_debian_packages: [python3-pip]\n", "component.yaml");
        Assert.Equal(["nano", "python3-pip", "python3-yaml"], LayerSteps.Packages(Software(["nano"]) with { Components = [component] }));
    }

    [Fact]
    public void A_size_changes_the_layer_and_no_step()
    {
        var (free, sized) = (Of(Software(["nano"])), Of(Software(["nano"]) with { ImageSize = 1L << 32 }));
        Assert.Equal(free.All[0].Id, sized.All[0].Id);
        Assert.NotEqual(free.LayerId, sized.LayerId);
    }

    [Fact]
    public void No_password_of_a_place_is_an_input()
    {
        var software = Software([]) with
        {
            PythonPackages = ["requests"], PythonIndex = "https://keeper:hunter2@index.example/simple",
            Components = [new ComponentConfiguration("sensors", "https://keeper:hunter2@git.example/sensors.git", null, "v1")],
        };
        Assert.DoesNotContain(Of(software).Inputs, i => i.Value.Contains("hunter2", StringComparison.Ordinal));
        Assert.Contains(Of(software).Inputs, i => i is { Name: "component sensors", Value: "https://git.example/sensors.git#v1" });
    }

    private static LayerSteps Of(SoftwareConfiguration software) => LayerSteps.Of(s_base, new SoftwareInputs("arm64", software));

    private static SoftwareConfiguration Software(string[] packages)
        => new(packages, Scripts: [], Locales: [], ImageSize: 0, Repositories: [], PythonPackages: [], PythonRequirements: null,
            PythonWheels: null, PythonIndex: null, Components: []);

    private string Script(string name, string text) => _folder.Write(name, text);

    private string Wheels(string content)
    {
        var folder = Directory.CreateDirectory(_folder["wheels" + content]).FullName;
        File.WriteAllText(Path.Combine(folder, "requests.whl"), content);
        return folder;
    }

    private ComponentConfiguration Component(string name, string content, string file = "main.py")
    {
        var folder = Directory.CreateDirectory(_folder[name]).FullName;
        File.WriteAllText(Path.Combine(folder, file), content);
        return ComponentResolver.Resolve(new ComponentSource(folder, name, null, null), new("project"));
    }
}
