#!/usr/bin/env bash
# The agent for Windows, run by Wine: paths, names, attributes, times, and the way between Windows and Linux and back.
# slow
#
# What Wine 8 cannot do, and how this test goes on:
# - It has no winsqlite3.dll, and its ncrypt.dll knows no elliptic curves: eng/wine-up puts stand-ins there.
# - It makes no symbolic links (reparse points), no streams beside a file, and no volume snapshots: of these only
#   the messages are tested here.
# - It keeps hidden and system beside the file, the right to write instead of read-only, and of an access list only
#   what fits into a mode: lists are not compared.
# - Its disk holds no half of a surrogate pair, which NTFS does: WindowsNamesTests has those.
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
readonly TREE=$root/tests/scripts/wine/make_tree.py WINE=/usr/lib/wine/wine64
export WINEPREFIX=$work/wine WINEDEBUG=-all WINEDLLOVERRIDES="ncrypt=n;mscoree=;mshtml="
readonly DISK=$WINEPREFIX/drive_c

# leave_out REASON
leave_out() {
    skip "the agent for Windows runs under Wine" "$1"
    exit 0
}
last_line() { tail -n 1 "$work/log"; }
stop_wine() { /usr/lib/wine/wineserver64 -k 2>/dev/null; }
trap 'code=$?; stop_wine; (exit "$code"); clean_up' EXIT

if [[ $dist == "$root/dist" ]] && ! "$root/build" --windows >"$work/log" 2>&1; then
    leave_out "the agent for Windows cannot be built: $(last_line)"
fi
[[ -f $dist/libzstd.dll ]] || leave_out "libzstd for Windows cannot be built: $(last_line)"
"$root/eng/wine-up" "$WINEPREFIX" >"$work/log" 2>&1 || leave_out "there is no Wine: $(last_line)"

windows_home='C:\beffroi'
windows() { BEFFROI_HOME=$windows_home timeout 120 "$WINE" "$dist/beffroi.exe" "$@"; }
attributes() { "$WINE" cmd /c attrib "$@"; }
described() { "$TREE" describe "$1" >"$2"; }
# same NAME LEFT RIGHT: two descriptions.
same() { check "$1" diff "$2" "$3"; }
newest_snapshot() {
    python3 -c 'import json, sys; print(json.load(sys.stdin)["snapshots"][0]["id"])'
}

# enrol_windows [REPLACED]
enrol_windows() {
    local token
    token=$(admin enrolment-token --member "$member" ${1:+--replace "$1"} | field token) \
        && windows enroll --server "$url" --token "$token" --name pc-accueil --json
}

set_up
expect "a computer that is not enrolled is told so" 10 windows backup 'C:\Mairie'
expect "the agent for Windows enrols" 0 enrol_windows
expect "status answers" 0 windows status
says "it knows its computer" pc-accueil
check "the enrolment is sealed" test -z "$(grep -la 'signingKey' "$DISK"/beffroi/config/*)"

"$TREE" windows "$DISK/Mairie"
attributes +h 'C:\Mairie\hidden'
attributes +s 'C:\Mairie\system'
attributes +r 'C:\Mairie\read-only'
for letter in h s r; do attributes "+$letter" 'C:\Mairie\all three'; done
described "$DISK/Mairie" "$work/mairie"
check "Wine keeps attributes on this disk" grep -q "\['0x6', 'read-only'\] b'all three'" "$work/mairie"

sleep 2 # What changed just before it was read is read again.
expect "a backup succeeds" 0 windows backup 'C:\Mairie' --json
expect "a second one does, too" 0 windows backup 'c:\mairie\..\Mairie' --json
check "it reads no byte" test "$(summary readBytes)" = 0
check "and sends none" test "$(summary sentBytes)" = 0
expect "one that reads everything succeeds" 0 windows backup --read-all --json
check "it stores nothing new" test "$(summary newBytes)" = 0
expect "a restore succeeds" 0 windows restore latest --to 'C:\restored' --json
described "$DISK/restored/C%3A/Mairie" "$work/restored"
same "the restored folder is what it was" "$work/mairie" "$work/restored"
check "two names are one file again" test "$DISK/restored/C%3A/Mairie/text" -ef \
    "$DISK/restored/C%3A/Mairie/second name of text"
expect "the same restore again changes nothing" 0 windows restore latest --to 'C:\restored' --json
echo changed >"$DISK/restored/C%3A/Mairie/large"
expect "a restore onto changed files keeps them" 3 windows restore latest --to 'C:\restored'
check "the changed file is as it was" grep -qx changed "$DISK/restored/C%3A/Mairie/large"
expect "--overwrite succeeds, read-only files included" 0 windows restore latest --to 'C:\restored' --overwrite
described "$DISK/restored/C%3A/Mairie" "$work/restored"
same "and brings everything back" "$work/mairie" "$work/restored"
expect "one file alone is restored" 0 windows restore latest 'C:\Mairie\read-only' --to 'C:\one'
check "and nothing else" test "$(find "$DISK/one" -type f)" = "$DISK/one/C%3A/Mairie/read-only"

windows snapshots --json >"$work/snapshots"
first=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["snapshots"][-1]["id"])' "$work/snapshots")
attributes +h 'C:\Mairie\large'
echo new >"$DISK/Mairie/nouveau ☺.txt"
mkdir "$DISK/Mairie/brouillons"
echo left out >"$DISK/Mairie/brouillons/a"
echo left out >"$DISK/Mairie/B.TMP"
touch "$DISK/Mairie/a:b" "$DISK/Mairie/nul"
expect "names that no program of Windows can open are reported" 3 \
    windows backup --exclude 'c:\MAIRIE\Brouillons' --json
