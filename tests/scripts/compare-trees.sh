#!/usr/bin/env bash
# The comparison that judges a restore finds each thing that a restore can get wrong.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scripts/make_town_hall.py "$work/hall"
scripts/compare_trees.py --record "$work/hall" "$work/hall.json" >/dev/null

# finds NAME PATTERN COMMAND…: after COMMAND has spoilt a copy, in that copy, the comparison reports PATTERN.
finds() {
    local name=$1 pattern=$2 output status=0
    shift 2
    rm -rf "$work/copy"
    cp -a "$work/hall" "$work/copy"
    (cd "$work/copy" && "$@")
    output=$(scripts/compare_trees.py "$work/hall.json" "$work/copy") || status=$?
    if [[ $status == 1 && $output == *"$pattern"* ]]; then
        echo "ok a comparison finds $name"
    else
        echo "not ok a comparison finds $name"
        printf '%s\n' "$output" | sed 's/^/# /'
    fi
}

spoil_byte() { printf 'X' | dd of="$1" bs=1 seek=100 conv=notrunc status=none; }
fill_holes() { cp --sparse=never "$1" ../filled && cp --sparse=never -p ../filled "$1"; }
break_link() { cp -p "$1" ../single && mv ../single "$1"; }

if scripts/compare_trees.py "$work/hall.json" "$work/hall" >/dev/null; then
    echo "ok a folder equals itself"
else
    echo "not ok a folder equals itself"
fi
finds "a missing file" "Divers/vide.txt: is missing" rm Divers/vide.txt
finds "a file too many" "Divers/new: was not there before" touch Divers/new
finds "a changed byte" "archive.mbox: content" spoil_byte Messagerie/archive.mbox
finds "a changed mode" "sauvegarde.sh: mode" chmod 600 Divers/sauvegarde.sh
finds "a changed time" "archive.mbox: modified" touch -d @1234567890.123456789 Messagerie/archive.mbox
finds "a changed time of a folder" "Photos: modified" touch Photos
finds "a changed target" "lien mort: target" ln -sfn ailleurs "Divers/lien mort"
finds "a hard link that became a copy" "hard links" break_link "Divers/même délibération.txt"
finds "filled holes" "holes were filled" fill_holes "Divers/disque virtuel.img"

if ! python3 -c 'import os, sys; os.setxattr(sys.argv[1], b"user.a", b"b")' "$work/hall" 2>/dev/null; then
    echo "ok a comparison finds an extended attribute # SKIP this file system has none"
else
    scripts/compare_trees.py --record "$work/hall" "$work/hall.json" >/dev/null
    finds "a lost extended attribute" ".: extended attributes" \
        python3 -c 'import os; os.removexattr(".", b"user.a")'
fi
