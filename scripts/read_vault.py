#!/usr/bin/env python3
"""Reads a Beffroi vault without Beffroi: a copy of its blobs and the member's recovery kit are enough.

  read_vault.py --packs DIR --recovery-key KIT list
  read_vault.py --packs DIR --recovery-key KIT ls [SNAPSHOT] [PATH...]
  read_vault.py --packs DIR --recovery-key KIT restore [SNAPSHOT] --to FOLDER [PATH...]

DIR is the folder of one vault (with p/ and s/ in it), KIT the .beffroi-kit file or a text of its 18 words, SNAPSHOT a
number or the first 6 or more digits of an id; without it, the newest. A PATH starts with / as ls shows it; FOLDER must
be new. Files get their mode and time, directories and links do not; hard links become files; owners and extended
attributes are left out. What is damaged is named, and the rest goes on. Exit status: 0 all of it, 1 something was lost.
Needs Python 3.10, POSIX, libcrypto, libzstd, and libbrotlidec for records packed with it. Written from docs/format."""
import argparse, base64, ctypes, ctypes.util, glob, hashlib, hmac, itertools, json, mmap  # noqa: E401
import os, re, stat, struct, sys, time, uuid, zlib  # noqa: E401
from collections import namedtuple
from functools import lru_cache, partial
from types import SimpleNamespace

# vault.md §1: numbers, digests, refusals
U32_MAX, I64_MAX, U64_MAX = (1 << 32) - 1, (1 << 63) - 1, (1 << 64) - 1
class VaultError(Exception):
    """A refusal; its text starts with its code of docs/errors.md."""
def require(good, code, why):
    if not good:
        raise VaultError(f"{code}: {why}")
def sha256(data): return hashlib.sha256(data).digest()
def magic(sentence): return sha256(sentence.encode())[:8]
def number(data): return int.from_bytes(data, "big")
def decode(text): return base64.b64decode(text, validate=True)

class Cursor:  # Reads fields one after the other, and refuses with one code what breaks a rule of their page.
    def __init__(self, data, code): self.data, self.code, self.at = data, code, 0
    def left(self): return len(self.data) - self.at
    def counted(self, limit=I64_MAX): return self.take(self.varint(limit))
    def check(self, *rules):
        require(all(rules), self.code, f"what is before byte {self.at} of {len(self.data)} breaks docs/format")
    def take(self, size):
        self.check(size <= self.left())
        self.at += size
        return self.data[self.at - size:self.at]
    def fields(self, layout):  # B, H, I and Q are u8 to u64, q is i64, 32s are 32 bytes.
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))
    def varint(self, limit=I64_MAX):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        self.check(byte < 0x80, byte or not shift, value <= limit)
        return value

# The system's libraries, for what Python does not have: AES-GCM, P-256, Zstandard, Brotli
@lru_cache(maxsize=None)
def library(name): return ctypes.CDLL(ctypes.util.find_library(name) or f"lib{name}.so.1")
def call(name, function, *arguments, result=ctypes.c_int):
    found = getattr(library(name), function)
    found.restype = result
    return found(*arguments)
def pointer(name, function, *arguments):  # What a function that returns a pointer returns.
    return ctypes.c_void_p(call(name, function, *arguments, result=ctypes.c_void_p))
def succeed(*steps): return all(call("crypto", *step) == 1 for step in steps)

def open_aes_gcm(key, nonce, associated, sealed):
    """The plain bytes of ciphertext ‖ tag under AES-256-GCM; None when the tag does not verify."""
    plain, end, written = (ctypes.create_string_buffer(size) for size in (len(sealed) + 16, 16, 4))
    context, text = pointer("crypto", "EVP_CIPHER_CTX_new"), sealed[:-16]
    good = len(sealed) >= 16 and succeed(
        ("EVP_DecryptInit_ex", context, pointer("crypto", "EVP_aes_256_gcm"), None, key, nonce),
        ("EVP_DecryptUpdate", context, None, written, associated, len(associated)),
        ("EVP_DecryptUpdate", context, plain, written, text, len(text)),
        ("EVP_CIPHER_CTX_ctrl", context, 0x11, 16, sealed[-16:]),  # EVP_CTRL_AEAD_SET_TAG
        ("EVP_DecryptFinal_ex", context, end, written))
    call("crypto", "EVP_CIPHER_CTX_free", context, result=None)
    return plain.raw[:len(text)] if good else None

