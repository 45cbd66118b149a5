#!/usr/bin/env python3
"""Makes every odd thing a Linux folder can hold: make_zoo.py FOLDER. What needs root is left out without it.

FOLDER/zoo can be compared with compare_trees.py; FOLDER/deep (paths longer than any call takes) and FOLDER/sparse
(10 GiB,
nearly all of it a hole) with `make_zoo.py --describe FOLDER`, which prints what they are.
"""
import hashlib
import os
import socket
import stat
import struct
import sys

LEVELS = 30
LEVEL = b"d" * 200  # 30 of them are 6,030 bytes; PATH_MAX is 4,096.
SPARSE_BYTES = 10 << 30
SPARSE_DATA = {0: b"start" * 1000, 5 << 30: b"middle" * 20_000, SPARSE_BYTES - 100_000: b"z" * 100_000}


def write(path: bytes, content: bytes = b"", mode: int = 0o644) -> None:
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)


def make_names(zoo: bytes) -> None:
    names = [b"\xff\xfe not UTF-8", b"caf\xe9 (latin-1)", "café".encode(), "cafe\u0301".encode(),
             b"n" * 255, "é".encode() * 127,
             b"two\nlines", b"tab\tbell\a", b"\\back\\slash", b" spaces at both ends ", b"-rf", b"~", b"*",
             b"%s{0}", b"\x1b[31mred",
             b"con", b"trailing.", b"a:b", b"quote'\"", "👪".encode(), b"\x01", b"..."]
    for name in names:
        write(os.path.join(zoo, name), b"content of " + name)
    os.mkdir(os.path.join(zoo, b"\x80 folder"))
    write(os.path.join(zoo, b"\x80 folder", b"\xc3"), b"below")


