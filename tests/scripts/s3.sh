#!/usr/bin/env bash
# A real S3 store, Ceph's: it obeys the same laws as a folder, the server works on it through a kill and through an
# outage, and what was backed up comes back as it was.
# slow
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
readonly ceph=$work/ceph suite=$root/artifacts/bin/Beffroi.Conformance/release/Beffroi.Conformance.dll
readonly BUCKET=beffroi-blobs PREFIX=mairies
readonly REACTION_SECONDS_MAX=120 # Six attempts in 12 s, then the agent's own pauses.

# A mount here would be taken for one of ours, were one left.
grep -F " $work" /proc/self/mounts >"$work/mounts" || true

stop_store() {
    [[ ! -e $ceph ]] || "$root/eng/ceph-up" stop "$ceph"
}
trap 'stop_store; clean_up' EXIT

# Ceph's monitor takes its port and the next one.
BEFFROI_CEPH_S3_PORT=$(free_port) BEFFROI_CEPH_MON_PORT=$(($(free_port) & ~1))
export BEFFROI_CEPH_S3_PORT BEFFROI_CEPH_MON_PORT
started=$SECONDS status=0
"$root/eng/ceph-up" start "$ceph" >"$work/store" 2>"$work/err" || status=$?
sed 's/^/# /' "$work/err"
if ((status == 3)); then
    skip "the server works on a real S3 store" "Ceph cannot be installed here: $(tail -n 1 "$work/err")"
    exit 0
elif ((status != 0)); then
    not_ok "a real S3 store starts" "$work/err" "$ceph/log/start.out"
    exit 1
fi
. "$work/store"
ok "a real S3 store starts"
echo "# in $((SECONDS - started)) s"

# The same laws as on a folder and in memory, which ./test checks with the other projects.
started=$SECONDS status=0
timeout 300 dotnet exec "$suite" -noLogo -noColor -trait Store=S3 -trx "$work/laws.trx" >"$work/out" 2>&1 || status=$?
if ((status != 0)); then not_ok "the laws of a blob store hold on it" "$work/out"; fi
python3 - "$work/laws.trx" <<'PYTHON'
import sys, xml.etree.ElementTree as ElementTree
outcomes = {"Passed": "ok {}", "NotExecuted": "ok {} # SKIP it names no reason"}
namespace = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"
for result in ElementTree.parse(sys.argv[1]).iter(namespace + "UnitTestResult"):
    print(outcomes.get(result.get("outcome"), "not ok {}").format(result.get("testName")))
PYTHON
echo "# in $((SECONDS - started)) s"

# s3 METHOD PATH: by hand, signed; prints the answer's body and, as its last line, its status.
s3() {
    curl -s --noproxy '*' -X "$1" -w '\n%{http_code}\n' --aws-sigv4 aws:amz:us-east-1:s3 \
        --user "$BEFFROI_TEST_S3_ACCESS:$BEFFROI_TEST_S3_SECRET" \
        -H "x-amz-content-sha256: $(sha256sum </dev/null | cut -d' ' -f1)" "$BEFFROI_TEST_S3_ENDPOINT/$2"
}
status_of() { s3 "$@" | tail -n 1; }
stored_objects() { s3 GET "$BUCKET?list-type=2&prefix=$PREFIX%2F" | grep -o '<Key>' | wc -l; }

export BEFFROI__OBJECTSTORE__ENDPOINT=$BEFFROI_TEST_S3_ENDPOINT BEFFROI__OBJECTSTORE__BUCKET=$BUCKET
export BEFFROI__OBJECTSTORE__ACCESSKEY=$BEFFROI_TEST_S3_ACCESS BEFFROI__OBJECTSTORE__SECRETKEY=$BEFFROI_TEST_S3_SECRET
export BEFFROI__OBJECTSTORE__PREFIX=$PREFIX/
url=http://127.0.0.1:$(free_port)
serve() { timeout 120 "$dist/beffroi-server" --data "$data" --urls "$url"; }

