#!/usr/bin/env bash
# The stand-alone reader of vaults, written from docs/format, on vaults made in Python: what it reads and what it
# refuses. It is short enough to be read, or written again, by one person.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"

reader=../../scripts/read_vault.py
lines=$(wc -l <"$reader")
if ((lines < 500)); then
    echo "ok the reader has fewer than 500 lines"
else
    echo "not ok the reader has fewer than 500 lines: it has $lines"
fi

for tests in test_*.py; do
    name=${tests%.py}
    if python3 -m unittest --quiet "$name"; then echo "ok $name"; else echo "not ok $name"; fi
done
