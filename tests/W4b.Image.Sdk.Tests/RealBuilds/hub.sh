#!/usr/bin/env bash
# A WireGuard hub in user space and a hive in QEMU, in a network of their own. Started by HubTests.cs in namespaces; the machine's arguments
# are lines of the file $1, the folder $2 has hub.key, hive.pub and the administrator's key. Prints one `name=value` a line.
set -euo pipefail
arguments=$1
cd "$2"
hive=10.10.0.2
say() { echo "$1=$2"; }

# Waits for a condition, at most $1 seconds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS > end)); then
      say gave-up "$*"
      wg show wg0 || true
      exit 1
    fi
    read -r -t 1 _ <> <(:) || true
  done
}
handshake() { wg show wg0 latest-handshakes | cut -f2; }
newer_handshake() { (($(handshake) > $1)); }

boot() {
  mapfile -t machine <"$arguments"
  "${machine[@]}" "$@" &
  qemu=$!
}

ip link set lo up
mount -t tmpfs tmpfs /run/wireguard 2>/dev/null || { mkdir -p /run/wireguard && mount -t tmpfs tmpfs /run/wireguard; }
wireguard-go -f wg0 >hub.log 2>&1 &
wait_for 20 test -S /run/wireguard/wg0.sock
wg set wg0 listen-port 51820 private-key hub.key peer "$(cat hive.pub)" allowed-ips $hive/32
ip address add 10.10.0.1/24 dev wg0
ip link set wg0 up
# Where the hub's name points to. As behind most routers, only the hive can begin: what the hub sends of itself is dropped.
ip address add 192.0.2.7/32 dev lo
nft -f - <<END
table inet router {
	chain output {
		type filter hook output priority 0; policy accept;
		udp sport 51820 ct state new drop
	}
}
END

boot
wait_for 600 newer_handshake 0
say handshake yes
ask() { curl --silent --max-time 60 "http://$hive:9100/metrics" >metrics; }
wait_for 300 ask
say metrics "$(grep -o 'w4b_build_info{[^}]*}' metrics | grep -o 'hive_id="[^"]*"')"
remote() { ssh -i id -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=60 -o BatchMode=yes w4b@$hive "$@" 2>>ssh.log; }
ready() { say ssh "$(remote hostname)"; }
wait_for 300 ready
ssh-audit --no-colors --timeout=60 $hive >audit.txt || true # its status tells of warnings too
say algorithms "$(grep -c '^(kex)' audit.txt) offered, $(grep -c '\[fail\]' audit.txt || true) weak"
say password "$(ssh -o PubkeyAuthentication=no -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=60 -o BatchMode=yes w4b@$hive true 2>&1 | grep -o 'Permission denied ([^)]*)')"
say closed "$(curl --silent --max-time 10 telnet://$hive:5355 </dev/null; echo $?)"

# The link is cut for a minute: not one packet gets through.
nft -f - <<END
table inet cut {
	chain input {
		type filter hook input priority -200; policy accept;
		udp dport 51820 drop
	}
	chain output {
		type filter hook output priority -200; policy accept;
		udp sport 51820 drop
	}
}
END
cut=$SECONDS
silent() { ((SECONDS - cut >= 60)); }
wait_for 70 silent
say cut "$(curl --silent --max-time 5 "http://$hive:9100/metrics" >/dev/null; echo $?)"
nft delete table inet cut
wait_for 300 ask
say back yes

# The hub moves to another address, and its name is told to point there. It has been silent for long enough when the hive's clock has gone on by as much.
last=$(handshake)
remote "sudo sed -i s/192.0.2.7/192.0.2.8/ /etc/hosts; sudo date --set '+200 seconds'" >/dev/null
ip address del 192.0.2.7/32 dev lo
ip address add 192.0.2.8/32 dev lo
wait_for 600 newer_handshake "$last"
moved() { endpoint=$(remote sudo wg show wg0 endpoints | cut -f2) && say moved "$endpoint"; }
wait_for 300 moved

# The time is on the card by now; power goes, and the board's clock comes up months behind.
saved() { (($(remote stat -c %Y /var/lib/systemd/timesync/clock) > $(date +%s) - 120)); }
wait_for 300 saved
last=$(handshake)
kill -9 $qemu
wait $qemu || true
boot -rtc base=2026-01-02T03:04:05
wait_for 600 newer_handshake "$last"
wait_for 300 ask
say clock yes
kill -9 $qemu
wait $qemu || true
say end yes
