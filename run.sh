#!/usr/bin/env bash
# Sets everything up and starts StudioVault. See --help.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
# shellcheck source=build/setup.sh
. build/setup.sh

marker=.studiovault-data
elsewhere=.database-elsewhere # its keys were used with a server of somebody else's making

usage() {
  cat <<'HELP'
Usage: ./run.sh [--port N] [--reset]

Starts StudioVault with its demo group, on a PostgreSQL of its own, and prints the address. Ctrl-C ends all of it.

  --port N   listen on this port (default 5080; the next free one when it is taken)
  --reset    throw the stored data away and start from empty (only what this script stores: not with a server of your own)
  --help     show this

The data lives in .data/ beside this script, unless the environment variable DataDir names another folder.
With ConnectionStrings__Vault set, that PostgreSQL server is used and none is started. With ASPNETCORE_URLS set, it listens there.
README.md lists every setting.
HELP
}

port=5080
reset=no
port_asked=no
while [ $# -gt 0 ]; do
  case "$1" in
    --port) port="${2:-}"; port_asked=yes; shift ;;
    --port=*) port="${1#*=}"; port_asked=yes ;;
    --reset) reset=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; die "There is no option $1." ;;
  esac
  shift || die "--port needs a number."
done
case "$port" in '' | *[!0-9]* | ??????*) die "--port needs a number from 1 to 65535." ;; esac
if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then die "--port needs a number from 1 to 65535."; fi

if [ "$port_asked" = yes ] && [ -n "${ASPNETCORE_URLS:-}" ]; then die "Both --port and ASPNETCORE_URLS say where to listen: keep one."; fi

# PostgreSQL keeps a socket in <data>/postgres, whose path the system limits to 107 bytes, and refuses to run as root: the
# user it runs as instead has to be able to walk to the data.
unfit() {
  local path="$1" bytes
  bytes=$(printf '%s/postgres/.s.PGSQL.5432' "$path" | wc -c)
  if [ "$bytes" -gt 107 ]; then echo "its path is too long for PostgreSQL's socket"; return; fi
  case "$path" in *,*) echo "its path has a comma, which PostgreSQL cannot take"; return ;; esac
  [ "$(id -u)" -eq 0 ] || return 0
  while path=$(dirname "$path"); do
    if [ -d "$path" ] && [ -z "$(find "$path" -maxdepth 0 -perm -o=x)" ]; then
      echo "PostgreSQL may not run as root, and other users may not pass through $path"
      return
    fi
    [ "$path" != / ] || return 0
  done
}

# Settings, in any form they may come in, that name a PostgreSQL server of somebody else's making.
own_server() {
  local name
  while read -r name; do
    if [ -n "${!name}" ]; then echo "$name"; fi
  done < <(compgen -e | grep -iE '^ConnectionStrings__Vault(Owner|Sequencer)?(__File|_FILE)?$' || true)
}

choose_data() {
  if [ -n "${DataDir:-}" ]; then
    data=$(realpath -m -- "$DataDir")
    return
  fi
  data="$PWD/.data"
  [ -z "$server" ] || return 0
  local reason here
  reason=$(unfit "$data")
  [ -n "$reason" ] || return 0
  # Another checkout on this machine must not meet our data there.
  here=$(printf '%s' "$PWD" | sha256sum | cut -c 1-8)
  if [ "$(id -u)" -eq 0 ]; then data="/var/lib/studiovault/$here"; else data="${XDG_STATE_HOME:-$HOME/.local/state}/studiovault/$here"; fi
  say "The data cannot live in $PWD/.data: $reason. Using $data."
  reason=$(unfit "$data")
  [ -z "$reason" ] || die "That folder does not do either: $reason. Set DataDir to a folder that does."
}

in_use() { [ -e "$data/postgres/lock" ] && ! flock --nonblock "$data/postgres/lock" true; }

remove_data() {
  [ -d "$data" ] || return 0
  if [ -n "$(ls -A "$data")" ] && [ ! -f "$data/$marker" ]; then
    die "$data was not made by this script (it has no file $marker), so --reset leaves it alone. Remove it yourself if you mean it."
  fi
  if [ -e "$data/$elsewhere" ] || { [ -d "$data/keys" ] && [ ! -d "$data/postgres/data" ]; }; then
    die "The keys in $data belong to a database on another server, which --reset cannot empty: without them nothing it keeps can be opened." \
      "Remove the folder yourself if you mean it."
  fi
  say "Removing the stored data in $data"
  rm -rf -- "${data:?}"
}

