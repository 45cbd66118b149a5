"""Directories, files and chunk lists: catalogue.md."""
from collections import namedtuple
from types import SimpleNamespace

from .fields import Cursor, VaultError, ascending

FILE, DIRECTORY, LINK, FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE, REPARSE_POINT = range(1, 9)
LETTERS = {FILE: "-", DIRECTORY: "d", LINK: "l", FIFO: "p", SOCKET: "s", CHARACTER_DEVICE: "c", BLOCK_DEVICE: "b",
           REPARSE_POINT: "r"}
ODD_TAGS, LIST_ITEMS_MAX = (1, 3, 5), 4096
Piece = namedtuple("Piece", "child offset length")  # offset None: all plain bytes of a chunk
Content = namedtuple("Content", "pieces tree length")  # tree: the chunk list that has the pieces, or None


class Node(Cursor):
    """The plain bytes of a segment or chunk list. A child is the id and the key of a record."""

    def __init__(self, plain, references):
        super().__init__(plain, "BEF-2201")
        version, self.level = self.unsigned(1), self.unsigned(1)
        self.require(version == 1 and self.level <= 8, f"catalogue version {version} or level {self.level} is unknown")
        self.reserved(2)
        self.children = [(reference, self.take(32)) for reference in references]
        self.unused, self.count = set(range(len(references))), self.varint()

    def items(self, read):
        """All items; each is read by a function that is given the one before."""
        found = []
        for _ in range(self.count):
            found.append(read(found[-1] if found else None))
        self.finish()
        if self.unused:
            raise VaultError("BEF-2005", f"{len(self.unused)} references of a record are never pointed at")
        return found

    def list_items(self):
        self.require(self.count <= LIST_ITEMS_MAX, f"a chunk list has {self.count} items")
        return self.items(lambda _: self.chunk())

    def child(self):
        position = self.varint()
        if position >= len(self.children):
            raise VaultError("BEF-2005", f"position {position} is not below the number of references")
        self.unused.discard(position)
        return self.children[position]

    def chunk(self):
        return Piece(self.child(), None, self.varint())

    def path(self, start=b""):
        path = start + self.text()
        names = path.split(b"\0")
        self.require(len(path) <= 32768, "a path has more than 32,768 bytes")
        self.require(not any(n in (b"", b".", b"..") or b"/" in n for n in names), f"the path {path!r} is not allowed")
        return path

    def segment(self, previous):
        with self.body():
            path = self.path()
            self.require(previous is None or previous[0] < path, "the segments are out of order")
            return path, self.child(), self.varint()

    def entry(self, previous):
        with self.body(1 << 20):
            e, before, shared = SimpleNamespace(), previous.path if previous else b"", self.varint()
            self.require(shared <= len(before), "a path shares more bytes than the path before has")
            e.path = self.path(before[:shared])
            self.require(before < e.path, f"the path {e.path!r} is out of order")
            e.kind, seconds, nanoseconds = self.unsigned(1), self.svarint(), self.varint()
            e.mode, e.user, e.group, e.bytes = (self.varint() for _ in range(4))
            self.require(e.kind in LETTERS, f"{e.path!r} has the unknown kind {e.kind}")
            self.require(nanoseconds < 10 ** 9 and e.mode <= 0o7777, f"the time or mode of {e.path!r} is none")
            e.modified, e.content = seconds * 10 ** 9 + nanoseconds, self.content()
            e.target, e.device, e.ranges, e.link_group, e.attributes = None, None, None, None, []
            self.extensions(e)
            self.check_content(e)
        return e

    def check_content(self, e):
        if e.kind != FILE:
            self.require(e.bytes == 0 and e.content == Content([], None, 0), f"{e.path!r} is no file but has content")
            self.require(e.kind != LINK or e.target is not None, f"{e.path!r} is a link without target")
        elif e.ranges is not None or e.content != Content([], None, 0):  # Else empty, or one hole.
            covered = e.bytes if e.ranges is None else sum(length for _, length in e.ranges)
            self.require(covered == e.content.length, f"the content of {e.path!r} has another length than the file")

    def content(self):
        kind = self.unsigned(1)
        self.require(kind <= 3, f"content kind {kind} is unknown")
        if kind == 1:
            pieces = [Piece(self.child(), self.varint(), self.varint())]
            return Content(pieces, None, pieces[0].length)
        if kind == 0:
            return Content([], None, 0)
        self.require(self.unsigned(1) in (1, 2), "the class of a content is unknown")
        if kind == 3:
            return Content([], self.child(), self.varint())
        count = self.varint()
        self.require(1 <= count <= 64, f"a content has {count} chunks")
        pieces = [self.chunk() for _ in range(count)]
        return Content(pieces, None, sum(piece.length for piece in pieces))

    def extensions(self, e):
        last = 0
        while self.at < self.end:
            tag = self.varint()
            self.require(tag > last, "extensions are out of order")
            self.require(tag % 2 == 0 or tag in ODD_TAGS, f"extension {tag} is unknown and must not be skipped")
            with self.body():
                self.extension(tag, e)
            last = tag

    def extension(self, tag, e):
        if tag == 3:
            e.device = self.varint()
        elif tag == 5:
            e.ranges = self.ranges(e.bytes)
        elif tag == 6:
            e.link_group = self.varint()
            self.require(e.link_group, "a hard link group is 0")
        elif tag == 8:
            e.attributes = [(self.text(), self.text()) for _ in range(self.varint())]
            self.require(ascending([name for name, _ in e.attributes]), "extended attributes are out of order")
        elif tag == 10:
            self.windows()
        else:
            value = self.take(self.end - self.at)
            e.target = value if tag == 1 else e.target

    def ranges(self, file_bytes):
        found, at, count = [], 0, self.varint()
        self.require(1 <= count <= 4096, f"a sparse file has {count} ranges")
        for _ in range(count):
            start, length = at + self.varint(), self.varint()
            at = start + length
            self.require(length and at <= file_bytes, "a range of a sparse file is empty, or beyond the file's end")
            found.append((start, length))
        return found

    def windows(self):
        """Read for its children only: they are among the references, and would else count as never pointed at."""
        self.take(4 + 8)
        self.text()
        for _ in range(self.varint()):
            self.text()
            self.require(self.varint() == self.content().length, "an alternate stream has content of another length")
