using System.Reflection;

namespace W4b.Image.Diagnostics;

/// <summary>The version of this SDK.</summary>
internal static class ToolVersion
{
    /// <summary>Without the commit that a build may append after a <c>+</c>.</summary>
    public static string Current { get; } =
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
