using System.Reflection;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>What the tests know of the repository that they were built in.</summary>
internal static class Repository
{
    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>The assembly with the real tasks over the fake domain.</summary>
    public static string FakeTasks { get; } = Metadata("FakeTasks");

    private static string Metadata(string key)
        => typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
