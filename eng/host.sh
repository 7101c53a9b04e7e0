# Sourced by the scripts beside it: what they need of a Debian host, and how to get it.
# shellcheck shell=bash

# Debian package, then the program or file that tells whether it is there. A pattern for files whose folder has the architecture's name.
build_needs='
qemu-user-static         qemu-aarch64-static
mmdebstrap               mmdebstrap
arch-test                arch-test
e2fsprogs                mke2fs
e2fsprogs                /lib/*/libext2fs.so.2
mtools                   mcopy
dosfstools               mkfs.vfat
fdisk                    sfdisk
uidmap                   newuidmap
xz-utils                 xz
xz-utils                 /lib/*/liblzma.so.5
libarchive-tools         bsdtar
nftables                 nft
gpgv                     gpgv
debian-archive-keyring   /usr/share/keyrings/debian-archive-keyring.gpg
gcc                      gcc
libc6-dev                /usr/lib/*/libc.a
'
test_needs='
qemu-system-arm          qemu-system-aarch64
wireguard-tools          wg
wireguard-go             wireguard-go
ssh-audit                ssh-audit
tang                     /usr/libexec/tangd
gpg-agent                gpg-agent
systemd                  systemd-analyze
git                      git
openssh-client           ssh
openssh-server           sshd
nginx                    nginx
bmap-tools               bmaptool
minisign                 minisign
age                      age
gnupg                    gpg
chromium-headless-shell  chromium-headless-shell
curl                     curl
iproute2                 ip
gpg                      gpg
zstd                     zstd
zip                      zip
7zip                     7zz
python3-yaml             /usr/lib/python3/dist-packages/yaml/__init__.py
python3-jsonschema       /usr/lib/python3/dist-packages/jsonschema/__init__.py
python3-psycopg2         /usr/lib/python3/dist-packages/psycopg2/__init__.py
postgresql               /usr/lib/postgresql/*/bin/initdb
'

# An ordinary user's PATH lacks the folders of mke2fs, sfdisk and mkfs.vfat.
PATH=$PATH:/usr/sbin:/sbin

# The packages of the list $1 that are missing, one a line.
missing_packages() {
  local package evidence
  while read -r package evidence; do
    [[ -z $package ]] && continue
    case $evidence in
      /*) compgen -G "$evidence" >/dev/null || echo "$package" ;;
      *) command -v "$evidence" >/dev/null || echo "$package" ;;
    esac
  done <<<"$1" | sort -u
}

# Installs what is missing of the list $1; without the right to, says how and ends.
install_needs() {
  local missing
  mapfile -t missing < <(missing_packages "$1")
  if ((${#missing[@]} == 0)); then
    return
  fi
  echo "Missing Debian packages: ${missing[*]}"
  local as_root=()
  if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null; then
      echo "They need root. Run this, then this script again:" >&2
      echo "  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo -n)
  fi
  "${as_root[@]}" apt-get update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
}

# The .NET 10 SDK does not come from Debian.
require_dotnet() {
  # Without ICU libraries dotnet starts only in this mode; nothing here depends on a culture.
  if ! compgen -G '/usr/lib/*/libicuuc.so.*' >/dev/null; then
    export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  fi
  if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
    echo "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0" >&2
    exit 1
  fi
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
}
