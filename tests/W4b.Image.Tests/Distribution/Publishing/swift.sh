#!/bin/bash
# OpenStack Swift on one machine, with its S3 interface, for the user who runs it; nothing is installed.
#   swift.sh fetch SOFTWARE            the Debian packages, unpacked into a folder
#   swift.sh serve SOFTWARE FOLDER ACCESS_KEY SECRET_KEY PORT PORT PORT PORT
#                                      the proxy on the first port; what is stored, in FOLDER
set -euo pipefail
software=$2

if [[ $1 == fetch ]]; then
  mkdir -p "$software.making"
  cd "$software.making"
  mapfile -t packages < <(apt-get install --simulate --no-install-recommends swift-proxy swift-account swift-container swift-object | awk '$1 == "Inst" {print $2}')
  apt-get download "${packages[@]}"
  for deb in *.deb; do
    dpkg-deb --extract "$deb" .
    rm "$deb"
  done
  mv "$software.making" "$software"
  exit
fi

folder=$3 key=$4 secret=$5
declare -A ports=([proxy]=$6 [account]=$7 [container]=$8 [object]=$9)
export PYTHONPATH=$software/usr/lib/python3/dist-packages PYTHONWARNINGS=ignore
LD_LIBRARY_PATH=$(echo "$software"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH

configure() {
  mkdir -p "$folder/conf" "$folder/disks/disk" "$folder/cache"
  cd "$folder/conf"
  printf '[swift-hash]\nswift_hash_path_suffix = tests\n' >swift.conf
  # Its place is fixed in the code.
  cat >run.py <<X
import sys
from swift.common import utils
utils.SWIFT_CONF_FILE = "$folder/conf/swift.conf"
from swift.common.wsgi import run_wsgi
sys.exit(run_wsgi(sys.argv[2], sys.argv[1]))
X
  local kind
  for kind in account container object proxy; do
    cat >"$kind.conf" <<X
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${ports[$kind]}
user = $(id -un)
swift_dir = $folder/conf
devices = $folder/disks
mount_check = false
workers = 0
X
    [[ $kind == proxy ]] && continue
    cat >>"$kind.conf" <<X
[pipeline:main]
pipeline = $kind-server
[app:$kind-server]
use = egg:swift#$kind
recon_cache_path = $folder/cache
X
  done
  /usr/bin/python3 - account "${ports[account]}" container "${ports[container]}" object "${ports[object]}" <<X
import sys
from swift.common.ring import RingBuilder
for kind, port in zip(sys.argv[1::2], sys.argv[2::2]):
    builder = RingBuilder(part_power=4, replicas=1, min_part_hours=1)
    builder.add_dev(dict(region=1, zone=1, ip="127.0.0.1", port=int(port), device="disk", weight=1, meta="", replication_ip="127.0.0.1", replication_port=int(port)))
    builder.rebalance()
    builder.get_ring().save(kind + ".ring.gz")
X
  cat >>proxy.conf <<X
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:tempauth]
use = egg:swift#tempauth
user_${key/:/_} = $secret .admin
X
  for kind in catch_errors gatekeeper healthcheck listing_formats s3api copy slo dlo; do
    printf '[filter:%s]\nuse = egg:swift#%s\n' "$kind" "$kind" >>proxy.conf
  done
}

[[ -e $folder/conf/proxy.conf ]] || configure
for kind in account container object proxy; do
  /usr/bin/python3 "$folder/conf/run.py" "$kind-server" "$folder/conf/$kind.conf" &
done
wait
