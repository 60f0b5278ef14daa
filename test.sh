#!/usr/bin/env bash
# Restores, builds and runs everything. Ends with one line: N passed, N failed.
set -uo pipefail
cd "$(dirname "$0")"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet restore StudioVault.sln -v q || { echo "0 passed, 1 failed"; exit 1; }
dotnet build StudioVault.sln --no-restore -v q || { echo "0 passed, 1 failed"; exit 1; }
dotnet test StudioVault.Tests/StudioVault.Tests.csproj --no-build -v q 2>&1 | tee "$log"
code=${PIPESTATUS[0]}
passed=$(grep -oP 'Passed:\s+\K\d+' "$log" | paste -sd+ - | bc); failed=$(grep -oP 'Failed:\s+\K\d+' "$log" | paste -sd+ - | bc)
echo "${passed:-0} passed, ${failed:-0} failed"
exit "$code"
