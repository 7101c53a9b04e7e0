#!/usr/bin/env bash
# What the usual tools do, for eng/bench.sh: mmdebstrap and apt-get in a chroot whose programs QEMU runs, with QEMU's own settings.
#   plain-chroot.sh base FOLDER SUITE PACKAGES            a Debian base for arm64
#   plain-chroot.sh layer FOLDER CPU PACKAGE...           packages into a copy of FOLDER; CPU: for QEMU_CPU, or "default"
# Prints two numbers: seconds, and seconds of the processor. It runs in the namespaces of w4b-sandbox and registers a plain
# qemu-user there, so that nothing of the host's changes; that is all it takes from the project.
set -euo pipefail

if [[ -z ${W4B_BENCH_INSIDE:-} ]]; then
  helper=$(dirname "$0")/../../src/W4b.Image.Tasks/bin/Release/net10.0/native/linux-x64/w4b-sandbox
  # The namespaces end when nobody holds the pipe any more.
  exec 9< <(exec tail -f /dev/null)
  W4B_BENCH_INSIDE=1 "$helper" run --control-fd 9 --chdir / -- "$BASH" "$(realpath "$0")" "$@"
  kill $!
  exit
fi

binfmt=/proc/sys/fs/binfmt_misc
mount -t binfmt_misc binfmt_misc $binfmt
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
printf ':qemu-aarch64:M::%s:%s:%s:F' "$magic" "$mask" "$(command -v qemu-aarch64-static)" >$binfmt/register
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root

# Seconds and processor seconds of a command; its output goes to stderr.
timed() {
  local TIMEFORMAT='%R %U %S' times
  { times=$( { time "$@" >&4 2>&4; } 2>&1 ); } 4>&2
  awk '{ printf "%.2f %.2f\n", $1, $2 + $3 }' <<<"$times"
}

case $1 in
  base)
    mkdir -p "$2"
    # Where everybody may pass: apt downloads as a user of its own.
    mount --bind "$2" /mnt
    TMPDIR=/mnt timed mmdebstrap --mode=root --format=directory --skip=check/qemu,chroot/mount/sys --variant=minbase --architectures=arm64 \
      --components=main,non-free-firmware "--include=$4" '--aptopt=Acquire::Languages "none"' '--aptopt=APT::Install-Recommends "0"' \
      --dpkgopt=force-unsafe-io "$3" /mnt/root
    ;;
  layer)
    tree=$2.$3 cpu=$3
    shift 3
    # The tree belongs to the namespace's users: it is copied and removed here.
    rm -rf "$tree"
    cp -a "${tree%.*}" "$tree"
    trap 'rm -rf "$tree"' EXIT
    if [[ $cpu != default ]]; then
      export QEMU_CPU=$cpu
    fi
    mount --bind "$tree" /mnt
    mount -t proc proc /mnt/proc
    mount --rbind /dev /mnt/dev
    # systemd-resolved's is a link to nowhere in a chroot.
    rm -f /mnt/etc/resolv.conf
    cp -L /etc/resolv.conf /mnt/etc/resolv.conf
    printf '#!/bin/sh\nexit 101\n' >/mnt/usr/sbin/policy-rc.d
    chmod 755 /mnt/usr/sbin/policy-rc.d
    chroot /mnt apt-get update >&2
    chroot /mnt apt-get install -y --no-install-recommends --download-only "$@" >&2
    timed chroot /mnt apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"
    umount -l /mnt/dev /mnt/proc /mnt
    ;;
  remove)
    rm -rf "$2"
    ;;
esac
