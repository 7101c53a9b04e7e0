using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using W4b.Image.Configuration;
using W4b.Image.Diagnostics;
using W4b.Image.Steps.Verification;
using W4b.Image.Validation;

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
            5xxx the validation, 6xxx the compression and the signature, 7xxx the publishing.

            """);
        foreach (var code in DiagnosticCode.All)
            page.Append($"\n## {code.Id}\n\n{code.Title}.\n\n{code.Remedy}\n");
        AssertPage("diagnostics.md", page.ToString());
    }

    [Fact]
    public void Validation_page_has_a_heading_for_each_rule()
    {
        var page = new StringBuilder("""
            # Validation

            Before an image is released, and whenever `VerifyImage` is asked about one, these rules look at it: without running it, without a
            mount, as any user. A build writes what they say to `obj/validation.json`, as a table to `obj/validation.txt`, and as SARIF 2.1.0,
            which code hosts and editors show, to `obj/validation.sarif`. Every finding is an MSBuild error or warning whose code is the
            rule's id. With a broken rule of severity error there is no archive (W4B5001), and the report is `obj/validation.json.failed`.

            A rule that has nothing to say of an image, because there is no tunnel, no project, or no tool for it on this host, says so.

            ## Severities

            In the hive's YAML, by id or name; `none` means that the rule is not asked:

            ```yaml
            validation:
              rules:
                world-writable: warning
                W4BR030: none
            ```

            `NoWarn`, `WarningsAsErrors` and `-warnAsError` work on the warnings by the rules' ids.

            ## Rules of your own

            ```xml
            <ItemGroup>
              <W4bRule Include="rules/motd.sh" Severity="warning" Files="/etc/motd;/etc/apt/**" />
              <W4bRule Include="rules/bin/MyRules.dll" />
            </ItemGroup>
            ```

            **A script** or any program of this host. Its argument is a folder with

            - `files.tsv`: path, kind (`f`, `d`, `l`, `o`), mode, user, group, size and link target of all that is in the root file system
            - `packages.tsv`: name, architecture and status of all packages
            - `hive.json`: the configuration; secrets are references in it
            - `root/`: the files that `Files` names, with `*` in a name and `**` for any folders

            It ends with 0 when the rule is kept, with 1 when it is broken (each line that it prints is a finding; one that begins `/path: `
            is about that path), and with 77 when it does not apply. Any other end is an error of the rule itself (W4B5013). Its id is its
            file's name without extension. One without an executable bit is run by `sh`.

            **A .NET assembly** (net10.0) with public classes that are `W4b.Image.Validation.IImageRule`. It references `W4b.Image.dll`, which
            is in the SDK's package under `tools/net10.0/`, with `Private="false"`, and looks at the image by the [image API](image-api.md).

            ## Verifying an image

            ```sh
            dotnet build hive.w4bproj -t:VerifyImage -p:W4bImageFile=bin/w4b_pi3_hive_0Bpfj4cT_20260101_000000.img.xz
            dotnet build hive.w4bproj -t:VerifyImage -p:W4bImageFile=/dev/sdX
            ```

            It takes an `.img.xz`, a raw image, or the device of a card, which is only read. It checks

            - that the file is whole: every block of the `.xz` by its check, and the archive's SHA-256
            - that the files beside it (`.sha256`, and the manifest `.json`) are its own
            - that it is what the project makes today: the hive, its build, and every planned file
            - all rules

            `-p:W4bVerifyQuick=true` reads only what the rules need that look at some files, and checks those blocks of the `.xz`;
            `-p:W4bVerifyProject=false` is for an image that is not the project's. The report is `obj/verification.json`, `.txt` and `.sarif`.
            A card can be compared with its image until it has been started: then it writes its own keys, grows its file system, and differs.
            With the manifest's `.json` beside a raw image, or `-p:W4bManifestFile=path` for a card, it is compared byte for byte.

            """);
        foreach (var rule in RuleCatalog.All.Select(r => r.Info).Concat(IntegrityChecks.All))
            page.Append($"\n## {rule.Id} {rule.Name}\n\n{rule.Title}. Severity: {rule.Severity.ToString().ToLowerInvariant()}.\n\nWhy: {rule.Why}\n\nFix: {rule.Fix}\n"
                + (rule.Reach == RuleReach.Everything ? "\nNot asked in the quick form.\n" : ""));
        AssertPage("validation.md", page.ToString());
    }

    [Fact]
    public void Schema_is_the_one_of_the_table() => AssertFile("sdk/schema/hive.schema.json", HiveSchema.Text());

    // Microsoft.Build reads the environment's names and the properties' from XML: they are the table's.
    [Fact]
    public void Targets_have_the_table_s_properties_and_variables()
    {
        var settings = File.ReadAllText(Path.Combine(Repository(), "sdk/targets/Settings.targets"));
        var read = File.ReadAllText(Path.Combine(Repository(), "sdk/targets/ReadImageConfiguration.targets"));
        foreach (var s in Settings.All.Where(s => s.Option is not null))
        {
            Assert.Contains($"<W4b{s.Option} Condition=\"'$({s.Environment})' != ''\">$({s.Environment})</W4b{s.Option}>", settings, StringComparison.Ordinal);
            Assert.Contains($"<_W4bSetting Include=\"{s.Option}\" Property=\"W4b{s.Option}\" Variable=\"{s.Environment}\" ", read, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Configuration_page_has_a_row_for_each_setting()
    {
        var page = new StringBuilder("""
            # Configuration

            A hive's YAML stands beside its project and has its name; `W4bConfigFile` names another. A key that is not listed here is a
            warning (W4B1003), a wrong value an error at its line (W4B1004).

            Who wins, from strongest to weakest: `-p:W4bX=` on the command line, the environment variable, the property in the project,
            the YAML, the default. `dotnet build hive.w4bproj -t:ShowConfiguration` prints every value and item with its source and keeps the table in
            `obj/configuration.txt`; with `-p:W4bFormat=json` it is JSON, in `obj/configuration.json`. The terminal logger shows a link to the
            file only; `-tl:off` shows the table.

            Any text may hold `${NAME}` or `${NAME:-default}` from the environment; `$${` stands for `${`. A path is relative to the file that names it.

            ## Files that extend others

            `extends: common.yaml` lays a file over another: mappings are merged key by key, a list or value replaces the one below.
            A list tagged `!append` goes after the one below. A reference to a secret replaces one of another kind:

            ```yaml
            extends: ../common.yaml
            software:
              packages: !append
                - i2c-tools
            ```

            ## Secrets

            A secret is one of

            - `{file: path}`: the text of a file, at most 64 KiB
            - `{env: NAME}` or `${NAME}`: an environment variable
            - `{command: [pass, show, hive/wg]}`: what a program prints, so that any password store will do; it runs without a shell, in
              the file's folder, has two minutes, and what it prints is in no log
            - the text itself, which is a warning (W4B1007) unless only its owner can read the file

            ## The hive manager's file

            `dotnet build hive.w4bproj -t:ConvertHiveConfig -p:W4bHiveConfigFile=manager.yaml` writes the hive configuration manager's file as
            an image's YAML, `W4bConfigFile` or `-p:W4bOutputFile=PATH`, and its secrets into files of mode 0600 beside it. A YAML that is
            there is replaced only with `-p:W4bOverwrite=true`.

            A project that names the manager's file as `W4bHiveConfigFile` is built from it directly; it is converted in `obj/`. When the
            project has a YAML of its own too, that one is laid over the converted one as over a file that it extends.

            ## Editors

            An editor with a YAML language server completes and checks by the schema in the SDK: begin the file with
            `# yaml-language-server: $schema=PATH/hive.schema.json`.

            ## Keys

            `x[].y` is the key `y` of each element of the list `x`.

            | key | form | default | property / environment | |
            |---|---|---|---|---|

            """);
        foreach (var s in Settings.All)
        {
            var option = s.Option is null ? "" : $"`W4b{s.Option}` / `{s.Environment}`";
            var allowed = s.OneOf is null ? "" : $" One of {string.Join(", ", s.OneOf.Select(o => $"`{o}`"))}.";
            var range = (s.Least, s.Most) switch
            {
                (null, null) => "",
                ({ } least, null) => string.Create(CultureInfo.InvariantCulture, $" At least {least}."),
                (null, { } most) => string.Create(CultureInfo.InvariantCulture, $" At most {most}."),
                ({ } least, { } most) => string.Create(CultureInfo.InvariantCulture, $" {least} to {most}."),
            };
            page.Append($"| `{s.Key}` | {Form(s.Kind)} | {(s.Default is null ? "" : $"`{s.Default}`")} | {option} | {s.Description}{allowed}{range} |\n");
        }

        page.Append("""

            ## Properties and items of a project

            | property | environment | |
            |---|---|---|
            | `W4bConfigFile` | `W4B_CONFIG_FILE` | The YAML. Default: the project's name + `.yaml`. |
            | `W4bHiveConfigFile` | `W4B_HIVE_CONFIG` | The hive manager's file: converted, or built directly. |
            | `W4bImageFile`, `W4bManifestFile` | | Of VerifyImage: the image, and its manifest where that is not beside it. |
            | `W4bVerifyQuick`, `W4bVerifyProject` | | Of VerifyImage: [read little](validation.md#verifying-an-image); whether the image is to be this project's. |
            | `W4bHive` | | Of a [fleet](fleet.md), the one hive to build; within its build, the hive's name. |
            | `W4bFormat` | | Of ShowConfiguration: `table` or `json`. |
            | `W4bOutputFile`, `W4bOverwrite` | | Of ConvertHiveConfig: the file to write; whether it may be replaced. |
            | `W4bLockFile`, `W4bLockedMode` | | The [package lock](reproducibility.md#the-package-lock), by default the project's name + `.lock.json`; whether a difference is an error: default true in CI (`ContinuousIntegrationBuild`, `CI` or `TF_BUILD` is true) when there is a lock. |
            | `W4bImageFile`, `W4bOtherImageFile` | | Of [CompareImages](reproducibility.md#comparing-two-images): the two images. |
            | `W4bCompressionLevel` | | xz preset, 0 to 9; [tuned](performance.md#how-an-archive-is-made). |
            | `W4bSigningKey` | | Path of a secret key of minisign or OpenPGP: the image is [signed](delivery.md#signature). |
            | `W4bNativeTwins` | | Whether an x86-64 host runs programs of its own in place of emulated ones where both do the same: [architecture](architecture.md#native-twins). Default: true there, else false. |
            | `W4bKeepRawImage` | | Whether the raw image stays in `obj/` when its archive is there: [names and folders](fleet.md#names-and-folders). Default: true. |

            | item | |
            |---|---|
            | `W4bPackage` | A Debian package, beside `software.packages`. |
            | `W4bScript` | A script run in the image's root as root, after the packages. It belongs to the software layer. |
            | `W4bFile` | A file with `TargetPath`, and `Mode` (octal) and `Owner` (`user:group`) where they differ from the source's mode and root. |
            | `W4bRule` | A [rule of your own](validation.md#rules-of-your-own): a program or .NET assembly, with `Severity` and `Files`. |
            | `W4bService` | A systemd unit of the image that starts at boot. |
            | `W4bHive` | The YAML of a hive: makes the project a [fleet](fleet.md). |

            """);
        AssertPage("configuration.md", page.ToString());
    }

    private static string Form(SettingKind kind) => kind switch
    {
        SettingKind.WholeNumber => "whole number",
        SettingKind.Mappings => "list of mappings",
        SettingKind.Boolean => "true or false",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static void AssertPage(string name, string expected) => AssertFile("docs/" + name, expected);

    private static void AssertFile(string name, string expected)
    {
        var path = Path.Combine(Repository(), name);
        if (!File.Exists(path))
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (Environment.GetEnvironmentVariable("W4B_UPDATE_DOCS") == "1")
            File.WriteAllText(path, expected);
        Assert.Equal(expected, File.ReadAllText(path));
    }

    private static string Repository([CallerFilePath] string file = "")
        => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
