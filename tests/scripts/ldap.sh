#!/usr/bin/env bash
# People are listed in a real directory, Debian's OpenLDAP: made, changed, shut and reopened, while it is away, while
# its certificate is nobody's, and beside entries that are somebody else's.
# slow
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
# shellcheck source=eng/prerequisites.sh
. "$root/eng/prerequisites.sh"
readonly PATIENCE_SECONDS=150 # The job runs every minute, and waits a minute after a refusal.
readonly BASE=dc=clocher,dc=example BIND=cn=portail,dc=clocher,dc=example SECRET='le bourdon, à minuit'
readonly PASSWORD='le clocher sonne tard' EMAIL=jeanne.morel@arvigny.example
readonly PEOPLE="ou=people,$BASE" FORMER="ou=former,$BASE"
directory_pid=''

stop_directory() {
    [[ -n $directory_pid ]] || return 0
    kill "$directory_pid" 2>/dev/null || true
    wait "$directory_pid" 2>/dev/null || true
    directory_pid=''
}
trap 'stop_directory; clean_up' EXIT

(need_directory) >"$work/err" 2>&1 || {
    skip "people are listed in a directory" "OpenLDAP cannot be installed here: $(tail -n 1 "$work/err")"
    exit 0
}

# A name of this computer that is not plainly its loopback: StartTLS is demanded of it.
here=$(hostname)
getent hosts "$here" >/dev/null || here=''
plain_port=$(free_port) tls_port=$(free_port) named_port=$(free_port)
readonly here plain_port tls_port named_port

# make_certificate NAME: an authority in NAME-ca.pem, and a certificate of it for this computer in NAME.pem, NAME.key.
make_certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1 authority" -keyout "$work/$1-ca.key" \
        -out "$work/$1-ca.pem" && openssl req -newkey rsa:2048 -nodes -subj "/CN=127.0.0.1" -keyout "$work/$1.key" \
        -out "$work/$1.csr" && openssl x509 -req -days 2 -in "$work/$1.csr" -CA "$work/$1-ca.pem" \
        -CAkey "$work/$1-ca.key" -CAcreateserial -out "$work/$1.pem" \
        -extfile <(echo "subjectAltName=IP:127.0.0.1${here:+,DNS:$here}")
}

write_settings() {
    cat <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $work/ldap/pid
TLSCertificateFile $work/$1.pem
TLSCertificateKeyFile $work/$1.key
database mdb
suffix $BASE
rootdn cn=admin,$BASE
rootpw admin
directory $work/ldap/db
index objectClass,uid,employeeNumber eq
access to attrs=userPassword by anonymous auth by * none
access to dn.exact="$BASE" attrs=children by dn.exact="$BIND" write by * read
access to dn.regex="^(.+,)?ou=(people|former),$BASE\$" by dn.exact="$BIND" write by * read
access to * by * read
CONF
}

# start_directory CERTIFICATE
start_directory() {
    write_settings "$1" >"$work/ldap/slapd.conf"
    # A copy of the program: Ubuntu's AppArmor keeps the one in /usr/sbin to its own folders.
    "$work/ldap/slapd" -f "$work/ldap/slapd.conf" -d 256 \
        -h "ldap://127.0.0.1:$plain_port ldaps://127.0.0.1:$tls_port${here:+ ldap://$here:$named_port}" \
        >>"$work/ldap/log" 2>&1 &
    directory_pid=$!
    wait_until 30 ldapsearch -x -H "ldap://127.0.0.1:$plain_port" -s base -b "$BASE" dn
}
evidence() { echo "$work/ldap/log"; }

# look PLACE FILTER [ATTRIBUTE…]: what the directory answers to anybody.
look() { ldapsearch -x -LLL -o ldif-wrap=no -H "ldap://127.0.0.1:$plain_port" -b "$1" "${@:2}"; }
as_admin() { "$1" -x -D "cn=admin,$BASE" -w admin -H "ldap://127.0.0.1:$plain_port" "${@:2}"; }

# Accounts are told now, unless the server's own job is at it, which does the same.
tell() { admin run-provisioning >"$work/told" 2>&1; }

# has_lines PLACE FILTER LINE…: the directory answers with one entry, which has these lines.
has_lines() {
    local line
    look "$1" "$2" '*' >"$work/entry" && [[ $(grep -c '^dn:' "$work/entry") == 1 ]] || return 1
    for line in "${@:3}"; do grep -qxF -- "$line" "$work/entry" || return 1; done
}
# shows NAME PLACE FILTER LINE…
shows() {
    tell
    if wait_until 20 has_lines "${@:2}"; then ok "$1"; else not_ok "$1" "$work/entry" "$work/told" "$work/ldap/log"; fi
}

