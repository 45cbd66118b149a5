#!/usr/bin/env python3
"""Reads a Beffroi vault without Beffroi: a copy of its blobs and the member's recovery kit are enough.

  read_vault.py --packs DIR list
  read_vault.py --packs DIR --recovery-key KIT ls [SNAPSHOT] [PATH...]
  read_vault.py --packs DIR --recovery-key KIT restore [SNAPSHOT] --to FOLDER [PATH...]

DIR is a blob store (with t/<vault>/ in it) or the folder of one vault (with p/ and s/ in it), KIT the .beffroi-kit file
or any text file with its 18 words, SNAPSHOT a sequence number or the first digits of an id (6 or more); without it, the
newest. A PATH starts with / as ls shows it; FOLDER must be new or empty. What is damaged is named and left out, and the
rest goes on. Exit status: 0 all of it, 1 something was refused or lost, 2 wrong usage. Written from docs/format alone.
Needs Python 3.9, a POSIX system, libcrypto, libzstd, and libbrotlidec if the vault has records packed with Brotli."""
import argparse, base64, ctypes, ctypes.util, glob, hashlib, hmac, json, mmap, os, re  # noqa: E401
import stat, struct, sys, time, unicodedata, uuid, zlib  # noqa: E401
from collections import namedtuple
from functools import lru_cache
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
def ascending(values): return all(a < b for a, b in zip(values, values[1:]))

class Cursor:
    """Reads fields one after the other, and refuses with one code what breaks a rule of their page."""
    def __init__(self, data, code): self.data, self.code, self.at = data, code, 0
    def left(self): return len(self.data) - self.at
    def counted(self): return self.take(self.varint())

    def check(self, *rules):
        broken = [n for n, rule in enumerate(rules, 1) if not rule]
        where = f"before byte {self.at} of {len(self.data)}"
        require(not broken, self.code, f"this breaks docs/format {where} (rules {broken} of {len(rules)} there)")

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
class Pointer(ctypes.c_void_p):
    """ctypes makes a number of a c_void_p that a function returns, but leaves a subclass as it is."""

@lru_cache(maxsize=None)
def library(name):
    try:
        return ctypes.CDLL(ctypes.util.find_library(name) or f"lib{name}.so.1")
    except OSError as error:
        raise VaultError(f"BEF-1014: lib{name} is not installed on this machine, and is needed to go on") from error

def call(name, function, *arguments, result=ctypes.c_int):
    found = getattr(library(name), function)
    found.restype = result
    return found(*arguments)

def crypto(function, *arguments): return call("crypto", function, *arguments, result=Pointer)
def succeed(*steps): return all(call("crypto", *step) == 1 for step in steps)

def open_aes_gcm(key, nonce, associated, sealed):
    """The plain bytes of ciphertext ‖ tag under AES-256-GCM; None when the tag does not verify."""
    plain, end, written = (ctypes.create_string_buffer(size) for size in (len(sealed) + 16, 16, 4))
    context, text = crypto("EVP_CIPHER_CTX_new"), sealed[:-16]
    good = len(sealed) >= 16 and succeed(
        ("EVP_DecryptInit_ex", context, crypto("EVP_aes_256_gcm"), None, key, nonce),
        ("EVP_DecryptUpdate", context, None, written, associated, len(associated)),
        ("EVP_DecryptUpdate", context, plain, written, text, len(text)),
        ("EVP_CIPHER_CTX_ctrl", context, 0x11, 16, sealed[-16:]),  # EVP_CTRL_AEAD_SET_TAG
        ("EVP_DecryptFinal_ex", context, end, written))
    call("crypto", "EVP_CIPHER_CTX_free", context, result=None)
    return plain.raw[:len(text)] if good else None

def multiply(factor, point, point_factor):
    """factor × G + point_factor × point on P-256, uncompressed; None when the point is none or the sum infinite."""
    group, out, size = crypto("EC_GROUP_new_by_curve_name", 415), ctypes.create_string_buffer(65), ctypes.c_size_t(65)
    factors = [crypto("BN_bin2bn", n.to_bytes(32, "big"), 32, None) for n in (factor, point_factor)]
    total, other = (crypto("EC_POINT_new", group) for _ in range(2))
    good = len(point) == 65 and point[0] == 4 and succeed(  # oct2point refuses what is not on the curve.
        ("EC_POINT_oct2point", group, other, point, size, None),
        ("EC_POINT_mul", group, total, factors[0], other, factors[1], None)) and 65 == call(
            "crypto", "EC_POINT_point2oct", group, total, 4, out, size, None, result=ctypes.c_size_t)
    for kind, thing in zip(("BN", "BN", "EC_POINT", "EC_POINT", "EC_GROUP"), (*factors, total, other, group)):
        call("crypto", kind + "_free", thing, result=None)
    return out.raw if good else None

