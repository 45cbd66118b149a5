#!/usr/bin/env bash
# slow
# The daemon against the real server: a plan that is pushed and carried out, orders from the administration, one of them
# to another computer, a server that goes away and comes back, a clean stop, and a cloned disk.
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

# A connection that has just appeared is left to settle for up to two and a half minutes.
readonly PATIENCE_SECONDS=240
export BEFFROI__INTAKE__CHECKINSECONDS=5
daemon_pid='' clone_pid='' spare_pid=''

# start_daemon [HOME]: leaves its process in $started.
start_daemon() {
    BEFFROI_HOME=${1:-$home} "$dist/beffroi" run >>"${1:-$home}.daemon.log" 2>&1 &
    started=$!
}

# stop_daemon PID: asks it to stop, and keeps its exit code in $status.
stop_daemon() {
    local waited=0
    status=none
    kill -TERM "$1" 2>/dev/null || return 0
    while kill -0 "$1" 2>/dev/null && ((waited++ < 300)); do sleep 0.1; done
    kill -KILL "$1" 2>/dev/null && return 0
    status=0
    wait "$1" || status=$?
}

stop_daemons() {
    [[ -z $daemon_pid ]] || stop_daemon "$daemon_pid"
    [[ -z $clone_pid ]] || stop_daemon "$clone_pid"
    [[ -z $spare_pid ]] || stop_daemon "$spare_pid"
}
trap 'stop_daemons; clean_up' EXIT

evidence() { echo "$home.daemon.log"; }

# holds EXPRESSION COMMAND…: a Python expression about the JSON that COMMAND prints as 'it'.
holds() {
    local expression=$1
    shift
    "$@" | tee "$work/it" | python3 -c 'import json, sys
it = json.load(sys.stdin)
sys.exit(not eval(sys.argv[1]))' "$expression"
}

runs() { admin list-runs --device "$device"; }
orders() { admin list-orders --device "$device"; }
# Also of a server that is away: what the daemon says is what counts.
status() { agent status --json || true; }

"$root/scripts/make_town_hall.py" "$work/hall"
record "$work/hall" "$work/hall.json"
set_up
device=$(status | field device)

expect "without a plan, status says that no daemon runs" 0 agent status
says "in words" "none runs"
start_daemon && daemon_pid=$started
until_true "a daemon without a plan waits for one" holds "it['daemon']['planRevision'] == 0" status
run agent run
check "a second daemon on the device is refused" test "$status" = 13

# A plan that is due every minute: its first run starts as soon as the connection has settled.
admin show-plan --device "$device" | python3 -c '
import json, sys
plan = json.load(sys.stdin)["plan"]
plan["scope"]["include"] = [sys.argv[1], "/nowhere/at/all"]
plan["schedule"] = {"mode": "Continuous", "everyMinutes": 1}
json.dump(plan, open(sys.argv[2], "w"))' "$work/hall" "$work/plan.json"
expect "a plan is set" 0 admin set-plan --device "$device" --file "$work/plan.json"
until_true "the daemon takes it" holds "it['daemon']['planRevision'] == 1" status
until_true "and runs by itself when it is due" holds "len(it['runs']) >= 1" runs
check "its first good run is the year's" holds "it['runs'][-1]['class'] == 'Yearly'" runs
check "a path that is not there is a warning" holds "it['runs'][-1]['outcome'] == 'CompletedWithWarnings'" runs
check "the run names its snapshot" holds \
    "it['runs'][-1]['snapshot'] in [each['id'] for each in json.load(open('$work/snapshots'))['snapshots']]" \
    bash -c "$(declare -f admin agent runs); $(declare -p dist data home device root); \
        agent snapshots --json >'$work/snapshots'; runs"

# From here on only orders start anything.
python3 -c '
import json, sys
plan = json.load(open(sys.argv[1]))
plan["scope"]["include"] = [sys.argv[2]]
plan["schedule"] = {"mode": "Continuous", "everyMinutes": 1440}
json.dump(plan, open(sys.argv[1], "w"))' "$work/plan.json" "$work/hall"
admin set-plan --device "$device" --file "$work/plan.json" >/dev/null
until_true "a revision replaces the plan" holds "it['daemon']['planRevision'] == 2" status

# Databases first: one that the device can write, and one that fails and is a warning.
cat >"$home/config/agent.json" <<'JSON'
{ "dumps": { "compta": { "command": ["/bin/sh", "-c", "echo rows"] },
             "broken": { "command": ["/bin/sh", "-c", "echo no $WORD >&2; exit 3"],
                         "environment": { "WORD": "s3cret" } } } }
JSON
python3 -c '
import json, sys
plan = json.load(open(sys.argv[1]))
plan["scope"]["dumps"] = [{"name": name, "kind": "Custom", "timeout": "00:01:00", "failsRun": False}
                          for name in ("compta", "broken")]
