using W4b.Image.Diagnostics;

namespace W4b.Image.Disk;

/// <summary>Turns an errcode of libext2fs into the failure a user can act on.</summary>
internal static class Ext4Failure
{
    private const long ENOSPC = 28;
    private const long FirstLibraryCode = 2133571328;

    internal static W4bException Create(long code, string what)
    {
        var message = $"{what}: {Ext2Fs.Message(code)} ({code}).";
        return code switch
        {
            Ext2Fs.BlockAllocFail or Ext2Fs.InodeAllocFail => DiagnosticCode.ImageFull.Error(message),
            Ext2Fs.EaNoSpace => DiagnosticCode.PlanNotApplicable.Error(message),
            ENOSPC => DiagnosticCode.NoSpace.Error(message),
            < FirstLibraryCode => DiagnosticCode.FileAccess.Error(message),
            _ => DiagnosticCode.DamagedFileSystem.Error(message),
        };
    }
}
