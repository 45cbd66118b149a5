#!/usr/bin/env python3
"""Trees for the test under Wine, and what they are.

    make_tree.py windows FOLDER     what a folder of Windows can hold, made through the disk that Wine shows as C:
    make_tree.py linux FOLDER       names that Windows cannot have, and what it has no word for
    make_tree.py describe FOLDER    one line an object: kind, time in units of 100 ns, digest, attributes, name
"""
import hashlib
import os
import sys

# One file for each extreme of a time: Windows counts from 1601 in units of 100 ns.
TIMES_NS = {b"1969.txt": -123_456_700, b"2001.txt": 981_169_445_123_456_700, b"2199.txt": 7_226_582_400_000_000_100}

RESERVED = [b"CON", b"nul", b"aux.txt", b"Com1.tar.gz", b"LPT\xc2\xb9", b"trailing dot.", b"trailing space ", b"...",
            b"a:b", b"quote\"", b"star*", b"what?", b"<less>", b"pipe|", b"back\\slash", b"\x01 control",
            b"two\nlines", b"%43ON", b"100 %", b"%25", b".hidden there",
            b"\xff\xfe not UTF-8"]


def write(path: bytes, content: bytes, ns: int = 1_600_000_000_123_456_700) -> None:
    with open(path, "wb") as file:
        file.write(content)
    os.utime(path, ns=(ns, ns))


def make_long(folder: bytes) -> None:
    """Twenty names of 60 bytes: Windows stops at 260 unless it is told not to."""
    path = os.path.join(folder, *[b"d%02d " % level + b"x" * 56 for level in range(20)])
    os.makedirs(path)
    write(os.path.join(path, b"n" * 251 + b".txt"), b"far down")


def make_common(folder: bytes) -> None:
    os.makedirs(folder)
    for name in ["Délibération n° 12 – été.txt", "e\u0301", "日本語", "👪.txt", "é" * 127, "+,;=[]'&{}~^$#@!"]:
        write(os.path.join(folder, name.encode()), b"content of " + name.encode())
    for name, ns in TIMES_NS.items():
        write(os.path.join(folder, name), name, ns)
    write(os.path.join(folder, b"empty"), b"")
    write(os.path.join(folder, b"large"), hashlib.shake_128(folder).digest(3_000_000))
    write(os.path.join(folder, b"text"), b"".join(b"line %d\n" % number for number in range(50_000)))
    os.mkdir(os.path.join(folder, b"empty folder"))
    make_long(folder)


def make_windows(folder: bytes) -> None:
    make_common(folder)
    # Names that only look escaped, and that of a file which was: it means CON.
    for name in [b"100 %", b"%41", b"%43ON"]:
        write(os.path.join(folder, name), b"content of " + name)
    for name in [b"hidden", b"system", b"read-only", b"all three"]:
        write(os.path.join(folder, name), b"content of " + name)
    os.link(os.path.join(folder, b"text"), os.path.join(folder, b"second name of text"))


def make_linux(folder: bytes) -> None:
    make_common(folder)
    for name in RESERVED:
        write(os.path.join(folder, name), b"content of " + name)
    os.makedirs(os.path.join(folder, b"PRN ", b"a."))
    write(os.path.join(folder, b"PRN ", b"a.", b"NUL"), b"below")


def describe(folder: bytes) -> None:
    for path, folders, files in sorted(os.walk(folder)):
        for name in sorted(files + folders):
            full = os.path.join(path, name)
            digest = "folder"
            if name in files:
                with open(full, "rb") as file:
                    digest = hashlib.sha256(file.read()).hexdigest()[:16]
            # Where Wine keeps what Linux has no place for; it takes the right to write for the mark "read-only".
            attributes = [os.getxattr(full, key).decode() for key in os.listxattr(full) if key == "user.DOSATTRIB"]
            if name in files and not os.stat(full).st_mode & 0o200:
                attributes.append("read-only")
            print(digest, os.stat(full).st_mtime_ns // 100, attributes, os.path.relpath(full, folder))


if __name__ == "__main__":
    {"windows": make_windows, "linux": make_linux, "describe": describe}[sys.argv[1]](os.fsencode(sys.argv[2]))
