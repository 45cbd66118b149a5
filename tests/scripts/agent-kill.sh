#!/usr/bin/env bash
# An agent that is killed 200 times in a row leaves nothing wrong: what was acknowledged restores, and the next run goes
# on where the last one ended.
# slow
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
readonly KILLS=${BEFFROI_KILLS:-200} FILES=300 FILE_BYTES=200000
RANDOM=20260101

tree=$work/tree
mkdir -p "$tree"
# write_file NUMBER VERSION: content that neither compresses nor repeats.
write_file() {
    openssl enc -aes-128-ctr -pass "pass:$1.$2" -nosalt -md md5 -in /dev/zero 2>/dev/null | head -c "$FILE_BYTES"
}
for ((file = 0; file < FILES; file++)); do
    mkdir -p "$tree/$((file % 17))"
    write_file "$file" 0 >"$tree/$((file % 17))/$file"
done
set_up

# mark ROUND: the tree says of itself which round it is, so that each snapshot can be compared with what was then.
mark() { echo "$1" >"$tree/round"; }

# Kills fall anywhere between the start and just after the end of a run, however busy this computer is: the window grows
# with each run that was killed, and shrinks with each that ended before.
mark 0
started=${EPOCHREALTIME/[.,]/}
expect "a first backup completes" 0 agent backup "$tree"
run_ms=$(((${EPOCHREALTIME/[.,]/} - started) / 1000))
(cd "$tree" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) >"$work/sums.0"

killed=0 window_ms=$((run_ms / 2))
for ((round = 1; killed < KILLS && round <= KILLS * 3; round++)); do
    for ((changed = 0; changed < 20; changed++)); do
        file=$((RANDOM % FILES))
        write_file "$file" "$round" >"$tree/$((file % 17))/$file"
    done
    mark "$round"
    (cd "$tree" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) >"$work/sums.$round"
    BEFFROI_HOME=$home "$dist/beffroi" backup "$tree" >"$work/out.$round" 2>&1 &
    pid=$!
    delay=$((RANDOM % window_ms))
    sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
    kill -KILL "$pid" 2>/dev/null || true
    status=0
    wait "$pid" 2>/dev/null || status=$?
    if ((status == 137)); then
        killed=$((killed + 1)) window_ms=$((window_ms + window_ms / 50 + 1))
    else
        window_ms=$((window_ms - window_ms / 10 + 1))
    fi
done
rounds=$((round - 1))
echo "# killed $killed of $rounds runs before their end"
check "$KILLS runs were killed under way" test "$killed" = "$KILLS"

run agent backup "$tree" --json
check "the run after the last kill completes" test "$status" = 0
[[ $status == 0 ]] || sed 's/^/# /' "$work/err"
expect "one more run succeeds" 0 agent backup "$tree" --json
check "and sends next to nothing" test "$(summary sentBytes)" -lt 100000

# A first upload of much, cut when a part of it is stored.
stored_bytes() { find "$data/blobs" -type f -path '*/p/*' -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'; }
mkdir "$work/much"
for ((file = 0; file < 60; file++)); do head -c 2000000 /dev/urandom >"$work/much/$file"; done
before=$(stored_bytes)
BEFFROI_HOME=$home "$dist/beffroi" backup "$work/much" --limit-upload 160 >"$work/out" 2>&1 &
pid=$!
for ((wait = 0; wait < 600 && $(stored_bytes) - before < 40000000; wait++)); do sleep 0.1; done
kill -KILL "$pid"
wait "$pid" 2>/dev/null
kept=$(($(stored_bytes) - before))
run agent backup "$work/much" --json
sent=$(summary sentBytes)
echo "# $kept bytes were stored when the run was killed; the next one sent $sent of 120000000"
check "the next run sends only what was not stored" test "$sent" -lt $((120000000 - kept + 20000000))
rm -rf "$work/much"

agent snapshots --json >"$work/snapshots.json"
mapfile -t snapshots < <(python3 -c '
import json, sys
for snapshot in json.load(sys.stdin)["snapshots"]: print(snapshot["id"])' <"$work/snapshots.json")
echo "# ${#snapshots[@]} snapshots"
acknowledged=$(cat "$work"/out.* | grep -c "is stored and signed for by the server")
check "every acknowledged snapshot is listed" test "${#snapshots[@]}" -ge $((acknowledged + 3))

# A device may open 50 snapshots an hour through the server; the rest is restored as after its loss.
readonly THROUGH_SERVER_MAX=10
# restore SNAPSHOT NUMBER
restore() {
    if (($2 <= THROUGH_SERVER_MAX)); then
        agent restore "$1" --to "$work/to"
    else
        agent restore "$1" --to "$work/to" --recovery-key "$kit" --packs "$data/blobs"
    fi
}

wrong=0 number=0
for snapshot in "${snapshots[@]}"; do
    rm -rf "$work/to"
    number=$((number + 1))
    if ! restore "$snapshot" "$number" >"$work/out" 2>"$work/err"; then
        wrong=$((wrong + 1))
        sed "s/^/# $snapshot: /" "$work/err"
        continue
    fi
    [[ -d $work/to$tree ]] || continue # That of the first upload of much.
    round=$(<"$work/to$tree/round")
    (cd "$work/to$tree" && sha256sum --quiet -c "$work/sums.$round") >"$work/check" 2>&1 || {
        wrong=$((wrong + 1))
        head -n 5 "$work/check" | sed "s/^/# $snapshot of round $round: /"
    }
    ((round != rounds)) || equal "a snapshot of the last round is the tree" "$tree" "$work/to$tree"
done
check "every snapshot restores to what the tree was" test "$wrong" = 0
expect "the server finds every stored byte sound" 0 admin check --read-data
