#!/usr/bin/env bash
# A full disk, the server's or that of a restore, is told apart from a fault, and nothing half done stays.
# shellcheck source=tests/scripts/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
export Beffroi__BlobReserveMegabytes=1

mkdir -p "$data"
chmod 711 "$data"
if ! mount_small "$data/blobs" 80; then
    skip "a full store refuses uploads" "this account may not mount a small file system"
    exit 0
fi
chmod 700 "$data/blobs"
set_up

tree=$work/tree
mkdir "$tree"
head -c 30000000 /dev/urandom >"$tree/first"
record "$tree" "$work/first.json"
expect "a backup that fits succeeds" 0 agent backup "$tree"
head -c 120000000 /dev/urandom >"$tree/second"
expect "a full store refuses uploads" 12 agent backup "$tree"
says "with its code" BEF-3001
expect "it still refuses" 12 agent backup "$tree"
# What is left is less than the reserve: a restore has to note in the member's log that it opens a key, all the same.
fallocate -l "$(($(df --output=avail --block-size=1 "$data/blobs" | tail -n 1) - 300000))" "$data/blobs/.filler"
expect "restores go on" 0 agent restore latest --to "$work/to"
equal "with what was stored" "$work/first.json" "$work/to$tree"
rm "$data/blobs/.filler"
expect "the server finds what it stored sound" 0 admin check --read-data
mount -o remount,size=400m "$data/blobs"
expect "with room again, the backup completes" 0 agent backup "$tree"
expect "and restores" 0 agent restore latest --to "$work/to-2"
equal "to what the folder is" "$tree" "$work/to-2$tree"

mount_small "$work/tiny" 10
expect "a target too small is refused" 1 agent restore latest --to "$work/tiny"
says "before anything is written" BEF-1006
check "nothing is in it" test -z "$(find "$work/tiny" -mindepth 1)"
expect "--ignore-space tries, and fails" 1 agent restore latest --to "$work/tiny" --ignore-space
says "it names the file" "$tree/"
check "no file is there in part" test -z "$(find "$work/tiny" -type f)"
