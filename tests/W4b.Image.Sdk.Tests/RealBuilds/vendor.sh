#!/usr/bin/env bash
# Makes in the folder $1 what a vendor offers, for FinishedHiveTests.cs: server/debian, an apt repository signed with key.asc; server/tool-1.2.tar.gz;
# gauge.git with the tag v1.2; wheels/.
set -euo pipefail
mkdir -p "$1"
cd "$1"

package=server/debian/pool/w4b-vendor-tool_1.0_all.deb
mkdir -p tool/DEBIAN tool/usr/bin server/debian/{pool,dists/stable/main/binary-arm64}
printf '%s\n' 'Package: w4b-vendor-tool' 'Version: 1.0' 'Architecture: all' 'Maintainer: Vendor <vendor@example.org>' 'Description: what Debian does not have' >tool/DEBIAN/control
printf '#!/bin/sh\necho vendor\n' >tool/usr/bin/w4b-vendor-tool
chmod 0755 tool/usr/bin/w4b-vendor-tool
dpkg-deb --root-owner-group --build tool $package

stable=server/debian/dists/stable
index=main/binary-arm64/Packages
size_and_hash() { echo "$(sha256sum <"$1" | cut -d' ' -f1) $(stat -c %s "$1")"; }
read -r hash size <<<"$(size_and_hash $package)"
{ dpkg-deb --field $package && printf 'Filename: pool/%s\nSize: %s\nSHA256: %s\n' "${package##*/}" "$size" "$hash"; } >$stable/$index
{
  printf '%s\n' 'Origin: Vendor' 'Suite: stable' 'Codename: stable' 'Architectures: arm64' 'Components: main' "Date: $(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')" 'SHA256:'
  echo " $(size_and_hash $stable/$index) $index"
} >$stable/Release
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
trap 'gpgconf --kill gpg-agent; rm -rf "$GNUPGHOME"' EXIT
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key 'Vendor <vendor@example.org>' rsa3072 sign never
gpg --batch --quiet --clearsign --output $stable/InRelease $stable/Release
gpg --batch --armor --export >key.asc

mkdir tool-1.2
echo 'an archive' >tool-1.2/README
tar -czf server/tool-1.2.tar.gz tool-1.2

git -c init.defaultBranch=main init --quiet gauge.git
commit() { echo "$1" >gauge.git/README && git -C gauge.git add README && git -C gauge.git -c user.name=V -c user.email=v@example.org commit --quiet -m "$1"; }
commit 'a tag'
git -C gauge.git tag v1.2
commit 'later'

mkdir wheels
/usr/bin/python3 - <<'END'
import zipfile
with zipfile.ZipFile("wheels/w4b_probe-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("w4b_probe/__init__.py", "VERSION = 1\n")
    wheel.writestr("w4b_probe-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: w4b-probe\nVersion: 1.0\n")
    wheel.writestr("w4b_probe-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: vendor\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("w4b_probe-1.0.dist-info/RECORD", "w4b_probe/__init__.py,,\nw4b_probe-1.0.dist-info/METADATA,,\nw4b_probe-1.0.dist-info/WHEEL,,\nw4b_probe-1.0.dist-info/RECORD,,\n")
END