has_nobody() { look "$1" "$2" dn >"$work/entry" && [[ ! -s $work/entry ]]; }
# nobody NAME PLACE FILTER: no entry.
nobody() {
    tell
    if wait_until 20 has_nobody "${@:2}"; then ok "$1"; else not_ok "$1" "$work/entry" "$work/told"; fi
}

# set_directory ADDRESS [PASSWORD]
set_directory() {
    printf '%s\n' "${2:-$SECRET}" | admin set-provisioning --service "$service" --address "$1" --bind-dn "$BIND" \
        --password -
}
waits_for() { admin list-provisioning --service "$service" | tee "$work/out" | grep -qaF -- "$1"; }
# waits NAME REASON: nobody is taken, and the administrator sees why.
waits() {
    tell
    if wait_until 20 waits_for "$2"; then ok "$1"; else not_ok "$1" "$work/out" "$work/told"; fi
}
count_signed_in() { grep -cF "BIND dn=\"$BIND\" mech" "$work/ldap/log"; }
browse() { run python3 "$root/tests/scripts/oidc/browser.py" "$work/$1.cookies" "${@:2}"; }
sign_in() { browse "$1" "$url/connexion" "Email=$2" "Password=$PASSWORD"; }
has_person() { look "$PEOPLE" "(uid=$1)" dn | grep -q '^dn:'; }
create_user() {
    admin create-user --password "$PASSWORD" --email "$1" --name "$2" --role "$3" "${@:4}" | field userId
}

mkdir -p "$work/ldap/db"
cp /usr/sbin/slapd "$work/ldap/slapd"
{ make_certificate known && make_certificate unknown; } >"$work/err" 2>&1 || not_ok "certificates" "$work/err"
write_settings known >"$work/ldap/slapd.conf"
cat >"$work/first.ldif" <<LDIF
dn: $BASE
objectClass: dcObject
objectClass: organization
o: Syndicat du Clocher

dn: $BIND
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: portail
userPassword:: $(printf %s "$SECRET" | base64)
LDIF
"$work/ldap/slapd" -T add -f "$work/ldap/slapd.conf" -l "$work/first.ldif" >"$work/err" 2>&1 \
    || not_ok "the directory is filled" "$work/err"
check "a directory starts" start_directory known

