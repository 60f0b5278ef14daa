#!/usr/bin/env bash
# Checks the format, builds, runs every test, the browser ones included, and ends with one line: N passed, N failed.
# A broken build, a crash, or a run without a test counts as a failure. Arguments go to "dotnet test" (for example --filter).
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")" || exit 1
# shellcheck source=build/setup.sh
. build/setup.sh

passed=0
failed=0
finish() {
  if [ $((passed + failed)) -eq 0 ]; then failed=1; fi
  echo "$passed passed, $failed failed"
  if [ "$failed" -eq 0 ]; then exit 0; else exit 1; fi
}
fail() { say "$@"; failed=$((failed + 1)); }
step() { say "" "== $*"; }

# The tests bring a database of their own; settings of the machine must not reach them.
while read -r name; do unset "$name"; done < <(compgen -e | grep -E '__|^(DataDir|ASPNETCORE_|DOTNET_ENVIRONMENT)' || true)

need_packages ca-certificates icu postgresql chromium poppler-utils qpdf jq openssl python3 curl || { fail "Without these packages the tests cannot run."; finish; }
# Without the first the browser tests take longer, without the second one of them says less, without the third no test has a clock of its own.
if [ "$(id -u)" -eq 0 ]; then for tool in chromium-headless-shell shellcheck faketime; do need_packages "$tool" || true; done; fi
(need_sdk) || { fail "Without the SDK nothing can be built."; finish; }
need_sdk

step "Restore"
dotnet restore StudioVault.sln -v q || { fail "The packages could not be restored."; finish; }
step "Format"
dotnet format StudioVault.sln --verify-no-changes --no-restore || fail "Some files are not formatted: run dotnet format StudioVault.sln"
step "Build"
dotnet build StudioVault.sln --no-restore -v q || { fail "The build failed."; finish; }
step "Publish (what run.sh starts and the browser tests use)"
publish_app "$(app_folder)" || { fail "The product could not be published."; finish; }

results=artifacts/test-results
rm -rf "$results"
for project in StudioVault.Tests/StudioVault.Tests.csproj e2e/StudioVault.E2E.csproj; do
  name=$(basename "$project" .csproj)
  step "$name"
  code=0
  # What takes minutes is left to ./faults.sh, unless somebody says what to run.
  chosen=("$@")
  if [ $# -eq 0 ]; then chosen=(--filter "Category!=FaultsLong"); fi
  # A test that hangs is a failed test: the run is ended after five minutes without progress.
  dotnet test "$project" --no-build --logger "trx;LogFileName=$name.trx" --results-directory "$results" \
    --blame-hang-timeout 5m --blame-hang-dump-type none "${chosen[@]}" || code=$?
  # <Counters total="81" executed="80" passed="79" failed="1" error="0" timeout="0" aborted="0" … />
  counters=$(grep -o '<Counters [^>]*>' "$results/$name.trx" 2>/dev/null)
  count() { grep -oP "(?<= $1=\")[0-9]+" <<<"$counters" || echo 0; }
  broken=$(($(count failed) + $(count error) + $(count timeout) + $(count aborted)))
  passed=$((passed + $(count passed)))
  failed=$((failed + broken))
  if [ "$broken" -eq 0 ] && [ "$code" -ne 0 ]; then fail "$name ended with code $code."; fi
  if [ $# -eq 0 ] && [ "$(count executed)" -eq 0 ]; then fail "$name ran no test."; fi
done
finish
