using Microsoft.Build.Framework;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tasks;

/// <summary>The cores that the engine gives to this build's tasks, so that hives that are built in parallel do not each use all of them.</summary>
internal sealed class EngineCores(IBuildEngine9 engine) : ICoreBudget
{
    private bool _unknown;

    /// <inheritdoc/>
    public int Request(int wanted)
    {
        try
        {
            return engine.RequestCores(wanted);
        }
        catch (NotImplementedException)
        {
            // The host of tasks that Visual Studio starts shares no cores.
            _unknown = true;
            return wanted;
        }
    }

    /// <inheritdoc/>
    public void Release(int cores)
    {
        if (!_unknown)
            engine.ReleaseCores(cores);
    }
}
