#!/usr/bin/env bash
# An agent with curl: samples/agent.sh [branch] [capability] [args as JSON] [why]
# Needs STUDIOVAULT_URL and STUDIOVAULT_KEY. Proposes; people decide.
set -euo pipefail

url="${STUDIOVAULT_URL:-http://localhost:5000}"
: "${STUDIOVAULT_KEY:?Set STUDIOVAULT_KEY to an agent key, svk_…}"

# The key goes through a file descriptor: a command line is for everybody on the machine to read.
ask() { curl --silent --show-error --fail-with-body --config <(printf 'header = "Authorization: Bearer %s"\n' "$STUDIOVAULT_KEY") "$@"; }
# The first value of a member; enough for answers whose shape is promised.
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

me="$(ask "$url/v1/me")"
echo "I am $(printf '%s' "$me" | sed 's/"key":.*//' | member name)."

branch="${1:-$(printf '%s' "$me" | sed 's/.*"branches"://; s/"name".*//' | member slug)}"
capability="${2:-booking.pause}"
args="${3:-{\"until\":\"$(date -u -d '+14 days' +%F)\",\"reason\":\"The calendar is full\"\}}"
why="${4:-Every weekend of the next two weeks is booked, and the website still offers them.}"
[ -n "$branch" ] || { echo "Nobody gave this agent a power yet." >&2; exit 1; }

ask "$url/v1/capabilities/$capability" > /dev/null || { echo; exit 1; }

# One key for each proposal, the same one when trying again.
key="$(cat /proc/sys/kernel/random/uuid)"
answer="$(ask --retry 3 --retry-connrefused --header "Idempotency-Key: $key" --header "Content-Type: application/json" \
  --data "{\"branch\":\"$branch\",\"capability\":\"$capability\",\"args\":$args,\"why\":\"$why\"}" "$url/v1/proposals")" || { echo "$answer" >&2; exit 1; }
location="$(printf '%s' "$answer" | member location)"
echo "Proposed: $url$location is $(printf '%s' "$answer" | member state), $(printf '%s' "$answer" | member band)."
echo "State now: $(ask "$url$location" | member state)"
