using System.Globalization;
using W4b.Image.Configuration;
using W4b.Image.Provisioning;

namespace W4b.Image.Validation.Boot;

/// <summary>What a configuration promises of a running hive, as assertions. Pure.</summary>
internal static class BootAssertions
{
    // bash's own way to a port: the image need not have curl.
    private const string Get = """get() { exec 4<>/dev/tcp/127.0.0.1/$1; printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&4; cat <&4; }; """;

    /// <summary>The assertions for <paramref name="hive"/> with <paramref name="plan"/> in a layer.</summary>
    public static IReadOnlyList<BootAssertion> Of(HiveConfiguration hive, FilePlan plan, LayerFacts layer)
        => [.. System(hive, layer), .. Accounts(plan), .. Network(hive, layer), .. Firewall(hive), .. Services(hive), .. Units(plan)];

    private static IEnumerable<BootAssertion> System(HiveConfiguration hive, LayerFacts layer)
    {
        var system = hive.System;
        yield return new("running", "The system is up", "state=$(systemctl is-system-running); echo $state; [ $state = running ] || [ $state = degraded ]");
        yield return new("failed", "No unit has failed", """
            failed=$(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1)
            for unit in $failed; do echo "$unit"; journalctl --no-pager --boot --output=short-monotonic --lines=15 --unit="$unit"; done
            [ -z "$failed" ]
            """);
        yield return new("hostname", $"The host name is {system.Hostname}", Equal("hostname", system.Hostname));
        yield return new("timezone", $"The time zone is {system.Timezone}", Equal("timedatectl show -p Timezone --value", system.Timezone));
        yield return new("locale", $"The locale {system.Locale} is there", $". /etc/default/locale; {Equal("echo $LANG", system.Locale)} && {Equal($"LC_ALL={system.Locale} locale charmap", "UTF-8")}");
        yield return new("keyboard", $"The keyboard is {system.Keyboard}", $". /etc/default/keyboard; {Equal("echo $XKBLAYOUT", system.Keyboard)} && localectl status | tee /dev/stderr | grep -q 'X11 Layout: {system.Keyboard}$'"
            + (layer.Packages.Contains("console-setup") ? " && ls -l /etc/console-setup/*.kmap.gz" : ""), "w4b-keyboard.service");
        yield return new("card-wear", "Reading writes nothing to the card", "findmnt -no OPTIONS / | tee /dev/stderr | grep -qw noatime");
        yield return new("watchdog", "The watchdog is asked for", Equal("systemctl show -p RuntimeWatchdogUSec --value", "15s"));
        yield return new("clock", "The time is kept on the card", "systemctl start w4b-clock.service && stat -c %y /var/lib/systemd/timesync/clock && [ $(($(date +%s) - $(stat -c %Y /var/lib/systemd/timesync/clock))) -lt 120 ]", "w4b-clock.service");
        yield return new("machine-id", "The machine id is the device's own", "cat /etc/machine-id; [ $(wc -c < /etc/machine-id) -eq 33 ]");
        yield return new("build", "The build can be told", $"cat {ReleasePlan.Path}; . {ReleasePlan.Path}; [ \"$W4B_HIVE_ID\" = {hive.HiveId} ]");
        yield return new("grown", "The root file system has all of the card", """
            part=$(basename "$(readlink -f /sys/dev/block/$(mountpoint -d /))"); disk=$(basename "$(dirname "$(readlink -f /sys/class/block/$part)")")
            end=$(($(cat /sys/class/block/$part/start) + $(cat /sys/class/block/$part/size))); size=$(cat /sys/class/block/$disk/size)
            blocks=$(stat -fc '%b * %S / 512' /); echo "partition ends at $end of $size sectors; file system $blocks"
            [ $((size - end)) -lt 16384 ] && [ $((blocks)) -gt $(($(cat /sys/class/block/$part/size) * 9 / 10)) ]
            """, "w4b-grow-root.service");
        yield return new("journal", "The journal outlives a power cut, within bounds", "journalctl --disk-usage; [ -d /var/log/journal/$(cat /etc/machine-id) ]");
        yield return new("boot-partition", "The boot partition is mounted", "findmnt -no TARGET,FSTYPE,SOURCE -t vfat | grep ^/boot");
        if (!layer.IsRaspberryPiOs)
            yield return new("swap", "Swap is in memory", "swapon --show=NAME --noheadings | grep zram", "systemd-zram-setup@zram0.service");
        yield return new("status", "w4b-status tells the hive and its build", $"seen=$(w4b-status); echo \"$seen\"; echo \"$seen\" | grep -q '^hive  *{hive.HiveId} '");
        yield return new("status-wrong", "w4b-status tells of a unit that has failed, and ends with 1", """
            systemd-run --quiet --wait --unit=w4b-broken false; seen=$(w4b-status); code=$?; systemctl reset-failed w4b-broken; echo "$seen" | tail -n 3; echo "ended with $code"
            [ $code = 1 ] && echo "$seen" | grep -q 'failed: .*w4b-broken'
            """);
        yield return new("bundle", "w4b-status packs what a helper needs, and no secret", """
            set -e; bundle=$(w4b-status --bundle); folder=$(mktemp -d); tar -C $folder --strip-components=1 -xzf $bundle; ls $folder; rm $bundle
            for file in status.txt units.txt journal.txt addresses.txt; do [ -s $folder/$file ]; done
            { sed -n 's/^ *\(PrivateKey\|PresharedKey\) *= *//p' /etc/wireguard/*.conf; sed -n 's/^\s*psk=//p' /etc/wpa_supplicant/*.conf /etc/NetworkManager/system-connections/*
              awk -F: 'length($2) > 4 { print $2 }' /etc/shadow; grep -o 'SCRAM-SHA-256[^'\'']*' /etc/w4b/database/database.sql; grep -h -v -e ----- /etc/ssh/ssh_host_*_key; } 2>/dev/null | grep . > /run/secrets || true
            echo "$(wc -l < /run/secrets) secrets are looked for"; if grep -rlF -f /run/secrets $folder; then exit 1; fi; rm -r /run/secrets $folder
            """);
        yield return new("exposure", "Our own units are exposed by 3.0 at most", """
            wrong=0
            for unit in $(ls /etc/systemd/system | grep '^w4b-.*\.service$' | grep -v boot-test); do
              systemd-analyze security --no-pager --threshold=30 "$unit" > /tmp/exposure || { wrong=1; grep '^✗' /tmp/exposure; }
              tail -n 1 /tmp/exposure
            done; [ $wrong = 0 ]
            """);
    }

