#!/usr/bin/env bash
# Real services sign people in with the portal and out again: Apache with mod_auth_openidc, and npm's openid-client; and
# the portal itself signs people in at somebody else's provider, played by npm's oidc-provider.
# slow
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
# shellcheck source=eng/prerequisites.sh
. "$root/eng/prerequisites.sh"
readonly peers=$root/tests/scripts/oidc PASSWORD='le clocher sonne tard' EMAIL=jeanne.morel@arvigny.example
peer_pids=()

stop_peers() {
    local pid
    for pid in "${peer_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait "${peer_pids[@]}" 2>/dev/null || true
}
trap 'stop_peers; clean_up' EXIT

(need_sign_on_peers) >"$work/err" 2>&1 || {
    skip "real services sign in" "they cannot be installed here: $(tail -n 1 "$work/err")"
    exit 0
}
cp "$peers"/* "$peers/.npmrc" "$work/" 2>/dev/null
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$work/err" 2>&1 || {
    skip "real services sign in" "npm has no openid-client here: $(tail -n 1 "$work/err")"
    exit 0
}

# browse JAR ADDRESS [NAME=VALUE…]: the last page in $work/out.
browse() {
    local jar=$work/$1.cookies
    shift
    run python3 "$work/browser.py" "$jar" "$@"
}
sign_in=("Email=$EMAIL" "Password=$PASSWORD")

answers_at() { python3 "$work/browser.py" "$work/none.cookies" "$1"; }

start_server
admin create-operator --name "Syndicat du Clocher" --siret 20006125700016 >/dev/null
member=$(admin create-member --name Arvigny --siret "$SIRET" | field memberId)
admin create-user --member "$member" --email "$EMAIL" --name "Jeanne Morel" --role referent \
    --password "$PASSWORD" >"$work/user" || not_ok "somebody has an account" "$work/user"
person=$(field userId <"$work/user")

# register NAME REDIRECT AFTER [OPTION…]: leaves $client_id and $secret.
register() {
    local answer
    answer=$(admin register-service --name "$1" --address "$2" --redirect "$2" --after-logout "$3" "${@:4}")
    client_id=$(field clientId <<<"$answer") secret=$(field secret <<<"$answer")
}

# 1. Apache with mod_auth_openidc, from Debian.
apache_port=$(free_port)
site=http://127.0.0.1:$apache_port
register Intranet "$site/prive/retour" "$site/adieu.html" --without-pkce \
    --logout-address "$site/prive/retour?logout=backchannel"
mkdir -p "$work/apache/htdocs/prive"
echo 'Bonjour, la page privee' >"$work/apache/htdocs/prive/index.html"
echo 'Au revoir' >"$work/apache/htdocs/adieu.html"
write_apache() {
    local modules=/usr/lib/apache2/modules
    cat <<CONF
ServerRoot $work/apache
ServerName 127.0.0.1
Listen 127.0.0.1:$apache_port
PidFile $work/apache/pid
ErrorLog $work/apache/error.log
LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
LoadModule authn_core_module $modules/mod_authn_core.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule authz_user_module $modules/mod_authz_user.so
LoadModule dir_module $modules/mod_dir.so
LoadModule headers_module $modules/mod_headers.so
LoadModule auth_openidc_module $modules/mod_auth_openidc.so
User nobody
Group nogroup
DocumentRoot $work/apache/htdocs
DirectoryIndex index.html
OIDCProviderMetadataURL $url/.well-known/openid-configuration
OIDCClientID $client_id
OIDCClientSecret $secret
OIDCRedirectURI $site/prive/retour
OIDCDefaultLoggedOutURL $site/adieu.html
OIDCCryptoPassphrase essai-essai-essai
OIDCPKCEMethod S256
OIDCScope "openid profile email siret roles"
OIDCRemoteUserClaim sub
<Directory $work/apache/htdocs>
    Require all granted
</Directory>
<Location /prive>
    AuthType openid-connect
    Require claim siret:$SIRET
    Header always set X-Siret "%{OIDC_CLAIM_siret}e"
    Header always set X-User "%{REMOTE_USER}e"
</Location>
CONF
}
write_apache >"$work/apache/httpd.conf"
chmod -R a+rX "$work/apache"
# In a session of its own: when it ends, Apache ends its whole process group, which would be this script, too.
setsid /usr/sbin/apache2 -f "$work/apache/httpd.conf" -DFOREGROUND >"$work/apache/out" 2>&1 &
peer_pids+=("$!")
check "Apache with mod_auth_openidc starts" wait_until 30 answers_at "$site/adieu.html"

browse one "$site/prive/"
says "Apache sends who is not signed in to the portal's page" 'id="password"'
browse one "$site/prive/" "${sign_in[@]}"
says "after signing in there, Apache shows its page" "la page privee"
browse one "$url/"
says "the portal knows the person as well" "Bonjour Jeanne Morel"
says "and shows the service's tile" "Intranet"
browse one "$url/" /deconnexion
asks_again() { browse one "$site/prive/" && grep -qF 'id="password"' "$work/out"; }
check "signing out of the portal ends Apache's own session, too" wait_until 30 asks_again
browse one "$site/prive/" "${sign_in[@]}"
says "until the person signs in again" "la page privee"
browse one "$site/prive/retour?logout=$(python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1]))' \
    "$site/adieu.html")"
says "signing out at Apache comes back to its own page" "Au revoir"
browse one "$url/"
says "and has signed out of the portal" 'id="password"'

# 2. npm's openid-client: with a secret, and as a program without one.
for kind in confidential public; do
    port=$(free_port) rp=''
    rp=http://127.0.0.1:$port
    if [[ $kind == public ]]; then
        register Programme "$rp/callback" "$rp/bye" --public --devices
        secret=''
    else
        register Messagerie "$rp/callback" "$rp/bye" --devices
    fi
    node "$work/relying-party.mjs" "$url" "$client_id" "$secret" "$port" >"$work/$kind.log" 2>&1 &
    peer_pids+=($!)
    check "a $kind service of openid-client starts" wait_until 30 answers_at "$rp/"
    browse "$kind" "$rp/login" "${sign_in[@]}"
    says "it signs in ($kind)" "\"sub\":\"$person\""
    says "and is told the member's SIRET ($kind)" "\"siret\":\"$SIRET\""
    says "and the roles ($kind)" '"roles":["referent"]'
    browse "$kind" "$rp/login"
    says "a second time nobody is asked ($kind)" "\"sub\":\"$person\""
    browse "$kind" "$rp/refresh"
    says "it renews its tokens ($kind)" "\"refreshed\":\"$person\""
    if [[ $kind == confidential ]]; then
        browse "$kind" "$rp/introspect"
        says "it asks what a token is worth" '"active":true'
    fi
    browse "$kind" "$rp/device"
    code=$(sed -n 's/.*"user_code":"\([A-Z-]*\)".*/\1/p' "$work/out")
    browse "$kind" "$url/appareil?code=$code" Choice=oui
    says "a code is accepted on the portal's page ($kind)" "il continue seul"
    sleep 7 # The program asks every five seconds.
    browse "$kind" "$rp/"
    says "and the program goes on by itself ($kind)" "\"email\":\"$EMAIL\""
    browse "$kind" "$rp/logout"
    says "signing out comes back with its state ($kind)" '"path":"/bye?state=bye"'
    browse "$kind" "$rp/refresh"
    says "and has ended the refresh token ($kind)" "invalid_grant"
    browse "$kind" "$url/"
    says "and the portal's session ($kind)" 'id="password"'
