#!/usr/bin/env bash
# The agent for Windows, run by Wine: paths, names, attributes, times, and the way between Windows and Linux and back;
# then its MSI, with the token inside, and its service.
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

# failed NAME: what the log ends with is the reason.
failed() {
    not_ok "$1" "$work/log"
    exit 1
}

# Where the packages cannot be had there is no Windows. What fails after that has failed.
[[ $(uname -m) == x86_64 ]] || leave_out "Wine runs programs of 64-bit x86 here, and this processor is another"
bash -ec '. "$0/eng/prerequisites.sh"; need_to_run_windows; need_for_msi' "$root" >"$work/log" 2>&1 \
    || leave_out "$(last_line)"
if [[ $dist == "$root/dist" ]]; then
    "$root/build" --msi >"$work/log" 2>&1 || failed "the agent for Windows is built"
fi
[[ -f $dist/libzstd.dll ]] || failed "libzstd for Windows is built"
"$root/eng/wine-up" "$WINEPREFIX" >"$work/log" 2>&1 || failed "Wine starts"

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
        && windows enroll --server "$url" --token - --name pc-accueil --json <<<"$token"
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

# The MSI, from the portal's page to its removal. Its agent lives in C:\ProgramData\Beffroi.
readonly PROGRAM="$DISK/Program Files/Beffroi/beffroi.exe" HOME_OF_SERVICE=$DISK/ProgramData/Beffroi
readonly PASSWORD="le clocher sonne tard" PATIENCE_SECONDS=120
portal() { "$root/tests/scripts/portal_client.py" "$url" "$work/cookies" "$@"; }
msi() { timeout 300 "$WINE" msiexec "$1" "Z:${2//\//\\}" /qn "${@:3}"; }
installed() { timeout 120 "$WINE" 'C:\Program Files\Beffroi\beffroi.exe' "$@"; }
service_is() { "$WINE" sc query beffroi | grep -qa "$1"; }
daemon_runs() { installed status --json | grep -q '"daemon":'; }
evidence() { echo "$HOME_OF_SERVICE/State/service.log"; }

# Wine ends its services with the last program that is none: this one waits until the script ends.
mkfifo "$work/hold"
exec 9<>"$work/hold"
"$WINE" cmd <"$work/hold" >/dev/null 2>&1 &

stop_server
export BEFFROI__INSTALLERFOLDER=$dist/installers
start_server
admin create-user --email jeanne@example.fr --name "Jeanne Morel" --role referent --member "$member" \
    --password "$PASSWORD" >/dev/null
portal sign-in jeanne@example.fr "$PASSWORD"
page=$(portal add-device "Poste d'accueil" Windows)
expect "the portal hands out an MSI" 0 portal save "${page/\?/\/installateur?}" "$work/installer.msi"

# A folder of the agent that somebody else made first. For Wine, what is of another account of Linux is of ANONYMOUS
# LOGON, and what all may write is Everyone's.
here() { timeout 120 "$WINE" "$dist/beffroi.exe" "$@"; }
if [[ $(id -u) == 0 ]]; then
    planted=$HOME_OF_SERVICE/enrolment-pending
    mkdir "$HOME_OF_SERVICE"
    echo "https://ailleurs.example.fr bef1.planted" >"$planted"
    chown -R 12345 "$HOME_OF_SERVICE"
    run msi /i "$work/installer.msi"
    check "in somebody else's folder nothing is installed" test "$status" != 0 -a ! -e "$PROGRAM"
    expect "the request in it is not carried out" 1 here enroll
    says "and whose it is is said" 'ProgramData\Beffroi belongs to'
    chown 0 "$HOME_OF_SERVICE"
    expect "nor is somebody else's request in a folder that is not theirs" 1 here enroll
    says "and it is named" 'enrolment-pending belongs to'
    chown 0 "$planted"
    chmod 666 "$planted"
    expect "nor one that everybody may write" 1 here enroll
    says "and that is said" 'enrolment-pending may be changed by'
    mv "$HOME_OF_SERVICE" "$DISK/ailleurs"
    ln -s "$DISK/ailleurs" "$HOME_OF_SERVICE"
    expect "a link in the folder's place is not followed" 1 here enroll
    says "and is called so" "is a link to somewhere else"
    rm "$HOME_OF_SERVICE"
    check "the page still waits: the code is not spent" grep -q "Nous attendons" <(portal show "$page")
else
    skip "a folder of somebody else is refused" "only root gives folders to others"
fi
plain=$(ls "$dist"/installers/beffroi-*-x64.msi)
check "as long as the plain one" test "$(stat -c %s "$work/installer.msi")" = "$(stat -c %s "$plain")"
expect "it installs" 0 msi /i "$work/installer.msi"
check "the program" test -s "$PROGRAM"
check "and its library" test -s "${PROGRAM%/*}/libzstd.dll"
check "the page says that the computer has come" grep -q "est arriv" <(portal show "$page")
check "under the name that the portal gave" test "$(installed status --json | field name)" = "Poste d'accueil"
until_true "the service runs" service_is RUNNING
until_true "and the daemon in it" daemon_runs
expect "a backup by the installed agent succeeds" 0 installed backup 'C:\Mairie\large'
expect "the service stops when it is told" 0 "$WINE" sc stop beffroi
until_true "in order" grep -qa "was told to stop, and has stopped" "$HOME_OF_SERVICE/State/service.log"
until_true "and says so" service_is STOPPED
expect "the program goes" 0 msi /x "$work/installer.msi"
check "with its file" test ! -e "$PROGRAM"
check "and its service" bash -c "! '$WINE' sc query beffroi | grep -qa STATE"
check "and leaves the keys" test -s "$HOME_OF_SERVICE/enrolment.sealed"

rm "$HOME_OF_SERVICE/enrolment.sealed"
run msi /i "$work/installer.msi"
check "a used token installs nothing" test "$status" != 0 -a ! -e "$PROGRAM"
request="$url $(admin enrolment-token --member "$member" --name Atelier | field token)"
expect "the plain one takes a request from the command line" 0 msi /i "$plain" "BEFFROIREQUEST=$request"
check "and enrols with it" test "$(installed status --json | field name)" = Atelier
expect "and goes" 0 msi /x "$plain"

# Without an MSI: the program registers itself where it lies, if nobody else can replace it there.
mkdir -p "$DISK/Outils/beffroi"
cp "$dist/beffroi.exe" "$dist/libzstd.dll" "$DISK/Outils/beffroi/"
lying() { timeout 120 "$WINE" 'C:\Outils\beffroi\beffroi.exe' "$@"; }
# refused NAME MODE FILE TEXT: with that mode the program makes itself no service, and says TEXT.
refused() {
    chmod "$2" "$3"
    expect "$1" 1 lying run --install
    says "which is said" "$4"
    chmod 755 "$3"
}
refused "a folder in which everybody may write makes no service" 777 "$DISK/Outils/beffroi" \
    'C:\Outils\beffroi may be changed by'
refused "nor one that everybody may replace" 777 "$DISK/Outils" 'C:\Outils may be changed by'
refused "nor one with a library that everybody may write" 666 "$DISK/Outils/beffroi/libzstd.dll" \
    'holds libzstd.dll, which may be changed by'
check "there is none" bash -c "! '$WINE' sc query beffroi | grep -qa STATE"
expect "the program makes itself a service" 0 lying run --install
until_true "which runs" service_is RUNNING
expect "and takes it away again" 0 lying run --uninstall
