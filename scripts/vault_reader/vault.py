"""Blobs, records and entries of one vault: vault.md §2 and §3."""
import os
import re
import struct
from collections import OrderedDict

from . import catalogue, pack, record
from .fields import VaultError, sha256


class Vault:
    """Finds records in the packs of one vault and opens them. Warnings go to the function given."""

    PLACE = struct.Struct("<IIIBB")  # Pack, offset, length, type, secret's position: compact, there may be millions.
    KEPT_RECORDS = 4  # Opened records, for the files of one bundle: at most 16 MiB.

    def __init__(self, folder, identity, warn):
        self.folder, self.identity, self.warn = folder, identity, warn
        self.packs, self.places, self.opened = [], {}, OrderedDict()

    def blobs(self, kind, pattern):
        """Paths of the blobs of a kind. Other names are no blobs: a store may keep unfinished ones beside them."""
        top = os.path.join(self.folder, kind)
        names = (os.path.relpath(os.path.join(at, name), top) for at, _, files in os.walk(top) for name in files)
        return [os.path.join(top, name) for name in sorted(names) if re.fullmatch(pattern, name)]

    def index_packs(self):
        for path in self.blobs("p", "[0-9a-f]{2}/[0-9a-f]{64}"):
            with open(path, "rb") as file:
                secrets, places = self.pack_places(file, os.path.basename(path))
            for p in places:
                place = self.PLACE.pack(len(self.packs), p.offset, p.length, p.type, p.secret)
                self.places[p.id] = self.places.get(p.id, b"") + place
            self.packs.append((path, secrets))

    def pack_places(self, file, name):
        """Secrets and records of a pack; of a pack that is refused, the records that a scan finds (pack.md §2)."""
        try:
            found = pack.read_pack(file, name, self.identity)
            return found.secrets, found.places
        except VaultError as error:
            self.warn(f"pack {name}: {error}")
            if error.code == "BEF-2104":
                return [], []
        file.seek(0)
        places = list(pack.scan_pack(file.read(pack.BYTES_MAX)))
        secrets = sorted({p.secret for p in places})[:256]
        return secrets, [p._replace(secret=secrets.index(p.secret)) for p in places if p.secret in secrets]

    def read(self, identity):
        """The record of an id, from the first pack where it is sound."""
        error = VaultError("BEF-2006", f"record {identity.hex()} is in no pack")
        for number, *place in self.PLACE.iter_unpack(self.places.get(identity, b"")):
            path, secrets = self.packs[number]
            try:
                with open(path, "rb") as file:
                    return read_place(file, pack.Place(identity, *place), secrets)
            except VaultError as refusal:
                error = VaultError(refusal.code, f"record {identity.hex()} in {os.path.basename(path)}: {refusal}")
        raise error

    def open(self, child, types):
        """References and plain bytes of a child, which must have one of the types."""
        if child not in self.opened:
            found = self.read(child[0])
            self.opened[child] = found.type, found.references, record.open_record(found, child[1])
            if len(self.opened) > self.KEPT_RECORDS:
                self.opened.popitem(last=False)
        self.opened.move_to_end(child)
        kind, references, plain = self.opened[child]
        if kind not in types:
            raise VaultError("BEF-2201", f"record {child[0].hex()} is a {record.TYPES[kind]}, not what its parent says")
        return references, plain

    def node(self, child, kind, level):
        references, plain = self.open(child, (kind,))
        node = catalogue.Node(plain, references)
        node.require(level in (None, node.level), f"record {child[0].hex()} is not of the level below its parent's")
        return node

    def pieces(self, content, level=None):
        if content.tree is None:
            yield from content.pieces
            return
        node = self.node(content.tree, record.CHUNK_LIST, level)
        items = node.list_items()
        node.require(sum(item.length for item in items) == content.length, "the lengths of a chunk list do not add up")
        for item in items:
            below = catalogue.Content([], item.child, item.length)
            yield from (item,) if node.level == 0 else self.pieces(below, node.level - 1)

    def content(self, entry):
        """The bytes of a file, or of its data ranges, piece by piece."""
        for child, offset, length in self.pieces(entry.content):
            _, plain = self.open(child, (record.CHUNK,) if offset is None else (record.CHUNK, record.BUNDLE))
            if offset is None and length != len(plain) or offset is not None and offset + length > len(plain):
                raise VaultError("BEF-2201", f"a piece is not what its record {child[0].hex()} has")
            yield plain if offset is None else plain[offset:offset + length]

    def segment(self, child, wanted, level=None, first=None):
        """Entries below a segment, a VaultError for each part that is lost. Returns their number, None if not all."""
        node = self.node(child, record.SEGMENT, level)
        items = node.items(node.segment if node.level else node.entry)
        paths = [item[0] if node.level else item.path for item in items]
        node.require(first is None or paths[:1] == [first], "a segment starts with another path than its parent says")
        if node.level == 0:
            yield from items
            return len(items)
        total = 0
        for (path, below, count), following in zip(items, paths[1:] + [None]):
            found = None
            if wanted(path, following):
                try:
                    found = yield from self.segment(below, wanted, node.level - 1, path)
                    node.require(found in (None, count), f"a segment has {found} entries where its parent says {count}")
                except VaultError as error:
                    yield error
            total = None if None in (total, found) else total + found
        return total

    def entries(self, root, selection=()):
        """Entries in order, or a VaultError for each part that is lost: the selected paths, all below them, and the
        directories above them. Segments without any of these are not read."""
        above = {path[:i] for path in selection for i, byte in enumerate(path) if byte == 0}

        def wanted(first, following):
            from_start = [p for p in (*selection, *above) if following is None or p < following]
            return not selection or any(first < p + b"\1" if p in selection else first <= p for p in from_start)

        last, directories, lost = b"", [], False
        for entry in self.segment(root, wanted):
            if isinstance(entry, VaultError):
                lost = True
                yield entry
                continue
            parent = entry.path.rpartition(b"\0")[0]
            while directories and not is_below(parent, directories[-1]):
                directories.pop()
            listed = parent == (directories[-1] if directories else b"") or lost
            if entry.path <= last or not listed:
                raise VaultError("BEF-2201", f"{shown(entry.path)} is out of order, or its directory is not an entry")
            last = entry.path
            if entry.kind == catalogue.DIRECTORY:
                directories.append(entry.path)
            if not selection or entry.path in above or any(is_below(entry.path, p) for p in selection):
                yield entry


def read_place(file, place, secrets):
    """The record at a place of a pack, in the order of record.md §4 and pack.md §2."""
    file.seek(place.offset)
    data = file.read(place.length)
    found = record.parse_record(data)
    if sha256(data) != place.id:
        raise VaultError("BEF-2002", "the record's bytes do not have its id: it is damaged")
    if (found.type, found.secret) != (place.type, secrets[place.secret]):
        raise VaultError("BEF-2103", "the record has another type or secret than its pack lists")
    return found


def is_below(path, directory):
    """Whether a path is a directory's, or below it."""
    return (path + b"\0").startswith(directory + b"\0")


def printable(data):
    """Text for a screen: what could command a terminal, and bytes that are no UTF-8, are escaped."""
    text = data.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(path):
    text = printable(path.replace(b"\0", b"/"))
    return text if re.match("[A-Za-z]:(/|$)", text) else "/" + text