    private static IEnumerable<BootAssertion> Accounts(FilePlan plan)
    {
        foreach (var user in plan.Users)
        {
            var groups = string.Concat(user.Groups.Select(g => $" && id -nG {user.Name} | tr ' ' '\\n' | grep -qx {g}"));
            yield return new($"user-{user.Name}", $"The account {user.Name} is there",
                $"getent passwd {user.Name}; id {user.Name}{groups} && [ \"$(getent passwd {user.Name} | cut -d: -f7)\" = {user.Shell} ]");
        }

        var withPassword = string.Join(' ', plan.Users.Where(u => u.PasswordHash is not null).Select(u => u.Name).Order(StringComparer.Ordinal));
        yield return new("passwords", withPassword.Length == 0 ? "No password opens an account" : $"A password opens {withPassword} alone",
            Equal("awk -F: '$2 !~ /^[!*]/ { print $1 }' /etc/shadow | sort | paste -sd ' '", withPassword));
        foreach (var file in plan.Entries.OfType<PlannedFile>().Where(f => f.Path.EndsWith("/.ssh/authorized_keys", StringComparison.Ordinal)))
            yield return new($"keys-{file.Owner}", $"{file.Owner} has their keys", $"stat -c '%a %U' {file.Path}; {Equal($"stat -c '%a %U' {file.Path}", $"600 {file.Owner}")}");
        foreach (var user in plan.Users.Where(u => u.Groups.Contains("sudo") && u.PasswordHash is null))
            yield return new($"sudo-{user.Name}", $"{user.Name} may become root", Equal($"runuser -u {user.Name} -- sudo -n id -u", "0"));
    }

