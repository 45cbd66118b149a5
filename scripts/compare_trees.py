#!/usr/bin/env python3
"""Compares two folders byte for byte, metadata included, or records a folder to compare with later.

    compare_trees.py LEFT RIGHT            exit 0 if equal, 1 if not, 2 if it cannot tell
    compare_trees.py --record DIR FILE     writes what DIR is into FILE; FILE then serves as LEFT or RIGHT

Compared: names as bytes, kind, content (SHA-256), length, mode, owner and group numbers, time of the last change in
nanoseconds, targets of symbolic links, extended attributes (POSIX ACL among them), which names are one file (hard
links), device numbers, and that holes of a sparse file are still holes. Only the standard library is needed.
"""
import argparse
import hashlib
import json
import os
import stat
import sys

HOLE_SLACK_BYTES = 128 * 1024  # File systems round the ends of a hole to their own blocks.
DIFFERENCES_SHOWN_MAX = 50


def text_of(name: bytes) -> str:
    """Names are bytes; surrogates keep those that are not UTF-8 apart."""
    return name.decode("utf-8", "surrogateescape")


def content_digest(path: bytes) -> str:
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def attributes_of(path: bytes) -> dict:
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError:
        return {}  # This file system has none.
    # A security module labels files by where they are, so its label says nothing about what was restored.
    return {name: os.getxattr(path, os.fsencode(name), follow_symlinks=False).hex()
            for name in sorted(names) if not name.startswith("security.")}


def kind_of(mode: int) -> str:
    kinds = [(stat.S_ISREG, "file"), (stat.S_ISDIR, "folder"), (stat.S_ISLNK, "symbolic link"), (stat.S_ISFIFO, "pipe"),
             (stat.S_ISCHR, "character device"), (stat.S_ISBLK, "block device"), (stat.S_ISSOCK, "socket")]
    return next(name for is_kind, name in kinds if is_kind(mode))


def describe(path: bytes, groups: dict) -> dict:
    status = os.lstat(path)
    kind = kind_of(status.st_mode)
    entry = {
        "kind": kind,
        "owner": f"{status.st_uid}:{status.st_gid}",
        "modified (ns)": status.st_mtime_ns,
        "extended attributes": attributes_of(path),
    }
    if kind != "symbolic link":
        entry["mode"] = oct(stat.S_IMODE(status.st_mode))
    if kind == "file":
        entry["bytes"] = status.st_size
        entry["content"] = content_digest(path)
        entry["allocated"] = status.st_blocks * 512
        if status.st_nlink > 1:
            groups.setdefault((status.st_dev, status.st_ino), []).append(path)
    elif kind == "symbolic link":
        entry["target"] = text_of(os.readlink(path))
    elif kind.endswith("device"):
        entry["device"] = status.st_rdev
    return entry


def read_tree(root: bytes) -> dict:
    groups: dict = {}
    entries = {".": describe(root, groups)}
    pending = [b""]
    while pending:
        folder = pending.pop()
        for name in sorted(os.listdir(os.path.join(root, folder))):
            relative = os.path.join(folder, name)
            entry = describe(os.path.join(root, relative), groups)
            entries[text_of(relative)] = entry
            if entry["kind"] == "folder":
                pending.append(relative)
    for paths in groups.values():
        names = sorted(text_of(os.path.relpath(path, root)) for path in paths)
        for name in names:
            if len(names) > 1:
                entries[name]["hard links"] = names
    return entries


def load(place: str) -> dict:
    if os.path.isfile(place):
        with open(place, encoding="utf-8", errors="surrogateescape") as file:
            return json.load(file)
    return read_tree(os.fsencode(place))


def differences_of(name: str, left: dict, right: dict) -> list:
    found = []
    for field in sorted((set(left) | set(right)) - {"allocated"}):
        if left.get(field) != right.get(field):
            found.append(f"{name}: {field}: {left.get(field)!r} became {right.get(field)!r}")
    if left["kind"] == right["kind"] == "file" and left["allocated"] < left["bytes"]:
        if right["allocated"] > left["allocated"] + HOLE_SLACK_BYTES:
            found.append(f"{name}: holes were filled: {left['allocated']} bytes on disk became {right['allocated']}")
    return found


def compare(left: dict, right: dict) -> list:
    found = [f"{name}: is missing" for name in sorted(set(left) - set(right))]
    found += [f"{name}: was not there before" for name in sorted(set(right) - set(left))]
    for name in sorted(set(left) & set(right)):
        found += differences_of(name, left[name], right[name])
    return found


def summary(tree: dict) -> str:
    count: dict = {}
    for entry in tree.values():
        count[entry["kind"]] = count.get(entry["kind"], 0) + 1
    kinds = ", ".join(f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in sorted(count.items()))
    return f"{kinds}, {sum(entry.get('bytes', 0) for entry in tree.values()):,} bytes"


def show(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape") + b"\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write what the folder LEFT is into the file RIGHT")
    parser.add_argument("left")
    parser.add_argument("right")
    arguments = parser.parse_args()
    try:
        left = load(arguments.left)
        if arguments.record:
            with open(arguments.right, "w", encoding="utf-8", errors="surrogateescape") as file:
                json.dump(left, file, ensure_ascii=False)
            show(summary(left))
            return 0
        found = compare(left, load(arguments.right))
    except OSError as error:
        print(f"cannot compare: {error}", file=sys.stderr)
        return 2
    for difference in found[:DIFFERENCES_SHOWN_MAX]:
        show(difference)
    if len(found) > DIFFERENCES_SHOWN_MAX:
        show(f"… and {len(found) - DIFFERENCES_SHOWN_MAX} more")
    show(f"{len(found)} differences" if found else f"equal: {summary(left)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