expect "without its bucket, the server does not start" 1 serve
says "it says why" BEF-3002
says "and what to do" "Create the bucket"
check "it makes none by itself" test "$(status_of GET "$BUCKET")" = 404
check "a bucket is made" test "$(status_of PUT "$BUCKET")" = 200
export BEFFROI__OBJECTSTORE__SECRETKEY=a-wrong-secret
expect "with a wrong key, the server does not start" 1 serve
says "it says which setting" "secret key"
check "and does not show it" test -z "$(grep -F a-wrong-secret "$work/out" "$work/err")"
export BEFFROI__OBJECTSTORE__SECRETKEY=$BEFFROI_TEST_S3_SECRET

tree=$work/tree
mkdir "$tree"
"$root/scripts/make_town_hall.py" "$tree/hall"
head -c 60000000 /dev/urandom >"$tree/large"
set_up
expect "a backup succeeds" 0 agent backup "$tree"
check "the blobs are in the bucket" test "$(stored_objects)" -gt 3
check "and none is in the data folder" test -z "$(find "$data/blobs" -type f 2>/dev/null)"

for file in 1 2 3 4; do head -c 40000000 /dev/urandom >"$tree/new-$file"; done
record "$tree" "$work/tree.json"
before=$(stored_objects)
BEFFROI_HOME=$home "$dist/beffroi" backup "$tree" --limit-upload 160 >"$work/out" 2>"$work/err" &
backup_pid=$!
for ((waited = 0; waited < 600 && $(stored_objects) == before; waited++)); do sleep 0.1; done
kill_server
check "the server is killed in the middle of an upload" kill -0 "$backup_pid"
start_server
if wait "$backup_pid"; then
    ok "the backup goes on by itself and completes"
else
    not_ok "the backup goes on by itself and completes" "$work/err" "$server_log"
fi
expect "a further backup succeeds" 0 agent backup "$tree" --json
check "and sends next to nothing" test "$(summary sentBytes)" -lt 100000
expect "the server finds every stored byte sound" 0 admin check --read-data

stop_server
mv "$data/db" "$work/lost"
expect "the database is made anew from the bucket" 0 admin rebuild-index
start_server
expect "every snapshot is there" 0 agent snapshots --json
check "all three" test "$(count_snapshots <"$work/out")" = 3
expect "a restore succeeds" 0 agent restore latest --to "$work/to"
equal "to what the folder was" "$work/tree.json" "$work/to$tree"

check "the store goes away" "$root/eng/ceph-up" stop-gateway "$ceph"
check "the server says that it is not ready" wait_until "$REACTION_SECONDS_MAX" \
    bash -c "! curl -sf --noproxy '*' '$url/health/ready'"
BEFFROI_HOME=$home "$dist/beffroi" restore latest --to "$work/to-2" >"$work/out" 2>"$work/err" &
restore_pid=$!
check "a restore says what it waits for" \
    wait_until "$REACTION_SECONDS_MAX" grep -q "store does not answer now.*Trying again in" "$work/err"
check "and names neither the store's address nor its bucket" \
    test -z "$(grep -E "$BUCKET|$BEFFROI_TEST_S3_ENDPOINT" "$work/out" "$work/err")"
check "the store comes back" "$root/eng/ceph-up" start-gateway "$ceph"
if wait "$restore_pid"; then
    ok "the restore completes"
else
    not_ok "the restore completes" "$work/err" "$server_log"
fi
equal "to what the folder was, again" "$work/tree.json" "$work/to-2$tree"
check "the server is ready again" wait_until "$REACTION_SECONDS_MAX" answers

stop_server
check "the store stops" stop_store
echo "$ceph/ceph.conf" >"$work/pattern" # In a file, or grep would find itself.
check "no process of it is left" test -z "$(grep -lasFf "$work/pattern" /proc/[0-9]*/cmdline)"
check "no mount is left" diff "$work/mounts" <(grep -F " $work" /proc/self/mounts)
