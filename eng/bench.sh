#!/usr/bin/env bash
# Measures the builds that a user waits for, on this machine, after eng/quickstart.sh. Prints ratios and differences: seconds alone
# say more about the machine. With --full also the first build of all, from an empty cache: it takes minutes more.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/host.sh
require_dotnet

sample=hive_0Bpfj4cT
runs=7
# Inside the repository, where the SDK is found as by the samples; obj/ is nobody's.
work=$PWD/obj/bench
rm -rf "$work"
mkdir -p "$work/hive" "$work/empty"
# The layer that is made to be measured is nobody else's.
trap '[[ -f $work/hive/obj/layer.path ]] && rm -rf "$(dirname "$(cat "$work/hive/obj/layer.path")")"; rm -rf "$work"' EXIT
export MSBUILDDISABLENODEREUSE=1
if [[ ${1:-} == --full ]]; then
  export W4B_CACHE_DIR=$work/cache
fi

# Seconds of the command, its output to a file; the peak of its own memory in MiB to $work/peak.
measure() {
  local start=$EPOCHREALTIME pid peak=0 now
  "$@" >"$work/output" 2>&1 &
  pid=$!
  while now=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null) && [[ -n $now ]]; do
    peak=$now
    sleep 0.1
  done
  if ! wait "$pid"; then
    cat "$work/output" >&2
    exit 1
  fi
  echo $((peak / 1024)) >"$work/peak"
  awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f\n", b - a }'
}

# As measure, without the watching: exact for short commands.
seconds() {
  local start=$EPOCHREALTIME
  "$@" >"$work/output" 2>&1 || { cat "$work/output" >&2; exit 1; }
  awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f\n", b - a }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

echo "Machine: $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(awk '/MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo), Linux $(uname -r), .NET $(dotnet --version), load $(cut -d' ' -f1 /proc/loadavg)"

echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>' >"$work/empty/empty.csproj"
seconds dotnet build "$work/empty/empty.csproj" >/dev/null
cp -r "samples/$sample/." "$work/hive"
rm -rf "$work/hive/bin" "$work/hive/obj"
hive=$work/hive/$sample.w4bproj

# In the process: what is measured is reading and checking, not dotnet's start.
mkdir -p "$work/configurations"
mapfile -t configuration < <(dotnet run --project tests/W4b.Image.Benchmarks -c Release -- configuration "$work/configurations")
awk -v l="${configuration[0]}" -v f="${configuration[1]}" \
  'BEGIN { printf "Configuration of a hive with 200 sensors: %.0f ms, goal under 100; of 1,000 hives: %.2f s, goal under 5\n", l, f }'

# An image of 4 GiB, whose software layer is not in the cache yet.
printf 'image: {size: 4G}\n' >>"$work/hive/$sample.yaml"
printf '#!/bin/sh\n# %s\n' "$EPOCHREALTIME" >"$work/hive/script.sh"
echo '<Project Sdk="W4b.Image.Sdk"><ItemGroup><W4bScript Include="script.sh" /></ItemGroup></Project>' >"$hive"
full=$(measure dotnet build "$hive")
peak=$(cat "$work/peak")
echo "First build of an image of 4 GiB: ${full} s; peak memory of the build process ${peak} MiB, goal under 700"

sed -i 's|^\([[:space:]]*timezone:\).*|\1 Pacific/Auckland|' "$work/hive/$sample.yaml"
if cmp -s "samples/$sample/$sample.yaml" "$work/hive/$sample.yaml"; then
  echo "The sample's YAML has no timezone to change." >&2
  exit 1
fi
changed=$(seconds dotnet build "$hive")
awk -v c="$changed" -v f="$full" 'BEGIN { printf "Only the hive changed: %.1f %% of the first build (%.1f s)\n", 100 * c / f, c }'

# In turn, so that both meet the same load.
for ((i = 0; i < runs; i++)); do
  seconds dotnet build "$work/empty/empty.csproj" >>"$work/empty.times"
  seconds dotnet build "$hive" >>"$work/hive.times"
done
awk -v h="$(median <"$work/hive.times")" -v e="$(median <"$work/empty.times")" \
  'BEGIN { printf "Nothing changed: %+.2f s against dotnet build of an empty C# project (%.2f s, %.2f s; medians)\n", h - e, h, e }'