def unpack_zstd(payload, size):
    plain, length = ctypes.create_string_buffer(size), (payload, ctypes.c_size_t(len(payload)))
    def zstd(function, *arguments): return call("zstd", "ZSTD_" + function, *arguments, result=ctypes.c_uint64)
    good = payload[:4] == b"\x28\xb5\x2f\xfd" and zstd("getFrameContentSize", *length) == size \
        and zstd("findFrameCompressedSize", *length) == len(payload) \
        and zstd("decompress", plain, ctypes.c_size_t(size), *length) == size
    return plain.raw if good else None

def unpack_brotli(payload, size):
    plain, room, left = ctypes.create_string_buffer(size), ctypes.c_size_t(size), ctypes.c_size_t(len(payload))
    places = left, ctypes.c_char_p(payload), room, ctypes.c_void_p(ctypes.addressof(plain))
    decoder = call("brotlidec", "BrotliDecoderCreateInstance", None, None, None, result=Pointer)
    state = call("brotlidec", "BrotliDecoderDecompressStream", decoder, *map(ctypes.byref, places), None)
    call("brotlidec", "BrotliDecoderDestroyInstance", decoder, result=None)
    return plain.raw if (state, left.value, room.value) == (1, 0, 0) else None

def unpack_deflate(payload, size):
    decoder = zlib.decompressobj(-15)
    plain = decoder.decompress(payload, size)
    plain += decoder.decompress(decoder.unconsumed_tail, 1)  # Also reads the end of the last block.
    return plain if decoder.eof and len(plain) == size and not decoder.unused_data else None

# keys.md: key ids (§1.5), seals (§2), signatures (§3), the recovery kit (§5)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
GENERATOR = bytes.fromhex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aiou"
UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Kit = namedtuple("Kit", "scalar key_id vault")

def key_id(point): return sha256(point)[:16]
def number(data): return int.from_bytes(data, "big")
def public_point(scalar): return multiply(0, GENERATOR, number(scalar))

def verify(point, signature, data):
    """Whether r ‖ s is an ECDSA signature with SHA-256: FIPS 186-4, §6.4."""
    r, s = number(signature[:32]), number(signature[32:])
    if len(signature) != 64 or not (0 < r < ORDER and 0 < s < ORDER):
        return False
    inverse = pow(s, -1, ORDER)
    found = multiply(number(sha256(data)) * inverse % ORDER, point, r * inverse % ORDER)
    return found is not None and number(found[1:33]) % ORDER == r

def extract(suite, salt, label, material):  # LabeledExtract and LabeledExpand of RFC 9180; 32 bytes are one block.
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, "sha256")

def expand(suite, key, label, context, size):
    return hmac.digest(key, struct.pack(">H", size) + b"HPKE-v1" + suite + label + context + b"\1", "sha256")[:size]

def shared_secret(scalar, enc):
    agreed, suite = multiply(0, enc, number(scalar)), b"KEM\x00\x10"
    require(agreed, "BEF-2303", "the encapsulated key of a seal is no point of P-256")
    secret = extract(suite, b"", b"eae_prk", agreed[1:33])
    return expand(suite, secret, b"shared_secret", enc + public_point(scalar), 32)

def key_schedule(shared, info, aead=2, key_size=32):  # Base mode, first message; AEAD 2 is AES-256-GCM.
    suite = b"HPKE\x00\x10\x00\x01" + struct.pack(">H", aead)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    return expand(suite, secret, b"key", context, key_size), expand(suite, secret, b"base_nonce", context, 12)

def open_seal(scalar, enc, sealed, info, associated=b""):
    plain = open_aes_gcm(*key_schedule(shared_secret(scalar, enc), info), associated, sealed)
    require(plain is not None, "BEF-2303", "a sealed key does not open: it is damaged, or was made for another place")
    return plain

