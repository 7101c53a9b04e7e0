using W4b.Image.Diagnostics;

namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>For parts of the domain that a test calls directly: what they say is not asked for, their exceptions are.</summary>
internal sealed class SilentLog : IBuildLog
{
    public void Info(string message)
    {
    }

    public void Detail(string message)
    {
    }

    public void Warning(Diagnostic diagnostic)
    {
    }
}
