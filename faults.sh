#!/usr/bin/env bash
# The fault suite: PostgreSQL killed, cut off, slow, held and full, nodes killed and frozen. Part of ./test.sh as well.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
# shellcheck source=build/setup.sh
. build/setup.sh
need_packages ca-certificates icu postgresql
need_sdk
dotnet test StudioVault.Tests/StudioVault.Tests.csproj --filter "Category=Faults" "$@"
