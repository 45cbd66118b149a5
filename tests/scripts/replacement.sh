#!/usr/bin/env bash
# A new computer takes the place of a lost one, with its snapshots; the lost one is shut out; no other token does that.
# slow
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

tree=$work/tree
mkdir "$tree"
for file in a b c; do head -c 300000 /dev/urandom >"$tree/$file"; done
"$root/scripts/make_town_hall.py" "$tree/hall"
record "$tree" "$work/tree.json"
set_up
lost_home=$home lost_member=$member
expect "the old computer backs up" 0 agent backup "$tree"
device=$(admin list-devices --member "$lost_member" \
    | python3 -c 'import json, sys; print(json.load(sys.stdin)["devices"][0]["deviceId"])')

# use TOKEN HOME: enrols with that token as a computer of its own.
use() {
    home=$2
    run agent enroll --server "$url" --token "$1" --name remplacant
}

create_member "$OTHER_SIRET"
other_member=$member
run admin enrolment-token --member "$other_member" --replace "$device"
check "another member gets no token for this device" test "$status" = 1
says "as if there were none" BEF-4014
stranger=$(admin enrolment-token --member "$other_member" | field token)
use "$stranger" "$work/stranger"
expect "a computer of another member enrols" 0 agent status
expect "it lists snapshots" 0 agent snapshots --json
check "and sees none" test "$(count_snapshots <"$work/out")" = 0
expect "it cannot restore those of the lost computer" '1|10|12|20' agent restore latest --to "$work/stranger-to"
check "nothing was restored" test ! -e "$work/stranger-to$tree/a"

member=$lost_member
plain=$(admin enrolment-token --member "$member" | field token)
use "$plain" "$work/colleague"
expect "a new computer of the same member lists snapshots" 0 agent snapshots --json
check "and sees none without --replace" test "$(count_snapshots <"$work/out")" = 0

token=$(admin enrolment-token --member "$member" --replace "$device" | field token)
wrong=$(python3 -c '
import sys
token = sys.argv[1]
middle = len(token) // 2
print(token[:middle] + ("a" if token[middle] != "a" else "b") + token[middle + 1:])' "$token")
use "$wrong" "$work/wrong"
check "a wrong token is refused" test "$status" != 0
says "with its code" BEF-4001
home=$lost_home
expect "until the token is used, the old computer works" 0 agent backup "$tree"

use "$token" "$work/new"
check "the new computer enrols in the place of the lost one" test "$status" = 0
expect "it lists the snapshots" 0 agent snapshots --json
check "all of the lost computer's" test "$(count_snapshots <"$work/out")" = 2
first=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["snapshots"][-1]["id"])' <"$work/out")
for snapshot in "$first" latest; do
    expect "it restores $snapshot" 0 agent restore "$snapshot" --to "$work/to-$snapshot"
    equal "as the folder was" "$work/tree.json" "$work/to-$snapshot$tree"
done
echo changed >"$tree/new"
expect "it backs up as the same device" 0 agent backup "$tree" --json
check "and need not send again what all of the member's computers share" \
    test "$(summary sentBytes)" -lt "$(du -sb "$tree" | cut -f1)"
expect "its snapshots go on" 0 agent snapshots --json
check "after those of the lost computer" test "$(count_snapshots <"$work/out")" = 3

home=$lost_home
expect "the old computer's backup is refused" 12 agent backup "$tree"
says "with its code" BEF-4004
says "and the reason" "another computer has taken its place"
expect "it reads nothing any more" 12 agent restore latest --to "$work/lost-to"
check "nothing came out" test ! -e "$work/lost-to$tree/a"

use "$token" "$work/again"
check "the used token is refused to a third computer" test "$status" != 0
says "with its code, too" BEF-4002
run admin revoke-device --device "$device" --reason "volé"
home=$work/new
expect "a revoked device is refused" 12 agent backup "$tree"
says "with the code for that" BEF-4005
