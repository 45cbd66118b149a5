#!/usr/bin/env bash
# A server that is lost comes back on another machine from its copies, as docs/operations/server.md says: with the dump
# of the database, and without. Agents need nothing.
# slow
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
readonly copy=$work/copy
postgres=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
readonly postgres

# as_owner COMMAND…: as the account that runs the private PostgreSQL.
as_owner() {
    if [[ $(stat -c %u "$data/db") == "$(id -u)" ]]; then "$@"; else setpriv --reuid "$(stat -c %u "$data/db")" \
        --regid "$(stat -c %g "$data/db")" --init-groups "$@"; fi
}

# The folder of the socket, which is elsewhere where the data folder's path is long.
socket() { sed -n "s/^unix_socket_directories = '\(.*\)'/\1/p" "$data/db/postgresql.conf"; }

tree=$work/tree
mkdir "$tree"
head -c 3000000 /dev/urandom >"$tree/a"
"$root/scripts/make_town_hall.py" "$tree/hall"
record "$tree" "$work/tree.1.json"
set_up
expect "a backup succeeds" 0 agent backup "$tree"

mkdir "$copy"
check "keys and certificates are copied while the server runs" cp -a "$data/keys" "$data/tls" "$copy/"
check "then the database is dumped" "$postgres/pg_dump" --host "$(socket)" --username beffroi --format custom \
    --file "$copy/beffroi.dump" beffroi
echo "after the dump" >"$tree/late"
head -c 500000 /dev/urandom >"$tree/late.bin"
enrolled_home=$home
home=$work/late-home
expect "a computer enrols between dump and copy" 0 enrol tardif
home=$enrolled_home
record "$tree" "$work/tree.2.json"
expect "a snapshot is taken between dump and copy" 0 agent backup "$tree"
check "then the blobs are copied" cp -a "$data/blobs" "$copy/"

# lose: the server and all that it had.
lose() {
    stop_server
    mv "$data" "$work/lost.$1"
}

# bring_back: the copies, in a fresh folder.
bring_back() {
    mkdir -m 711 "$data"
    check "$1: the copies are put back" cp -a "$copy/keys" "$copy/tls" "$copy/blobs" "$data/"
}

# prove NAME SNAPSHOTS: the agent goes on as if nothing had happened.
prove() {
    expect "$1: the device sees its snapshots without enrolling anew" 0 agent snapshots --json
    check "$1: all $2" test "$(count_snapshots <"$work/out")" = "$2"
    mapfile -t ids < <(python3 -c '
import json, sys
for each in reversed(json.load(sys.stdin)["snapshots"]): print(each["id"])' <"$work/out")
    for each in 1 2; do
        expect "$1: snapshot $each restores" 0 agent restore "${ids[each - 1]}" --to "$work/$1.$each"
        equal "$1: as it was" "$work/tree.$each.json" "$work/$1.$each$tree"
    done
    echo "$1" >>"$tree/late"
    expect "$1: a backup goes on" 0 agent backup "$tree" --json
    check "$1: and sends next to nothing" test "$(summary sentBytes)" -lt 100000
    home=$work/late-home
    expect "$1: the computer that enrolled last backs up" 0 agent backup "$tree"
    home=$enrolled_home
    expect "$1: every stored byte is sound" 0 admin check --read-data
}

lose first
bring_back dump
expect "an empty database is made" 0 admin list-members
check "the database is started" as_owner "$postgres/pg_ctl" -D "$data/db" -w -s -l "$data/db/beffroi.log" start
check "the dump is loaded" "$postgres/pg_restore" --host "$(socket)" --username beffroi --dbname postgres --clean \
    --if-exists --create "$copy/beffroi.dump"
check "the database is stopped" as_owner "$postgres/pg_ctl" -D "$data/db" -w -s stop
# What came in after the dump is in the blobs alone until then.
expect "the index is brought up to the blobs" 0 admin rebuild-index
start_server
prove dump 2
expect "the journal came back whole" 0 admin journal
says "with what was done" enrolment-token-issued

lose second
bring_back blobs
expect "the database is made anew from the blobs" 0 admin rebuild-index
start_server
prove blobs 2
run admin list-members
says "the member is there under its number" "$SIRET"