    private static IEnumerable<BootAssertion> Encryption()
    {
        const string unit = EncryptionPlan.Unit;
        yield return new("volume", "The database lies on an encrypted volume", $"{Equal($"findmnt -no SOURCE {EncryptionPlan.MountPoint}", "/dev/mapper/" + EncryptionPlan.Mapping)}"
            + $" && cryptsetup status {EncryptionPlan.Mapping} | tee /dev/stderr | grep -q 'type: *LUKS2'", unit);
        yield return new("volume-key", "The key server's is the volume's only key",
            Equal($"cryptsetup luksDump {EncryptionPlan.Volume} | sed -n '/^Keyslots:/,/^Digests:/s/^  [0-9]*: //p' | paste -sd ' '", "luks2 clevis"), unit);
        yield return new("volume-again", "The volume closes, and opens again with what the key server says", $"""
            systemctl stop {unit} && [ ! -e /dev/mapper/{EncryptionPlan.Mapping} ] && systemctl start {unit} || exit 1
            for try in $(seq 60); do systemctl is-active --quiet w4b-database.service && break; sleep 2; done; findmnt {EncryptionPlan.MountPoint}; systemctl is-active w4b-database.service
            """, unit);
    }

    private static IEnumerable<BootAssertion> Network(HiveConfiguration hive, LayerFacts layer)
    {
        yield return new("online", "There is a way out", "ip -brief address; ip route; ip route show default | grep -q default");
        if (hive.Network.Wifi.Count > 0)
            yield return new("wifi", "Wi-Fi is configured, for root's eyes only", layer.HasNetworkManager
                ? "stat -c '%a %U %n' /etc/NetworkManager/system-connections/w4b-wifi-1.nmconnection | grep '^600 root'"
                : "stat -c '%a %U %n' /etc/wpa_supplicant/wpa_supplicant-wlan0.conf | grep '^600 root' && systemctl is-enabled wpa_supplicant@wlan0");
        if (hive.Vpn is { } vpn)
        {
            yield return new("tunnel-file", "The tunnel's file is root's alone", Equal("stat -c '%a %U' /etc/wireguard/wg0.conf", "600 root"));
            yield return new("tunnel", "The tunnel is up", vpn.Address is { } address
                ? $"ip -brief address show wg0; wg show wg0 endpoints; ip -brief address show wg0 | grep -qF {address.Split('/')[0]}"
                : "ip -brief address show wg0", "wg-quick@wg0.service");
        }

        if (!hive.Ssh.Enabled)
            yield return new("ssh-off", "SSH is off", "! systemctl is-active ssh.service ssh.socket");
        else
        {
            yield return new("ssh", $"SSH listens on port {hive.Ssh.Port}", Listens(hive.Ssh.Port), "ssh.service");
            yield return new("ssh-settings", "SSH is set as configured", $"sshd -T | grep -E '^(port|passwordauthentication|permitrootlogin|kexalgorithms) '; sshd -T | grep -qx 'port {hive.Ssh.Port}'"
                + $" && sshd -T | grep -qx 'passwordauthentication {(hive.Ssh.PasswordAuthentication ? "yes" : "no")}'"
                + $" && sshd -T | grep -qxE 'permitrootlogin ({(hive.Ssh.AllowRoot ? "without-password|prohibit-password" : "no")})'");
        }
    }

