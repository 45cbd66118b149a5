# Sourced by ./build, ./run, ./test and eng/ceph-up: installs what is missing, one line for each, and nothing twice.
# shellcheck shell=bash
#
# Debian and Ubuntu packages come through apt-get, as root or through sudo; the .NET SDK comes from Microsoft's own
# script where the system has none. A user without root needs nothing more once the packages are there.

readonly DOTNET_INSTALL_URL=https://dot.net/v1/dotnet-install.sh
readonly DOTNET_CHANNEL=10.0

say() { printf '%s\n' "$*"; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

has_command() { command -v "$1" >/dev/null 2>&1; }

# has_program NAME: as a file on PATH; 'kill' is a word of the shell too, which other programs cannot start.
has_program() { type -P "$1" >/dev/null; }

# has_library START: whether the loader knows a library whose file name starts so.
has_library() {
    local cache ldconfig=/sbin/ldconfig # Not on a plain user's PATH, but every user may read the cache.
    [[ -x $ldconfig ]] || ldconfig=ldconfig
    cache=$("$ldconfig" -p 2>/dev/null) || return 1
    [[ $cache == *"$1"* ]]
}

has_postgresql() {
    local initdb
    for initdb in /usr/lib/postgresql/*/bin/initdb; do
        [[ -x $initdb ]] && return 0
    done
    has_command initdb && has_command postgres
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif has_command sudo; then
        sudo "$@"
    else
        return 126
    fi
}

APT_IS_FRESH=''

# apt_install PACKAGES WHY: one package, or several parted by spaces.
apt_install() {
    local package=$1 why=$2 log
    local -a packages
    read -ra packages <<<"$package"
    has_command apt-get || fail "$package is missing ($why) and this system has no apt-get." \
        "Install it with your package manager, then run this again."
    ((EUID == 0)) || has_command sudo || fail "$package is missing ($why), and only root can install it." \
        "Run 'apt-get install $package' as root, then run this again as yourself."
    if [[ -z $APT_IS_FRESH ]]; then
        say "apt-get update"
        as_root apt-get update -qq || say "warning: apt-get update failed; trying with the lists that are there"
        APT_IS_FRESH=yes
    fi
    say "installing $package ($why)"
    log=$(mktemp)
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" \
        >"$log" 2>&1; then
        cat "$log" >&2
        fail "apt-get could not install $package. Its message is above."
    fi
    rm -f "$log"
}

# Debian's package would start a cluster of its own; the server starts a private one in its data folder instead.
install_postgresql() {
    local settings=/etc/postgresql-common/createcluster.conf
    has_command pg_ctlcluster || apt_install postgresql-common "settings for the next one"
    if [[ -f $settings ]] && ! grep -q '^create_main_cluster *= *false' "$settings"; then
        say "telling Debian's PostgreSQL not to start a cluster of its own"
        as_root sed -i '/^#* *create_main_cluster/d; 1i create_main_cluster = false' "$settings"
    fi
    apt_install postgresql "the server's private database"
}

dotnet_is_enough() { [[ $("$1" --list-sdks 2>/dev/null) =~ (^|$'\n')10\.0\.[1-9][0-9][0-9] ]]; }

# Puts a .NET SDK 10.0.100 or later on PATH: the system's, one installed before, or a new one. For root the new one goes
# where every user can read it.
find_or_install_dotnet() {
    local folder target=$HOME/.dotnet script
    for folder in "${DOTNET_ROOT:-}" "$(dirname "$(command -v dotnet || true)")" "$HOME/.dotnet" \
        /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
        if [[ -x $folder/dotnet ]] && dotnet_is_enough "$folder/dotnet"; then
            use_dotnet "$folder"
            return
        fi
    done

    ((EUID == 0)) && target=/usr/local/share/dotnet
    has_command curl || apt_install curl "to fetch the .NET SDK"
    [[ -d /etc/ssl/certs ]] || apt_install ca-certificates "to fetch the .NET SDK"
    say "installing the .NET SDK $DOTNET_CHANNEL into $target ($DOTNET_INSTALL_URL)"
    script=$(mktemp)
    # Written from Microsoft's documentation; the machine it was written on could not reach that address to try it.
    curl -fsSL "$DOTNET_INSTALL_URL" -o "$script" || fail "$DOTNET_INSTALL_URL cannot be reached." \
        "Install the .NET SDK $DOTNET_CHANNEL yourself (dotnet.microsoft.com), then run this again."
    (umask 022 && bash "$script" --channel "$DOTNET_CHANNEL" --install-dir "$target" --no-path >/dev/null) \
        || fail "Microsoft's script could not install the .NET SDK. Its message is above."
    rm -f "$script"
    dotnet_is_enough "$target/dotnet" || fail "The SDK in $target is older than 10.0.100; update it."
    use_dotnet "$target"
}

# use_dotnet FOLDER
use_dotnet() {
    local real
    real=$(dirname "$(readlink -f "$1/dotnet")")
    export DOTNET_ROOT=$real DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
    [[ :$PATH: == *:$1:* ]] || PATH=$1:$PATH
    # The SDK refuses to start without ICU unless told that no culture but the invariant one is wanted.
    has_library libicuuc || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
}

need_to_build() {
    has_library libssl.so.3 || apt_install openssl "TLS and AES for .NET"
    has_library libstdc++.so.6 || apt_install libstdc++6 ".NET is written in C++"
    has_program npm || apt_install "nodejs npm" "style sheets and scripts of the portal"
    find_or_install_dotnet
}

need_to_run() {
    need_to_build
    has_library libzstd.so.1 || apt_install libzstd1 "compression"
    has_library libsqlite3.so.0 || apt_install libsqlite3-0 "the agent's cache"
    [[ -e /usr/share/zoneinfo/Europe/Paris ]] || apt_install tzdata "the hour in France"
    has_command python3 || apt_install python3 "demonstration files and their comparison"
    has_postgresql || install_postgresql
}

# A mail server for the tests that hand mails to one, which start it on a port of their own. Without configuration, so
# that Debian starts none; and not where another one is, which the package would replace: those tests are left out then.
install_postfix() {
    [[ -e /usr/sbin/sendmail ]] && return
    echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections
    apt_install postfix "a real mail server for tests"
}

# What tests and their scripts start beyond what every Debian has: each program, its package, and who starts it.
need_to_test() {
    need_to_run
    has_program shellcheck || apt_install shellcheck "a test of these scripts"
    has_program faketime || apt_install faketime "tests/scripts/clock.sh"
    has_program openssl || apt_install openssl "files that neither compress nor repeat, for the fault tests"
    has_program awk || apt_install mawk "tests/scripts/agent-kill.sh"
    has_program chromium || apt_install chromium "tests of the portal in a browser"
    has_program kill || apt_install procps "tests that end a server as an operator does"
    has_program mount || apt_install mount "tests of full disks"
    has_program postfix || install_postfix
}

# Services of other people that sign in with the portal. Nothing but tests/scripts/oidc.sh wants them.
need_sign_on_peers() {
    has_program node || apt_install "nodejs npm" "runs openid-client and oidc-provider"
    has_program curl || apt_install curl "asks for what must not be"
    [[ -x /usr/sbin/apache2 ]] || apt_install apache2-bin "a service that signs in with the portal"
    [[ -e /usr/lib/apache2/modules/mod_auth_openidc.so ]] \
        || apt_install libapache2-mod-auth-openidc "a service that signs in with the portal"
}

# A directory that tests/scripts/ldap.sh starts on ports of its own. Without configuration, so that Debian starts none.
install_slapd() {
    echo 'slapd slapd/no_configuration boolean true' | as_root debconf-set-selections
    apt_install slapd "a real directory for tests/scripts/ldap.sh"
}

need_directory() {
    [[ -x /usr/sbin/slapd ]] || install_slapd
    has_program ldapsearch || apt_install ldap-utils "asks the directory what is in it"
    has_program openssl || apt_install openssl "certificates of the directory"
}

readonly CEPH_PROGRAMS=(ceph ceph-mon ceph-mgr ceph-osd radosgw radosgw-admin monmaptool curl)
readonly CEPH_PACKAGES=(ceph-mon ceph-mgr ceph-osd radosgw ceph-common curl)

# A real S3 store. Nothing but tests/scripts/s3.sh wants it, so it is not installed before that.
need_ceph() {
    local program started=$SECONDS
    for program in "${CEPH_PROGRAMS[@]}"; do
        has_program "$program" && continue
        say "$program is missing: Ceph is about 75 MB to download and 290 MB on the disk, and takes a minute or two"
        apt_install "${CEPH_PACKAGES[*]}" "a real S3 store for tests/scripts/s3.sh"
        say "installed Ceph in $((SECONDS - started)) s"
        return
    done
}

# What ./build --windows needs beside the SDK.
need_for_windows() {
    has_command x86_64-w64-mingw32-gcc || apt_install gcc-mingw-w64-x86-64-win32 "libzstd for Windows"
    has_command dpkg-source || apt_install dpkg-dev "to unpack the source of libzstd"
}

# What ./build --msi needs beside that.
need_for_msi() { has_command wixl || apt_install wixl "packs the agent for Windows"; }

readonly WINE=/usr/lib/wine/wine64 # The package 'wine', which would put it on PATH, wants the 32-bit half too.

need_to_run_windows() {
    need_for_windows
    [[ -x $WINE ]] || apt_install wine64 "runs the agent for Windows; 105 MB to fetch, 700 MB on the disk"
}
