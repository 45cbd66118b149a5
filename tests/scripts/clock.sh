#!/usr/bin/env bash
# A computer whose clock is a year off backs up and restores.
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

if ! command -v faketime >/dev/null; then
    skip "a clock that is a year off changes nothing" "faketime is not installed"
    exit 0
fi
"$root/scripts/make_town_hall.py" "$work/hall"
record "$work/hall" "$work/hall.json"
set_up

# at OFFSET ARGUMENT…: the agent, with its clock off; waits and timeouts keep their pace.
at() {
    local offset=$1
    shift
    FAKETIME_DONT_FAKE_MONOTONIC=1 BEFFROI_HOME=$home faketime -f "$offset" "$dist/beffroi" "$@"
}
number=0
for offset in -365d +365d; do
    number=$((number + 1))
    echo "new $offset" >"$work/hall/new"
    record "$work/hall" "$work/hall.json"
    expect "a backup with the clock $offset succeeds" 0 at "$offset" backup "$work/hall" --json
    check "it takes the snapshot" test "$(summary sequence)" = "$number"
    expect "a restore with the clock $offset succeeds" 0 at "$offset" restore latest --to "$work/to$offset"
    equal "with everything as it was ($offset)" "$work/hall.json" "$work/to$offset$work/hall"
done
expect "with the right clock again, a backup succeeds" 0 agent backup "$work/hall" --json
expect "the newest of the snapshots is latest" 0 agent snapshots --json
check "in the order in which they were stored" python3 -c '
import json, sys
numbers = [each["sequence"] for each in json.load(open(sys.argv[1]))["snapshots"]]
sys.exit(numbers != [3, 2, 1])' "$work/out"