def read_kit(text):
    words, fields = [], {}
    refuse_unless(len(text.encode("utf-16-le", "surrogatepass")) <= 2 * 16384, "it has more than 16,384 characters")
    for line in (line.strip().strip("\ufeff").strip() for line in re.split("\r\n|[\r\n\f\x85\u2028\u2029]", text)):
        line = line[9:] if line.upper().startswith("BEFFROI1:") else line
        name, colon, value = (part.strip() for part in line.partition(":"))
        if line.upper().startswith("BEFFROI RECOVERY KIT"):
            refuse_unless(line[20:].strip() == "1", "its version is not 1")
        elif colon and name.lower() != "words" and not line.startswith("#"):
            refuse_unless(name.lower() not in fields, f"the line {name}: is there twice")
            fields[name.lower()] = value
        else:
            words += kit_words(value if colon and not line.startswith("#") else line)
    scalar, vault = kit_scalar(words), fields.get("vault")
    identity = key_id(public_point(scalar))
    refuse_unless(vault is None or UUID.fullmatch(vault), "its vault is no UUID with hyphens")
    refuse_unless(fields.get("key-id", identity.hex()).lower() == identity.hex(), "its key id is that of another key")
    return Kit(scalar, identity, vault and uuid.UUID(vault).bytes)

def refuse_unless(good, why): require(good, "BEF-1012", f"the recovery kit is refused: {why}")

def kit_words(line):
    parts = ("Zs", "Zl", "Zp", "Pd", "Cc", "Cf")
    return "".join(" " if letter in ",;.\u2212" or unicodedata.category(letter) in parts else letter
                   for letter in line.partition("#")[0]).split()

def kit_scalar(words):
    packed = b""
    for position, word in enumerate(words, 1):
        digits = [(VOWELS if i % 2 else CONSONANTS).find(letter) for i, letter in enumerate(word.lower())]
        refuse_unless(len(digits) == 5 and -1 not in digits, f"word {position}, {word!r}, is none of its words")
        packed += struct.pack(">H", sum(digit << shift for digit, shift in zip(digits, (12, 10, 6, 4, 0))))
    refuse_unless(len(words) == 18, f"it has {len(words)} words instead of 18")
    scalar, check = packed[:32], packed[32:]
    refuse_unless(sha256(b"beffroi kit v1" + scalar)[:4] == check, "its last two words do not match the others")
    refuse_unless(0 < number(scalar) < ORDER, "its number is no private key")
    return scalar

# record.md
RECORD_MAGIC = magic("Beffroi record v1")
CHUNK, BUNDLE, CHUNK_LIST, SEGMENT = 1, 2, 3, 4
PLAIN_MAX, REFERENCES_MAX = 4 << 20, 16384
CODECS = (lambda payload, size: payload, unpack_zstd, unpack_brotli, unpack_deflate)
Record = namedtuple("Record", "type codec plain_bytes secret references header sealed")

def parse_record(data):
    c = Cursor(data, "BEF-2001")
    start, version, kind, cipher, codec, level, padding, reserved, codec_version, plain, payload, count, secret = \
        c.fields("8s6BH4I16s")
    c.check(start == RECORD_MAGIC)
    require(version == 1, "BEF-2004", f"a record has the unknown version {version}")
    c.check(CHUNK <= kind <= SEGMENT)
    require(cipher == 1 and codec < len(CODECS), "BEF-2004", f"a record has cipher {cipher}, codec {codec}")
    c.check(padding == 0, reserved == 0, 1 <= payload <= plain <= PLAIN_MAX,
            count <= (REFERENCES_MAX if kind >= CHUNK_LIST else 0),
            codec or (payload, level, codec_version) == (plain, 0, 0))
    references = [c.take(32) for _ in range(count)]
    c.check(ascending(references))
    record = Record(kind, codec, plain, secret, references, data[:c.at], c.take(payload + 16))
    c.check(not c.left())
    return record

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
FOOTER_MAGIC, END_MAGIC = magic("Beffroi pack footer v1"), magic("Beffroi pack end v1")