def make_kinds(zoo: bytes) -> None:
    os.symlink(b"loop-b", zoo + b"/loop-a")
    os.symlink(b"loop-a", zoo + b"/loop-b")
    os.symlink(b".", zoo + b"/itself")
    os.symlink(b"/nowhere/\xff", zoo + b"/dangling")
    os.symlink(b"t" * 4000, zoo + b"/long target")
    os.mkfifo(zoo + b"/pipe", 0o640)
    os.chdir(zoo)
    socket.socket(socket.AF_UNIX).bind(b"socket")
    os.chdir("/")
    if os.geteuid() == 0:
        os.mknod(zoo + b"/character device", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
        os.mknod(zoo + b"/block device", 0o640 | stat.S_IFBLK, os.makedev(7, 200))
    write(zoo + b"/first name", b"one file " * 50_000)
    os.link(zoo + b"/first name", zoo + b"/second name")
    os.mkdir(zoo + b"/elsewhere")
    os.link(zoo + b"/first name", zoo + b"/elsewhere/third name")
    os.link(zoo + b"/pipe", zoo + b"/elsewhere/pipe again")
    write(zoo + b"/empty")
    os.mkdir(zoo + b"/empty folder", 0o750)


def make_rights(zoo: bytes) -> None:
    for mode in (0o000, 0o400, 0o200, 0o111, 0o666, 0o777, 0o4755, 0o2755, 0o1644, 0o6711):
        write(zoo + b"/mode %o" % mode, b"#!/bin/sh\n", mode)
    for mode in (0o1777, 0o2775, 0o500, 0o711):
        os.mkdir(zoo + b"/folder mode %o" % mode)
        write(zoo + b"/folder mode %o/file" % mode, b"inside")
        os.chmod(zoo + b"/folder mode %o" % mode, mode)
    if os.geteuid() == 0:
        for number, (owner, group) in enumerate([(12345, 54321), (0, 65534), (4_000_000_000, 4_000_000_001)]):
            write(zoo + b"/owner %d" % number, b"owned")
            os.chown(zoo + b"/owner %d" % number, owner, group)
        write(zoo + b"/setuid of another", b"#!/bin/sh\n")
        os.chown(zoo + b"/setuid of another", 12345, 12345)
        os.chmod(zoo + b"/setuid of another", 0o6755)
        os.symlink(b"owner 0", zoo + b"/link of another")
        os.lchown(zoo + b"/link of another", 12345, 12345)


def access_list(*entries: tuple) -> bytes:
    """The form in which the kernel keeps a POSIX ACL: version 2, then (tag, rights, id)."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def make_attributes(zoo: bytes) -> None:
    path = zoo + b"/attributes"
    write(path, b"with attributes")
    anybody = 0xFFFFFFFF
    rights = access_list(
        (1, 6, anybody), (2, 4, 12345), (4, 4, anybody), (8, 6, 54321), (0x10, 6, anybody), (0x20, 0, anybody))
    try:
        os.setxattr(path, b"user.empty", b"")
        os.setxattr(path, b"user.binary", bytes(range(256)))
        os.setxattr(path, b"user.\xc3\xa9t\xc3\xa9", b"name beyond ASCII")
        os.setxattr(path, b"user.large", b"x" * 2000)
        os.setxattr(path, b"system.posix_acl_access", rights)
        os.mkdir(zoo + b"/inherits")
        os.setxattr(zoo + b"/inherits", b"system.posix_acl_default", rights)
        write(zoo + b"/inherits/file", b"born with an ACL")
        if os.geteuid() == 0:
            os.setxattr(path, b"trusted.note", b"root's")
    except OSError as error:
        print(f"no extended attributes here: {error}", file=sys.stderr)


def make_times(zoo: bytes) -> None:
    twenty_years_before_1970 = -86_400 * 10**9 * 365 * 20 + 123_456_789
    times = [-1, twenty_years_before_1970, 0, 1, 1_234_567_890_987_654_321, 4_102_444_800_000_000_001]
    for number, nanoseconds in enumerate(times):
        path = zoo + b"/time %d" % number
        write(path, b"then")
        os.utime(path, ns=(nanoseconds, nanoseconds))
    os.utime(zoo + b"/dangling", ns=(5, -7), follow_symlinks=False)
    os.utime(zoo + b"/pipe", ns=(5, 1_000_000_007))
    os.utime(zoo + b"/empty folder", ns=(5, -9_999_999_999))


def make_deep(folder: bytes) -> None:
    os.mkdir(folder)
    os.chdir(folder)
    for level in range(LEVELS):
        write(b"file", b"level %d" % level)
        os.mkdir(LEVEL)
        os.chdir(LEVEL)
    write(b"bottom", b"the deepest file")
    os.chdir("/")


def make_sparse(folder: bytes) -> None:
    os.mkdir(folder)
    with open(folder + b"/image", "wb") as file:
        for offset, content in SPARSE_DATA.items():
            file.seek(offset)
            file.write(content)
    with open(folder + b"/all hole", "wb") as file:
        file.truncate(1 << 30)


def describe_deep(folder: bytes) -> None:
    os.chdir(folder)
    for level in range(LEVELS):
        with open(b"file", "rb") as file:
            print(level, file.read(), os.stat(b"file").st_mtime_ns, os.stat(b".").st_mtime_ns, sorted(os.listdir(b".")))
        os.chdir(LEVEL)
    with open(b"bottom", "rb") as file:
        print("bottom", file.read(), os.stat(b"bottom").st_mtime_ns, sorted(os.listdir(b".")))
    os.chdir("/")


def describe_sparse(path: bytes) -> None:
    status = os.stat(path)
    holes = "holes kept" if status.st_blocks * 512 < 1 << 20 else "filled"
    print(os.path.basename(path), status.st_size, status.st_mtime_ns, holes)
    with open(path, "rb", buffering=0) as file:
        offset = 0
        while offset < status.st_size:
            try:
                offset = os.lseek(file.fileno(), offset, os.SEEK_DATA)
            except OSError:
                break
            end = os.lseek(file.fileno(), offset, os.SEEK_HOLE)
            content = os.pread(file.fileno(), end - offset, offset)
            if any(content):  # A block of zeros says the same as a hole.
                print(offset, end, hashlib.sha256(content).hexdigest())
            offset = end


def main() -> None:
    if sys.argv[1] == "--describe":
        folder = os.fsencode(os.path.abspath(sys.argv[2]))
        describe_deep(folder + b"/deep")
        describe_sparse(folder + b"/sparse/image")
        describe_sparse(folder + b"/sparse/all hole")
        return
    folder = os.fsencode(os.path.abspath(sys.argv[1]))
    zoo = folder + b"/zoo"
    os.makedirs(zoo)
    os.umask(0o022)
    for make in (make_names, make_kinds, make_rights, make_attributes, make_times):
        make(zoo)
    make_deep(folder + b"/deep")
    make_sparse(folder + b"/sparse")


main()
