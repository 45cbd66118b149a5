#!/usr/bin/env bash
# A restore that is killed 20 times in a row leaves nothing that the last one does not put right: times, modes,
# attributes and owners of folders included, and no half of a file.
# slow
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
readonly KILLS=${BEFFROI_KILLS:-20}
RANDOM=20260102

tree=$work/tree
python3 - "$tree" <<'PYTHON'
import os, random, sys
top, pick = sys.argv[1], random.Random(7)
for number in range(3000):
    folder = f"{top}/{number % 41}/{number % 7}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{number}", "wb") as file:
        file.write(pick.randbytes(pick.choice([0, 30, 3000, 30000, 120000])))
    os.chmod(f"{folder}/{number}", pick.choice([0o600, 0o644, 0o444, 0o750]))
    if number % 50 == 0:
        os.link(f"{folder}/{number}", f"{folder}/link of {number}")
        os.symlink(str(number), f"{folder}/path to {number}")
        os.mkfifo(f"{folder}/pipe {number}")
for folder, _, files in os.walk(top, topdown=False):
    for name in files:
        os.utime(f"{folder}/{name}", ns=(0, pick.randrange(10 ** 18)), follow_symlinks=False)
    try:
        os.setxattr(folder, "user.comment", folder.encode())
    except OSError:
        pass  # This file system has none.
    os.chmod(folder, pick.choice([0o700, 0o755, 0o2750, 0o1777, 0o555]))
    os.utime(folder, ns=(0, pick.randrange(10 ** 18)))
PYTHON
record "$tree" "$work/tree.json"
set_up
expect "a backup succeeds" 0 agent backup "$tree"

started=${EPOCHREALTIME/[.,]/}
expect "a restore that nobody stops succeeds" 0 agent restore latest --to "$work/whole"
run_ms=$(((${EPOCHREALTIME/[.,]/} - started) / 1000))
equal "its tree is what it was" "$work/tree.json" "$work/whole$tree"

# Kills fall anywhere in a run, and mostly where it writes: the window follows the runs, which are faster or slower than
# the first one. A restore that gets to its end starts anew.
# With the kit, as after the loss of the server.
with_kit=(--recovery-key "$kit" --packs "$data/blobs")
killed=0 completed=0 with_leftovers=0
for ((round = 1; killed < KILLS && round <= KILLS * 5; round++)); do
    BEFFROI_HOME=$home "$dist/beffroi" restore latest --to "$work/to" "${with_kit[@]}" >"$work/out" 2>"$work/err" &
    pid=$!
    delay=$((run_ms / 4 + RANDOM % (run_ms / 2)))
    sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
    kill -KILL "$pid" 2>/dev/null || true
    status=0
    wait "$pid" 2>/dev/null || status=$?
    if ((status == 137)); then
        killed=$((killed + 1)) run_ms=$((run_ms + run_ms / 50 + 1))
        halves=$(find "$work/to" -name '.beffroi-restore-*' -print -quit 2>/dev/null)
        [[ -z $halves ]] || with_leftovers=$((with_leftovers + 1))
    else
        run_ms=$((run_ms - run_ms / 10 + 4))
        [[ $status == 0 ]] || not_ok "a restore between the kills succeeds" "$work/err"
        equal "round $round came to its end with the same tree" "$work/tree.json" "$work/to$tree"
        completed=$((completed + 1))
        rm -rf "$work/to"
    fi
done
echo "# killed $killed of $((round - 1)) restores, $with_leftovers with a half-written file; $completed ended before"
check "$KILLS restores were killed under way" test "$killed" = "$KILLS"

expect "the run after the last kill completes" 0 agent restore latest --to "$work/to" "${with_kit[@]}"
equal "the tree is what it was" "$work/tree.json" "$work/to$tree"
expect "one more run finds everything there" 0 agent restore latest --to "$work/to" "${with_kit[@]}" --json
check "and writes nothing" test "$(summary bytes)" = 0
equal "the tree still is what it was" "$work/tree.json" "$work/to$tree"
