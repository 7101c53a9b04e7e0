#!/usr/bin/env bash
# Runs the tests: `all` of them (the default), or one tier:
#   fast   the domain, by reading text and by small file systems, and the sample components; under two minutes
#   build  fast, the sandbox, the targets by real builds of the packed SDK over small inputs, and the components with a real database
# `all` adds the tests that build, open and boot whole images.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/host.sh

case ${1:-all} in
  all) filter=() components=() ;;
  build) filter=(--filter 'Category!=Image') components=() ;;
  fast) filter=(--filter 'Category!=Image&Category!=Build&Category!=Sandbox') components=(--tier fast) ;;
  *) echo "usage: eng/test.sh [fast|build|all]" >&2; exit 2 ;;
esac

install_needs "$build_needs$test_needs"
require_dotnet

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
for project in tests/*.Tests/*.csproj; do
  # Release, as dotnet pack and the samples: everything is compiled once.
  dotnet test "$project" --configuration Release --logger "trx;LogFileName=$(basename "$project").trx" --results-directory "$results" "${filter[@]}" || status=1
done

# Debian's Python: the components' modules are Debian packages, as on a hive.
/usr/bin/python3 tests/components/run.py --counters "$results/components.trx" "${components[@]}" || status=1

# The sum of an attribute of <Counters> over the result files: the texts that dotnet prints depend on the language.
count() {
  local sum=0 value
  while read -r value; do
    sum=$((sum + value))
  done < <(grep -ho '<Counters [^>]*>' "$results"/*.trx | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p")
  echo "$sum"
}

total=0 passed=0 failed=0
if compgen -G "$results/*.trx" >/dev/null; then
  total=$(count total) passed=$(count passed) failed=$(count failed)
fi
echo "$passed passed, $failed failed, $((total - passed - failed)) skipped"
((status == 0 && failed == 0 && passed > 0))
