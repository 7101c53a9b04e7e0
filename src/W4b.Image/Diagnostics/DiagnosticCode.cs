using System.Reflection;

namespace W4b.Image.Diagnostics;

/// <summary>
/// A kind of error or warning. <c>docs/diagnostics.md</c> has a heading for each; a test keeps both in step.
/// 0xxx host, 1xxx configuration, 2xxx base image, 3xxx software, 4xxx customization, 5xxx validation, 6xxx compression and signature, 7xxx publishing.
/// </summary>
/// <param name="Id">The code, <c>W4Bnnnn</c>.</param>
/// <param name="Title">What this kind of finding is, in a few words.</param>
/// <param name="Remedy">What the user does about it: one or more whole sentences.</param>
public sealed record DiagnosticCode(string Id, string Title, string Remedy)
{
    /// <summary>Host: not Linux.</summary>
    public static readonly DiagnosticCode UnsupportedHost = new("W4B0001", "The host is not Linux",
        "Build on Linux: Debian 12 or newer, WSL 2, or a Linux container or CI runner.");

    /// <summary>Host: a program is missing.</summary>
    public static readonly DiagnosticCode ToolMissing = new("W4B0002", "A host program is missing",
        "Run eng/quickstart.sh, or install the named Debian package.");

    /// <summary>Host: no subordinate ids for the user.</summary>
    public static readonly DiagnosticCode NoSubordinateIds = new("W4B0003", "The user has no subordinate ids",
        "An administrator runs: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER. See docs/troubleshooting.md#permissions.");

    /// <summary>Host: the kernel refuses the namespaces.</summary>
    public static readonly DiagnosticCode SandboxRefused = new("W4B0004", "The kernel refuses the sandbox's namespaces",
        "Unprivileged user namespaces must be allowed: see docs/troubleshooting.md#permissions.");

    /// <summary>Host: no way to run programs of the target's architecture.</summary>
    public static readonly DiagnosticCode NoEmulation = new("W4B0005", "Programs of the target's architecture cannot run here",
        "Install qemu-user-static; on Linux before 6.7 its binfmt registration must be active on the host too.");

    /// <summary>Host: a file system is full.</summary>
    public static readonly DiagnosticCode NoSpace = new("W4B0006", "No space left on the disk",
        "Free some space, or set W4bCacheDirectory and W4bOutputDirectory to folders on a larger disk, then build again.");

    /// <summary>Host: a host tool failed.</summary>
    public static readonly DiagnosticCode ToolFailed = new("W4B0007", "A host program failed",
        "The program's own output is in the build log.");

    /// <summary>Host: a file or folder could not be read or written.</summary>
    public static readonly DiagnosticCode FileAccess = new("W4B0008", "A file or folder could not be read or written",
        "Check that the folder exists and belongs to the user that builds.");

    /// <summary>Host: something in the cache is not what it was when it was made.</summary>
    public static readonly DiagnosticCode CacheDamaged = new("W4B0009", "Something in the cache is damaged",
        "It was removed, and the next build makes it again. When this happens more than once, look at the disk.");

    /// <summary>Host: somebody ended the build.</summary>
    public static readonly DiagnosticCode Terminated = new("W4B0010", "The build was ended by SIGTERM",
        "Whoever sent it, a CI job's time limit for example, has the reason. Build again: nothing half-done is taken for done.");

    /// <summary>Configuration: the YAML file does not exist.</summary>
    public static readonly DiagnosticCode ConfigurationMissing = new("W4B1001", "The configuration file does not exist",
        "Create it, or name another with W4bConfigFile.");

    /// <summary>Configuration: not YAML.</summary>
    public static readonly DiagnosticCode InvalidYaml = new("W4B1002", "The configuration is not valid YAML",
        "Correct the file at the place named.");

    /// <summary>Configuration: unknown key.</summary>
    public static readonly DiagnosticCode UnknownKey = new("W4B1003", "An unknown configuration key",
        "The key has no effect: correct or remove it. docs/configuration.md lists all keys.");

    /// <summary>Configuration: a value of a wrong kind or out of range.</summary>
    public static readonly DiagnosticCode InvalidValue = new("W4B1004", "An invalid configuration value",
        "docs/configuration.md describes the value.");

    /// <summary>Configuration: a required value is missing.</summary>
    public static readonly DiagnosticCode MissingValue = new("W4B1005", "A required configuration value is missing",
        "docs/configuration.md describes the value.");

    /// <summary>Configuration: a secret cannot be resolved.</summary>
    public static readonly DiagnosticCode SecretUnavailable = new("W4B1006", "A secret cannot be read",
        "Provide the named file or environment variable.");

