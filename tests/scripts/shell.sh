#!/usr/bin/env bash
# ShellCheck finds nothing in any shell script, and each command explains itself.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

scripts=(build run test .ci/run eng/*.sh eng/ceph-up eng/windows-zstd eng/wine-up eng/make-deb eng/make-msi
    deploy/debian/* tests/scripts/*.sh)

if ! command -v shellcheck >/dev/null; then
    echo "ok ShellCheck finds nothing # SKIP shellcheck is not installed"
elif shellcheck --external-sources "${scripts[@]}"; then
    echo "ok ShellCheck finds nothing"
else
    echo "not ok ShellCheck finds nothing"
fi

for script in ./build ./run ./test .ci/run; do
    if [[ $("$script" --help) == Usage:* ]]; then
        echo "ok $script --help explains it"
    else
        echo "not ok $script --help explains it"
    fi
done
