using System.Text.Json.Nodes;
using W4b.Image.Disk;
using W4b.Image.Distribution.Contents;
using W4b.Image.Distribution.Sbom;

namespace W4b.Image.Tests.Distribution;

/// <summary>Bills of materials: what is in them, and that they are what their formats' schemas allow.</summary>
public sealed class SbomTests : IDisposable
{
    // CycloneDX's schema refers to two others by their file names.
    private const string Validate = """
        import json, sys, jsonschema
        load = lambda path: json.load(open(path, encoding="utf-8"))
        schema, document, others = load(sys.argv[1]), load(sys.argv[2]), [load(p) for p in sys.argv[3:]]
        store = {o["$id"]: o for o in others}
        resolver = jsonschema.RefResolver.from_schema(schema, store=store)
        errors = [f"{list(e.path)}: {e.message[:300]}" for e in jsonschema.Draft7Validator(schema, resolver=resolver).iter_errors(document)]
        sys.exit("\n".join(errors[:10]) or None)
        """;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CycloneDx_is_valid_by_its_schema()
        => AssertValid("bom-1.6.schema.json", CycloneDxDocument.Write(SampleImage.Facts, SampleImage.Contents), "spdx.schema.json", "jsf-0.82.schema.json");

    [Fact]
    public void Spdx_is_valid_by_its_schema() => AssertValid("spdx-2.3.schema.json", SpdxDocument.Write(SampleImage.Facts, SampleImage.Contents));

    [Theory]
    [InlineData("bom-1.6.schema.json")]
    [InlineData("spdx-2.3.schema.json")]
    public void Schemas_refuse_what_is_not_valid(string schema)
        => Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertValid(schema, """{"bomFormat": "CycloneDX", "spdxVersion": 3, "specVersion": "1.6", "components": [{}]}""", "spdx.schema.json", "jsf-0.82.schema.json"));

    [Fact]
    public void Every_package_wheel_and_component_is_listed_with_its_purl()
    {
        string[] purls =
        [
            "pkg:deb/debian/bash@5.2.37-2%2Bb5?arch=arm64&distro=debian-13", "pkg:deb/debian/libc6@2.41-12?arch=arm64&distro=debian-13",
            "pkg:deb/debian/login@1:4.16.0-2%2Breally2.41-5?arch=arm64&distro=debian-13", "pkg:pypi/pyserial@3.5", "pkg:pypi/smbus2@0.5.0",
            $"pkg:generic/sensor_manager?checksum=sha256:{new string('d', 64)}", "pkg:generic/dashboard@v1.2",
        ];
        var spdx = JsonNode.Parse(SpdxDocument.Write(SampleImage.Facts, SampleImage.Contents))!;
        Assert.Equal(purls, spdx["packages"]!.AsArray().Where(p => p!["externalRefs"] is not null).Select(p => p!["externalRefs"]![0]!["referenceLocator"]!.GetValue<string>()));
        var ids = spdx["packages"]!.AsArray().Select(p => p!["SPDXID"]!.GetValue<string>()).ToList();
        Assert.Equal(ids, ids.Distinct());
        Assert.All(spdx["relationships"]!.AsArray(), r => Assert.Contains(r!["relatedSpdxElement"]!.GetValue<string>(), ids));
        var cyclone = JsonNode.Parse(CycloneDxDocument.Write(SampleImage.Facts, SampleImage.Contents))!;
        Assert.Equal(purls, cyclone["components"]!.AsArray().Skip(1).Select(c => c!["purl"]!.GetValue<string>()));
        Assert.Equal("base", cyclone["components"]![0]!["bom-ref"]!.GetValue<string>());
    }

    [Fact]
    public void Source_packages_are_named()
        => Assert.Equal(["bash 5.2.37-2+b5", "glibc 2.41-12", "util-linux 2.41-5"], DebianPackage.Parse(SampleImage.Status).Select(p => p.Source));

    [Fact]
    public void Equal_images_have_equal_bills_whose_only_time_is_the_image_s()
    {
        Assert.Equal(SpdxDocument.Write(SampleImage.Facts, SampleImage.Contents), SpdxDocument.Write(SampleImage.Facts, SampleImage.Contents));
        Assert.Contains("\"created\": \"2026-01-02T03:04:05Z\"", SpdxDocument.Write(SampleImage.Facts, SampleImage.Contents), StringComparison.Ordinal);
        Assert.Contains("\"timestamp\": \"2026-01-02T03:04:05Z\"", CycloneDxDocument.Write(SampleImage.Facts, SampleImage.Contents), StringComparison.Ordinal);
        Assert.NotEqual(CycloneDxDocument.Write(SampleImage.Facts, SampleImage.Contents), CycloneDxDocument.Write(SampleImage.Of("other", "hive_b"), SampleImage.Contents));
    }

    [Fact]
    public async Task Contents_come_from_the_image_itself()
    {
        var log = new ListLog();
        var image = await TinyCard.CreateAsync(_folder["card.img"], log);
        using (var root = TinyCard.OpenRoot(image, writable: true))
        {
            void Write(string path, string text)
            {
                root.CreateDirectory(Path.GetDirectoryName(path)!, (UnixFileMode)0b111_101_101, 0, 0, parents: true);
                root.WriteFile(path, System.Text.Encoding.UTF8.GetBytes(text), (UnixFileMode)0b110_100_100, 0, 0, TinyCard.Epoch);
            }

            Write("/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nID=debian\nVERSION_ID=\"13\"\n");
            Write("/var/lib/dpkg/status", SampleImage.Status);
            Write("/usr/bin/bash", new string('x', 5000));
            Write("/var/lib/dpkg/info/bash.list", "/.\n/bin\n/bin/bash\n/usr/share/doc/bash\n");
            Write("/var/lib/dpkg/info/libc6:arm64.list", "/.\n/usr/lib\n");
            root.CreateSymlink("/bin", "usr/bin");
            Write("/opt/w4b/venv/lib/python3.13/site-packages/PySerial-3.5.dist-info/METADATA", "Metadata-Version: 2.1\nName: Py_Serial\nVersion: 3.5\nSummary: Ports\n\nName: not this\n");
            Write("/usr/lib/python3/dist-packages/yaml-6.dist-info/METADATA", "Name: PyYAML\nVersion: 6\n");
        }

        var contents = await ImageContents.ReadAsync(image, default);

        Assert.Equal(("debian", "13"), (contents.DistributionId, contents.DistributionVersion));
        Assert.Equal(["bash", "libc6", "login"], contents.Packages.Select(p => p.Name));
        Assert.Equal([new PythonPackage("py-serial", "3.5", "Ports", null)], contents.Python);
        Assert.Equal([new PackageSize("bash", 5000), new PackageSize("libc6", 0)], contents.PackageSizes.Where(p => p.Name is "bash" or "libc6"));
        Assert.Contains(contents.Folders, f => f.Path == "/usr/bin" && f.Bytes >= 5000);
        Assert.Contains(contents.Folders, f => f.Path == "/boot/firmware" && f.Bytes > 0);
    }

    private void AssertValid(string schema, string document, params string[] others)
    {
        File.WriteAllText(_folder["document.json"], document);
        StockProgram.Run("/usr/bin/python3", ["-W", "ignore", "-c", Validate, Schema(schema), _folder["document.json"], .. others.Select(o => Schema(o))]);
    }

    private static string Schema(string name, [System.Runtime.CompilerServices.CallerFilePath] string file = "")
        => Path.Combine(Path.GetDirectoryName(file)!, "Schemas", name);
}