    private static IEnumerable<BootAssertion> Firewall(HiveConfiguration hive)
    {
        if (hive.Firewall.Enabled)
            yield return new("firewall", "The firewall drops what is not allowed", "nft list table inet w4b && nft list chain inet w4b input | grep -q 'policy drop'", "nftables.service");
        else
            yield return new("firewall-off", "There is no firewall", "! nft list table inet w4b");
    }

    private static IEnumerable<BootAssertion> Services(HiveConfiguration hive)
    {
        if (hive.Monitoring is { } monitoring)
            yield return new("exporter", "The node exporter answers, with the build's own metric",
                $"{Get} get {Text(monitoring.Port)} /metrics | grep -E '^(node_time_seconds|w4b_build_info)' | tee /dev/stderr | grep -q 'hive_id=\"{hive.HiveId}\"'",
                "prometheus-node-exporter.service");
        if (hive.Database is { } database)
            foreach (var assertion in Database(hive, database))
                yield return assertion;
        if (hive.Maintenance.Updates is { } updates)
            yield return new("updates", "Updates have their window", "systemctl list-timers --all --no-pager apt-daily-upgrade.timer; systemctl cat apt-daily-upgrade.timer"
                + $" | grep -q '^OnCalendar=.*{Text(updates.Hour)}:{UpdatesPlan.UpgradeMinute}' && apt-config dump | grep -q 'APT::Periodic::Unattended-Upgrade \"1\"'");
        else
            yield return new("updates-off", "Nothing is updated by itself", "! systemctl is-enabled apt-daily-upgrade.timer");
        if (hive.Maintenance.MetricsRetention is not null)
            yield return new("metrics-history", "The device keeps a record of its load", "systemctl start sysstat-collect.service && sar -r && systemctl is-active sysstat-collect.timer", "sysstat-collect.service");
        if (hive.Network.Country is { } country)
            yield return new("country", $"Radio keeps to the rules of {country}", $"grep -hr . /etc/modprobe.d/w4b-wifi.conf | tee /dev/stderr | grep -q ieee80211_regdom={country}");
        if (hive.SensorManager is { AutoStart: true } && hive.Software.Components.Any(c => c.Name == SensorManagerPlan.Component))
            foreach (var assertion in SensorManager(hive))
                yield return assertion;
        if (hive.SensorManager is not null)
            yield return new("sensor-configuration", "The sensor manager has its configuration", $"grep -q '^hive_id: {hive.HiveId}' {SensorConfigPlan.Path}");
    }

    private static IEnumerable<BootAssertion> SensorManager(HiveConfiguration hive)
    {
        const string unit = "w4b-sensor-manager.service";
        yield return new("sensor-manager", "The sensor manager runs and serves its metrics",
            $"{Get} systemctl is-active {unit} && get {Text(SensorManagerConfiguration.MetricsPort)} /metrics | tail -n +10", unit);
        if (hive.Database is { } database && hive.SensorManager!.Sensors.Any(s => s.Enabled))
            // Once an interval; the first ones are there soon.
            yield return new("readings", "Readings of the hive's sensors arrive in the database", $$"""
                rows() { runuser -u postgres -- psql -XAt --port={{Text(database.Port)}} {{database.Database}} -c "SELECT count(*), count(DISTINCT sensor_id), max(time) FROM sensor_readings WHERE hive_id = '{{hive.HiveId}}'"; }
                for try in $(seq 60); do case $(rows) in 0*) sleep 2 ;; *) break ;; esac; done; rows | tee /dev/stderr | grep -qv '^0'
                """, unit);
    }

