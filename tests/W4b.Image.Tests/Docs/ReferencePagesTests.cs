using System.Runtime.CompilerServices;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tests.Docs;

/// <summary>
/// The reference pages are made from the tables in the code. When one differs, run the tests with W4B_UPDATE_DOCS=1 and commit
/// what they wrote.
/// </summary>
public sealed class ReferencePagesTests
{
    [Fact]
    public void Diagnostics_page_has_a_heading_for_each_code()
    {
        var page = new StringBuilder("""
            # Diagnostics

            Every error and warning has a code. `NoWarn`, `WarningsAsErrors` and `-warnAsError` work on the warnings as they do in any
            .NET project. W4B0xxx is the host, 1xxx the configuration, 2xxx the base image, 3xxx the software, 4xxx the customization,
            5xxx the validation, 6xxx the compression.

            """);
        foreach (var code in DiagnosticCode.All)
            page.Append($"\n## {code.Id}\n\n{code.Title}.\n\n{code.Remedy}\n");
        AssertPage("diagnostics.md", page.ToString());
    }

    [Fact]
    public void Configuration_page_has_a_row_for_each_setting()
    {
        var page = new StringBuilder("""
            # Configuration

            A hive's YAML stands beside its project and has its name; `W4bConfigFile` names another. A key that is not listed here is a
            warning (W4B1003), a wrong value an error at its line (W4B1004).

            Who wins, from strongest to weakest: `-p:W4bX=` on the command line, the environment variable, the property in the project,
            the YAML, the default.

            Any text may hold `${NAME}` or `${NAME:-default}` from the environment. A secret is `{file: path}` (relative to the YAML),
            `{env: NAME}`, `${NAME}`, or a literal, which is a warning (W4B1007) unless the file is readable by its owner only.

            | key | form | default | property / environment | |
            |---|---|---|---|---|

            """);
        foreach (var s in Settings.All)
        {
            var option = s.Option is null ? "" : $"`W4b{s.Option}` / `{s.Environment}`";
            page.Append($"| `{s.Key}` | {s.Kind.ToString().ToLowerInvariant()} | {(s.Default is null ? "" : $"`{s.Default}`")} | {option} | {s.Description} |\n");
        }

        page.Append("""

            ## Properties and items of a project

            | property | environment | |
            |---|---|---|
            | `W4bConfigFile` | `W4B_CONFIG_FILE` | The YAML. Default: the project's name + `.yaml`. |
            | `W4bOutputDirectory` | `W4B_IMAGE_OUTPUT_DIR` | Where the image goes. Default: `bin/`. |
            | `W4bCacheDirectory` | `W4B_CACHE_DIR` | Base images and software layers, shared by all projects. Default: the user's cache folder + `w4b`. |
            | `W4bCompressionLevel` | | xz preset, 0 to 9. |

            | item | |
            |---|---|
            | `W4bPackage` | A Debian package, beside `software.packages`. |
            | `W4bScript` | A script run in the image's root as root, after the packages. It belongs to the software layer. |
            | `W4bFile` | A file with `TargetPath`, and `Mode` (octal) and `Owner` (`user:group`) where they differ from the source's mode and root. |
            | `W4bService` | A systemd unit of the image that starts at boot. |

            """);
        AssertPage("configuration.md", page.ToString());
    }

    private static void AssertPage(string name, string expected)
    {
        var path = Path.Combine(Repository(), "docs", name);
        if (Environment.GetEnvironmentVariable("W4B_UPDATE_DOCS") == "1")
            File.WriteAllText(path, expected);
        Assert.Equal(expected, File.ReadAllText(path));
    }

    private static string Repository([CallerFilePath] string file = "")
        => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
