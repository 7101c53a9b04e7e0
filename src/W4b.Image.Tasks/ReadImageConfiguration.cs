using W4b.Image.Diagnostics;
using W4b.Image.Steps;

namespace W4b.Image.Tasks;

/// <summary>Reads the YAML, the properties and the items into <c>image.json</c>, <c>software.json</c> and <c>base.json</c>.</summary>
public sealed class ReadImageConfiguration : ConfigurationTask
{
    /// <inheritdoc/>
    protected override Task RunAsync(IBuildLog log, CancellationToken cancellation)
    {
        ReadConfigurationStep.Run(Request, log);
        return Task.CompletedTask;
    }
}
