using W4b.Image.Configuration;
using W4b.Image.Sdk.Tests.Harness;
using W4b.Image.Validation.Boot;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>What a boot test left.</summary>
internal static class BootReports
{
    public static BootReport Of(HiveProject project) => ImageJson.Read<BootReport>(project.At("obj/boot/boot-report.json"));
}