def read_pack(pack, name):
    """The id, offset, length and pack of each record, after the checks of §3; each record is verified when read."""
    end = Cursor(pack[-12:], "BEF-2102")
    footer_bytes, end_magic = end.fields("I8s")
    end.check(end_magic == END_MAGIC, 108 <= footer_bytes <= len(pack) - 44)
    c = Cursor(pack[len(pack) - 12 - footer_bytes:-12], "BEF-2101")
    require(sha256(c.data).hex() == name[-64:], "BEF-2103", "the digest of the footer is not the pack's name")
    start, version, kind, secret_count, count, _ = c.fields("8sBBHI32s")
    c.check(start == FOOTER_MAGIC, version == 1, 1 <= kind <= 2, 1 <= secret_count <= 16, 1 <= count <= 32768)
    c.take(16 * secret_count)
    places = [(*c.fields("32sIIBBH")[:3], name) for _ in range(count)]
    c.check(not c.left())
    return places

def read_record(pack, identity, offset, length):
    data = pack[offset:offset + length]
    require(sha256(data) == identity, "BEF-2002", "the record's bytes do not have its id: it is damaged")
    return parse_record(data)

# catalogue.md
FILE, DIRECTORY, LINK, FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE, REPARSE_POINT = range(1, 9)
Piece = namedtuple("Piece", "child offset length is_list")  # A child is the id and the key of a record.
Segment = namedtuple("Segment", "path child entries level")

class Node:
    """The plain bytes of a segment or chunk list (§1)."""
    def __init__(self, references, plain):
        self.c = Cursor(plain, "BEF-2201")
        version, self.level, reserved = self.c.fields("BBH")
        self.c.check(version == 1, self.level <= 8, reserved == 0)
        self.children = [(reference, self.c.take(32)) for reference in references]
        self.unused, self.count = set(references), self.c.varint(PLAIN_MAX)

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

    def body(self):
        c = Cursor(self.c.counted(), self.c.code)
        c.check(len(c.data) <= 1 << 20)
        return c

    def path(self, c, start, previous):  # §2
        path = start + c.counted()
        c.check(len(path) <= 32768, b"/" not in path, not {b"", b".", b".."} & set(path.split(b"\0")),
                previous is None or previous.path < path)
        return path

    def segment(self, previous):  # §4
        c = self.body()
        found = Segment(self.path(c, b"", previous), self.child(c), c.varint(), self.level - 1)
        c.check(not c.left())
        return found

    def list_item(self, _):  # §6
        return Piece(self.child(self.c), 0, self.c.varint(I64_MAX if self.level else PLAIN_MAX), self.level > 0)

    def entry(self, previous):  # §3
        c, before = self.body(), previous.path if previous else b""
        e = SimpleNamespace(path=self.path(c, before[:c.varint(len(before))], previous), kind=c.take(1)[0])
        time, nanoseconds = c.varint(U64_MAX), c.varint(10 ** 9 - 1)
        seconds = time >> 1 ^ -(time & 1)
        e.modified = seconds * 10 ** 9 + nanoseconds
        e.mode, e.user, e.group, e.bytes = c.varint(0o7777), c.varint(U32_MAX), c.varint(U32_MAX), c.varint()
        e.content = self.content(c)
        e.extensions = self.extensions(c)
        ranges, length = e.extensions.get(5, [(0, e.bytes)]), sum(piece.length for piece in e.content)
        is_hole = not e.content and 5 not in e.extensions
        c.check(FILE <= e.kind <= REPARSE_POINT, abs(seconds) < 9 * 10 ** 9, sum(ranges[-1]) <= e.bytes,
                is_hole or length == sum(size for _, size in ranges), e.kind == FILE or length == e.bytes == 0,
                previous is None or previous.kind == DIRECTORY or not is_below(e.path, before))
        return e

    def content(self, c):  # §5
        kind = c.take(1)[0]
        c.check(kind <= 3, kind < 2 or c.take(1)[0] in (1, 2))
        count = c.varint(64) if kind == 2 else min(kind, 1)
        length_max = I64_MAX if kind == 3 else PLAIN_MAX
        pieces = [Piece(self.child(c), c.varint(U32_MAX) if kind == 1 else 0, c.varint(length_max), kind == 3)
                  for _ in range(count)]
        c.check(bool(pieces) == (kind > 0), all(piece.length for piece in pieces))
        return pieces

    def extensions(self, c):  # §3, the table of tags
        found, last = {}, 0
        while c.left():
            tag, value = c.varint(U64_MAX), Cursor(c.counted(), c.code)
            c.check(tag > last, tag % 2 == 0 or tag <= 5)
            known = {3: lambda v: v.varint(U64_MAX), 5: ranges, 6: lambda v: v.varint(U64_MAX), 8: attributes,
                 10: self.windows}
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

