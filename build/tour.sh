#!/usr/bin/env bash
# Takes a picture of every page of the product, in the demo group, on desktop, tablet and phone and in the dark:
# artifacts/tour/index.html shows them. Words limit it to pages with one of them in the name: build/tour.sh review inbox
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=build/setup.sh
. build/setup.sh

# Settings of the machine must not reach the program.
while read -r name; do unset "$name"; done < <(compgen -e | grep -E '__|^(DataDir|ASPNETCORE_|DOTNET_ENVIRONMENT)' || true)
need_packages icu postgresql chromium || die "Without these packages there is nothing to see."
need_sdk
publish_app "$(app_folder)" || die "The product could not be published."
dotnet build e2e/StudioVault.E2E.csproj -v q
if [ $# -eq 0 ]; then rm -rf artifacts/tour; fi
TOUR_PAGES="$*" dotnet run --no-build --project e2e/StudioVault.E2E.csproj -- -explicit only -class StudioVault.E2E.Tour.PictureTests
say "" "artifacts/tour/index.html shows them."
