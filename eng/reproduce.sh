#!/usr/bin/env bash
# Builds a sample ten times, each in other surroundings, and compares what came out: eng/reproduce.sh [SAMPLE] [VARIATION...]
# The sample is `everything` unless named; variations are those of the list below. Each build has a clone, a cache and a layer of its own;
# base images and downloaded packages are shared where the user is the same. Some minutes a build; with `emulated` several times that.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/host.sh
install_needs "$build_needs"
require_dotnet

sample=${1:-everything}
shift || true
variations=("$@")
((${#variations[@]})) || variations=(plain umask zone locale one-core deep-folder old-files memory user emulated)

work=$(mktemp -d "${TMPDIR:-/var/tmp}/w4b-reproduce-XXXXXX")
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
shared=${W4B_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/w4b}
results=$work/results
mkdir "$results"

# build NAME FOLDER CACHE COMMAND...: the sample in a new clone in FOLDER, by COMMAND dotnet build.
build() {
  local name=$1 folder=$2 cache=$3
  shift 3
  git clone --quiet . "$folder"
  if [[ $name == old-files ]]; then find "$folder" -not -path '*/.git/*' -exec touch --no-dereference --date=2001-02-03 {} +; fi
  if [[ $name != user ]]; then
    mkdir -p "$cache" "$shared/base" "$shared/packages" "$shared/twins"
    ln -s "$shared/base" "$shared/packages" "$shared/twins" "$cache/"
  elif ((EUID == 0)); then
    chown -R "$user:" "$folder"
  fi
  echo "== $name"
  (cd "$folder/samples/$sample" && env W4B_CACHE_DIR="$cache" MSBUILDDISABLENODEREUSE=1 "$@") >"$work/$name.log" 2>&1 || { tail -n 20 "$work/$name.log"; return 1; }
  local archive
  archive=$(find "$folder/samples/$sample" -name '*.img.xz' -path '*/bin/*' -o -name '*.img.xz' -path '*/images/*' | head -n 1)
  mkdir "$results/$name"
  for file in "${archive%.img.xz}".*; do
    # How the build went is not of the image, nor where it lies.
    case $file in *.log | *.timings.json | *.report.html | *.rpi-imager-manifest) ;; *) cp "$file" "$results/$name/" ;; esac
  done
  rm -rf "$folder"
}

for name in "${variations[@]}"; do
  folder=$work/$name cache=$work/cache-$name
  plain=(dotnet build --nologo)
  case $name in
    plain) build "$name" "$folder" "$cache" "${plain[@]}" ;;
    umask) build "$name" "$folder" "$cache" sh -c 'umask 077; exec "$@"' sh "${plain[@]}" ;;
    zone) build "$name" "$folder" "$cache" env TZ=America/St_Johns "${plain[@]}" ;;
    locale) build "$name" "$folder" "$cache" env LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8 "${plain[@]}" ;;
    one-core) build "$name" "$folder" "$cache" taskset --cpu-list 0 "${plain[@]}" ;;
    deep-folder) build "$name" "$work/a folder/with ümlauts/and some depth/$name" "$cache" "${plain[@]}" ;;
    old-files) build "$name" "$folder" "$cache" "${plain[@]}" ;;
    # A tmpfs lists a folder in another order than the disk's file system.
    memory) build "$name" "$folder" "/dev/shm/${work##*/}" "${plain[@]}"; rm -rf "/dev/shm/${work##*/}" ;;
    user)
      if ((EUID == 0)); then
        user=w4b-tests
        id "$user" >/dev/null 2>&1 || useradd --create-home "$user"
        build "$name" "$folder" "/home/$user/.cache/w4b" runuser -u "$user" -- env HOME="/home/$user" DOTNET_CLI_HOME="/home/$user" "${plain[@]}"
      else
        user=$(id -un)
        build "$name" "$folder" "$shared-as-root" unshare --user --map-root-user --map-auto "${plain[@]}"
      fi ;;
    emulated) build "$name" "$folder" "$cache" "${plain[@]}" -p:W4bNativeTwins=false ;;
    *) echo "no variation $name" >&2; exit 2 ;;
  esac
done

cd "$results"
sha256sum */* | sort -k 2
different=0
for kind in $(find . -type f -printf '%f\n' | sed 's/^[^.]*\.//' | sort -u); do
  mapfile -t files < <(find . -regex "\./[^/]*/[^.]*\.$kind" | sort)
  sums=$(sha256sum "${files[@]}" | cut -d ' ' -f 1 | sort -u | wc -l)
  names=$(basename --multiple "${files[@]}" | sort -u | wc -l)
  echo "$kind: $sums sha256, $names names of ${#files[@]} of ${#variations[@]} builds"
  ((sums == 1 && names == 1 && ${#files[@]} == ${#variations[@]})) || different=1
done
exit $different
