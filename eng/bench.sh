#!/usr/bin/env bash
# Measures on this machine what a user waits for, after eng/quickstart.sh: each number is a ratio of two commands of one run, on a line
# `name: ours X, theirs Y, ratio R, goal G`. docs/performance.md says what each of them is.
#   eng/bench.sh [--json FILE] [GROUP...]    groups: configuration noop memory next verify fleet base layer; all of them without any
# All of them together take about half an hour on two cores, most of it what others do.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/host.sh
install_needs "$build_needs"
require_dotnet
export MSBUILDDISABLENODEREUSE=1
dotnet build src/W4b.Image.Tasks -c Release -v:q --nologo >&2
dotnet build tests/W4b.Image.Benchmarks -c Release -v:q --nologo >&2
exec python3 eng/bench/bench.py "$@"
