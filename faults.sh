#!/usr/bin/env bash
# The fault suite: a database killed, cut off, slow, silent or out of space (F1, F2, F5 to F10, F21); web processes killed at any point, ended
# while they work, frozen, doubled, and with a wrong clock (F3, F4, F13, F14, F22, APP-8, APP-9). Each against the product's own code and a
# PostgreSQL of its own; what was acknowledged is there afterwards, once, and audited.
# Tests of category Faults are part of ./test.sh too; those of FaultsLong (the real ninety seconds, the whole thousand) run here only.
# Without root there is no small disk (F10), without libfaketime no wrong clock (F13): those tests say so and are skipped.
# Arguments go to "dotnet test", for example --filter.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")" || exit 1
# shellcheck source=build/setup.sh
. build/setup.sh
# The tests bring a database of their own; settings of the machine must not reach them.
while read -r name; do unset "$name"; done < <(compgen -e | grep -E '__|^(DataDir|ASPNETCORE_|DOTNET_ENVIRONMENT|FAULT_)' || true)
need_packages ca-certificates icu postgresql || exit 1
if [ "$(id -u)" -eq 0 ]; then need_packages faketime || true; fi
need_sdk
dotnet restore StudioVault.sln -v q && dotnet build StudioVault.Tests/StudioVault.Tests.csproj --no-restore -v q || exit 1
if [ $# -eq 0 ]; then set -- --filter "Category=Faults|Category=FaultsLong"; fi
dotnet test StudioVault.Tests/StudioVault.Tests.csproj --no-build --logger "console;verbosity=normal" --blame-hang-timeout 5m --blame-hang-dump-type none "$@"