done

# 3. The portal as a service of somebody else's provider, which keeps ProConnect's rules.
port=$(free_port)
provider=http://127.0.0.1:$port
node "$work/fake-proconnect.mjs" "$port" "$url" "$EMAIL" "$SIRET" >"$work/provider.log" 2>&1 &
peer_pids+=($!)
check "a provider made of oidc-provider starts" wait_until 30 answers_at "$provider/.well-known/openid-configuration"
browse luc "$url/connexion"
check "without a provider there is no button" test -z "$(grep -F "S&#x27;identifier avec" "$work/out")"
echo "un secret que seuls les deux connaissent" | admin set-provider --id proconnect --issuer "$provider" \
    --client-id portail --secret - --acr eidas1 --signed-userinfo --create-accounts >/dev/null
browse luc "$url/connexion"
says "the sign-in page has the provider's button" "/connexion/externe/vers/proconnect"

# at_provider JAR LOGIN [NAME…]: signs in there and says yes.
at_provider() {
    browse "$1" "$url/connexion/externe/vers/proconnect?suite=%2F" "login=$2" "password=x" prompt "${@:3}"
}
at_provider luc luc
says "somebody of a member's SIRET gets an account" "Bonjour Luc Petit"
at_provider ailleurs ailleurs
says "somebody of another SIRET gets none" "Aucun compte ne vous attend"
at_provider jeanne jeanne
says "a known mail address alone opens nothing" "une fois avec votre mot de passe"
at_provider poste jeanne
browse poste "$url/connexion" "${sign_in[@]}"
at_provider poste-2 jeanne
says "nor does somebody else's sign-in, on the computer where it waited" "une fois avec votre mot de passe"
at_provider jeanne jeanne "${sign_in[@]}"
says "signing in as usual links the two" "Bonjour Jeanne Morel"
at_provider jeanne-2 jeanne
says "from then on the provider is enough" "Bonjour Jeanne Morel"
browse jeanne-2 "$url/" /deconnexion xsrf logout
says "signing out comes back from the provider" 'id="password"'
check "by way of its own page" grep -q "end session" "$work/provider.log"
browse jeanne-2 "$url/connexion/externe/vers/proconnect"
says "which has signed out too" 'name="login"'
browse jeanne-2 "$url/connexion/externe/retour?code=stolen&state=0123456789012345678901234567890123456789abc"
says "an answer that nobody asked for is refused" "Vous avez attendu trop longtemps"

# 4. What must not be.
asked="client_id=$client_id&response_type=code"
run curl -s --noproxy '*' -D - "$url/oidc/authorize?$asked&redirect_uri=https://evil.example/"
says "an address that is not registered is a page" "adresse qui"
check "and no redirect" test -z "$(grep -i '^location:' "$work/out")"
run curl -s --noproxy '*' -o /dev/null -D - "$url/oidc/logout?post_logout_redirect_uri=https://evil.example/"
check "signing out leads to no address that is not registered" test -z "$(grep -i 'evil' "$work/out")"
browse thief "$url/oidc/authorize?$asked&redirect_uri=$rp/callback&scope=openid" "${sign_in[@]}"
check "a request without PKCE gets no code" test -z "$(grep -F 'code=' "$work/out")"
check "an administrator replaces the signing keys" admin replace-signing-keys
