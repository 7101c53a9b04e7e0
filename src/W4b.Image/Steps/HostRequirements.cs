using W4b.Image.Diagnostics;
using W4b.Image.Sandbox;
using W4b.Image.Tools;

namespace W4b.Image.Steps;

/// <summary>What the long steps need of the host, asked before they begin: everything that is missing is told at once.</summary>
internal static class HostRequirements
{
    private static readonly HostTool[] LayerTools =
        [HostTool.Bsdtar, HostTool.Mke2fs, HostTool.E2fsck, HostTool.MkfsVfat, HostTool.FsckVfat, HostTool.Mcopy, HostTool.Mmd];

    /// <summary>Requires what a software layer is made with.</summary>
    public static void RequireForLayer(Architecture architecture) => Require(architecture, LayerTools);

    /// <summary>Requires what a Debian base is made with.</summary>
    public static void RequireForDebianBase(Architecture architecture) => Require(architecture, [.. LayerTools, HostTool.Mmdebstrap]);

    private static void Require(Architecture architecture, IReadOnlyList<HostTool> tools)
    {
        List<Diagnostic> missing = [.. tools.Where(t => t.Find() is null)
            .Select(t => new Diagnostic(DiagnosticCode.ToolMissing, $"The program {t.Name} is not on this machine (Debian package {t.Package})."))];
        try
        {
            HostCheck.RequireSandbox(architecture);
        }
        catch (W4bException e)
        {
            missing.AddRange(e.Diagnostics);
        }

        if (missing.Count > 0)
            throw new W4bException(missing);
    }
}