def multiply(factor, point=None, point_factor=0):
    """factor × G + point_factor × point on P-256, uncompressed; None when the point is none or the sum infinite."""
    group, out, size = pointer("crypto", "EC_GROUP_new_by_curve_name", 415), ctypes.c_buffer(65), ctypes.c_size_t(65)
    a, b = (pointer("crypto", "BN_bin2bn", n.to_bytes(32, "big"), 32, None) for n in (factor, point_factor))
    total, other = (pointer("crypto", "EC_POINT_new", group) for _ in range(2))  # Infinite; few, so not freed.
    good = (point is None or len(point) == 65 and point[0] == 4
            and succeed(("EC_POINT_oct2point", group, other, point, size, None))) \
        and succeed(("EC_POINT_mul", group, total, a, other, b, None)) \
        and call("crypto", "EC_POINT_point2oct", group, total, 4, out, size, None, result=ctypes.c_size_t) == 65
    return out.raw if good else None
def unpack_zstd(payload, size):
    plain, length = ctypes.create_string_buffer(size), ctypes.c_size_t(len(payload))
    zstd = partial(call, "zstd", result=ctypes.c_uint64)
    good = payload[:4] == b"\x28\xb5\x2f\xfd" and zstd("ZSTD_getFrameContentSize", payload, length) == size \
        and zstd("ZSTD_findFrameCompressedSize", payload, length) == len(payload) \
        and zstd("ZSTD_decompress", plain, ctypes.c_size_t(size), payload, length) == size
    return plain.raw if good else None

def unpack_brotli(payload, size):
    plain, room, left = ctypes.create_string_buffer(size), ctypes.c_size_t(size), ctypes.c_size_t(len(payload))
    places = left, ctypes.c_char_p(payload), room, ctypes.c_void_p(ctypes.addressof(plain))
    decoder = pointer("brotlidec", "BrotliDecoderCreateInstance", None, None, None)
    state = call("brotlidec", "BrotliDecoderDecompressStream", decoder, *map(ctypes.byref, places), None)
    call("brotlidec", "BrotliDecoderDestroyInstance", decoder, result=None)
    return plain.raw if (state, left.value, room.value) == (1, 0, 0) else None
def unpack_deflate(payload, size):
    decoder = zlib.decompressobj(-15)
    plain = decoder.decompress(payload, size + 1)  # One byte of room, to also read the end of the last block.
    return plain if decoder.eof and len(plain) == size and not decoder.unused_data else None

# keys.md: key ids (§1.5), seals (§2), signatures (§3), the recovery kit (§5)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aiou"
KIT = re.compile("BEFFROI RECOVERY KIT 1\n(?:#.*\n)?(?:vault: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\n)?"
                 "(?:member: .*\n)?(?:created: .*\n)?(?:key-id: ([0-9a-f]{32})\n)?"
                 "(?:server-key: ([0-9a-f]{32})\n)?words:\n((?:  .*\n)+)")
Kit = namedtuple("Kit", "scalar key_id vault server_key")
def key_id(point): return sha256(point)[:16]
def public_point(scalar): return multiply(number(scalar))
def verify(point, signature, data):  # Whether r ‖ s is an ECDSA signature with SHA-256: FIPS 186-4, §6.4.
    r, s = number(signature[:32]), number(signature[32:])
    good = len(signature) == 64 and 0 < r < ORDER and 0 < s < ORDER
    inverse = pow(s, -1, ORDER) if good else 0
    found = good and multiply(number(sha256(data)) * inverse % ORDER, point, r * inverse % ORDER)
    return bool(found) and number(found[1:33]) % ORDER == r
def extract(suite, salt, label, material):  # LabeledExtract and LabeledExpand of RFC 9180; 32 bytes are one block.
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, "sha256")
def expand(suite, key, label, context, size):
    return hmac.digest(key, struct.pack(">H", size) + b"HPKE-v1" + suite + label + context + b"\1", "sha256")[:size]
