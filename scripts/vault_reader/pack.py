"""Records put together: pack.md."""
import os
import uuid
from collections import namedtuple

from .fields import Cursor, VaultError, ascending, magic, sha256
from .record import BUNDLE, CHUNK, CHUNK_LIST, LENGTH_MAX, MAGIC as RECORD_MAGIC, SEGMENT, parse_record

MAGIC, FOOTER_MAGIC, END_MAGIC = magic("Beffroi pack v1"), magic("Beffroi pack footer v1"), magic("Beffroi pack end v1")
HEADER_BYTES, END_BYTES = 32, 12
BYTES_MIN, BYTES_MAX = HEADER_BYTES + 48 + 16 + 44 + END_BYTES, 32 << 20
KINDS = {1: ("data", BYTES_MAX, (CHUNK, BUNDLE)), 2: ("catalogue", 8 << 20, (CHUNK_LIST, SEGMENT))}
Place = namedtuple("Place", "id offset length type secret")
Pack = namedtuple("Pack", "id kind vault secrets places footer_offset")


def read_pack(file, name=None, vault=None):
    """Checks header and footer, in the order of §2, and tells what they list; the records themselves are not read."""
    size, header, footer = read_ends(file)
    kind, pack_vault = parse_header(header)
    if size > KINDS[kind][1]:
        raise VaultError("BEF-2102", f"a {KINDS[kind][0]} pack has {size} bytes, above its limit")
    header_digest, secrets, places = parse_footer(footer, kind, size - END_BYTES - len(footer))
    if name is not None and sha256(footer).hex() != name:
        raise VaultError("BEF-2103", "the digest of the footer is not the pack's name")
    if sha256(header) != header_digest:
        raise VaultError("BEF-2103", "the digest of the header is not the one in the footer")
    if vault is not None and pack_vault != vault:
        raise VaultError("BEF-2104", f"the pack belongs to another vault, {uuid.UUID(bytes=pack_vault)}")
    return Pack(sha256(footer), kind, pack_vault, secrets, places, size - END_BYTES - len(footer))


def read_ends(file):
    size = file.seek(0, os.SEEK_END)
    if not BYTES_MIN <= size <= BYTES_MAX:
        raise VaultError("BEF-2102", f"the pack has {size} bytes, outside what a pack can have")
    file.seek(size - END_BYTES)
    end = Cursor(file.read(END_BYTES), "BEF-2102")
    footer_bytes = end.unsigned(4)
    end.require(end.take(8) == END_MAGIC, "the pack does not end as a pack does: it was cut or lengthened")
    end.require(footer_bytes <= size - HEADER_BYTES - END_BYTES, "the pack is shorter than its footer")
    file.seek(size - END_BYTES - footer_bytes)
    footer = file.read(footer_bytes)
    file.seek(0)
    return size, file.read(HEADER_BYTES), footer


def parse_header(header):
    c = Cursor(header, "BEF-2101")
    c.require(c.take(8) == MAGIC, "the pack does not start with its magic")
    version, kind = c.unsigned(1), c.unsigned(1)
    c.require(version == 1 and kind in KINDS, f"the pack has the unknown version {version} or kind {kind}")
    c.reserved(6)
    return kind, c.take(16)


def parse_footer(footer, kind, footer_offset):
    c = Cursor(footer, "BEF-2101")
    c.require(c.take(8) == FOOTER_MAGIC, "the footer does not start with its magic")
    c.require(c.unsigned(1) == 1 and c.unsigned(1) == kind, "the footer has an unknown version or another kind")
    secret_count, count, header_digest = c.unsigned(2), c.unsigned(4), c.take(32)
    c.require(1 <= secret_count <= 16 and 1 <= count <= 32768, "the counts of the footer are outside their limits")
    c.require(len(footer) == 48 + 16 * secret_count + 44 * count, "the footer's counts do not give its length")
    secrets = [c.take(16) for _ in range(secret_count)]
    c.require(ascending(secrets), "the secrets of the footer are out of order")
    places = [parse_place(c) for _ in range(count)]
    ends = [HEADER_BYTES] + [place.offset + place.length for place in places]
    c.require([p.offset for p in places] == ends[:-1], "a record does not start where the one before ends")
    c.require(ends[-1] == footer_offset, "the last record does not end where the footer starts")
    c.require(all(p.type in KINDS[kind][2] for p in places), "a type does not belong into this kind of pack")
    c.require(len({p.id for p in places}) == count, "a record is listed twice")
    c.require({p.secret for p in places} == set(range(secret_count)), "a secret is unused or not listed")
    return header_digest, secrets, places


def parse_place(c):
    place = Place(c.take(32), c.unsigned(4), c.unsigned(4), c.unsigned(1), c.unsigned(1))
    c.reserved(2)
    return place


def scan_pack(data):
    """What looks like a record in a damaged pack, by its magic, with the id of the bytes found: if they are damaged,
    nobody asks for that id. Records inside of records count too, since a damaged length covers what follows."""
    at = data.find(RECORD_MAGIC)
    while at >= 0:
        try:
            record = parse_record(data[at:at + LENGTH_MAX], alone=False)
            length = len(record.header) + len(record.sealed)
            yield Place(sha256(data[at:at + length]), at, length, record.type, record.secret)
        except VaultError:
            pass  # Not a record, or one that is damaged in its header.
        at = data.find(RECORD_MAGIC, at + 1)
