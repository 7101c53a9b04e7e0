using Xunit.Abstractions;

[assembly: TestCollectionOrderer("W4b.Image.Sdk.Tests.Harness.LongestFirst", "W4b.Image.Sdk.Tests")]

namespace W4b.Image.Sdk.Tests.Harness;

/// <summary>Two collections run beside each other: what takes longest begins first, so that neither of the two is alone for long.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_first = [DeviceTests.Name, ImageTests.Name, SdkPackageTests.Name];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections)
        => testCollections.OrderBy(collection => Array.IndexOf(s_first, collection.DisplayName) is >= 0 and var place ? place : s_first.Length);
}
