#!/usr/bin/env bash
# Damage in the store is found and named, costs only the files it hits, and heals; a lost database is made anew.
# slow
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

tree=$work/tree
mkdir "$tree"
for file in a b c d; do head -c 6000000 /dev/urandom >"$tree/$file"; done
"$root/scripts/make_town_hall.py" "$tree/hall"
record "$tree" "$work/tree.json"
set_up
expect "a backup succeeds" 0 agent backup "$tree"

pack=$(find "$data/blobs" -type f -path '*/p/*' -size +5M | LC_ALL=C sort | head -n 1)
# flip FILE: inverts a byte in its middle.
flip() {
    python3 - "$1" <<'PYTHON'
import os, sys
with open(sys.argv[1], "r+b") as file:
    middle = os.path.getsize(sys.argv[1]) // 2
    file.seek(middle)
    byte = file.read(1)[0]
    file.seek(middle)
    file.write(bytes([byte ^ 0xFF]))
PYTHON
}
chmod u+w "$pack"
flip "$pack"

# what_failed: the paths that the last restore or verification with --json could not read.
what_failed() {
    python3 - "$work/out" <<'PYTHON'
import json, sys
lines = map(json.loads, open(sys.argv[1]))
print("\n".join(sorted(line["path"] for line in lines if line.get("event") == "problem")))
PYTHON
}
expect "a restore finds the damage" 20 agent restore latest --to "$work/to" --json
what_failed >"$work/failed"
check "it names files, and few of the 302" test "$(wc -l <"$work/failed")" -lt 50
sed 's/^/# damaged: /' "$work/failed"
missing=$("$root/scripts/compare_trees.py" "$work/tree.json" "$work/to$tree" |
    sed -n "s|^\(.*\): is missing$|$tree/\1|p" | LC_ALL=C sort)
check "exactly the named files are missing" test "$missing" = "$(sed 's|^/*|/|' "$work/failed")"
check "all others are as they were" test -z "$("$root/scripts/compare_trees.py" "$work/tree.json" "$work/to$tree" \
    | grep -v ': is missing$' | grep -v 'differences\|different')"
expect "verify finds the same" 20 agent verify --json
check "in the same files" test "$(what_failed)" = "$(<"$work/failed")"

expect "the server's check finds it" 20 admin check --read-data
says "and names the pack" "$(basename "$pack" | cut -d. -f1)"
touch "$work/before-healing"
expect "the next backup heals" 0 agent backup "$tree"
touch "$work/after-healing"
sed 's/^/# /' "$work/out" "$work/err"
expect "the new snapshot is sound" 0 agent verify
first=$(agent snapshots --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["snapshots"][-1]["id"])')
expect "so is the older one" 0 agent verify "$first"
expect "it restores" 0 agent restore "$first" --to "$work/healed"
equal "to what the folder was" "$work/tree.json" "$work/healed$tree"
expect "the recovery kit finds the sound copies as well" 0 \
    agent restore "$first" --to "$work/by-kit" --recovery-key "$kit" --packs "$data/blobs"
equal "to what the folder was, by the kit" "$work/tree.json" "$work/by-kit$tree"

stop_server
mv "$data/db" "$work/lost"
expect "the database is made anew" '0|20' admin rebuild-index
sed 's/^/# /' "$work/err" | tail -n 5
start_server
expect "every snapshot is there" 0 agent snapshots --json
check "both" test "$(grep -o '"sequence"' "$work/out" | wc -l)" = 2
expect "the oldest restores with the new database" 0 agent restore "$first" --to "$work/rebuilt"
equal "to what the folder was, again" "$work/tree.json" "$work/rebuilt$tree"

# The pack that healed is hit, and the first one mended: the check goes back to it by itself.
healing=$(find "$data/blobs" -type f -path '*/p/*' -newer "$work/before-healing" ! -newer "$work/after-healing" \
    -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
flip "$pack"
chmod u+w "$healing"
flip "$healing"
expect "damage to the copy is found" 20 admin check --read-data
says "and the index reads the other copy" '"repointed":[{'
expect "the oldest restores without a backup in between" 0 agent restore "$first" --to "$work/repointed"
equal "to what the folder was, once more" "$work/tree.json" "$work/repointed$tree"
expect "a backup goes on" 0 agent backup "$tree" --json
check "and sends next to nothing" test "$(summary sentBytes)" -lt 100000