says "each with its reason" "'a:b' in C:/Mairie was left out: Windows itself can open nothing of that name"
check "and once" test "$(grep -c '"event":"problem"' "$work/out")" = 2
rm "$DISK/Mairie/a:b" "$DISK/Mairie/nul"
expect "diff compares snapshots" 0 windows diff "$first" latest
says "with the new file, in UTF-8" "+ /C:/Mairie/nouveau ☺.txt"
says "and the new attribute" "U /C:/Mairie/large"
check "and without what was excluded" test "$(grep -ci 'brouillons/\|tmp' "$work/out")" = 0
expect "ls lists a folder" 0 windows ls latest 'C:\Mairie'
says "with names of every script" "/C:/Mairie/日本語"
expect "ls lists all of it" 0 windows ls latest -r --json
check "each line is JSON" python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' "$work/out"
expect "verify finds the snapshot sound" 0 windows verify
expect "why names the rule" 0 windows why 'c:\mairie\brouillons\a' --exclude 'C:\Mairie\brouillons'
says "that keeps a folder out" "is left out"
expect "why knows what is kept" 0 windows why 'C:\Mairie\large'
says "and says so" "is backed up"
expect "why names a default rule" 0 windows why 'C:\windows\Temp'
says "of Windows" "/*/Windows/Temp/"
expect "the kit fits" 0 windows kit check "Z:${kit//\//\\}"
expect "a folder that is not there is named" 1 windows backup 'C:\Absent'
says "with what to do" 'C:\Absent does not exist'

if windows backup --help | grep -q -- --snapshot; then
    expect "a backup that must have a volume snapshot stops without" 1 windows backup 'C:\Mairie' --snapshot required
    says "and says why" "No snapshot of C: could be made (PowerShell answered nothing)"
    expect "one that may do without goes on" 0 windows backup 'C:\Mairie' --snapshot auto
fi

# From Windows to Linux.
packs=$data/blobs
windows_kit="Z:${kit//\//\\}" windows_packs="Z:${packs//\//\\}"
expect "Linux restores the snapshot with the kit, and says what it cannot keep" 3 \
    "$dist/beffroi" restore "$first" --to "$work/on-linux" --recovery-key "$kit" --packs "$packs" --json
says "in one sentence" "Windows attributes, security descriptors and streams cannot be kept on Linux"
check "which is the only problem" test "$(grep -c '"event":"problem"' "$work/out")" = 1
described "$work/on-linux/C:/Mairie" "$work/on-linux.list"
sed "s/'0x[0-9a-f]*'\(, \)\{0,1\}//; s/%43ON/CON/" "$work/mairie" | LC_ALL=C sort >"$work/expected"
LC_ALL=C sort "$work/on-linux.list" >"$work/found"
same "names, content, times and marks against writing are those of Windows" "$work/expected" "$work/found"
check "and only their owner gets in" test -z "$(find "$work/on-linux/C:" -perm /077)"

# From Linux to Windows, and back.
linux=$work/linux
"$TREE" linux "$linux/tree"
mkdir "$linux/odd"
echo one >"$linux/odd/Lisez-moi"
echo three >"$linux/odd/LISEZ-MOI"
ln -s ../tree/text "$linux/odd/link"
mkfifo "$linux/odd/pipe"
expect "Linux backs up names that Windows cannot have" 0 agent backup "$linux"
agent snapshots --json >"$work/snapshots"
snapshot=$(newest_snapshot <"$work/snapshots")
expect "Windows restores them with the kit, and says what it cannot keep" 3 \
    windows restore "$snapshot" --to 'C:\from-linux' --recovery-key "$windows_kit" --packs "$windows_packs"
says "pipes" "/odd/pipe: object: Windows has no pipes"
says "links, which Wine cannot make" "/odd/link: object: Windows refused it"
says "modes and owners" "Owners, modes and extended attributes of other systems cannot be kept on Windows"
says "and the second of two names that differ in case only" "exists in the target and differs"
there=$DISK/from-linux$linux
check "every name is one that Windows can have" python3 -c '
import os, re, sys
wrong = re.compile(rb"[<>:\"|?*\\\x00-\x1f]|[. ]$|^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$", re.IGNORECASE)
found = [name for _, folders, files in os.walk(os.fsencode(sys.argv[1])) for name in folders + files]
sys.exit(len(found) < 40 or [name for name in found if wrong.search(name)] or None)' "$there/tree"
expect "Windows backs up what it restored" 0 windows backup 'C:\from-linux'
windows snapshots --json >"$work/snapshots"
snapshot=$(newest_snapshot <"$work/snapshots")
expect "Linux restores that" 3 \
    "$dist/beffroi" restore "$snapshot" --to "$work/back" --recovery-key "$kit" --packs "$packs"
described "$linux/tree" "$work/tree"
described "$work/back/C:/from-linux$linux/tree" "$work/tree.back"
same "and every name is what it was at first" "$work/tree" "$work/tree.back"

# A Windows computer in the place of a lost one with Linux.
device=$(agent status --json | field device)
windows_home='C:\replacement'
expect "Windows enrols in the place of the Linux computer" 0 enrol_windows "$device"
expect "it has its snapshots" 0 windows snapshots --json
check "all of them" test "$(count_snapshots <"$work/out")" = 1
expect "and restores one of its files" 3 \
    windows restore latest "$linux/tree/CON" --to 'C:\replaced'
check "under a name that Windows can have" grep -qx "content of CON" "$DISK/replaced$linux/tree/%43ON"
expect "its backup goes on" 0 windows backup 'C:\replaced'
