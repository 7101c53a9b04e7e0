#!/usr/bin/env bash
# Makes a look-alike of a Raspberry Pi OS Lite image, for tests where the official files cannot be had: the same partition table, labels,
# file-system features, command line, accounts and first-boot services; programs, kernels and firmware are stubs, so that it is small.
#
#   eng/raspios-lookalike.sh NAME FOLDER      makes FOLDER/NAME.img, e.g. 2026-06-18-raspios-trixie-arm64-lite
#   ROOT_MIB=64                               size of the root partition, in MiB
#   XZ=1                                      makes NAME.img.xz of it, in blocks as the official ones, and NAME.img.xz.sha256
set -euo pipefail
name=$1 folder=$2
[[ $name =~ ^([0-9]{4}-[0-9]{2}-[0-9]{2})-raspios-(bullseye|bookworm|trixie)-(arm64|armhf)-lite$ ]] || { echo "No name of a release: $name" >&2; exit 2; }
date=${BASH_REMATCH[1]} codename=${BASH_REMATCH[2]} arch=${BASH_REMATCH[3]}
PATH=$PATH:/usr/sbin:/sbin

# Since 2025-03-13 partitions lie on borders of 8 MiB.
if [[ $date < 2025-03-13 ]]; then boot_start=8192 root_start=1056768; else boot_start=16384 root_start=1064960; fi
boot_sectors=$(((512 << 20) / 512)) root_sectors=$(((${ROOT_MIB:-64} << 20) / 512))
hash=$(sha256sum <<<"$name")
disk_id=${hash:0:8} uuid=${hash:8:8}-${hash:16:4}-4${hash:21:3}-8${hash:25:3}-${hash:28:12}
export SOURCE_DATE_EPOCH E2FSPROGS_FAKE_TIME MTOOLS_SKIP_CHECK=1 TZ=UTC LC_ALL=C
SOURCE_DATE_EPOCH=$(date -d "$date" +%s) E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH

mkdir -p "$folder"
image=$folder/$name.img
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022

# put PATH [MODE] < CONTENT: a file of the tree.
put() {
  mkdir -p "$(dirname "$work/$1")"
  cat >"$work/$1"
  chmod "${2:-644}" "$work/$1"
}
stub() { printf '#!/bin/sh\nexit 0\n' | put "root/$1" 755; }
# unit NAME TARGET [SERVICE LINE...]: an enabled unit.
unit() {
  local unit=$1 target=$2
  shift 2
  { printf '[Unit]\nDescription=%s\n[Service]\nType=oneshot\n' "$unit"; printf '%s\n' "$@"; printf '[Install]\nWantedBy=%s\n' "$target"; } | put "root/usr/lib/systemd/system/$unit"
  mkdir -p "$work/root/etc/systemd/system/$target.wants"
  ln -s "/usr/lib/systemd/system/$unit" "$work/root/etc/systemd/system/$target.wants/$unit"
}
# packages NAME...: as dpkg has them installed.
packages() {
  local package
  for package in "$@"; do
    printf 'Package: %s\nStatus: install ok installed\nArchitecture: %s\nVersion: 1\nMaintainer: none\nDescription: stub\n\n' "$package" "$arch"
  done | put root/var/lib/dpkg/status
}

mount_point=/boot/firmware
[[ $codename == bullseye ]] && mount_point=/boot
mkdir -p "$work"/root/{boot,dev,etc/NetworkManager/system-connections,home/pi,proc,root,run,sys,tmp,usr/bin,usr/sbin,usr/lib,var/lib,var/log}
mkdir -p "$work/root$mount_point" "$work/boot/overlays"
for link in bin sbin lib; do ln -s "usr/$link" "$work/root/$link"; done
chmod 1777 "$work/root/tmp"

