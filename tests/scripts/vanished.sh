#!/usr/bin/env bash
# A source that is suddenly empty, or not there, is not taken for a change.
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

tree=$work/tree
mkdir "$tree"
for ((file = 0; file < 40; file++)); do echo "content $file" >"$tree/$file"; done
set_up
expect "a backup succeeds" 0 agent backup "$tree"
mv "$tree" "$work/unmounted"
expect "a path that does not exist is an error" 1 agent backup "$tree"
says "it names the path" "$tree does not exist"
says "and the code" BEF-1004
mkdir "$tree"
expect "an emptied source stops the backup" 1 agent backup "$tree"
says "with its code" BEF-1005
expect "so does a backup without paths" 1 agent backup
agent snapshots --json >"$work/snapshots.json"
check "no snapshot of the empty folder was taken" test "$(grep -o '"sequence"' "$work/snapshots.json" | wc -l)" = 1
expect "--allow-vanished takes it" 0 agent backup "$tree" --allow-vanished
expect "then it is normal" 0 agent backup "$tree"
rmdir "$tree"
mv "$work/unmounted" "$tree"
expect "files that come back are backed up" 0 agent backup "$tree"
expect "and restored" 0 agent restore latest --to "$work/to"
equal "as they were" "$tree" "$work/to$tree"