def key_schedule(agreed, points, info):  # Base mode, first message.
    kem, suite = b"KEM\x00\x10", b"HPKE\x00\x10\x00\x01\x00\x02"
    shared = expand(kem, extract(kem, b"", b"eae_prk", agreed[1:33]), b"shared_secret", points, 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    return expand(suite, secret, b"key", context, 32), expand(suite, secret, b"base_nonce", context, 12)
def open_seal(scalar, enc, sealed, info, associated=b""):
    agreed = multiply(0, enc, number(scalar))
    require(agreed, "BEF-2303", "the encapsulated key of a seal is no point of P-256")
    plain = open_aes_gcm(*key_schedule(agreed, enc + public_point(scalar), info), associated, sealed)
    require(plain is not None, "BEF-2303", "a sealed key does not open: it is damaged, or was made for another place")
    return plain

def read_kit(text):
    """The file of §5.2 or its 18 words alone, as they are written there; other ways to type them are for the agent."""
    file, packed = KIT.fullmatch(text), b""
    vault, stated, server_key, words = file.groups() if file else (None, None, None, text)
    for position, word in enumerate(re.split(r"[-\s]+", words.strip()), 1):
        digits = [(VOWELS if i % 2 else CONSONANTS).find(letter) for i, letter in enumerate(word)]
        require(len(digits) == 5 and -1 not in digits, "BEF-1012", "the recovery kit is neither a file as docs/format/"
                f"keys.md has it nor 18 words: word {position}, {word[:20]!r}, is none of its words")
        packed += struct.pack(">H", sum(digit << shift for digit, shift in zip(digits, (12, 10, 6, 4, 0))))
    scalar, check = packed[:32], packed[32:]
    require(len(packed) == 36 and sha256(b"beffroi kit v1" + scalar)[:4] == check and 0 < number(scalar) < ORDER,
            "BEF-1012", f"the {len(packed) // 2} words of the recovery kit are no key: a word is missing or wrong")
    identity = key_id(public_point(scalar))
    require(stated in (None, identity.hex()), "BEF-1012", "the key id of the recovery kit is that of another key")
    return Kit(scalar, identity, vault and uuid.UUID(vault).bytes, server_key)

# record.md
CHUNK, BUNDLE, CHUNK_LIST, SEGMENT, PLAIN_MAX = 1, 2, 3, 4, 4 << 20
CODECS = (lambda payload, size: payload, unpack_zstd, unpack_brotli, unpack_deflate)
Record = namedtuple("Record", "type codec plain_bytes secret references header sealed")
def parse_record(data, identity=None):
    require(identity in (None, sha256(data)), "BEF-2002", "the record's bytes do not have its id: it is damaged")
    c = Cursor(data, "BEF-2001")
    start, version, kind, cipher, codec, level, pad, zero, maker, plain, payload, count, secret = c.fields("8s6BH4I16s")
    c.check(start == magic("Beffroi record v1"))
    require(version == 1, "BEF-2004", f"a record has the unknown version {version}")
    c.check(CHUNK <= kind <= SEGMENT)
    require(cipher == 1 and codec < len(CODECS), "BEF-2004", f"a record has cipher {cipher}, codec {codec}")
    c.check(pad == zero == 0, 1 <= payload <= plain <= PLAIN_MAX, count <= (16384 if kind >= CHUNK_LIST else 0),
            codec or (payload, level, maker) == (plain, 0, 0))
    references = [c.take(32) for _ in range(count)]
    c.check(references == sorted(set(references)), c.left() == payload + 16)
    return Record(kind, codec, plain, secret, references, data[:c.at], c.take(payload + 16))

def open_record(record, key):
    payload = open_aes_gcm(key, bytes(12), record.header, record.sealed)
    require(payload is not None, "BEF-2003", "a record does not open with the key that its parent holds")
    try:
        plain = CODECS[record.codec](payload, record.plain_bytes)
    except zlib.error:
        plain = None
    require(plain is not None, "BEF-2001", f"a payload does not give exactly {record.plain_bytes} bytes")
    return plain

# pack.md
def read_pack(pack, name):  # Id, offset, length and pack of each record, by §3: a record is verified when it is read.
    end = Cursor(pack[-12:], "BEF-2102")
    footer_bytes, end_magic = end.fields("I8s")
    end.check(end_magic == magic("Beffroi pack end v1"), 108 <= footer_bytes <= len(pack) - 44)
    c = Cursor(pack[len(pack) - 12 - footer_bytes:-12], "BEF-2101")
    require(sha256(c.data).hex() == name[-64:], "BEF-2103", "the digest of the footer is not the pack's name")
    start, version, kind, secret_count, count, _ = c.fields("8sBBHI32s")
    c.check(start == magic("Beffroi pack footer v1"), version == 1, 1 <= kind <= 2, 1 <= secret_count <= 16,
            1 <= count <= 32768, c.left() == 16 * secret_count + 44 * count)
    c.take(16 * secret_count)
    return [(*c.fields("32sIIBBH")[:3], name) for _ in range(count)]

# catalogue.md
def is_below(path, directory): return (path + b"\0").startswith(directory + b"\0")
FILE, DIRECTORY, LINK, FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE, REPARSE_POINT = range(1, 9)
Piece = namedtuple("Piece", "child offset length kind")  # A child is an id and a key; kinds: slice, chunk, list (§5).
Segment = namedtuple("Segment", "path child entries level")

class Node:  # The plain bytes of a segment or chunk list (§1).
    def __init__(self, references, plain):
        self.c = Cursor(plain, "BEF-2201")
        version, self.level, reserved = self.c.fields("BBH")
        self.c.check(version == 1, self.level <= 8, reserved == 0)
        self.children = [(reference, self.c.take(32)) for reference in references]
        self.unused, self.count, self.path_bytes = set(references), self.c.varint(PLAIN_MAX), 0
    def items(self, read):
        found = []
        for _ in range(self.count):
            found.append(read(found[-1] if found else None))
        self.c.check(not self.c.left())
        require(not self.unused, "BEF-2005", f"{len(self.unused)} references of a record are never pointed at")
        return found
    def child(self, c):
        position = c.varint(U64_MAX)
        require(position < len(self.children), "BEF-2005", f"there is no reference {position}")
        self.unused.discard(self.children[position][0])
        return self.children[position]
    def path(self, c, start, previous):  # §2
        path = start + c.counted()
        self.path_bytes += len(path)
        c.check(len(path) <= 32768, b"/" not in path, not {b"", b".", b".."} & set(path.split(b"\0")),
                self.path_bytes <= 1 << 27, previous is None or previous.path < path)
        return path
    def segment(self, previous):  # §4
        c = Cursor(self.c.counted(1 << 20), self.c.code)
        found = Segment(self.path(c, b"", previous), self.child(c), c.varint(), self.level - 1)
        c.check(not c.left())
        return found
    def list_item(self, _):  # §6
        return Piece(self.child(self.c), 0, self.c.varint(I64_MAX if self.level else PLAIN_MAX), 3 if self.level else 2)
    def entry(self, previous):  # §3
        c, before = Cursor(self.c.counted(1 << 20), self.c.code), previous.path if previous else b""
        e = SimpleNamespace(path=self.path(c, before[:c.varint(len(before))], previous), kind=c.take(1)[0])
        time, nanoseconds = c.varint(U64_MAX), c.varint(10 ** 9 - 1)
        seconds = time >> 1 ^ -(time & 1)
        e.modified = seconds * 10 ** 9 + nanoseconds
        e.mode, e.user, e.group, e.bytes = c.varint(0o7777), c.varint(U32_MAX), c.varint(U32_MAX), c.varint()
        e.content, e.extensions = self.content(c), self.extensions(c)
        ranges, length = e.extensions.get(5, [(0, e.bytes)]), sum(piece.length for piece in e.content)
        c.check(FILE <= e.kind <= REPARSE_POINT, abs(seconds) < 9 * 10 ** 9, sum(ranges[-1]) <= e.bytes,
                length == sum(size for _, size in ranges) or not e.content and 5 not in e.extensions,
                e.kind == FILE or length == e.bytes == 0,
                previous is None or previous.kind == DIRECTORY or not is_below(e.path, before))
        return e
    def content(self, c):  # §5
        kind = c.take(1)[0]
        c.check(kind <= 3, kind < 2 or c.take(1)[0] in (1, 2))
        count = c.varint(64) if kind == 2 else min(kind, 1)
        pieces = [Piece(self.child(c), c.varint(U32_MAX) if kind == 1 else 0,
                        c.varint(I64_MAX if kind == 3 else PLAIN_MAX), kind) for _ in range(count)]
        c.check(bool(pieces) == (kind > 0), all(piece.length for piece in pieces))
        return pieces
    def extensions(self, c):  # §3, the table of tags; an even one that is not used here is skipped.
        full = partial(Cursor.varint, limit=U64_MAX)
        found, last, known = {}, 0, {3: full, 5: ranges, 6: full, 10: self.windows}
        while c.left():
            tag, value = c.varint(U64_MAX), Cursor(c.counted(), c.code)
            c.check(tag > last, tag % 2 == 0 or tag <= 5)
            found[tag], last = known.get(tag, lambda v: v.take(v.left()))(value), tag
            value.check(not value.left())
        return found
    def windows(self, c):  # Read for its children: they are among the references, and would else be never pointed at.
        c.take(4 + 8)
        c.counted()
        for _ in range(c.varint()):
            c.counted()
            c.check(c.varint() == sum(piece.length for piece in self.content(c)))

def ranges(c):
    found, at = [], 0
    for _ in range(c.varint(4096)):
        found.append((at + c.varint(), c.varint()))
        at = sum(found[-1])
    c.check(found, all(length for _, length in found), at <= I64_MAX)
    return found

# commit.md
def parse_commit(data):
    c = Cursor(data, "BEF-2301")
    start, version, zeros, vault, device, sequence, _, started, ended, root = c.fields("8sB3s16s16sQ32sqq32s")
    c.check(start == magic("Beffroi commit v1"), version == 1, not any(zeros), len(data) <= 8192)
    counts, (platform, agent_bytes) = c.fields("6Q"), c.fields("BB")
    c.take(agent_bytes)
    recipients = [c.fields("BB16s65s48sB") for _ in range(c.take(1)[0])]
    c.check(len(recipients) <= 8, any(role == 1 for role, *_ in recipients),
            all(role in (1, 2) and zero == 0 and suite == 1 for role, zero, *_, suite in recipients))
    algorithm, signed, signature, identity = c.take(1), data[:c.at], c.take(64), sha256(data[:c.at])
    received, epoch, server_key_id, server_algorithm = c.fields("qQ16ss")
    countersigned, countersignature = data[:c.at], c.take(64)
    c.check(not c.left(), 1 <= platform <= 3, algorithm == server_algorithm == b"\1", epoch == 0, sequence > 0,
            max(sequence, *counts) <= I64_MAX, min(started, ended, received) >= -62135596800000,
            max(started, ended, received) <= 253402300799999)
    return SimpleNamespace(id=identity, vault=vault, device=device, sequence=sequence, root=root, received=received,
                           signed=(signature, signed), countersigned=(countersignature, countersigned),
                           recipients=recipients, server_key_id=server_key_id)
def root_key(commit, kit):
    sealed = [(enc, text) for _, _, identity, enc, text, _ in commit.recipients if identity == kit.key_id]
    require(sealed and kit.vault in (None, commit.vault), "BEF-1013", "the recovery kit is that of another vault")
    place = commit.vault + commit.device + struct.pack("<Q", commit.sequence) + commit.root
    return open_seal(kit.scalar, *sealed[0], b"beffroi root key v1" + place)
def check_signatures(commit, log):
    signed = any(verify(key, *commit.signed) for key in log.keys.get(commit.device, ()))
    countersigned = commit.server_key_id == key_id(log.server_key) and verify(log.server_key, *commit.countersigned)
    require(commit.vault == log.vault, "BEF-2302", "the member's log is that of another vault")
    require(signed, "BEF-2302", "the machine's signature does not verify with a key that it was enrolled with")
    require(countersigned, "BEF-2302", "the countersignature does not verify with the server's key")

# log.md
def read_log(blobs):  # The vault, the server's key and the devices' sign keys, from names and bytes of the log's blobs.
    log, previous = SimpleNamespace(vault=None, server_key=None, keys={}), "0" * 64
    for n, (name, blob) in enumerate(blobs, 1):
        try:
            body, signature, rest = blob.split(b"\n")
            entry = json.loads(body.decode("ascii"))
            key, kind = decode(entry["serverKey"]), entry["kind"]
            log.server_key = log.server_key or key
            log.vault = log.vault or uuid.UUID(entry["vault"]).bytes
            Cursor(blob, "BEF-2401").check(
                rest == b"", len(blob) <= 65536, int(name) == entry["n"] == n, entry["version"] == 1,
                entry["previous"] == previous, key == log.server_key, verify(key, decode(signature), body),
                (n == 1) == (kind == "vault-created"))
            if kind == "device-enrolled":
                log.keys.setdefault(uuid.UUID(entry["device"]).bytes, []).append(decode(entry["signKey"]))
        except (ValueError, KeyError, TypeError, AttributeError, VaultError) as error:
            raise VaultError(f"BEF-2401: entry {name} of the member's log is refused: {error}") from error
        previous = sha256(blob).hex()
    return log if log.vault else None

# vault.md §2 and §3: the blobs of a vault, from a commit to a file
class Vault:
    def __init__(self, folder):
        self.folder, self.reports, self.log, self.last, self.seen = folder, 0, None, None, set()
        try:
            self.log = read_log(self.each("l/[0-9]{16}", lambda blob, name: (name[2:], blob[:])))
        except VaultError as error:
            self.report(error)  # And go on without it: a broken log stops those who write, not those who restore.
    def report(self, text):
        self.reports += 1
        print(f"read_vault: {text}", file=sys.stderr)
    @lru_cache(maxsize=16)
    def blob(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if os.fstat(file.fileno()).st_size else b""
    def each(self, pattern, read):  # What a function makes of the blobs' bytes and names, but those that it refuses.
        found = glob.iglob(pattern[0] + "/**", root_dir=self.folder, recursive=True)
        for name in sorted(name for name in found if re.fullmatch(pattern, name)):  # Other names are no blobs: §2.
            try:
                yield read(self.blob(name), name)
            except VaultError as error:
                self.report(f"{name} is left out: {error}")
    def commit(self, data, name):
        c = parse_commit(data[:])
        require(name == f"s/{uuid.UUID(bytes=c.device)}/{c.sequence:016}-{c.id.hex()}", "BEF-2301", "its name differs")
        if self.log:
            check_signatures(c, self.log)
        return c
    def commits(self):
        found = self.each("s/[0-9a-f-]{36}/[0-9]{16}-[0-9a-f]{64}", self.commit)
        return sorted(found, key=lambda c: (c.received, c.sequence), reverse=True)
    @lru_cache(maxsize=None)
    def places(self):
        found = {}
        for records in self.each("p/[0-9a-f]{2}/[0-9a-f]{64}", read_pack):
            for identity, *place in records:
                found.setdefault(identity, []).append(place)
        return found
    @lru_cache(maxsize=4)  # For the files of one bundle.
    def open(self, child, types):  # References and plain bytes of a child, from the first pack where it is sound.
        error = VaultError(f"BEF-2006: record {child[0].hex()} is in no pack")
        for offset, length, name in self.places().get(child[0], ()):
            try:
                record = parse_record(self.blob(name)[offset:offset + length], child[0])
                require(record.type in types, "BEF-2201", f"it is of type {record.type}, not what its parent says")
                return record.references, open_record(record, child[1])
            except VaultError as refusal:
                error = VaultError(f"{refusal} (record {child[0].hex()} in {name})")
        raise error
    def entries(self, link, paths):  # In order; a segment that is refused or lost costs its own entries only.
        try:
            node, last = Node(*self.open(link.child, (SEGMENT,))), self.last
            items = node.items(node.segment if node.level else node.entry)
            first, count = items[0].path if items else b"", sum(i.entries for i in items) if node.level else len(items)
            node.c.check(items or link.level is None and node.level == 0, last is None or last.path < first,
                         link.level is None or (first, node.level, count) == (link.path, link.level, link.entries),
                         last is None or last.kind == DIRECTORY or not is_below(first, last.path))
        except VaultError as error:
            self.report(f"lost: the entries from {shown(link.path)} on: {error}")
            return
        for item in items:
            if node.level:
                yield from self.entries(item, paths)
                continue
            self.last = item
            self.seen |= paths & {item.path}
            if not paths or any(is_below(item.path, path) for path in paths):
                yield item
    def content(self, pieces, level=None):
        for child, offset, length, kind in pieces:
            if kind == 3:
                node = Node(*self.open(child, (CHUNK_LIST,)))
                items = node.items(node.list_item)
                node.c.check(1 <= len(items) <= 4096, all(i.length for i in items), level in (None, node.level),
                             sum(i.length for i in items) == length)
                yield from self.content(items, node.level - 1)
            else:
                plain = self.open(child, (CHUNK, BUNDLE) if kind == 1 else (CHUNK,))[1]
                require(offset + length <= len(plain) if kind == 1 else length == len(plain), "BEF-2201",
                        "a piece is not the range of its record that its parent says")
                yield plain[offset:offset + length]

# catalogue.md §8: restoring; nothing is written through a name that this run did not make itself
def restore(vault, entries, folder):
    os.makedirs(folder)  # Refuses one that is there.
    made = {os.fsencode(folder)}
    for e in entries:
        *above, target = itertools.accumulate(e.path.split(b"\0"), os.path.join, initial=os.fsencode(folder))
        try:
            for directory in [*above, target] if e.kind == DIRECTORY else above:
                if directory not in made:  # Also one whose entry is lost; mkdir refuses what is there.
                    os.mkdir(directory, 0o700)
                    made.add(directory)
            require(e.kind in (FILE, DIRECTORY, LINK), "BEF-1015", "this reader does not restore entries of this kind")
            if e.kind == LINK:
                os.symlink(e.extensions.get(1, b""), target)
            elif e.kind == FILE:
                restore_file(vault, e, target)
        except (VaultError, OSError) as error:
            vault.report(f"lost: {shown(e.path)}: {error}")

def restore_file(vault, e, target):
    ranges, room = iter(e.extensions.get(5, [(0, e.bytes)])), 0
    with open(target, "xb") as file:
        try:
            file.truncate(e.bytes)
            for block in vault.content(e.content):
                while block:
                    if room == 0:
                        at, room = next(ranges)
                        file.seek(at)
                    room, block = room - file.write(block[:room]), block[room:]
        except (VaultError, OSError):
            os.unlink(target)  # Half a file looks like a whole one.
            raise
    os.chmod(target, e.mode & 0o1777)  # Set-user-id without the owner who had it would be a hole.
    os.utime(target, ns=(e.modified, e.modified))

# The program
def shown(path):  # What could command a terminal, and bytes that are no UTF-8, are escaped.
    text = path.replace(b"\0", b"/").decode("utf-8", "backslashreplace")
    return "/" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
def choose(commits, words):
    word = words.pop(0) if words and words[0][:1] != "/" else None
    found = [c for c in commits if word in (None, str(c.sequence)) or len(word) >= 6 and c.id.hex().startswith(word)]
    require(found, "BEF-1008", f"there is no snapshot {word or 'at all'} that can be used")
    require(len({c.device for c in found}) == 1 and (len(found) == 1 or not word), "BEF-1009", "several may be meant")
    return found[0]

def run(o):
    with open(o.recovery_key, encoding="utf-8", errors="surrogateescape") as file:
        kit = read_kit(file.read())
    vault = Vault(o.packs)
    named = kit.server_key is None or not vault.log or key_id(vault.log.server_key).hex() == kit.server_key
    require(named, "BEF-2401", "the member's log is signed by another server than the one that the recovery kit names")
    commits = vault.commits()
    if not vault.log:
        print("read_vault: the signatures could not be checked: there is no log that can be used", file=sys.stderr)
    if o.command == "list":
        for c in commits:
            print(f"{c.sequence:8}  {c.id.hex()[:16]}  {time.ctime(c.received // 1000)}  {uuid.UUID(bytes=c.device)}")
        return vault.reports
    commit = choose(commits, o.words)
    require(o.to or o.command == "ls", "BEF-1001", "restore needs --to FOLDER")
    paths = {os.fsencode(word).strip(b"/").replace(b"/", b"\0") for word in o.words}
    entries = vault.entries(Segment(b"", (commit.root, root_key(commit, kit)), None, None), paths)
    if o.command == "restore":
        restore(vault, entries, o.to)
    for e in entries:  # Of ls: a restore leaves none.
        print(f"{'?-dlpscbr'[e.kind]}{stat.filemode(e.mode)[1:]} {e.bytes:15}  {shown(e.path)}")
    for path in paths - vault.seen:
        vault.report(f"BEF-1010: {shown(path)} is not in the snapshot")
    return vault.reports

def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("--packs", "DIR"), ("--recovery-key", "KIT"), ("--to", "FOLDER")):
        parser.add_argument(name, metavar=value, required=name != "--to")
    parser.add_argument("command", choices=("list", "ls", "restore"))
    parser.add_argument("words", nargs="*", metavar="SNAPSHOT or PATH")
    try:
        return int(run(parser.parse_intermixed_args(arguments)) > 0)
    except (VaultError, OSError) as error:
        print(f"read_vault: {error}", file=sys.stderr)
        return 1

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