put root/etc/fstab <<EOF
proc            /proc           proc    defaults          0       0
PARTUUID=$disk_id-01  $mount_point  vfat    defaults          0       2
PARTUUID=$disk_id-02  /               ext4    defaults,noatime  0       1
EOF
shell=/bin/bash
[[ $codename == trixie ]] && shell=/usr/sbin/nologin
printf 'root:x:0:0:root:/root:/bin/bash\nsshd:x:102:65534::/run/sshd:/usr/sbin/nologin\npi:x:1000:1000:,,,:/home/pi:%s\n' "$shell" | put root/etc/passwd
printf 'root:*:20000:0:99999:7:::\nsshd:!:20000::::::\npi:!:20000:0:99999:7:::\n' | put root/etc/shadow 640
printf 'root:x:0:\nadm:x:4:pi\ndialout:x:20:pi\nsudo:x:27:pi\nvideo:x:44:pi\nusers:x:100:pi\nnetdev:x:106:pi\nspi:x:999:pi\ni2c:x:998:pi\ngpio:x:997:pi\nsystemd-journal:x:996:\npi:x:1000:\n' | put root/etc/group
printf 'root:*::\nadm:*::pi\ndialout:*::pi\nsudo:*::pi\nvideo:*::pi\nusers:*::pi\nnetdev:!::pi\nspi:!::pi\ni2c:!::pi\ngpio:!::pi\nsystemd-journal:!::\npi:!::\n' | put root/etc/gshadow 640
printf 'pi ALL=(ALL) NOPASSWD: ALL\n' | put root/etc/sudoers.d/010_pi-nopasswd 440
printf 'raspberrypi\n' | put root/etc/hostname
printf '127.0.0.1\tlocalhost\n127.0.1.1\t\traspberrypi\n' | put root/etc/hosts
printf 'PRETTY_NAME="look-alike of %s"\nID=debian\nVERSION_CODENAME=%s\n' "$name" "$codename" | put root/usr/lib/os-release
ln -s ../usr/lib/os-release "$work/root/etc/os-release"
printf 'Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n' | put root/etc/ssh/sshd_config
mkdir -p "$work/root/etc/ssh/sshd_config.d" "$work/root/usr/share/zoneinfo"
for zone in Etc/UTC Europe/London Europe/Berlin; do printf 'TZif' | put "root/usr/share/zoneinfo/$zone"; done
for program in bash sudo systemctl; do stub "usr/bin/$program"; done
for program in sshd nologin NetworkManager resize2fs sfdisk; do stub "usr/sbin/$program"; done

# What stands in the image in every world: a question for the first user's name, the switch for SSH, new host keys.
unit ssh.service multi-user.target 'ExecStart=/usr/sbin/sshd -D'
rm "$work/root/etc/systemd/system/multi-user.target.wants/ssh.service"
unit NetworkManager.service multi-user.target 'ExecStart=/usr/sbin/NetworkManager'
unit sshswitch.service multi-user.target "ExecStart=/bin/sh -c 'if [ -e $mount_point/ssh ]; then systemctl enable --now ssh; fi'"
unit regenerate_ssh_host_keys.service multi-user.target "ExecStartPre=-/bin/sh -c '/bin/rm -f -v /etc/ssh/ssh_host_*_key*'" 'ExecStart=/usr/bin/ssh-keygen -A -v'
unit userconfig.service multi-user.target 'ExecStart=/usr/lib/userconf-pi/userconf-service' 'StandardInput=tty' 'TTYPath=/dev/tty8'

