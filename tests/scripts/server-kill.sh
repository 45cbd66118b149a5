#!/usr/bin/env bash
# A server that is killed 60 times during uploads loses nothing that it acknowledged, and the agent goes on by itself.
# slow
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
readonly KILLS=${BEFFROI_KILLS:-60} FILE_BYTES=3000000 FILES=12 RUNS_MAX=10
RANDOM=20260102

tree=$work/tree
mkdir "$tree"
set_up
kills=0 codes=''
for ((round = 1; kills < KILLS; round++)); do
    for ((file = 0; file < FILES; file++)); do
        openssl enc -aes-128-ctr -pass "pass:$round.$file" -nosalt -md md5 -in /dev/zero 2>/dev/null \
            | head -c "$FILE_BYTES" >"$tree/$file"
    done
    record "$tree" "$work/tree.$round.json"
    # Slow enough that kills meet an upload.
    BEFFROI_HOME=$home "$dist/beffroi" backup "$tree" --limit-upload 60 >"$work/out.$round" 2>"$work/err.$round" &
    backup_pid=$!
    for ((kill = 0; kill < 4 && kills < KILLS; kill++)); do
        sleep "$((RANDOM % 1500))e-3"
        kill_server
        kills=$((kills + 1))
        start_server
    done
    code=0
    wait "$backup_pid" || code=$?
    codes+=" $code"
    ((code == 0)) || tail -n 3 "$work/err.$round" | sed "s/^/# round $round: /"
    for ((again = 0; code != 0 && again < RUNS_MAX; again++)); do
        code=0
        agent backup "$tree" >"$work/out.$round" 2>"$work/err.$round" || code=$?
    done
    if ((code == 0)); then
        ok "round $round: the backup completes"
    else
        not_ok "round $round: the backup completes" "$work/err.$round" "$server_log"
    fi
done
echo "# $kills kills; exit codes of the backups under way:$codes"

agent snapshots --json >"$work/snapshots.json"
mapfile -t snapshots < <(python3 -c '
import json, sys
for snapshot in reversed(json.load(sys.stdin)["snapshots"]): print(snapshot["id"])' <"$work/snapshots.json")
check "each round has a snapshot" test "${#snapshots[@]}" -ge $((round - 1))
wrong=0
for snapshot in "${snapshots[@]}"; do
    rm -rf "$work/to"
    agent restore "$snapshot" --to "$work/to" >"$work/out" 2>"$work/err" || wrong=$((wrong + 1))
    same=''
    for recorded in "$work"/tree.*.json; do
        ! "$root/scripts/compare_trees.py" "$recorded" "$work/to$tree" >/dev/null || same=yes
    done
    [[ -n $same ]] || wrong=$((wrong + 1))
done
check "every snapshot restores to what the tree was" test "$wrong" = 0
expect "the server finds every stored byte sound" 0 admin check --read-data
