#!/usr/bin/env bash
# Builds the first sample's image: installs the host tools that are missing, then is `dotnet build`. Arguments go to dotnet build.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/host.sh

install_needs "$build_needs"
require_dotnet

project=samples/hive_0Bpfj4cT/hive_0Bpfj4cT.w4bproj
dotnet build "$project" "$@"
echo
dotnet build "$project" "$@" -t:GetTargetPath -getProperty:TargetPath
