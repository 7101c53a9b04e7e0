using W4b.Image.Configuration;
using W4b.Image.Layers;
using W4b.Image.Sandbox;

namespace W4b.Image.Tests.Layers;

public sealed class AptRepositoriesTests
{
    [Fact]
    public void A_source_is_for_this_device_and_signed_by_its_own_key()
        => Assert.Equal("""
            # Made with the image: software.repositories.
            Types: deb
            URIs: https://packages.example.org/timescaledb/debian/
            Suites: trixie
            Components: main contrib
            Architectures: arm64
            Signed-By: /etc/apt/keyrings/w4b-1.asc

            """, AptRepositories.Source(new RepositoryConfiguration("https://packages.example.org/timescaledb/debian/", null, ["main", "contrib"], "k"), "trixie",
                Architecture.Arm64, "/etc/apt/keyrings/w4b-1.asc"));

    [Fact]
    public void A_suite_that_is_a_path_has_no_components()
        => Assert.DoesNotContain("Components", AptRepositories.Source(new RepositoryConfiguration("http://r/", "./", ["main"], "k"), "./", Architecture.Armhf, "/k"), StringComparison.Ordinal);
}
