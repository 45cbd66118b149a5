#!/usr/bin/env bash
# Every odd thing that a folder can hold comes back as it was, and each command answers with the exit code it promises.
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

source=$work/source
"$root/tests/scripts/make_zoo.py" "$source"
record "$source/zoo" "$work/zoo.json"
"$root/tests/scripts/make_zoo.py" --describe "$source" >"$work/odd"
set_up

expect "a backup of the zoo succeeds" 0 agent backup "$source" --no-default-excludes --json
expect "a restore of the zoo brings all but the socket" 0 agent restore latest --to "$work/to" --json
check "the socket is counted" test "$(summary sockets)" = 1
check "there is no problem" test "$(grep -c '"event":"problem"' "$work/out")" = 0
rm -f "$source/zoo/socket"
touch -d "$(stat -c %y "$work/to$source/zoo")" "$source/zoo"
python3 - "$work/zoo.json" <<'PYTHON'
import json, sys
with open(sys.argv[1], encoding="utf-8", errors="surrogateescape") as file:
    entries = json.load(file)
del entries["socket"]
with open(sys.argv[1], "w", encoding="utf-8", errors="surrogateescape") as file:
    json.dump(entries, file)
PYTHON
equal "the restored zoo is what it was, socket apart" "$work/zoo.json" "$work/to$source/zoo"
"$root/tests/scripts/make_zoo.py" --describe "$work/to$source" >"$work/odd.restored"
check "paths beyond 4096 bytes and 10 GiB of holes come back" diff "$work/odd" "$work/odd.restored"

expect "a second backup succeeds" 0 agent backup "$source" --no-default-excludes --json
check "it reads no byte" test "$(summary readBytes)" = 0
expect "a backup that reads everything succeeds" 0 agent backup "$source" --no-default-excludes --read-all --json
check "it stores next to nothing" test "$(summary newBytes)" -lt 100000

expect "verify finds the snapshot sound" 0 agent verify latest
expect "snapshots lists them" 0 agent snapshots --json
check "all three" test "$(count_snapshots <"$work/out")" = 3
first=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["snapshots"][-1]["id"])' <"$work/out")
expect "ls lists all of it" 0 agent ls latest -r --json
check "each line is JSON" python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' "$work/out"
expect "ls of one folder works" 0 agent ls latest "$source/zoo/elsewhere"
says "it names the file" "third name"
expect "ls of nothing fails" 1 agent ls latest /nowhere
expect "an unknown snapshot fails" 1 agent ls 0123456789abcdef
says "and says so" BEF-1008
expect "diff of two snapshots works" 0 agent diff "$first" latest
says "the lost socket is in it" "- $source/zoo/socket"
check "nothing else is" test "$(grep -cF "$source/" "$work/out")" = 1
expect "why answers" 0 agent why "$source/zoo/empty"
expect "status answers" 0 agent status
expect "the kit fits" 0 agent kit check "$kit"
expect "no argument is a wrong usage" 2 agent restore
expect "a device that is not enrolled is told so" 10 env BEFFROI_HOME="$work/nobody" "$dist/beffroi" backup "$source"

kept=$work/to$source/zoo/attributes
echo changed >"$kept"
expect "a restore onto changed files keeps them" 3 agent restore latest --to "$work/to"
check "the changed file is as it was" grep -qx changed "$kept"
expect "--overwrite succeeds" 0 agent restore latest --to "$work/to" --overwrite
equal "--overwrite brings everything back" "$work/zoo.json" "$work/to$source/zoo"

mkdir -p "$work/outside" "$work/planted$source/zoo"
ln -s "$work/outside" "$work/planted$source/zoo/elsewhere"
ln -s "$work/outside/file" "$work/planted$source/zoo/empty"
for option in '' --overwrite; do
    expect "a restore into a folder with planted links ends" '0|1|3' \
        agent restore latest "$source/zoo" --to "$work/planted" ${option:+"$option"}
    check "nothing was written through them ${option:-without --overwrite}" test -z "$(ls -A "$work/outside")"
done

if ((EUID == 0)) && setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$dist/beffroi"; then
    mkdir "$work/nobody's" "$work/nobody's/tree"
    echo seen >"$work/nobody's/tree/readable"
    echo hidden >"$work/nobody's/tree/unreadable"
    chmod 600 "$work/nobody's/tree/unreadable"
    mkdir -m 700 "$work/nobody's/tree/closed"
    mkdir "$work/nobody's/home"
    chown 65534:65534 "$work/nobody's/home"
    dist_as_nobody() {
        BEFFROI_HOME="$work/nobody's/home" setpriv --reuid=65534 --regid=65534 --clear-groups "$dist/beffroi" "$@"
    }
    token=$(admin enrolment-token --member "$member" | field token)
    expect "an ordinary user enrols" 0 dist_as_nobody enroll --server "$url" --token "$token" --name ordinaire
    expect "an ordinary user's backup names what it may not read" 3 dist_as_nobody backup "$work/nobody's/tree"
    says "the file" "tree/unreadable"
    says "the folder" "tree/closed"
    mkdir "$work/nobody's/to"
    chown 65534 "$work/nobody's/to"
    expect "an ordinary user restores the rest" '0|3' dist_as_nobody restore latest --to "$work/nobody's/to"
    check "it is right" cmp "$work/nobody's/tree/readable" "$work/nobody's/to$work/nobody's/tree/readable"
else
    skip "an ordinary user's backup names what it may not read" "only root can become an ordinary user"
fi
