"""The encrypted unit: record.md."""
from collections import namedtuple

from .fields import Cursor, VaultError, ascending, magic
from .libraries import decompress, open_aes_gcm

MAGIC = magic("Beffroi record v1")
CHUNK, BUNDLE, CHUNK_LIST, SEGMENT = 1, 2, 3, 4
TYPES = {CHUNK: "chunk", BUNDLE: "bundle", CHUNK_LIST: "chunk list", SEGMENT: "catalogue segment"}
CODECS = ("stored", "Zstandard", "Brotli", "Deflate")
PLAIN_MAX, REFERENCES_MAX = 4 << 20, 16384
LENGTH_MAX = 64 + 32 * REFERENCES_MAX + PLAIN_MAX
Record = namedtuple("Record", "type codec level codec_version plain_bytes secret references header sealed")


def parse_record(data, alone=True):
    """Checks the form of a record, which is all of the data; or, for a scanner, only its start."""
    c = Cursor(data, "BEF-2001")
    c.require(c.take(8) == MAGIC, "a record does not start with its magic")
    version, kind, cipher, codec = (c.unsigned(1) for _ in range(4))
    if version != 1 or cipher != 1 or codec >= len(CODECS):
        raise VaultError("BEF-2004", f"a record has the unknown version {version}, cipher {cipher} or codec {codec}")
    level, padding = c.signed(1), c.unsigned(1)
    c.require(kind in TYPES and padding == 0, f"a record has the unknown type {kind} or padding {padding}")
    c.reserved(2)
    codec_version, plain, payload, count = (c.unsigned(4) for _ in range(4))
    secret = c.take(16)
    c.require(1 <= payload <= plain <= PLAIN_MAX, "the lengths of a record are outside their limits")
    c.require(codec or (payload, level, codec_version) == (plain, 0, 0), "a stored record has a codec's fields")
    c.require(count <= (REFERENCES_MAX if kind in (CHUNK_LIST, SEGMENT) else 0), "a record has too many references")
    references = [c.take(32) for _ in range(count)]
    c.require(ascending(references), "the references of a record are out of order")
    header, sealed = data[:c.at], c.take(payload + 16)
    c.require(not alone or c.at == c.end, "a record has another length than its pack lists")
    return Record(kind, codec, level, codec_version, plain, secret, references, header, sealed)


def open_record(record, key):
    payload = open_aes_gcm(key, bytes(12), record.header, record.sealed)
    if payload is None:
        raise VaultError("BEF-2003", "a record does not open with the key that its parent holds")
    plain = decompress(record.codec, payload, record.plain_bytes)
    if plain is None:
        raise VaultError("BEF-2001", f"a payload does not decompress to exactly {record.plain_bytes} bytes")
    return plain