export SSL_CERT_FILE=$work/known-ca.pem # What the server takes for the system's authorities.
start_server
admin create-operator --name "Syndicat du Clocher" --siret 20006125700016 >/dev/null
arvigny=$(admin create-member --name Arvigny --siret "$SIRET" | field memberId)
bourg=$(admin create-member --name "Bourg, Côte+Sud" --siret "$OTHER_SIRET" | field memberId)
jeanne=$(create_user "$EMAIL" "Jeanne Morel" executive --member "$arvigny")
service=$(admin register-service --name Annuaire --address https://annuaire.clocher.example/ \
    --redirect https://annuaire.clocher.example/retour | field clientId)

# 1. The way there.
expect "an address without the name of an entry is refused" 2 set_directory "ldaps://127.0.0.1:$tls_port/"
set_directory "ldaps://127.0.0.1:$tls_port/$BASE" "another" >/dev/null
waits "a wrong password is reported" "the password to sign in with is wrong"
stop_directory
check "the directory starts with a certificate of an unknown authority" start_directory unknown
set_directory "ldaps://127.0.0.1:$tls_port/$BASE" >/dev/null
waits "that is reported" "certificate"
if [[ -n $here ]]; then
    set_directory "ldap://$here:$named_port/$BASE" >/dev/null
    waits "by StartTLS, too" "$here cannot be reached: The remote certificate"
fi
check "and the password is told to nobody" test "$(count_signed_in)" = 0
stop_directory
start_directory known || not_ok "the directory starts again" "$work/ldap/log"
set_directory "ldaps://127.0.0.1:$tls_port/ou=nulle-part,$BASE" >/dev/null
waits "an entry that is not there is reported" "has no entry ou=nulle-part"
if [[ -n $here ]]; then
    set_directory "ldap://$here:$named_port/$BASE" >/dev/null
    shows "by StartTLS, with a known authority, people are listed" "$PEOPLE" "(uid=$EMAIL)"
    as_admin ldapdelete -r "$PEOPLE"
else
    skip "by StartTLS people are listed" "this computer has no name that it knows"
fi

# 2. A person's way.
set_directory "ldaps://127.0.0.1:$tls_port/$BASE" >/dev/null
until_true "the server tells within the minute by itself" has_person "$EMAIL"
shows "somebody who may come is listed" "$PEOPLE" "(uid=$EMAIL)" "employeeNumber: $jeanne" "cn: Jeanne Morel" \
    "sn: Jeanne Morel" "mail: $EMAIL" "o: Arvigny" "employeeType: executive" "objectClass: inetOrgPerson"
check "without a password" test -z "$(as_admin ldapsearch -LLL -b "$PEOPLE" '(userPassword=*)' dn 2>&1)"
as_admin ldapmodify >/dev/null <<LDIF
dn: uid=$EMAIL,$PEOPLE
changetype: modify
add: telephoneNumber
telephoneNumber: 02 00 00 00 00
LDIF
sign_in jeanne "$EMAIL"
browse jeanne "$url/compte" "Wanted=Zoé \"Jeanne\" Morel-Petit, née <Brun>;" @nom
create_user "$EMAIL" - agent --member "$arvigny" >/dev/null
encoded=$(printf %s 'Zoé "Jeanne" Morel-Petit, née <Brun>;' | base64 -w 0)
shows "a new name and a further role are told, and what others wrote stays" "$PEOPLE" "(uid=$EMAIL)" \
    "cn:: $encoded" "displayName:: $encoded" "employeeType: executive" "employeeType: agent" \
    "telephoneNumber: 02 00 00 00 00"
check "nothing new, nothing told" test "$(admin run-provisioning | field taken)" = 0

create_user olive@clocher.example "Olive Ferrand" operations >/dev/null
shows "staff is listed too" "$PEOPLE" "(uid=olive@clocher.example)" "employeeType: operations"
sign_in olive olive@clocher.example
browse olive "$url/utilisateurs/$jeanne" @desactiver
nobody "a shut account is found by its name no more" "$BASE" "(|(uid=$EMAIL)(mail=$EMAIL))"
shows "but kept apart" "$FORMER" "(employeeNumber=$jeanne)" "cn:: $encoded" "telephoneNumber: 02 00 00 00 00"
nobody "without member and roles" "$FORMER" "(|(o=*)(employeeType=*)(uid=*)(mail=*))"
browse olive "$url/utilisateurs/$jeanne" @reactiver
shows "a reopened account is listed as before" "$PEOPLE" "(uid=$EMAIL)" "employeeNumber: $jeanne" "mail: $EMAIL" \
    "o: Arvigny" "employeeType: agent" "telephoneNumber: 02 00 00 00 00"
nobody "and no more apart" "$FORMER" "(employeeNumber=*)"

# 3. Hostile names, and somebody else's entries.
hostile="a*+b=c/d'e@arvigny.example"
luc=$(create_user "$hostile" "(Luc)\\*" agent --member "$bourg")
shows "a name full of signs is what it is, its member too" "$PEOPLE" '(cn=\28Luc\29\5c\2a)' "uid: $hostile" \
    "employeeNumber: $luc" "o:: $(printf %s 'Bourg, Côte+Sud' | base64 -w 0)"
as_admin ldapadd >/dev/null <<LDIF
dn: uid=marie@arvigny.example,$PEOPLE
objectClass: inetOrgPerson
uid: marie@arvigny.example
cn: Une autre Marie
sn: Marie
employeeNumber: 42
LDIF
create_user marie@arvigny.example "Marie Blanc" agent --member "$arvigny" >/dev/null
waits "a name that is taken is reported" "is not the portal"
shows "somebody else's entry is as it was" "$PEOPLE" "(uid=marie@arvigny.example)" "cn: Une autre Marie" \
    "employeeNumber: 42"

# 4. The directory is away.
stop_directory
paul=$(create_user paul@bourg.example "Paul Rey" executive --member "$bourg")
waits "a directory that is away is reported" "cannot be reached"
start_directory known || not_ok "the directory starts again" "$work/ldap/log"
until_true "the server tells it later by itself" has_person paul@bourg.example
shows "all there is" "$PEOPLE" "(employeeNumber=$paul)" "cn: Paul Rey" "employeeType: executive"
check "it can be stopped" admin set-provisioning --service "$service" --off
create_user rose@bourg.example "Rose Rey" agent --member "$bourg" >/dev/null
nobody "and then tells nobody" "$PEOPLE" "(uid=rose@bourg.example)"
