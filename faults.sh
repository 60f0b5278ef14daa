#!/usr/bin/env bash
# The faults of a database, a network and a machine that fail (F1, F2, F5 to F10, F14 and F21 of the fault table; nodes killed and stopped are with the tests of hosting and scheduling), each against the product's own
# code and a PostgreSQL of its own. They are part of ./test.sh too. What needs root or faketime and does not find it says so and is skipped.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")" || exit 1
# shellcheck source=build/setup.sh
. build/setup.sh
need_sdk
dotnet restore StudioVault.sln -v q && dotnet build StudioVault.Tests/StudioVault.Tests.csproj --no-restore -v q || exit 1
dotnet test StudioVault.Tests/StudioVault.Tests.csproj --no-build --logger "console;verbosity=normal" --filter "Category=Faults" "$@"
