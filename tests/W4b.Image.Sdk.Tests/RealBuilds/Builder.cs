using W4b.Image.Sdk.Tests.Harness;

namespace W4b.Image.Sdk.Tests.RealBuilds;

/// <summary>Who builds: the tests' own user, or another one beside it, so that both kinds of user are always tried.</summary>
/// <param name="User">The account to build as; null for the tests' own.</param>
/// <param name="Wrapper">What goes before `dotnet`: makes an ordinary user the root of a user namespace, as in a rootless container.</param>
/// <param name="Cache">The cache. It outlives the tests as a user's own does: a base image is built once a machine.</param>
internal sealed record Builder(string? User, IReadOnlyList<string> Wrapper, string Cache)
{
    private const string OrdinaryUser = "w4b-tests";

    /// <summary>The tests' own user.</summary>
    public static Builder Own { get; } = new(null, [], Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "w4b"));

    /// <summary>An ordinary user when the tests run as root; root of a namespace when they run as an ordinary user.</summary>
    public static Builder Other { get; } = Environment.IsPrivilegedProcess ? CreateOrdinary()
        : new Builder(null, ["unshare", "--user", "--map-root-user", "--map-auto"], Own.Cache + "-as-root");

    // Caches outlive the tests, and archives move on: bases or layers that the two made at different times hold other packages, and the
    // images would differ by them. Those with none in common are made anew at one time. Nobody builds yet.
    static Builder()
    {
        MakeAnewUnlessShared("base", "debian-*", "");
        MakeAnewUnlessShared("layers", "*", "layer.json");
    }

    // FILE tells what is in an entry; the entry itself does where it is empty. One that a killed build left half removed has none.
    private static void MakeAnewUnlessShared(string folder, string pattern, string file)
    {
        string? Content(string entry) => Path.Combine(entry, file) is var path && File.Exists(path) ? File.ReadAllText(path) : null;
        var own = Entries(Own.Cache, folder, pattern);
        var other = Entries(Other.Cache, folder, pattern);
        if (own.Any(entry => Content(entry) is { } content && content == Content(Path.Combine(Other.Cache, folder, Path.GetFileName(entry)))))
            return;
        foreach (var entry in own.Concat(other))
        {
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
        }
    }

    private static string[] Entries(string cache, string folder, string pattern)
        => Directory.Exists(Path.Combine(cache, folder))
            ? [.. Directory.GetFileSystemEntries(Path.Combine(cache, folder), pattern).Where(entry => !Path.GetFileName(entry).Contains('.', StringComparison.Ordinal))]
            : [];

    private static Builder CreateOrdinary()
    {
        // useradd(8) gives a new account subordinate ids, as on a user's machine.
        var made = new Command("/").Run("useradd", "--create-home", OrdinaryUser);
        Assert.True(made.ExitCode is 0 or 9, made.Output); // 9: it is there already
        return new Builder(OrdinaryUser, [], $"/home/{OrdinaryUser}/.cache/w4b");
    }
}
