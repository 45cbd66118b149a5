#!/usr/bin/env bash
# slow
# The package for Debian, from the portal's page to its purge: the one command, the installer with the code inside,
# tokens that work no more, a backup, an upgrade, removal.
#
# dpkg works on a folder of its own and runs the package's scripts without chroot (DPKG_ROOT): nothing of this computer
# is changed, and no service starts. In the place of apt-get, systemctl and the installed program stand small scripts
# that lead there.
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

if [[ $(uname -m) != x86_64 ]]; then
    skip "the package installs the agent" "packages are for 64-bit x86"
    exit 0
fi
if [[ $dist == "$root/dist" ]] && ! "$root/build" --deb >"$work/out" 2>"$work/err"; then
    not_ok "the package is built" "$work/out" "$work/err"
    exit 1
fi
deb=$(ls "$dist"/installers/beffroi_*_amd64.deb)
readonly deb scratch=$work/scratch shelf=$work/shelf

# dpkg on the folder of its own. The agent that it installs lives in $home.
to_scratch() {
    BEFFROI_HOME=$home dpkg --root="$scratch" --log=/dev/null --force-not-root --force-script-chrootless \
        --force-depends --force-bad-path "$@"
}

# make_scratch: an empty system, and the programs that the command of the page calls.
make_scratch() {
    rm -rf "$scratch" "$home" "${work:?}/bin"
    mkdir -p "$scratch/var/lib/dpkg/"{info,updates,triggers} "$home" "$work/bin"
    : >"$scratch/var/lib/dpkg/status"
    : >"$scratch/var/lib/dpkg/available"
    cat >"$work/bin/apt-get" <<STUB
#!/usr/bin/env bash
[[ \$* == "install -y "*.deb ]] || exit 9
$(declare -f to_scratch)
$(declare -p home scratch)
to_scratch -i "\${@: -1}"
STUB
    printf '#!/bin/sh\necho "$@" >>"%s/systemctl"\n' "$work" >"$work/bin/systemctl"
    # It notes the processes whose arguments hold the code, of which it would be one itself.
    cat >"$work/bin/beffroi" <<STUB
#!/bin/sh
grep -alF -f "$work/code" /proc/[0-9]*/cmdline >>"$work/seen" 2>/dev/null
exec "$scratch/usr/bin/beffroi" "\$@"
STUB
    printf '#!/bin/sh\necho 0\n' >"$work/bin/id" # The script asks whether root runs it.
    chmod +x "$work/bin/"*
}

# at_computer COMMAND…: with those programs.
at_computer() { BEFFROI_HOME=$home PATH=$work/bin:$PATH "$@"; }
installed() { BEFFROI_HOME=$home "$scratch/usr/bin/beffroi" "$@"; }

# portal ACT…: the portal as a browser without script sees it (below).
portal() { "$root/tests/scripts/portal_client.py" "$url" "$work/cookies" "$@"; }

# new_code NAME: asks the portal for one, leaves its page in $page, it in $work/code, the command in $work/command.
new_code() {
    page=$(portal add-device "$1" Linux) && portal text "$page" command >"$work/command" \
        && portal text "$page" code >"$work/code"
}
# paste: the command, and then the code that it asks for.
paste() { at_computer bash "$work/command" <"$work/code"; }

cp -r "$(dirname "$deb")" "$shelf"
export BEFFROI__INSTALLERFOLDER=$shelf
start_server
create_member "$SIRET" 2>/dev/null
admin create-user --email jeanne@example.fr --name "Jeanne Morel" --role referent --member "$member" \
    --password "le clocher sonne tard" >/dev/null
portal sign-in jeanne@example.fr "le clocher sonne tard"
make_scratch
"$root/scripts/make_town_hall.py" "$work/hall"
record "$work/hall" "$work/hall.json"

check "the package names its version and what it needs" bash -c \
    "dpkg-deb -f '$deb' Version Depends | grep -q libsqlite3-0"
check "everything in it is root's" bash -c "! dpkg-deb -c '$deb' | grep -v ' root/root '"

# The one line of the page.
new_code "Poste d'accueil"
expect "the command of the page installs and enrols" 0 paste
check "the command itself has no code, which shells would keep" bash -c "! grep -F 'bef1.' '$work/command'"
check "no process shows the code in its arguments" test ! -s "$work/seen"
at_computer beffroi --help "$(<"$work/code")" >/dev/null
check "which would have been seen" test -s "$work/seen"
check "under the name that the portal gave" test "$(installed status --json | field name)" = "Poste d'accueil"
check "it asks for the service" grep -qx "restart beffroi" "$work/systemctl"
check "and the page says that the computer has come" grep -q "est arriv" <(portal show "$page")
check "the unit is in its place" test -f "$scratch/usr/lib/systemd/system/beffroi.service"
check "and is to start with the computer" \
    test -L "$scratch/etc/systemd/system/multi-user.target.wants/beffroi.service"
expect "a backup succeeds" 0 installed backup "$work/hall"

