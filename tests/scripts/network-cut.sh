#!/usr/bin/env bash
# A line that fails again and again in the middle of an upload or a restore only costs time.
# slow
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
readonly CUTS=8

"$root/scripts/make_town_hall.py" "$work/hall"
head -c 60000000 /dev/urandom >"$work/hall/large"
start_server
create_member "$SIRET" 2>/dev/null
proxy_pid=''
# start_proxy CUTS SEED
start_proxy() {
    rm -f "$work/cuts"
    "$root/tests/scripts/cutting_proxy.py" "$port" "${url##*:}" "$1" "$2" "$work/cuts" &
    proxy_pid=$!
}
stop_proxy() {
    [[ -z $proxy_pid ]] || kill "$proxy_pid" 2>/dev/null || true
    wait "$proxy_pid" 2>/dev/null || true
}
trap 'stop_proxy; clean_up' EXIT
port=$(free_port)

start_proxy 0 0
sleep 0.5
check "a device enrols through the proxy" enrol poste "http://127.0.0.1:$port"
stop_proxy
start_proxy "$CUTS" 20260103
expect "a backup over a failing line completes" 0 agent backup "$work/hall"
cuts=$(cat "$work/cuts" 2>/dev/null || echo 0)
echo "# $cuts cuts"
check "the line failed" test "$cuts" -gt 2
stop_proxy
start_proxy "$CUTS" 20260104
expect "a restore over a failing line completes" 0 agent restore latest --to "$work/to"
equal "with everything as it was" "$work/hall" "$work/to$work/hall"
cuts=$(cat "$work/cuts" 2>/dev/null || echo 0)
echo "# $cuts cuts"
check "the line failed again" test "$cuts" -gt 2
stop_proxy
expect "without a line the server is unreachable" 11 agent snapshots
expect "the server finds every stored byte sound" 0 admin check --read-data