    private static IEnumerable<BootAssertion> Database(HiveConfiguration hive, DatabaseConfiguration database)
    {
        string Query(string sql) => $"runuser -u postgres -- psql -XAt --port={Text(database.Port)} {database.Database} -c \"{sql}\"";
        if (hive.Encryption is not null)
            foreach (var assertion in Encryption())
                yield return assertion;
        yield return new("database", "The database answers", $"{Query("SELECT version()")} && systemctl is-active w4b-database.service", "w4b-database.service");
        yield return new("database-local", "The database listens to this device alone",
            $"ss -Hltn 'sport = :{Text(database.Port)}'; ! ss -Hltn 'sport = :{Text(database.Port)}' | grep -vE '127\\.0\\.0\\.1|\\[::1\\]'");
        yield return new("database-memory", "The database's memory is a share of the board's", $"""
            shared=$({Query("SELECT setting::int / 128 FROM pg_settings WHERE name = 'shared_buffers'")}); board=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo) / 1024))
            echo "$shared of $board MiB"; [ "$shared" -ge $((board / 32)) ] && [ "$shared" -le $((board / 6)) ]
            """, "w4b-database-cluster.service");
        yield return new("database-role", "The role writes and reads readings by the socket",
            $"role() {{ runuser -u {(hive.SensorManager is null ? "postgres" : SensorManagerPlan.Account)} -- psql -XAt --port={Text(database.Port)} --username={database.Username} {database.Database} -c \"$1\"; }}; "
            + "role \"BEGIN; INSERT INTO sensor_readings (time, hive_id, sensor_id, metric_name, value) VALUES (now(), 'self-test', 'self-test', 'value', 1); SELECT count(*) FROM sensor_readings WHERE hive_id = 'self-test'; ROLLBACK\" | tee /dev/stderr | grep -qx 1");
        if (database.Timescale)
            yield return new("hypertable", "Readings are in a hypertable", Query("SELECT hypertable_name, num_dimensions FROM timescaledb_information.hypertables") + " | tee /dev/stderr | grep -q sensor_readings");
        yield return new("retention", $"Readings older than {Text(database.RetentionDays)} days go", $"""
            {Query($"INSERT INTO sensor_readings (time, hive_id, sensor_id, metric_name, value) SELECT now() - interval '1 day' * d, 'self-test', 'self-test', 'value', d FROM generate_series(0, {Text(database.RetentionDays + 3)}, {Text(database.RetentionDays + 3)}) d")} &&
            systemctl start w4b-database-retention.service && {Equal(Query("SELECT count(*) FROM sensor_readings WHERE hive_id = 'self-test'"), "1")} &&
            {Query("DELETE FROM sensor_readings WHERE hive_id = 'self-test'")} && systemctl is-active w4b-database-retention.timer
            """, "w4b-database-retention.service");
        if (database.DailyBackup || hive.Maintenance.Backup is not null)
            yield return new("backup", "The database is saved, what is saved can be read, and what is old goes", $"""
                set -e; folder={DatabasePlan.BackupFolder(hive)}; old=$folder/{database.Database}-20000101T000000Z.dump
                systemctl start w4b-database-backup.service; touch -d '2000-01-01' $old; systemctl start w4b-database-backup.service; ls -l $folder
                pg_restore --list $(ls $folder/*.dump | tail -n 1) | grep -q sensor_readings; [ ! -e $old ]; systemctl is-active w4b-database-backup.timer
                """, "w4b-database-backup.service");
        yield return new("database-again", "Setting it up again changes nothing", "systemctl restart w4b-database.service", "w4b-database.service");
    }

    private static IEnumerable<BootAssertion> Units(FilePlan plan)
        => plan.Units.Select(u => u.Name).Distinct().Select((unit, index) => new BootAssertion($"unit-{Text(index + 1)}", $"{unit} has done its work or is at it", $"""
            systemctl show -p Id,ActiveState,SubState,Result,ConditionResult {unit}
            systemctl is-enabled {unit}; state=$(systemctl show -p ActiveState --value {unit})
            [ $state = active ] || [ $state = activating ] || [ "$(systemctl show -p ConditionResult --value {unit})" = no ]
            """, unit));

    private static string Listens(int port) => $"ss -Hltnp 'sport = :{Text(port)}' | tee /dev/stderr | grep -q .";

    private static string Equal(string command, string expected) => $"seen=$({command}); echo \"$seen\"; [ \"$seen\" = '{expected}' ]";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
