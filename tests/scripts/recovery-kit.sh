#!/usr/bin/env bash
# With the server gone, the recovery kit and the stored blobs are enough: for this program, and for the reader that was
# written from docs/format alone.
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

"$root/scripts/make_town_hall.py" "$work/hall"
record "$work/hall" "$work/hall.json"
set_up
right_kit=$kit
if ! create_member "$OTHER_SIRET" 2>"$work/err"; then not_ok "a second member is created" "$work/err"; fi
wrong_kit=$kit
expect "a backup succeeds" '0|3' agent backup "$work/hall"
expect "a wrong kit does not pass the check" 1 agent kit check "$wrong_kit"
says "it belongs to another vault" BEF-1013
stop_server

home=$work/nothing
expect "without the server, the kit and the blobs restore" 0 \
    agent restore latest --to "$work/to" --recovery-key "$right_kit" --packs "$data/blobs"
equal "the folder is what it was" "$work/hall.json" "$work/to$work/hall"
expect "the kit lists the snapshots" 0 agent snapshots --json --recovery-key "$right_kit" --packs "$data/blobs"
check "it is one" test "$(count_snapshots <"$work/out")" = 1
expect "the kit verifies" 0 agent verify --recovery-key "$right_kit" --packs "$data/blobs"
expect "the kit passes the check against the blobs" 0 agent kit check "$right_kit" --packs "$data/blobs"

cp -r "$data/blobs" "$work/copy"
expect "a copy of the blobs elsewhere serves as well" 0 \
    agent restore latest --to "$work/from-copy" --recovery-key "$right_kit" --packs "$work/copy"
equal "with the same result" "$work/hall.json" "$work/from-copy$work/hall"

vault=$(sed -n 's/^vault: //p' "$right_kit")
sed -n 's/^  //p' "$right_kit" >"$work/words.txt"
check "the kit holds 18 words" test "$(tr -- '-' '\n' <"$work/words.txt" | wc -w)" = 18
expect "a file with only the words restores" 0 \
    agent restore latest --to "$work/from-words" --recovery-key "$work/words.txt" --packs "$data/blobs/t/$vault"
equal "with the same result from the words" "$work/hall.json" "$work/from-words$work/hall"

check "the kit names the server's key" grep -Eq '^server-key: [0-9a-f]{32}$' "$right_kit"
sed 's/^server-key: .*/server-key: 00000000000000000000000000000000/' "$right_kit" >"$work/other-server"
expect "a vault of another server than the kit's is refused" 20 \
    agent restore latest --to "$work/wrong" --recovery-key "$work/other-server" --packs "$work/copy"
says "as not to be trusted" BEF-2401
expect "the check of such a kit fails too" 20 agent kit check "$work/other-server" --packs "$work/copy"
sed '/^server-key: /d' "$right_kit" >"$work/old-kit"
expect "a kit of before, without the server's key, still opens the vault" 0 \
    agent snapshots --recovery-key "$work/old-kit" --packs "$work/copy"
entry=$(find "$work/copy/t/$vault/l" -type f | sort | sed -n 2p)
echo damaged >"$entry"
expect "a log that breaks does not hinder a restore" 0 \
    agent restore latest --to "$work/broken-log" --recovery-key "$right_kit" --packs "$work/copy"
says "and is reported" "cannot be trusted"
equal "with the same result" "$work/hall.json" "$work/broken-log$work/hall"

expect "a wrong kit is refused" 1 \
    agent restore latest --to "$work/wrong" --recovery-key "$wrong_kit" --packs "$data/blobs/t/$vault"
says "as that of another vault" BEF-1013
mkdir "$work/empty"
expect "a folder without a vault is refused" 1 \
    agent restore latest --to "$work/wrong" --recovery-key "$right_kit" --packs "$work/empty"
says "as a folder without packs" BEF-1018
rm -rf "$work/copy/t/$vault/p"
expect "and so is a copy without its packs" 1 \
    agent restore latest --to "$work/wrong" --recovery-key "$right_kit" --packs "$work/copy"
says "which it says" BEF-1018
check "nothing is written for it" test ! -e "$work/wrong"
head -c 100 "$right_kit" >"$work/cut-kit"
expect "a kit that was cut is refused" 1 \
    agent restore latest --to "$work/wrong" --recovery-key "$work/cut-kit" --packs "$data/blobs"
says "as unreadable" BEF-1012

# The reader restores content, links' targets, and files' mode and time; the rest of the metadata it leaves out.
files_of() { find "$1" -type f -printf '%P %m %T@\n' | sort; }
reader=$root/scripts/read_vault.py
expect "the reader of the format restores" 0 \
    "$reader" --packs "$data/blobs/t/$vault" --recovery-key "$right_kit" restore --to "$work/from-reader"
check "with the same content from the reader" diff -r --no-dereference "$work/hall" "$work/from-reader$work/hall"
check "and the files' mode and time" diff <(files_of "$work/hall") <(files_of "$work/from-reader$work/hall")
expect "the reader restores one file with the words alone" 0 "$reader" --packs "$data/blobs/t/$vault" \
    --recovery-key "$work/words.txt" restore --to "$work/one-file" "$work/hall/Divers/sauvegarde.sh"
check "which is that file and no other" \
    test "$(cd "$work/one-file$work/hall" && find . -type f)" = ./Divers/sauvegarde.sh
expect "the reader refuses a wrong kit" 1 \
    "$reader" --packs "$data/blobs/t/$vault" --recovery-key "$wrong_kit" restore --to "$work/wrong"
says "as that of another vault to it as well" BEF-1013

golden=$root/tests/conformance/vectors/vault-v1
expect "the golden vault, which no program of ours wrote, restores" 0 \
    agent restore latest --to "$work/golden" --recovery-key "$golden/kit.txt" --packs "$golden"
check "to its one file" test "$(cat "$work/golden/srv/mot.txt")" = "Bonjour."