    /// <summary>Configuration: a literal secret in a file that others can read.</summary>
    public static readonly DiagnosticCode ExposedSecret = new("W4B1007", "A secret stands in a file that others can read",
        "Move it out with {file: path} or {env: NAME}, or run chmod 600 on the file.");

    /// <summary>Configuration: <c>${VAR}</c> names a variable that is not set.</summary>
    public static readonly DiagnosticCode UndefinedVariable = new("W4B1008", "An environment variable is not set",
        "Set it, or give a default: ${NAME:-default}.");

    /// <summary>Configuration: an old key.</summary>
    public static readonly DiagnosticCode DeprecatedKey = new("W4B1009", "A configuration key has a new name",
        "The old name still works; use the new one.");

    /// <summary>Configuration: a converted file is there already.</summary>
    public static readonly DiagnosticCode OutputExists = new("W4B1010", "The converted configuration is there already",
        "It may have been edited since: set W4bOverwrite=true to write it anew, or W4bConfigFile to another name.");

    /// <summary>Configuration: two hives of a fleet have what each must have alone.</summary>
    public static readonly DiagnosticCode SharedIdentity = new("W4B1021", "Two hives of a fleet share what each must have alone",
        "Give each hive its own file name, id, host name, VPN address and key.");

    /// <summary>Configuration: no hive of that name.</summary>
    public static readonly DiagnosticCode UnknownHive = new("W4B1022", "The fleet has no such hive",
        "W4bHive is the name of a hive's file, without folder and extension.");

    /// <summary>A hive of a fleet failed.</summary>
    public static readonly DiagnosticCode HiveFailed = new("W4B1023", "Not all hives of the fleet were built",
        "Each hive's own error says why; the next build takes up only what is missing.");

    /// <summary>Configuration: a key of which nothing is made.</summary>
    public static readonly DiagnosticCode NoEffectYet = new("W4B1011", "A configuration key has no effect",
        "It is read and checked, and nothing is made of it: do not rely on it.");

    /// <summary>Configuration, warning: someone cannot log in.</summary>
    public static readonly DiagnosticCode NobodyLogsIn = new("W4B1012", "An account that nobody could log in to is not made",
        "Give the person's public_key.");

    /// <summary>Configuration, warning: SSH takes passwords.</summary>
    public static readonly DiagnosticCode PasswordLogin = new("W4B1013", "SSH accepts passwords",
        "Whoever reaches the port may guess them: give public keys and leave system.ssh.password_auth out.");

    /// <summary>Base image: the server or file cannot be reached.</summary>
    public static readonly DiagnosticCode DownloadFailed = new("W4B2001", "The base image cannot be downloaded",
        "Check base_image.url and the network; the next build resumes where this one stopped.");

    /// <summary>Base image: wrong checksum.</summary>
    public static readonly DiagnosticCode ChecksumMismatch = new("W4B2002", "The base image has another checksum",
        "Compare base_image.checksum with the one its publisher gives (for Raspberry Pi OS, the URL plus .sha256). Nothing was kept.");

    /// <summary>Base image: the archive is damaged.</summary>
    public static readonly DiagnosticCode ArchiveDamaged = new("W4B2003", "The base image's archive is damaged or of an unknown kind",
        "Give a complete .img, .img.xz, .img.gz, .img.zst or .zip. Nothing was kept.");

    /// <summary>Base image: not a Raspberry Pi card image.</summary>
    public static readonly DiagnosticCode UnsupportedLayout = new("W4B2004", "The base image's partitions are not those of a Raspberry Pi card",
        "The image must have an MBR with a FAT boot partition and an ext4 root partition.");

    /// <summary>Base image: a file system in it is damaged.</summary>
    public static readonly DiagnosticCode DamagedFileSystem = new("W4B2005", "A file system in the image is damaged",
        "Repair the image (e2fsck on its root partition, dosfstools on its boot partition), or use another.");

    /// <summary>Base image: building it from Debian packages failed.</summary>
    public static readonly DiagnosticCode BaseBuildFailed = new("W4B2006", "Building the base image from Debian packages failed",
        "The full output is in the build log; the next build starts this step again.");

    /// <summary>Base image: a version that names another image tomorrow.</summary>
    public static readonly DiagnosticCode MovingVersion = new("W4B2007", "The base image's version is not one release",
        "Name a release by its date or name, or give base_image.url with base_image.checksum: docs/base-images.md.");

