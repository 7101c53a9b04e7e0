using System.Reflection;
using System.Runtime.Loader;
using W4b.Image.Diagnostics;

namespace W4b.Image.Validation.OwnRules;

/// <summary>The rules in a .NET assembly of the user's.</summary>
internal static class RuleAssembly
{
    /// <summary>One of each public class that is an <see cref="IImageRule"/> and has a constructor without parameters.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.OwnRuleFailed"/>.</exception>
    public static IReadOnlyList<ImageRule> Read(string path)
    {
        try
        {
            var rules = new Context(path).LoadFromAssemblyPath(path).GetExportedTypes()
                .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IImageRule)) && t.GetConstructor([]) is not null)
                .OrderBy(t => t.FullName, StringComparer.Ordinal).Select(t => (IImageRule)Activator.CreateInstance(t)!).ToList();
            return rules.Count > 0 ? [.. rules.Select(Rule)]
                : throw DiagnosticCode.OwnRuleFailed.Error($"The W4bRule {path} has no public class that is an {nameof(IImageRule)} and has a constructor without parameters.");
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException or TargetInvocationException)
        {
            throw DiagnosticCode.OwnRuleFailed.Error($"The W4bRule {path} cannot be loaded: {(e.InnerException ?? e).Message}", new SourceLocation(path), e);
        }
    }

    private static ImageRule Rule(IImageRule rule) => new(rule.Info with { Reach = RuleReach.Everything }, subject => rule.Check(subject));

    // Its own libraries are beside it; this one it shares.
    private sealed class Context(string path) : AssemblyLoadContext(Path.GetFileName(path), isCollectible: true)
    {
        private readonly AssemblyDependencyResolver _resolver = new(path);

        protected override Assembly? Load(AssemblyName assemblyName)
            => assemblyName.Name == typeof(IImageRule).Assembly.GetName().Name ? typeof(IImageRule).Assembly
                : _resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found) : null;
    }
}
