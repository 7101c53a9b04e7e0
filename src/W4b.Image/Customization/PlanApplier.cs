using System.Text;
using W4b.Image.Diagnostics;
using W4b.Image.Disk;
using W4b.Image.Layers;
using W4b.Image.Provisioning;
using W4b.Image.Provisioning.FirstBoot;

namespace W4b.Image.Customization;

/// <summary>A file of the boot partition. A FAT knows neither owners nor modes.</summary>
/// <param name="Path">Its path on that partition.</param>
/// <param name="Make">Makes its bytes, of those that the base has there when <paramref name="IsEdit"/>.</param>
/// <param name="IsEdit">Whether the base's file is changed, and not replaced.</param>
internal sealed record BootFile(string Path, Func<byte[], ReadOnlyMemory<byte>> Make, bool IsEdit)
{
    /// <summary>What the entry makes of the boot partition that is mounted at <paramref name="mountPoint"/>; null when it belongs to the root file system.</summary>
    public static BootFile? Of(PlanEntry entry, string mountPoint) => entry switch
    {
        PlannedBootLines lines => new BootFile("/" + lines.File, before => Append(before, Encoding.UTF8.GetBytes(lines.Text)), IsEdit: true),
        PlannedCommandLine line => new BootFile("/" + PlannedCommandLine.File, before => Encoding.UTF8.GetBytes(
            CommandLine.Parse(Encoding.UTF8.GetString(before)).With(line.Remove, line.Add) + "\n"), IsEdit: true),
        PlannedFile file when file.Path.StartsWith(mountPoint + "/", StringComparison.Ordinal) => new BootFile(file.Path[mountPoint.Length..], _ => file.Content, IsEdit: false),
        _ => null,
    };

    // Once: a plan that is applied again finds its lines there.
    private static ReadOnlyMemory<byte> Append(byte[] before, byte[] lines) => before.AsSpan().IndexOf(lines) >= 0 ? before : (byte[])[.. before, .. lines];
}

/// <summary>Writes a file plan into an open root file system, in place. Files of the boot partition are left to the caller.</summary>
internal sealed class PlanApplier
{
    private static readonly string[] UnitFolders = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
    private readonly Ext4FileSystem _root;
    private readonly DateTimeOffset _epoch;
    private readonly IBuildLog _log;

    /// <summary>Works on <paramref name="root"/>; everything written bears the time <paramref name="epoch"/>.</summary>
    public PlanApplier(Ext4FileSystem root, DateTimeOffset epoch, IBuildLog log) => (_root, _epoch, _log) = (root, epoch, log);

    /// <summary>Writes <paramref name="plan"/> and returns its files that belong to the boot partition: accounts first, since files belong to them; units last, since a file may be one.</summary>
    /// <exception cref="W4bException">A path, account or unit of the plan does not fit the image.</exception>
    public IReadOnlyList<BootFile> Apply(FilePlan plan)
    {
        var accounts = Accounts(plan);

        var mountPoint = BootMount.Find(_root);
        var bootFiles = new List<BootFile>();
        foreach (var entry in plan.Entries)
        {
            _log.Detail($"plan: {entry}");
            if (BootFile.Of(entry, mountPoint) is { } bootFile)
                bootFiles.Add(bootFile);
            else
                Write(entry, accounts);
        }

        foreach (var unit in plan.Units)
            Enable(unit);
        return bootFiles;
    }

    private AccountDatabase Accounts(FilePlan plan)
    {
        var before = AccountFiles.Read(_root);
        var day = _epoch.ToUnixTimeSeconds() / 86400;
        var after = plan.Groups.Aggregate(before, (database, group) => database.WithSystemGroup(group));
        if (plan.LocksPasswords)
            after = after.WithoutPasswords();
        after = plan.Users.Aggregate(after, (database, user) => database.With(user, day));
        AccountFiles.Write(_root, before, after, _epoch);
        return after;
    }

    private void Write(PlanEntry entry, AccountDatabase accounts)
    {
        switch (entry)
        {
            case PlannedFile file:
                MakeParents(file.Path);
                _root.WriteFile(file.Path, file.Content.Span, file.Mode, User(accounts, file.Owner, file.Path), Group(accounts, file.Group, file.Path), _epoch);
                break;
            case PlannedDirectory folder:
                MakeParents(folder.Path);
                var (user, group) = (User(accounts, folder.Owner, folder.Path), Group(accounts, folder.Group, folder.Path));
                if (_root.Find(folder.Path) is null)
                    _root.CreateDirectory(folder.Path, folder.Mode, user, group);
                else
                    _root.SetAttributes(folder.Path, folder.Mode, user, group);
                break;
            case PlannedLink link:
                Link(link);
                break;
            default:
                throw new InvalidOperationException($"Unknown kind of entry: {entry.GetType().Name}.");
        }
    }

    private void MakeParents(string path)
    {
        var parent = path[..path.LastIndexOf('/')];
        if (parent.Length == 0 || _root.Find(parent) is not null)
            return;
        MakeParents(parent);
        _root.CreateDirectory(parent, PlanModes.PublicFolder, 0, 0);
    }

    private void Link(PlannedLink link)
    {
        MakeParents(link.Path);
        if (_root.Find(link.Path, followLinks: false) is not null)
            _root.Delete(link.Path);
        _root.CreateSymlink(link.Path, link.Target);
    }

    private void Enable(EnabledUnit unit)
    {
        var fileName = UnitInstall.FileName(unit.Name);
        var path = UnitFolders.Select(folder => $"{folder}/{fileName}").FirstOrDefault(p => _root.Find(p) is not null)
            ?? throw DiagnosticCode.PlanPrerequisiteMissing.Error(unit.Package is null
                ? $"The image has no unit {unit.Name}."
                : $"The image has no unit {unit.Name} (package {unit.Package}).");
        foreach (var link in UnitInstall.Links(unit.Name, path, _root.ReadAllText(path)))
            Link(link);
    }

    private static uint User(AccountDatabase accounts, string name, string path)
        => accounts.UserId(name) ?? throw DiagnosticCode.PlanPrerequisiteMissing.Error($"The image has no user {name}, the owner of {path}.");

    private static uint Group(AccountDatabase accounts, string name, string path)
        => accounts.GroupId(name) ?? throw DiagnosticCode.PlanPrerequisiteMissing.Error($"The image has no group {name}, the group of {path}.");
}
