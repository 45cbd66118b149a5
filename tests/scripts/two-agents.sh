#!/usr/bin/env bash
# Two devices of one member back up the same folder at the same time; a second run of one device waits its turn.
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

"$root/scripts/make_town_hall.py" "$work/hall"
head -c 60000000 /dev/urandom >"$work/hall/large"
set_up
first=$work/home second=$work/second
home=$second
check "a second device enrols" enrol deuxième

BEFFROI_HOME=$first "$dist/beffroi" backup "$work/hall" >"$work/out.first" 2>"$work/err.first" &
first_pid=$!
BEFFROI_HOME=$second "$dist/beffroi" backup "$work/hall" >"$work/out.second" 2>"$work/err.second" &
second_pid=$!
if wait "$first_pid"; then ok "the first completes"; else not_ok "the first completes" "$work/err.first"; fi
if wait "$second_pid"; then ok "the second completes"; else not_ok "the second completes" "$work/err.second"; fi
for home in "$first" "$second"; do
    expect "a device restores its snapshot" 0 agent restore latest --to "$work/to-${home##*/}"
    equal "it is the folder" "$work/hall" "$work/to-${home##*/}$work/hall"
done

head -c 60000000 /dev/urandom >"$work/hall/large"
BEFFROI_HOME=$first "$dist/beffroi" backup "$work/hall" --limit-upload 100 >"$work/out.first" 2>"$work/err.first" &
first_pid=$!
home=$first
# The holder of the lock notes its number beside it: from then on the second one cannot come first.
for ((wait = 0; wait < 200; wait++)); do
    [[ $(cat "$first/state/run.pid" 2>/dev/null) != "$first_pid" ]] || break
    sleep 0.05
done
run agent backup "$work/hall" --json
check "a second run of one device is refused while the first works" test "$status" = 13
says "with its code" BEF-1003
expect "with --wait it waits" 0 agent backup "$work/hall" --wait 120
if wait "$first_pid"; then ok "the first run completes"; else not_ok "the first run completes" "$work/err.first"; fi
expect "the server finds every stored byte sound" 0 admin check --read-data