# An upgrade and a removal keep the enrolment, a purge does not.
"$root/eng/make-deb" "$dist/beffroi" 99.0.0 "$work/newer.deb"
expect "an upgrade succeeds" 0 to_scratch -i "$work/newer.deb"
check "the new one is there" grep -q "^Version: 99.0.0" <(to_scratch -s beffroi)
expect "and is the same computer" 0 installed verify latest
expect "the package goes" 0 to_scratch -r beffroi
check "with its program" test ! -e "$scratch/usr/bin/beffroi"
check "and leaves the keys" test -s "$home/config/enrolment.json"
expect "it comes back" 0 to_scratch -i "$deb"
expect "as the same computer" 0 installed restore latest --to "$work/restored"
equal "and brings everything back" "$work/hall.json" "$work/restored$work/hall"
expect "a purge asks nothing" 0 to_scratch -P beffroi </dev/null
check "and leaves neither keys nor cache" test ! -e "$home/config" -a ! -e "$home/state"
check "nor anything else of it" test -z "$(find "$scratch" -name '*beffroi*')"

# What comes over the network is checked before it runs.
make_scratch
new_code "Cantine"
echo damaged >>"$shelf/$(basename "$deb")"
expect "a package that is not what the page showed is not installed" 1 paste
check "and nothing was enrolled" test ! -e "$home/config"
cp "$deb" "$shelf"

# The installer with the code inside.
expect "the installer is handed out" 0 portal save "${page/\?/\/installateur?}" "$work/installer.sh"
expect "it installs and enrols" 0 at_computer sh "$work/installer.sh"
says "and says as what" "Cantine"
check "the code is nowhere any more" test ! -e "$home/config/enrolment-pending"
expect "the same one again leaves the computer as it is" 0 at_computer sh "$work/installer.sh"
says "and says so" "is enrolled already and stays so"
make_scratch
expect "on a second computer it is refused" 10 at_computer sh "$work/installer.sh"
says "because it was used" "has been used; each works once"
make_scratch
{ cat "$work/installer.sh" && echo x; } >"$work/damaged.sh"
expect "a damaged one installs nothing" 1 at_computer sh "$work/damaged.sh"
says "and says so" "The download is damaged"

# A folder that somebody else made first, or may write to.
if [[ $(id -u) == 0 ]]; then
    new_code "Mairie annexe"
    portal save "${page/\?/\/installateur?}" "$work/installer.sh"
    make_scratch
    install -d -m 755 -o 12345 "$home/config"
    expect "an installer enrols nothing in a folder of somebody else" 1 at_computer sh "$work/installer.sh"
    says "and says whose it is" "config belongs to account 12345"
    check "the code is not spent" grep -q "Nous attendons le poste" <(portal show "$page")
    chown 0 "$home/config"
    chown 12345 "$home/config/enrolment-pending"
    expect "nor by a request that somebody else left" 1 installed enroll
    says "and says so" "enrolment-pending belongs to account 12345"
    chown 0 "$home/config/enrolment-pending"
    expect "once all is root's the computer enrols" 0 installed enroll
    chmod 666 "$home/config/enrolment.json"
    expect "keys that others may write are not used" 1 installed status
    says "and what to do is said" "chmod 600"
else
    skip "a folder of somebody else is refused" "only root gives folders to others"
fi

# Codes that work no more.
new_code "Bibliothèque"
portal revoke "$page"
make_scratch
expect "a revoked code fetches nothing" '4|6|8' paste
run agent enroll --server "$url" --token - <"$work/code"
check "and enrols nobody" test "$status" = 12
says "with the reason" "was revoked on"

# A server that is away: the request waits, and the service carries it out.
new_code "Atelier"
token=$(<"$work/code")
stop_server
home=$work/later
expect "an installer goes through without the server" 0 agent enroll --later "$url $token"
check "only its owner reads the code" test "$(stat -c %a "$home/config/enrolment-pending")" = 600
run timeout 120 "$dist/beffroi" run
start_server
BEFFROI_HOME=$home "$dist/beffroi" run >"$work/daemon" 2>&1 &
daemon=$!
for _ in $(seq 60); do grep -q "works by no plan" "$work/daemon" && break; sleep 1; done
kill -TERM "$daemon"
wait "$daemon"
check "the service enrols once the server is back" grep -q "'Atelier' is now a device" "$work/daemon"
check "and keeps no code" test ! -e "$home/config/enrolment-pending"

# Behind a proxy, with the public address that is set.
stop_server
export BEFFROI__BEHINDPROXY=true BEFFROI__PORTAL__PUBLICURL=https://portail.example.fr
start_server
portal sign-in jeanne@example.fr "le clocher sonne tard"
new_code "Derrière"
check "the command has the public address" grep -q "wget -q -O [^ ]* 'https://portail.example.fr/installeurs/" \
    "$work/command"
check "for the agent, too" grep -q -- "--server 'https://portail.example.fr'" "$work/command"
