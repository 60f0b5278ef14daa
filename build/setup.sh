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
# Debian's windowless one prints the same pages, and is a third of the size.
has_chromium() { command -v chromium >/dev/null || command -v chromium-headless-shell >/dev/null; }
# Our fonts are Latin: a name in Chinese, Japanese or Korean is printed with the machine's.
has_cjk_fonts() { compgen -G '/usr/share/fonts/*/*/*CJK*' >/dev/null || { command -v fc-list && [ -n "$(fc-list :lang=ja file)" ]; } >/dev/null 2>&1; }
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

# Folder the product is published to: one of its own for every state of the sources, so that a build never takes the files from
# under an instance that serves from them. artifacts/app is a link to the newest.
app_folder() { printf '%s/artifacts/app-%s' "$PWD" "$(sources_digest | cut -c 1-16)"; }

# True when a live process was started from the folder or works in it. What is another user's shows its command line at least.
app_in_use() {
  local folder="$1" process
  for process in /proc/[0-9]*; do
    [ "$process" != "/proc/$BASHPID" ] || continue
    case "$(readlink "$process/cwd" 2>/dev/null)" in "$folder" | "$folder"/*) return 0 ;; esac
    if grep -qaF "$folder/" "$process/cmdline" 2>/dev/null; then return 0; fi
    if grep -qazxF "ASPNETCORE_CONTENTROOT=$folder" "$process/environ" 2>/dev/null; then return 0; fi
  done
  return 1
}

# Removes what was published before and serves no more. One that is young may belong to a start that has not come to its program yet.
prune_apps() {
  local current="$1" folder
  for folder in "$PWD"/artifacts/app-*; do
    if [ ! -d "$folder" ] || [ "$folder" = "$current" ]; then continue; fi
    [ -n "$(find "$folder" -maxdepth 0 -mmin +10)" ] || continue
    app_in_use "$folder" || rm -rf -- "$folder"
  done
}

# publish_app FOLDER: publishes the product into its folder (see app_folder), unless it is there already, made from these very sources.
publish_app() {
  local folder="$1" log
  mkdir -p artifacts
  # One at a time: two builds would write the same intermediate files.
  exec 9>artifacts/.publish.lock
  flock --nonblock 9 || { say "Another build is under way; waiting for it ..." && flock 9; }
  if [ ! -d "$folder" ]; then
    say "Building StudioVault (about half a minute; only when something changed) ..."
    log=$(mktemp)
    rm -rf artifacts/app.new
    # The shared compiler would stay behind as a process, hence off.
    if ! dotnet publish StudioVault.Web/StudioVault.Web.csproj -c Release -o artifacts/app.new -v q \
      -nodeReuse:false -p:UseSharedCompilation=false </dev/null >"$log" 2>&1 9>&-; then
      grep -E 'error|warn' "$log" | sort -u | head -n 30 >&2
      [ -s "$log" ] && tail -n 5 "$log" >&2
      rm -f "$log"
      exec 9>&-
      return 1
    fi
    rm -f "$log"
    # Complete or not there: a build that breaks off leaves the former ones alone.
    mv artifacts/app.new "$folder"
  fi
  touch "$folder"
  # Earlier releases kept a folder there; it goes when nobody serves from it.
  if [ -d artifacts/app ] && [ ! -L artifacts/app ] && ! app_in_use "$PWD/artifacts/app"; then rm -rf artifacts/app; fi
  if [ -L artifacts/app ] || [ ! -e artifacts/app ]; then
    ln -sfn "${folder##*/}" artifacts/app.link
    mv -T artifacts/app.link artifacts/app
  fi
  prune_apps "$folder"
  exec 9>&-
}