    /// <summary>Base image: the signature is not good.</summary>
    public static readonly DiagnosticCode SignatureWrong = new("W4B2008", "The base image's signature is not good",
        "Do not use the image: it is not what its publisher signed, or somebody else signed it. An image of your own is signed by a key of base_image.signing_keys. Nothing was kept.");

    /// <summary>Base image: the key was not valid when the image was released.</summary>
    public static readonly DiagnosticCode SigningKeyNotValid = new("W4B2009", "The base image is signed by a key that was not valid at its release",
        "A key that its publisher no longer or not yet used must not sign: compare with the publisher's announcement. docs/base-images.md#signatures lists the keys and their time.");

    /// <summary>Base image, warning: the signature could not be checked.</summary>
    public static readonly DiagnosticCode SignatureNotChecked = new("W4B2010", "The base image's signature was not checked",
        "The image has the sha256 of the SDK's table. Name a file with the publisher's key in base_image.signing_keys, or set base_image.signature to none.");

    /// <summary>Software: a package does not exist.</summary>
    public static readonly DiagnosticCode PackageNotFound = new("W4B3001", "A package does not exist in the image's repositories",
        "Correct the name in software.packages or W4bPackage.");

    /// <summary>Software: apt failed.</summary>
    public static readonly DiagnosticCode PackageInstallFailed = new("W4B3002", "Packages could not be installed",
        "The full output is in the build log; the next build starts this step again.");

    /// <summary>Software: a script failed.</summary>
    public static readonly DiagnosticCode ScriptFailed = new("W4B3003", "A W4bScript failed",
        "Its output is in the build log. A script runs in the image's root as root, with set -e only if it says so itself.");

    /// <summary>Software: a step inside the sandbox failed.</summary>
    public static readonly DiagnosticCode ChrootFailed = new("W4B3004", "A step inside the sandbox failed",
        "The full output is in the build log.");

    /// <summary>Software: a package can only be configured emulated.</summary>
    public static readonly DiagnosticCode TwinBroken = new("W4B3005", "A package could only be configured without native twins",
        "The result is right. Please report it with the package's name; W4bNativeTwins=false avoids the first attempt.");

    /// <summary>Software: no native twins.</summary>
    public static readonly DiagnosticCode TwinsUnavailable = new("W4B3006", "There are no native twins",
        "The result is the same, and takes longer. W4bNativeTwins=false says that this is meant.");

    /// <summary>Software: a component or Python package cannot be installed.</summary>
    public static readonly DiagnosticCode ComponentUnusable = new("W4B3007", "A component or Python package could not be installed",
        "The build log has all that pip and the sandbox said. With software.python_wheels nothing is fetched; a component's component.yaml names what it needs.");

    /// <summary>Software: the lock and what would be installed differ.</summary>
    public static readonly DiagnosticCode LockMismatch = new("W4B3008", "The packages are not those of the lock",
        "If the change is meant, run dotnet build -t:UpdateLock and commit the lock. Else build with the cache that has the locked packages, or W4bLockedMode=false.");

    /// <summary>Software: the lock file cannot be read.</summary>
    public static readonly DiagnosticCode LockUnreadable = new("W4B3009", "The package lock cannot be read",
        "Take the file from version control, or delete it: the next build writes it anew.");

    /// <summary>Software, warning: the lock could not be kept to.</summary>
    public static readonly DiagnosticCode LockChanged = new("W4B3010", "The package lock was written anew, as it could not be kept to",
        "See what changed and commit the lock. W4bLockedMode=true makes it an error.");

    /// <summary>Customization: a planned file cannot be written.</summary>
    public static readonly DiagnosticCode PlanNotApplicable = new("W4B4001", "A planned file cannot be written into the image",
        "Correct the path named, or the base image that it stands in.");

    /// <summary>Customization: a planned unit, user or group is not in the image.</summary>
    public static readonly DiagnosticCode PlanPrerequisiteMissing = new("W4B4002", "The image lacks something the hive needs",
        "Add the package named to software.packages.");

    /// <summary>Customization: a file system in the image has no room left.</summary>
    public static readonly DiagnosticCode ImageFull = new("W4B4003", "A file system in the image is full",
        "Set a larger image.size in the configuration.");

    /// <summary>Validation: a rule failed.</summary>
    public static readonly DiagnosticCode ValidationFailed = new("W4B5001", "The image does not pass validation",
        "The image was not released; the report lists every rule.");

    /// <summary>Validation: the image does not boot.</summary>
    public static readonly DiagnosticCode BootFailed = new("W4B5002", "The image does not boot in the emulator",
        "The console's log tells how far it came. W4bBootMachine chooses another machine: virt or raspi3b.");