# Sockets that listen on this port, by inode.
listeners() {
  awk -v port=":$(printf '%04X' "$1")" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

describe_listener() {
  local inode="$1" fd pid
  fd=$(find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:\[$inode\]" -print -quit 2>/dev/null || true)
  if [ -z "$fd" ]; then echo "a process of another user"; return; fi
  pid=${fd#/proc/}
  pid=${pid%%/*}
  echo "process $pid ($(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c 1-80 | sed 's/ *$//'))"
}

choose_port() {
  local inode wanted="$port"
  inode=$(listeners "$port" | head -n 1)
  [ -n "$inode" ] || return 0
  while [ -n "$(listeners "$port")" ]; do
    port=$((port + 1))
    if [ "$port" -gt 65535 ] || [ "$port" -gt $((wanted + 100)) ]; then die "No free port from $wanted on."; fi
  done
  say "Port $wanted is taken by $(describe_listener "$inode"); using $port."
}

server=$(own_server)
if [ "$reset" = yes ] && [ -n "$server" ]; then
  # The keys in there belong to that database: without them nothing it keeps can be opened, and it starts no more.
  die "--reset would throw away the keys of a database it cannot empty: $(printf '%s' "$server" | paste -sd ' ') is set." \
    "To start from empty, empty that database yourself (drop and create it), then remove the data folder; or start without the setting."
fi
choose_data
if in_use; then
  die "StudioVault is already running with the data in $data$(sed 's/^/, at /' "$data/address" 2>/dev/null || true)." \
    "End it first (Ctrl-C where it was started), or give this one a folder of its own: DataDir=/some/folder ./run.sh"
fi
[ "$reset" = no ] || remove_data

if [ -z "$server" ]; then need_packages ca-certificates icu postgresql || exit 1; else need_packages ca-certificates icu || exit 1; fi
# Without it everything works but the PDFs, which then say so.
[ -n "${Documents__BrowserPath:-}" ] || need_packages chromium || say "Going on without Chromium: no PDF can be made until it is there."
need_sdk

app=$(app_folder)
# A signal while building must not leave the build behind: it runs in a process group of its own, ended as one.
set -m
publish_app "$app" &
builder=$!
set +m
trap 'kill -TERM -- "-$builder" 2>/dev/null; exit 143' TERM INT HUP
wait "$builder" || die "StudioVault could not be built (see above)."
trap - TERM INT HUP

new=no
[ -d "$data" ] || new=yes
mkdir -p "$data"
if [ "$new" = yes ] || [ -z "$(ls -A "$data")" ]; then
  echo "Made by run.sh of StudioVault; run.sh --reset may delete this folder." >"$data/$marker"
fi
if [ -n "$server" ]; then : >"$data/$elsewhere"; fi
if [ "$new" = yes ] && ! has_cjk_fonts; then say "Names in Chinese, Japanese or Korean will be printed as boxes; Debian's package fonts-noto-cjk has the letters."; fi
if [ -n "${ASPNETCORE_URLS:-}" ]; then
  # Somebody has said where; the first of several, as a browser here would call it.
  url=$(printf '%s' "${ASPNETCORE_URLS%%;*}" | sed -E 's#//(\+|\*|0\.0\.0\.0|\[::\])#//localhost#')
else
  choose_port
  url="http://localhost:$port"
fi
echo "$url" >"$data/address"

# A plain local start: the demo group, no TLS, messages for people. Whatever is set in the environment wins.
export DataDir="$data"
export ASPNETCORE_ENVIRONMENT="${ASPNETCORE_ENVIRONMENT:-Production}"
export ASPNETCORE_CONTENTROOT="$app"
export ASPNETCORE_URLS="${ASPNETCORE_URLS:-$url}"
export Demo__Enabled="${Demo__Enabled:-true}"
export Demo__LoadOnStart="${Demo__LoadOnStart:-true}"
export Security__RequireHttps="${Security__RequireHttps:-false}"
export Shutdown__Drain="${Shutdown__Drain:-0s}" # no balancer has to notice
export Log__Format="${Log__Format:-text}"
say "Starting StudioVault at $url (Ctrl-C ends it) ..."
# The program takes this script's place: signals reach it directly, and it ends its PostgreSQL itself, even when killed.
exec dotnet "$app/StudioVault.Web.dll"
