using Microsoft.Build.Framework;
using W4b.Image.Validation;

namespace W4b.Image.Tasks;

/// <summary>The items <c>W4bRule</c>.</summary>
internal static class RuleItems
{
    /// <summary>Reads them.</summary>
    public static IReadOnlyList<OwnRule> Read(ITaskItem[] items)
        => [.. items.Select(i => new OwnRule(i.GetMetadata("FullPath"), i.GetMetadata("Severity"), i.GetMetadata("Files")))];
}