common="console=serial0,115200 console=tty1 root=PARTUUID=$disk_id-02 rootfstype=ext4 fsck.repair=yes rootwait"
kept=(base-files dpkg apt systemd openssh-server network-manager raspberrypi-sys-mods raspi-config userconf-pi fdisk e2fsprogs sudo)
case $codename in
  bullseye)
    : | put root/etc/machine-id
    stub usr/lib/raspi-config/init_resize.sh
    line="$common quiet init=/usr/lib/raspi-config/init_resize.sh"
    packages "${kept[@]}" dphys-swapfile
    ;;
  bookworm)
    : | put root/etc/machine-id
    stub usr/lib/raspberrypi-sys-mods/firstboot
    line="$common quiet init=/usr/lib/raspberrypi-sys-mods/firstboot"
    packages "${kept[@]}" dphys-swapfile
    ;;
  trixie)
    printf 'uninitialized\n' | put root/etc/machine-id 444
    unit rpi-resize.service sysinit.target 'ExecStart=/usr/lib/raspberrypi-sys-mods/rpi-resize'
    stub usr/lib/raspberrypi-sys-mods/rpi-resize
    unit cloud-init-local.service cloud-init.target 'ExecStart=/usr/bin/cloud-init init --local'
    unit cloud-init-main.service cloud-init.target 'ExecStart=/usr/bin/cloud-init --all-stages'
    stub usr/bin/cloud-init
    printf 'disable_root: true\nssh_deletekeys: true\ndatasource_list: [NoCloud, None]\n' | put root/etc/cloud/cloud.cfg
    printf '#cloud-config\n#hostname: raspberrypi\n' | put boot/user-data
    printf 'instance_id: rpios-image\n' | put boot/meta-data
    printf '#network:\n#  version: 2\n' | put boot/network-config
    line="$common resize"
    packages "${kept[@]}" cloud-init rpi-swap netplan.io
    ;;
esac
# One line, and no end of line inside.
printf '%s\n' "$line" | put boot/cmdline.txt
if [[ $arch == arm64 ]]; then kernels=(kernel8.img kernel_2712.img) bits=1; else kernels=(kernel.img kernel7.img kernel7l.img kernel8.img) bits=0; fi
printf '# For more options and information see http://rptl.io/configtxt\ndtparam=audio=on\nauto_initramfs=1\narm_64bit=%s\n' "$bits" | put boot/config.txt
for file in "${kernels[@]}" bootcode.bin start.elf start4.elf fixup.dat fixup4.dat bcm2710-rpi-3-b.dtb bcm2711-rpi-4-b.dtb bcm2712-rpi-5-b.dtb overlays/README; do
  printf 'stub of %s\n' "$file" | put "boot/$file"
done
find "$work" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

rm -f "$image"
truncate --size=$(((root_start + root_sectors) * 512)) "$image"
sfdisk --quiet "$image" <<EOF
label: dos
label-id: 0x$disk_id
start=$boot_start, size=$boot_sectors, type=c
start=$root_start, size=$root_sectors, type=83
EOF
# It warns of the label, which is the official one, and of an image that goes on behind the partition.
mkfs.vfat -F 32 -n bootfs -i "$disk_id" --invariant --offset "$boot_start" "$image" $((boot_sectors / 2)) >"$work/vfat" 2>&1 || { cat "$work/vfat" >&2; exit 1; }
mcopy -s -m -Q -i "$image@@$((boot_start * 512))" "$work"/boot/* ::/
mke2fs -q -t ext4 -L rootfs -U "$uuid" -O ^64bit,^huge_file -E "root_owner=0:0,hash_seed=$uuid,offset=$((root_start * 512))" -d "$work/root" "$image" $((root_sectors / 2))k
# Owners: the tree belongs to whoever runs this.
debugfs -w -f - "$image?offset=$((root_start * 512))" >"$work/debugfs" 2>&1 <<EOF
$(cd "$work/root" && find . -mindepth 1 ! -name pi -printf '/%P\n' | while read -r path; do printf 'sif "%s" uid 0\nsif "%s" gid 0\n' "$path" "$path"; done)
sif /home/pi uid 1000
sif /home/pi gid 1000
EOF
if grep -qE 'File not found|error' "$work/debugfs"; then
  cat "$work/debugfs" >&2
  exit 1
fi
e2fsck -fn "$image?offset=$((root_start * 512))" >/dev/null 2>&1 || { echo "The root file system of $name is not clean." >&2; exit 1; }

if [[ ${XZ:-} == 1 ]]; then
  xz --force -0 --threads=2 --block-size=24MiB "$image"
  (cd "$folder" && sha256sum "$name.img.xz" >"$name.img.xz.sha256")
fi
