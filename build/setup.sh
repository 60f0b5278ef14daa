# shellcheck shell=bash
# What run.sh and test.sh share: finding the SDK, installing Debian packages, publishing. Sourced, never run.

say() { printf '%s\n' "$@" >&2; }
die() { say "" "$@"; exit 1; }

# Finds the .NET SDK that global.json asks for and puts it on PATH.
need_sdk() {
  local folder
  for folder in "" "${DOTNET_ROOT:-}" "${HOME:-/root}/.dotnet" /usr/share/dotnet /usr/lib/dotnet /opt/dotnet; do
    if [ -n "$folder" ] && [ -x "$folder/dotnet" ]; then PATH="$folder:$PATH"; fi
    if command -v dotnet >/dev/null && dotnet --version >/dev/null 2>&1; then
      # Keep the machine as we found it: no telemetry, no greeting, no compiler or build server left running.
      export PATH DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
      export HOME="${HOME:-/tmp}"
      return
    fi
  done
  if command -v dotnet >/dev/null; then
    dotnet --version >&2
    die "The .NET SDK on this machine cannot build StudioVault (see above). Install a .NET 10 SDK: https://dot.net/download"
  fi
  die "The .NET 10 SDK is missing. Install it (https://dot.net/download), then start this again."
}

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || { command -v initdb && command -v postgres; } >/dev/null; }
has_chromium() { command -v chromium >/dev/null; }
has_poppler() { command -v pdftotext >/dev/null; }
has_icu() { compgen -G '/usr/lib/*/libicuuc.so.*' >/dev/null || compgen -G '/usr/lib*/libicuuc.so.*' >/dev/null || [ -n "${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-}" ]; }

has_certificates() { [ -s "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" ]; }

# need_packages NAME...: installs what is missing of postgresql, chromium, poppler-utils, qpdf, icu, ca-certificates, or of any package named like its command, as root; otherwise says what to install.
need_packages() {
  local wanted missing=()
  for wanted in "$@"; do
    case "$wanted" in
      postgresql) has_postgres || missing+=(postgresql) ;;
      chromium) has_chromium || missing+=(chromium) ;;
      poppler-utils) has_poppler || missing+=(poppler-utils) ;;
      icu) has_icu || missing+=("$(apt-cache search --names-only '^libicu[0-9]+$' 2>/dev/null | awk 'END { print $1 }')") ;;
      ca-certificates) has_certificates || missing+=(ca-certificates) ;;
      *) command -v "$wanted" >/dev/null || missing+=("$wanted") ;;
    esac
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "" "Missing on this machine: ${missing[*]}"
    say "Install it, then start this again. On Debian: sudo apt-get install --no-install-recommends ${missing[*]}"
    return 1
  fi
  say "Installing from Debian: ${missing[*]}"
  install_packages "${missing[@]}"
}

install_packages() {
  # Debian's package would make and start a server of its own. We need the programs only, so that is switched off while
  # we install, and left as it was afterwards.
  local quiet=/etc/postgresql-common/createcluster.d/studiovault.conf log code=0
  log=$(mktemp)
  mkdir -p "${quiet%/*}"
  echo "create_main_cluster = false" >"$quiet"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"; } </dev/null >"$log" 2>&1 || code=$?
  rm -f "$quiet"
  if [ "$code" -ne 0 ]; then
    tail -n 15 "$log" >&2
    say "" "The packages could not be installed (see above): $*"
  fi
  rm -f "$log"
  return "$code"
}

# A digest of every file the product is built from, and of the SDK.
sources_digest() {
  {
    dotnet --version
    find StudioVault.Domain StudioVault.Infrastructure StudioVault.Web wwwroot build contracts ./*.props ./*.targets ./*.json ./.editorconfig BannedSymbols.txt \
      \( -name bin -o -name obj \) -prune -o -type f -printf '%p %s %T@\n' 2>/dev/null || true
  } | LC_ALL=C sort | sha256sum | cut -d ' ' -f 1
}

# Publishes the product into artifacts/app, unless it is there already, made from these very sources.
publish_app() {
  local digest log
  digest=$(sources_digest)
  if [ "$(cat artifacts/app/.sources 2>/dev/null)" = "$digest" ]; then return 0; fi
  say "Building StudioVault (about half a minute; only when something changed) ..."
  mkdir -p artifacts
  log=$(mktemp)
  rm -rf artifacts/app.new
  # The shared compiler would stay behind as a process, hence off.
  if ! dotnet publish StudioVault.Web/StudioVault.Web.csproj -c Release -o artifacts/app.new -v q \
    -nodeReuse:false -p:UseSharedCompilation=false </dev/null >"$log" 2>&1; then
    grep -E 'error|warn' "$log" | sort -u | head -n 30 >&2
    [ -s "$log" ] && tail -n 5 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
  printf '%s\n' "$digest" >artifacts/app.new/.sources
  # Complete or not there: a build that breaks off leaves the former one alone.
  rm -rf artifacts/app
  mv artifacts/app.new artifacts/app
}
