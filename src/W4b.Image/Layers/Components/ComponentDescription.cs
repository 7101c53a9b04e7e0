using W4b.Image.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace W4b.Image.Layers.Components;

/// <summary>What a component says of itself in its <c>component.yaml</c>; all of it may be missing.</summary>
internal sealed class ComponentDescription
{
    /// <summary>Its file in the component's folder.</summary>
    public const string FileName = "component.yaml";

    /// <summary>Debian packages that it needs to run.</summary>
    public List<string> DebianPackages { get; set; } = [];

    /// <summary>Debian packages that it needs to be installed.</summary>
    public List<string> BuildDebianPackages { get; set; } = [];

    /// <summary>Both.</summary>
    [YamlIgnore]
    public IEnumerable<string> AllPackages => DebianPackages.Concat(BuildDebianPackages);

    /// <summary>Reads the description in <paramref name="folder"/>.</summary>
    /// <exception cref="W4bException"><see cref="DiagnosticCode.ComponentUnusable"/>.</exception>
    public static ComponentDescription Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
            return new ComponentDescription();
        try
        {
            return new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).IgnoreUnmatchedProperties().Build()
                .Deserialize<ComponentDescription?>(File.ReadAllText(file)) ?? new ComponentDescription();
        }
        catch (YamlException e)
        {
            throw DiagnosticCode.ComponentUnusable.Error($"{FileName} cannot be read: {e.Message}", new SourceLocation(file, (int)e.Start.Line, (int)e.Start.Column), e);
        }
    }
}