def attributes(c):
    found = [(c.counted(), c.counted()) for _ in range(c.varint())]
    c.check(ascending([name for name, _ in found]))
    return found

def is_below(path, directory): return (path + b"\0").startswith(directory + b"\0")

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
            max(sequence, *counts) <= I64_MAX,
            all(-62135596800000 <= time <= 253402300799999 for time in (started, ended, received)))
    return SimpleNamespace(id=identity, vault=vault, device=device, sequence=sequence, root=root, files=counts[0],
                           bytes=counts[3], received=received, recipients=recipients, server_key_id=server_key_id,
                           signed=(signature, signed), countersigned=(countersignature, countersigned))

def root_key(commit, kit):
    sealed = [(enc, text) for _, _, identity, enc, text, _ in commit.recipients if identity == kit.key_id]
    require(sealed and kit.vault in (None, commit.vault), "BEF-1013",
            f"the recovery kit, key {kit.key_id.hex()}, is that of another vault")
    place = commit.vault + commit.device + struct.pack("<Q", commit.sequence) + commit.root
    return open_seal(kit.scalar, *sealed[0], b"beffroi root key v1" + place)

def check_signatures(commit, log):
    require(commit.vault == log.vault, "BEF-2302", "the member's log is that of another vault")
    require(any(verify(key, *commit.signed) for key in log.keys.get(commit.device, ())), "BEF-2302",
            "the machine's signature does not verify with a key that it was enrolled with")
    require(commit.server_key_id == key_id(log.server_key) and verify(log.server_key, *commit.countersigned),
            "BEF-2302", "the countersignature does not verify with the server's key")

# log.md
def decode(text): return base64.b64decode(text, validate=True)

def read_log(blobs):
    """The vault, the server's key, and the sign keys of each device, from the names and bytes of the log in order."""
    log = SimpleNamespace(vault=None, server_key=None, keys={})
    previous = "0" * 64
    for n, (name, blob) in enumerate(blobs, 1):
        c = Cursor(blob, "BEF-2401")
        try:
            body, signature, rest = blob.split(b"\n")
            entry = json.loads(body.decode("ascii"))
            key, kind = decode(entry["serverKey"]), entry["kind"]
            log.server_key = log.server_key or key
            c.check(rest == b"", int(name) == entry["n"] == n, entry["version"] == 1, entry["previous"] == previous,
                    key == log.server_key, verify(key, decode(signature), body), (n == 1) == (kind == "vault-created"))
            if n == 1:
                log.vault = uuid.UUID(entry["vault"]).bytes
            if kind == "device-enrolled":
                log.keys.setdefault(uuid.UUID(entry["device"]).bytes, []).append(decode(entry["signKey"]))
        except (ValueError, KeyError, TypeError, AttributeError, VaultError) as error:
            raise VaultError(f"BEF-2401: entry {name} of the member's log is refused: {error}") from error
        previous = sha256(blob).hex()
    return log if log.vault else None