json.dump(plan, open(sys.argv[1] + ".dumps", "w"))' "$work/plan.json"
admin set-plan --device "$device" --file "$work/plan.json.dumps" >/dev/null
until_true "a plan with dumps replaces it" holds "it['daemon']['planRevision'] == 3" status
admin order --device "$device" >/dev/null
until_true "a backup with dumps ends" holds "it['orders'][0]['state'] == 'Done'" orders
check "the one that fails is a warning" holds "it['runs'][0]['outcome'] == 'CompletedWithWarnings'" runs
expect "the other one is in the snapshot" 0 agent restore latest "$home/state/dumps" --to "$work/dumps"
check "as the program wrote it" grep -qx rows "$work/dumps$home/state/dumps/compta.dump"
check "no secret is in the log" bash -c "! grep -q s3cret '$home.daemon.log'"
admin set-plan --device "$device" --file "$work/plan.json" >/dev/null
until_true "and back" holds "it['daemon']['planRevision'] == 4" status

echo "new" >"$work/hall/new.txt"
expect "a backup is ordered" 0 admin order --device "$device"
until_true "the daemon carries it out" holds "it['orders'][0]['state'] == 'Done'" orders
check "its run says so" holds "it['runs'][0]['trigger'] == 'Order' and it['runs'][0]['outcome'] == 'Completed'" runs

record "$work/hall" "$work/hall.json"
snapshot=$(agent snapshots --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["snapshots"][0]["id"])')
expect "a restore to a folder is ordered" 0 \
    admin order --device "$device" --restore "$snapshot" --to "$work/restored"
until_true "the daemon carries it out, too" holds \
    "it['orders'][0]['kind'] == 'Restore' and it['orders'][0]['state'] == 'Done'" orders
equal "with everything as it was" "$work/hall.json" "$work/restored$work/hall"

echo "spoilt" >"$work/hall/new.txt"
expect "a restore to where the file was is ordered" 0 \
    admin order --device "$device" --restore "$snapshot" --path "$work/hall/new.txt" --conflict keepBoth
until_true "it ends" holds "it['orders'][0]['state'] == 'Done' and it['orders'][0]['files'] == 1" orders
check "what was there stays" test "$(cat "$work/hall/new.txt")" = spoilt
check "and the restored one lies beside it" grep -qx new "$work/hall"/new\ \(*\).txt
expect "a restore in its place is ordered" 0 \
    admin order --device "$device" --restore "$snapshot" --path "$work/hall/new.txt" --conflict replace
until_true "it ends as well" holds "len(it['orders']) == 5 and it['orders'][0]['state'] == 'Done'" orders
check "and the file is as it was" test "$(cat "$work/hall/new.txt")" = new

# Another computer of the member gets the first one's files: by an order, and in no other way.
home_of_first=$home home=$work/spare
enrol reserve
spare=$(status | field device)
expect "another computer does not see them" '1|12' agent restore "$snapshot" --to "$work/stolen"
start_daemon "$home" && spare_pid=$started
expect "its original places are refused" 2 admin order --device "$spare" --restore "$snapshot"
expect "a restore to another computer is ordered" 0 \
    admin order --device "$spare" --restore "$snapshot" --path "$work/hall" --to "$work/moved"
until_true "its daemon carries it out" holds "it['orders'][0]['state'] == 'Done'" admin list-orders --device "$spare"
equal "with everything as it was there" "$work/hall.json" "$work/moved$work/hall"
stop_daemon "$spare_pid"
spare_pid='' home=$home_of_first

# A server that goes away: the command's report waits on the disk, and the daemon sends it later.
kill_server
before=$(find "$home/state/reports" -name '*.json' 2>/dev/null | wc -l)
check "nothing waits to be told" test "$before" = 0
stop_daemon "$daemon_pid"
daemon_pid=''
check "the daemon stops cleanly on SIGTERM" test "$status" = 0
check "and says so" grep -q "has stopped" "$home.daemon.log"
start_daemon && daemon_pid=$started
sleep 5
check "a daemon starts without the server, too" holds "it['daemon']['planRevision'] == 4" status
start_server
until_true "and finds it again when it is back" holds \
    "it['daemon'].get('problem') is None and it['daemon'].get('lastCheckIn')" status

# SIGTERM in the middle of an order.
admin order --device "$device" --restore "$snapshot" --to "$work/slow" >/dev/null
stop_daemon "$daemon_pid"
check "a daemon with an order stops on SIGTERM" test "$status" = 0
start_daemon && daemon_pid=$started
until_true "the order has an end, whichever" holds "it['orders'][0]['state'] in ('Done', 'Failed')" orders

expect "'beffroi backup' without a path takes the plan" 0 agent backup --json
until_true "and the daemon reports it" holds "it['runs'][0]['trigger'] == 'Manual'" runs

# The disk is cloned: two daemons take turns under one identity.
cp -a "$home" "$work/clone"
rm -f "$work/clone/state/daemon.lock" "$work/clone/state/run.lock"
start_daemon "$work/clone" && clone_pid=$started
until_true "the server notices a clone, and the agent says so" \
    grep -q "Another computer uses the identity" "$home.daemon.log"
check "status shows it" holds "it['daemon']['duplicate']" status
