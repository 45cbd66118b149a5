# Sourced by the fault tests beside it.
# shellcheck shell=bash
# What the scripts share that run the real programs: a server on a free loopback port, members, devices, and checks
# that print 'ok NAME' or 'not ok NAME'. Everything lives in $work, and goes with it.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root dist=${BEFFROI_DIST:-$root/dist}
work=$(mktemp -d "${TMPDIR:-/tmp}/beffroi-test.XXXXXX")
readonly work data=$work/server server_log=$work/server.log
readonly READY_SECONDS_MAX=180 STOP_SECONDS_MAX=60
readonly SIRET=21450003300011 OTHER_SIRET=21490987100011
# Started by root, the server runs its private PostgreSQL as another account, which has to pass through here.
chmod 711 "$work"

server_pid='' url='' mounts=() failures=0
# The agent that 'agent' runs; each folder is one device.
home=$work/home

ok() { echo "ok $1"; }

# not_ok NAME [FILE…]: shows the end of each FILE as the reason.
not_ok() {
    local file
    failures=$((failures + 1))
    echo "not ok $1"
    shift
    for file in "$@"; do tail -n 25 "$file" | cut -c1-600 | sed 's/^/# /'; done
}

skip() { echo "ok $1 # SKIP $2"; }

# check NAME COMMAND…: whether COMMAND succeeds.
check() {
    local name=$1
    shift
    if "$@" >"$work/check" 2>&1; then ok "$name"; else not_ok "$name" "$work/check"; fi
}

# run COMMAND…: keeps what it prints in $work/out and $work/err and its exit code in $status.
run() {
    status=0
    "$@" >"$work/out" 2>"$work/err" || status=$?
}

# expect NAME CODES COMMAND…: CODES are the allowed exit codes, parted by '|'.
expect() {
    local name=$1 codes=$2
    shift 2
    run "$@"
    if [[ "|$codes|" == *"|$status|"* ]]; then
        ok "$name"
    else
        echo "exit code $status, not $codes: $*" >>"$work/err"
        not_ok "$name" "$work/out" "$work/err"
    fi
}

# says NAME TEXT: the last command printed TEXT.
says() {
    if grep -qaF -- "$2" "$work/out" "$work/err"; then ok "$1"; else not_ok "$1" "$work/out" "$work/err"; fi
}

# equal NAME LEFT RIGHT: two folders, or records of folders.
equal() { check "$1" "$root/scripts/compare_trees.py" "$2" "$3"; }

record() { "$root/scripts/compare_trees.py" --record "$1" "$2" >/dev/null; }

# summary MEMBER: that number of the summary that the last command printed with --json.
summary() {
    python3 - "$work/out" "$1" <<'PYTHON'
import json, sys
for line in open(sys.argv[1], errors="surrogateescape"):
    value = json.loads(line)
    if value.get("event") == "summary":
        print(value.get(sys.argv[2]))
PYTHON
}

# field MEMBER: of the JSON object on standard input.
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

answers() {
    python3 - "$url/health/ready" <<'PYTHON' 2>/dev/null
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=5)
PYTHON
}

# start_server: at the same address each time.
start_server() {
    local waited=0
    : "${url:=http://127.0.0.1:$(free_port)}"
    "$dist/beffroi-server" --data "$data" --urls "$url" >>"$server_log" 2>&1 &
    server_pid=$!
    until answers; do
        if ! kill -0 "$server_pid" 2>/dev/null || ((waited++ > READY_SECONDS_MAX * 5)); then
            not_ok "the server starts" "$server_log"
            exit 1
        fi
        sleep 0.2
    done
}

stop_server() {
    local pid=$server_pid waited=0
    server_pid=''
    [[ -n $pid ]] || return 0
    kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null && ((waited++ < STOP_SECONDS_MAX * 10)); do sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

kill_server() {
    kill -KILL "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=''
}

# wait_until SECONDS COMMAND…: within that time, COMMAND succeeds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS <= deadline)) || return 1
        sleep 0.2
    done
}

# The file that until_true shows beside what failed; scripts set their own.
evidence() { echo "$server_log"; }

# until_true NAME COMMAND…: within $PATIENCE_SECONDS, which the script sets, COMMAND succeeds.
until_true() {
    local name=$1 deadline=$((SECONDS + PATIENCE_SECONDS))
    shift
    until "$@" >"$work/check" 2>&1; do
        if ((SECONDS > deadline)); then
            not_ok "$name" "$work/check" "$(evidence)"
            return 1
        fi
        sleep 1
    done
    ok "$name"
}

admin() { "$dist/beffroi-server" admin "$@" --data "$data" --json; }
agent() { BEFFROI_HOME=$home "$dist/beffroi" "$@"; }

# create_member SIRET: leaves its id in $member and the path of its recovery kit in $kit.
create_member() {
    local answer
    answer=$(admin create-member --name "Commune d'essai $1" --siret "$1") || return 1
    member=$(field memberId <<<"$answer") kit=$(field kit <<<"$answer")
}

# enrol NAME [URL]: makes $home a device of $member.
enrol() {
    local token
    token=$(admin enrolment-token --member "$member" | field token) \
        && agent enroll --server "${2:-$url}" --token "$token" --name "$1" >/dev/null
}

# set_up: a server, a member and a device.
set_up() {
    start_server
    if ! create_member "$SIRET" 2>"$work/err" || ! enrol poste 2>>"$work/err"; then
        not_ok "a device is enrolled" "$work/err" "$server_log"
        exit 1
    fi
}

# mount_small FOLDER MEGABYTES: a file system of that size; fails where this account may not mount.
mount_small() {
    mkdir -p "$1"
    mount -t tmpfs -o "size=${2}m,mode=755" tmpfs "$1" 2>/dev/null || return 1
    mounts+=("$1")
}

clean_up() {
    local code=$? folder database waited=0
    trap - EXIT INT TERM
    stop_server
    database=$(sed -n 1p "$data/db/postmaster.pid" 2>/dev/null || true)
    # Left by a server that was killed. Its number may be a stranger's by now, who does not work in that folder.
    if [[ -n $database && /proc/$database/cwd -ef $data/db ]]; then
        kill -INT "$database" 2>/dev/null || true
        while kill -0 "$database" 2>/dev/null && ((waited++ < STOP_SECONDS_MAX * 10)); do sleep 0.1; done
    fi
    for folder in "${mounts[@]}"; do umount -l "$folder"; done
    if [[ -n ${BEFFROI_KEEP:-} ]]; then echo "# everything is still in $work"; else rm -rf "$work"; fi
    ((code == 0 && failures == 0)) || exit 1
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# count_snapshots: how many 'beffroi snapshots --json' on standard input lists.
count_snapshots() {
    python3 -c 'import json, sys; print(len(json.load(sys.stdin)["snapshots"]))'
}