# vault.md §2 and §3: the blobs of a vault, from a commit to a file
class Vault:
    def __init__(self, folder, kit):
        names = str(uuid.UUID(bytes=kit.vault)) if kit and kit.vault else "*"
        found = [folder] if os.path.isdir(os.path.join(folder, "s")) else glob.glob(os.path.join(folder, "t", names))
        require(len(found) == 1, "BEF-1001", f"{folder} holds {len(found)} vaults that may be meant; name one's folder")
        self.folder, self.reports, self.log = found[0], 0, None
        try:
            self.log = read_log([(name[2:], self.blob(name)[:]) for name in self.names("l/[0-9]{16}")])
        except VaultError as error:
            self.report(error)  # And go on without it: a broken log stops those who write, not those who restore.

    def report(self, text):
        self.reports += 1
        print(f"read_vault: {text}", file=sys.stderr)

    def names(self, pattern):  # What is named otherwise is no blob: a store may keep unfinished ones beside them.
        found = (os.path.relpath(os.path.join(at, name), self.folder)
                 for at, _, files in os.walk(os.path.join(self.folder, pattern[0])) for name in files)
        return sorted(name for name in found if re.fullmatch(pattern, name))

    @lru_cache(maxsize=16)
    def blob(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if os.fstat(file.fileno()).st_size else b""

    def each(self, pattern, read):
        """What a function makes of the bytes and name of each blob, without those that it refuses."""
        for name in self.names(pattern):
            try:
                yield read(self.blob(name), name)
            except VaultError as error:
                self.report(f"{name} is left out: {error}")

    def commit(self, data, name):
        c = parse_commit(data[:])
        said = f"s/{uuid.UUID(bytes=c.device)}/{c.sequence:016}-{c.id.hex()}"
        require(name == said, "BEF-2301", f"it says that it is {said}")
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
    def open(self, child, types):
        """References and plain bytes of a child, from the first pack where it is sound."""
        error = VaultError(f"BEF-2006: record {child[0].hex()} is in no pack")
        for offset, length, name in self.places().get(child[0], ()):
            try:
                record = read_record(self.blob(name), child[0], offset, length)
                require(record.type in types, "BEF-2201", f"it is of type {record.type}, not what its parent says")
                return record.references, open_record(record, child[1])
            except VaultError as refusal:
                error = VaultError(f"{refusal} (record {child[0].hex()} in {name})")
        raise error

    def entries(self, root, selection):
        pending, last, missing = [Segment(b"", root, None, None)], None, set(selection)
        while pending:
            link = pending.pop()
            try:
                level, items = self.segment(link, last)
            except VaultError as error:
                self.report(f"lost: the entries from {shown(link.path)} on: {error}")
                continue
            if level:
                pending += reversed(items)
            elif items:
                yield from (e for e in items if not selection or any(is_below(e.path, path) for path in selection))
                last, missing = items[-1], missing - {e.path for e in items}
        for path in missing:
            self.report(f"BEF-1010: {shown(path)} is not in the snapshot")

    def segment(self, link, last):
        node = Node(*self.open(link.child, (SEGMENT,)))
        items = node.items(node.segment if node.level else node.entry)
        first, count = items[0].path if items else b"", sum(i.entries for i in items) if node.level else len(items)
        node.c.check(items or link.level is None and node.level == 0, last is None or last.path < first,
                     link.level is None or (first, node.level, count) == (link.path, link.level, link.entries),
                     last is None or last.kind == DIRECTORY or not is_below(first, last.path))
        return node.level, items

    def content(self, pieces, level=None):
        for child, offset, length, is_list in pieces:
            if is_list:
                node = Node(*self.open(child, (CHUNK_LIST,)))
                items = node.items(node.list_item)
                node.c.check(1 <= len(items) <= 4096, all(i.length for i in items), level in (None, node.level),
                             sum(i.length for i in items) == length)
                yield from self.content(items, node.level - 1)
            else:
                plain = self.open(child, (CHUNK, BUNDLE))[1]
                require(offset + length <= len(plain), "BEF-2201", "a piece reaches beyond its record's end")
                yield plain[offset:offset + length]

# catalogue.md §8: restoring; nothing is written through a name that this run did not make itself
class Restorer:
    def __init__(self, vault, folder):
        self.vault, self.folder, self.directories, self.links = vault, os.fsencode(folder), {b"": None}, {None: None}
        os.makedirs(folder, exist_ok=True)
        require(not os.listdir(folder), "BEF-1001", f"{folder} is not empty; restore into a new folder")

    def restore(self, entries):
        for e in entries:
            self.attempt(self.make, e)
        for e in filter(None, reversed(list(self.directories.values()))):  # Last, since writing into them undoes it.
            self.attempt(self.set_metadata, e)

    def attempt(self, action, e):
        try:
            action(e, os.path.join(self.folder, *e.path.split(b"\0")))
        except (VaultError, OSError, OverflowError) as error:
            self.vault.report(f"lost: {shown(e.path)}: {error}")

    def make_directory(self, path, e=None):  # With those above, whose entries may be lost; mkdir refuses what is there.
        if path not in self.directories:
            self.make_directory(path.rpartition(b"\0")[0])
            os.mkdir(os.path.join(self.folder, *path.split(b"\0")), 0o700)
            self.directories[path] = e

    def make(self, e, target):
        if e.kind == DIRECTORY:
            return self.make_directory(e.path, e)
        self.make_directory(e.path.rpartition(b"\0")[0])
        if self.links.get(e.extensions.get(6)):
            return os.link(self.links[e.extensions[6]], target, follow_symlinks=False)
        require(e.kind in (FILE, LINK), "BEF-1015", "this reader restores files, directories and symbolic links only")
        if e.kind == LINK:
            os.symlink(e.extensions.get(1, b""), target)
        else:
            self.make_file(e, target)
        self.links.setdefault(e.extensions.get(6), target)
        self.set_metadata(e, target)

    def make_file(self, e, target):
        try:
            with open(target, "xb") as file:
                file.truncate(e.bytes)
                ranges, room = iter(e.extensions.get(5, [(0, e.bytes)])), 0
                for block in self.vault.content(e.content):
                    while block:
                        if room == 0:
                            at, room = next(ranges)
                            file.seek(at)
                        written = file.write(block[:room])
                        room, block = room - written, block[written:]
        except VaultError:
            os.unlink(target)  # Half a file looks like a whole one.
            raise

    def set_metadata(self, e, target):
        for name, value in e.extensions.get(8, ()):
            os.setxattr(target, name, value, follow_symlinks=False)
        if os.geteuid() == 0:
            os.chown(target, e.user, e.group, follow_symlinks=False)
        if e.kind != LINK:  # Set-user-id for another user than the one who had it would be a hole.
            os.chmod(target, e.mode if os.geteuid() == 0 else e.mode & 0o1777)
        os.utime(target, ns=(e.modified, e.modified), follow_symlinks=False)

# The program
def shown(path):  # What could command a terminal, and bytes that are no UTF-8, are escaped.
    text = path.replace(b"\0", b"/").decode("utf-8", "backslashreplace")
    return "/" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

def choose(commits, word):
    found = [c for c in commits if word in (None, str(c.sequence)) or len(word) >= 6 and c.id.hex().startswith(word)]
    require(found, "BEF-1008", f"there is no snapshot {word or 'at all'} that can be used")
    require(len({c.device for c in found}) == 1 and (len(found) == 1 or not word), "BEF-1009", "several may be meant")
    return found[0]

def run(vault, kit, command, to, words):
    commits, state = vault.commits(), "verified" if vault.log else "not checked"
    if not vault.log:
        print("read_vault: the signatures could not be checked: there is no log that can be used", file=sys.stderr)
    for c in commits if command == "list" else ():
        print(f"{c.sequence:8}  {c.id.hex()[:16]}  {time.strftime('%F %T', time.gmtime(c.received // 1000))}  {state}  "
              f"{uuid.UUID(bytes=c.device)}  {c.files:9} files  {c.bytes:15} bytes")
    if command == "list":
        return
    require(kit and (to or command == "ls"), "BEF-1001", "ls needs --recovery-key, and restore --to FOLDER as well")
    commit = choose(commits, words.pop(0) if words and words[0][0:1] != "/" else None)
    require(all(word.strip("/") and word[0] == "/" for word in words), "BEF-1001", "a PATH starts with /")
    selection = [os.fsencode(word).strip(b"/").replace(b"/", b"\0") for word in words]
    entries = vault.entries((commit.root, root_key(commit, kit)), selection)
    if command == "restore":
        Restorer(vault, to).restore(entries)
        return
    for e in entries:
        print(f"{'?-dlpscbr'[e.kind]}{stat.filemode(e.mode)[1:]} {e.bytes:15}  {shown(e.path)}")

def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("--packs", "DIR"), ("--recovery-key", "KIT"), ("--to", "FOLDER")):
        parser.add_argument(name, metavar=value, required=name == "--packs")
    parser.add_argument("command", choices=("list", "ls", "restore"))
    parser.add_argument("words", nargs="*", metavar="SNAPSHOT or PATH")
    o = parser.parse_intermixed_args(arguments)
    try:
        with open(o.recovery_key or os.devnull, encoding="utf-8", errors="surrogateescape") as file:
            kit = read_kit(file.read()) if o.recovery_key else None
        vault = Vault(o.packs, kit)
        run(vault, kit, o.command, o.to, o.words)
        return int(vault.reports > 0)
    except (VaultError, OSError) as error:
        print(f"read_vault: {error}", file=sys.stderr)
        return 1

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
