#!/usr/bin/env bash
# The stand-alone reader of vaults, written from docs/format, on vaults made in Python: what it reads and what it
# refuses.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"

for tests in test_*.py; do
    name=${tests%.py}
    if python3 -m unittest --quiet "$name"; then echo "ok $name"; else echo "not ok $name"; fi
done
