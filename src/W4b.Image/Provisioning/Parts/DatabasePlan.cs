using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Provisioning;

/// <summary>
/// PostgreSQL with the table of readings. The cluster is the device's own, made when it first starts; what is in it is brought to what
/// is configured at each start.
/// </summary>
internal static class DatabasePlan
{
    private const string Postgres = "postgres";

    public static FilePlan Create(PlanInputs inputs)
    {
        if (inputs.Hive.Database is not { } database)
            return FilePlan.Empty;
        var version = database.Version ?? inputs.Layer.PostgresVersion
            ?? throw DiagnosticCode.PlanPrerequisiteMissing.Error("The image has no PostgreSQL (package postgresql).");
        var backup = Backup(inputs.Hive);
        var backups = BackupFolder(inputs.Hive);
        var encrypted = inputs.Hive.Encryption is not null;
        var model = new
        {
            Version = version,
            database.Timescale,
            Role = database.Username,
            database.Database,
            database.Port,
            database.RetentionDays,
            SensorManager = SensorManagerPlan.Account,
            AccountsPlan.Keeper,
            Memory = Memory.Of(inputs.Hive.Base.PiModel),
            Verifier = database.Password is { } password ? PasswordHash.ScramSha256(inputs.Resolve(password), inputs.Hive.HiveId) : null,
            Backup = backup,
            Backups = backups,
            BackupsWritable = encrypted ? EncryptionPlan.MountPoint : backups,
            inputs.Hive.Maintenance.DetailedLogging,
        };

        PlanEntry Settings(string name) => PlannedFile.OfText($"/etc/w4b/database/{name}", Template.Render(name, model), PlanModes.GroupFile, "root", Postgres);
        PlanEntry Program(string name) => PlannedFile.OfText($"/usr/lib/w4b/{name}", Template.Render(name, model), PlanModes.Program);
        PlanEntry Unit(string name) => PlannedFile.OfText($"/etc/systemd/system/{name}", Template.Unit(name, model));
        var plan = new FilePlan
        {
            Entries =
            [
                new PlannedDirectory("/etc/w4b/database", PlanModes.GroupFolder, "root", Postgres),
                Settings("postgresql.conf"), Settings("pg_hba.conf"), Settings("pg_ident.conf"), Settings("database.sql"), Settings("retention.sql"),
                Program("database-cluster"), Unit("w4b-database-cluster.service"),
                PlannedFile.OfText($"/etc/systemd/system/postgresql@{version}-main.service.d/10-w4b.conf", Template.Read("postgresql-drop-in")),
                Unit("w4b-database.service"),
                Unit("w4b-database-retention.service"), Unit("w4b-database-retention.timer"),
            ],
            Units =
            [
                new EnabledUnit($"postgresql@{version}-main.service", "postgresql"),
                new EnabledUnit("w4b-database.service"), new EnabledUnit("w4b-database-retention.timer"),
            ],
        };
        return backup is null ? plan : plan.With(new FilePlan
        {
            Entries =
            [
                // On the volume it is made with the first backup.
                .. encrypted ? Array.Empty<PlanEntry>() : [new PlannedDirectory(backups, PlanModes.PrivateFolder, Postgres, Postgres)],
                Program("database-backup"), Unit("w4b-database-backup.service"), Unit("w4b-database-backup.timer"),
            ],
            Units = [new EnabledUnit("w4b-database-backup.timer")],
        });
    }

    /// <summary>Where backups go. What the database holds is as secret in them.</summary>
    public static string BackupFolder(HiveConfiguration hive) => hive.Encryption is null ? "/var/backups/w4b" : $"{EncryptionPlan.MountPoint}/backups";

    private static BackupModel? Backup(HiveConfiguration hive) => hive.Maintenance.Backup is { } backup
        ? new BackupModel((long)backup.Interval.TotalSeconds, (long)backup.Retention.TotalMinutes)
        : hive.Database!.DailyBackup ? new BackupModel((long)TimeSpan.FromDays(1).TotalSeconds, (long)TimeSpan.FromDays(7).TotalMinutes) : null;

    /// <param name="Interval">Seconds.</param>
    /// <param name="Retention">Minutes.</param>
    private sealed record BackupModel(long Interval, long Retention);

    /// <summary>
    /// Memory settings, in MiB, for a board with <paramref name="Board"/> MiB. PostgreSQL's documentation (Resource Consumption) has
    /// shared_buffers at a quarter of a machine that does nothing else; a hive's does, and its database is small: an eighth, which still is no more than
    /// the quarter on a board of half the size. What the kernel keeps of files is counted as three eighths, and the rest is for twenty connections.
    /// </summary>
    private sealed record Memory(int Board)
    {
        public int SharedBuffers => Board / 8;
        public int EffectiveCache => Board * 3 / 8;
        public int Work => Board / 256;
        public int Maintenance => Board / 16;

        /// <summary>A board that tells of less is another. It tells of less than it has: the firmware and the kernel have theirs.</summary>
        public int Least => Board * 3 / 4;

        // The usual size of each: www.raspberrypi.com/documentation/computers/raspberry-pi.html. Others of the model are smaller, as the 3 A+ and
        // the Zero 2 W (512 MiB), which starts as a 3: the device itself takes less then (database-cluster).
        public static Memory Of(int piModel) => new(piModel switch { 3 => 1024, 4 => 2048, _ => 4096 });
    }
}
