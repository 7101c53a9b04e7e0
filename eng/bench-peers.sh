#!/usr/bin/env bash
# What other image builders of Debian's need for the same work, beside eng/bench.sh: debos, vmdb2, mkosi and virt-customize. Each is
# asked for what it can do: a Debian base for arm64 with the packages of the benchmark, or one hive's files in an image that is there.
# One line each: `name: what, seconds, processor seconds`, or why it cannot. Needs root, as they do; --install installs what is missing.
#   eng/bench-peers.sh [--install] [--image FILE] [NAME...]     --image: a raw image to edit, for virt-customize; without it none is edited
set -uo pipefail
cd "$(dirname "$0")/.."

suite=trixie
# The host's own.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
packages=(postgresql-17 postgresql-17-timescaledb prometheus-node-exporter wireguard-tools python3-venv python3-pip)
image='' install='' names=()
while (($#)); do
  case $1 in
    --install) install=1 ;;
    --image) image=$2; shift ;;
    debos | vmdb2 | mkosi | virt-customize) names+=("$1") ;;
    *) echo "usage: eng/bench-peers.sh [--install] [--image FILE] [debos|vmdb2|mkosi|virt-customize...]" >&2; exit 2 ;;
  esac
  shift
done
((${#names[@]})) || names=(debos vmdb2 mkosi virt-customize)
# virt-customize starts the host's kernel, which a container or a small virtual machine lacks.
declare -A package=([debos]=debos [vmdb2]=vmdb2 [mkosi]=mkosi [virt-customize]="guestfs-tools$(compgen -G '/boot/vmlinuz-*' >/dev/null || echo " linux-image-$(dpkg --print-architecture)")")
if ((EUID != 0)); then
  echo "These builders need root; eng/bench.sh does not." >&2
  exit 1
fi
work=$(mktemp -d /var/tmp/w4b-peers-XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT

# Runs the rest of the arguments; prints the line of peer $1, which does $2.
measure() {
  local name=$1 what=$2 times TIMEFORMAT='%R %U %S'
  shift 2
  if times=$( { time timeout 3600 "$@" >"$work/$name.log" 2>&1; } 2>&1 ); then
    awk -v n="$name" -v w="$what" '{ printf "%s: %s, %.1f s, processor %.1f s\n", n, w, $1, $2 + $3 }' <<<"$(tail -n 1 <<<"$times")"
  else
    echo "$name: failed at: $what: $(grep -v '^[[:space:]]*$' "$work/$name.log" | tail -n 1 | cut -c1-200)"
  fi
}

# Foreign programs in a chroot: what these builders take for granted.
can_emulate() { grep -qs '^enabled' /proc/sys/fs/binfmt_misc/qemu-aarch64; }
can_map() { grep -qsw device-mapper /proc/misc; }
can_loop() { local device; device=$(losetup --find 2>/dev/null) && [[ -b $device ]]; }

for name in "${names[@]}"; do
  if ! command -v "$name" >/dev/null; then
    if [[ -n $install ]]; then
      DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ${package[$name]} >"$work/install.log" 2>&1 \
        || { echo "$name: cannot be installed: $(tail -n 1 "$work/install.log")"; continue; }
    else
      echo "$name: not installed (Debian package ${package[$name]}; --install installs it)"
      continue
    fi
  fi
  case $name in
    virt-customize)
      # It starts a virtual machine, edits the image in it, and cannot run programs of another architecture.
      if [[ -z $image ]]; then
        echo "virt-customize: no image to edit was given (--image); it installs no packages of another architecture"
        continue
      fi
      cp --sparse=always "$image" "$work/edit.img"
      printf '[Interface]\nAddress = 10.10.0.2/32\n' >"$work/wg0.conf"
      measure "$name" "host name, time zone and tunnel of one hive" virt-customize -a "$work/edit.img" --hostname hive-peer --timezone Europe/Berlin \
        --mkdir /etc/wireguard --upload "$work/wg0.conf:/etc/wireguard/wg0.conf" --chmod 0600:/etc/wireguard/wg0.conf
      ;;
    debos)
      {
        printf 'architecture: arm64\nactions:\n'
        printf '  - {action: debootstrap, suite: %s, components: [main], mirror: "%s", variant: minbase}\n' "$suite" "$mirror"
        printf '  - {action: apt, recommends: false, packages: [%s]}\n' "$(IFS=,; echo "${packages[*]}")"
      } >"$work/debos.yaml"
      if ! can_emulate; then
        echo "debos: needs the host's registration of qemu-user (binfmt_misc), which is not there"
        continue
      fi
      measure "$name" "a minimal Debian with the packages" debos --disable-fakemachine --artifactdir "$work" "$work/debos.yaml"
      ;;
    mkosi)
      if ! can_emulate; then
        echo "mkosi: needs the host's registration of qemu-user (binfmt_misc), which is not there"
        continue
      fi
      mkdir -p "$work/mkosi"
      # Its containers are units of systemd, which a container or a small virtual machine does not run.
      keep=()
      [[ -d /run/systemd/system ]] || keep=(--nspawn-keep-unit)
      measure "$name" "a minimal Debian with the packages" mkosi "${keep[@]}" --directory "$work/mkosi" --distribution debian --release "$suite" --architecture aarch64 \
        --format directory --output "$work/mkosi/image" --package "$(IFS=,; echo "${packages[*]}")" build
      ;;
    vmdb2)
      if ! can_emulate; then
        echo "vmdb2: needs the host's registration of qemu-user (binfmt_misc), which is not there"
      elif ! can_loop; then
        echo "vmdb2: needs loop devices, which this machine does not give"
      elif ! can_map; then
        echo "vmdb2: needs the kernel's device mapper for an image's partitions (kpartx), which is not there"
      else
        {
          printf 'steps:\n  - {mkimg: "{{ output }}", size: 4G}\n  - {mklabel: msdos, device: "{{ output }}"}\n'
          printf '  - {mkpart: primary, device: "{{ output }}", start: 0%%, end: 100%%, tag: root}\n  - {kpartx: "{{ output }}"}\n'
          printf '  - {mkfs: ext4, partition: root}\n  - {mount: root}\n'
          printf '  - {qemu-debootstrap: %s, mirror: "%s", target: root, arch: arm64, variant: minbase}\n' "$suite" "$mirror"
          printf '  - {apt: install, packages: [%s], tag: root, update: true, recommends: false}\n' "$(IFS=,; echo "${packages[*]}")"
        } >"$work/vmdb2.yaml"
        measure "$name" "an image of a minimal Debian with the packages" vmdb2 --output "$work/vmdb2.img" "$work/vmdb2.yaml"
      fi
      ;;
  esac
done