    /// <summary>Validation: something is not as configured on the running device.</summary>
    public static readonly DiagnosticCode BootAssertionFailed = new("W4B5003", "The booted image is not what is configured",
        "The message shows what was seen and the unit's journal; boot-report.json has all assertions.");

    /// <summary>Verification: an image or archive is damaged.</summary>
    public static readonly DiagnosticCode ImageDamaged = new("W4B5011", "An image is damaged, or is none",
        "Do not write it to a card: fetch it again, or build it again.");

    /// <summary>Verification: an image is not what it should be.</summary>
    public static readonly DiagnosticCode VerificationFailed = new("W4B5012", "An image does not pass verification",
        "Do not write it to a card. The report lists every rule; W4bVerifyProject=false is for an image that is not this project's.");

    /// <summary>Validation: a rule of the project's could not be asked.</summary>
    public static readonly DiagnosticCode OwnRuleFailed = new("W4B5013", "A rule of the project's could not be asked",
        "See docs/validation.md for what a W4bRule is.");

    /// <summary>Validation, warning: validation.rules names no rule.</summary>
    public static readonly DiagnosticCode UnknownRule = new("W4B5014", "There is no such rule",
        "validation.rules has the rules' ids or names, as docs/validation.md lists them.");

    /// <summary>Compression failed.</summary>
    public static readonly DiagnosticCode CompressionFailed = new("W4B6001", "The image cannot be compressed",
        "Check that liblzma5 is installed and that the disk has room.");

    /// <summary>The image cannot be signed.</summary>
    public static readonly DiagnosticCode SigningFailed = new("W4B6002", "The image cannot be signed",
        "W4bSigningKey is the path of a secret key: minisign's, or one exported with gpg --export-secret-keys. Its passphrase is read from W4B_SIGNING_KEY_PASSPHRASE.");

    /// <summary>Publishing: an image with secrets would become public.</summary>
    public static readonly DiagnosticCode SecretsNotPublished = new("W4B7001", "An image that holds secrets is not published",
        "Whoever can download it has the hive's keys. Set publish.encrypt_to to whom it is for, or publish.allow_secrets: true where only the right people reach the server.");

    /// <summary>Publishing: the server cannot be reached, or refuses.</summary>
    public static readonly DiagnosticCode PublishFailed = new("W4B7002", "The image cannot be published",
        "Check publish.url, the account's rights on the server and its free space. What arrived stays there; the next dotnet publish takes up only what is missing.");

    /// <summary>Publishing: the server is not the one that is known.</summary>
    public static readonly DiagnosticCode HostKeyRefused = new("W4B7003", "The server's SSH host key is not the known one",
        "Compare the fingerprint with the administrator's, then set publish.host_key to it or add the server to ~/.ssh/known_hosts. Nothing was sent.");

    /// <summary>Publishing: a list on the server cannot be read.</summary>
    public static readonly DiagnosticCode ListUnreadable = new("W4B7004", "A list on the server cannot be read",
        "Someone edited it by hand: correct it on the server, then run dotnet publish again. It is never overwritten.");

    /// <summary>Publishing: what arrived is not what was sent.</summary>
    public static readonly DiagnosticCode UploadDamaged = new("W4B7005", "What arrived at the server is not what was sent",
        "It was sent twice. Check the server's disk; nothing was put in the image's place.");

    /// <summary>Publishing: the list is in somebody else's hands.</summary>
    public static readonly DiagnosticCode ListLocked = new("W4B7006", "Another publisher holds the server's list",
        "Run dotnet publish again when it is done.");

    /// <summary>Publishing: the image cannot be encrypted.</summary>
    public static readonly DiagnosticCode EncryptionFailed = new("W4B7007", "The image cannot be encrypted",
        "publish.encrypt_to takes recipients of age (age1..., ssh-ed25519 ...), or the path of an OpenPGP public key.");

    /// <summary>All codes, by <see cref="Id"/>.</summary>
    public static IReadOnlyList<DiagnosticCode> All { get; } =
        [.. typeof(DiagnosticCode).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(f => f.FieldType == typeof(DiagnosticCode))
            .Select(f => (DiagnosticCode)f.GetValue(null)!)
            .OrderBy(c => c.Id, StringComparer.Ordinal)];

    /// <summary>The failure of this kind, to throw.</summary>
    /// <param name="message">What happened: a whole sentence, never with a secret.</param>
    /// <param name="location">The place in the user's file, when one caused it.</param>
    /// <param name="inner">The exception behind it, when there is one.</param>
    public W4bException Error(string message, SourceLocation? location = null, Exception? inner = null)
        => new(new Diagnostic(this, message, location), inner);
}
