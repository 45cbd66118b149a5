"""Writes small vaults as docs/format says, sound or with one thing wrong, for the tests of scripts/read_vault.py."""
import base64
import ctypes
import hashlib
import hmac
import json
import os
import struct
import sys
import uuid
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "scripts"))
import read_vault as reader  # noqa: E402
from read_vault import magic, public_point, sha256  # noqa: E402

VAULT = uuid.UUID("6f1c2f0e-6b1d-4c7a-9f37-0a1b2c3d4e5f")
DEVICE = uuid.UUID("0193b0aa-0000-7000-8000-000000000001")
MACHINE_SECRET, GROUP_SECRET = (uuid.UUID(int=1), b"m" * 32), (uuid.UUID(int=2), b"g" * 32)
RECOVERY, SERVICE, SERVER, SIGNER, SEALER, EPHEMERAL = (bytes([n]) * 32 for n in range(1, 7))
ENROLLED, RECEIVED = "2026-11-05T08:00:00.1234567Z", 1794000000000


def u(size, value):
    return value.to_bytes(size, "little")


def varint(value):
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def text(data):
    return varint(len(data)) + data


def seal_aes_gcm(key, nonce, associated, plain):
    out, tag, end, written = (ctypes.create_string_buffer(size) for size in (len(plain) + 16, 16, 16, 4))
    context = reader.pointer("crypto", "EVP_CIPHER_CTX_new")
    good = reader.succeed(
        ("EVP_EncryptInit_ex", context, reader.pointer("crypto", "EVP_aes_256_gcm"), None, key, nonce),
        ("EVP_EncryptUpdate", context, None, written, associated, len(associated)),
        ("EVP_EncryptUpdate", context, out, written, plain, len(plain)),
        ("EVP_EncryptFinal_ex", context, end, written),
        ("EVP_CIPHER_CTX_ctrl", context, 0x10, 16, tag))  # EVP_CTRL_AEAD_GET_TAG
    assert good
    reader.call("crypto", "EVP_CIPHER_CTX_free", context, result=None)
    return out.raw[:len(plain)] + tag.raw


def sign(scalar, data):
    """ECDSA with a nonce that follows from key and data: the same vault each time."""
    d, z = int.from_bytes(scalar, "big"), int.from_bytes(sha256(data), "big")
    k = int.from_bytes(hmac.digest(scalar, data, "sha256"), "big") % reader.ORDER
    r = reader.number(public_point(k.to_bytes(32, "big"))[1:33]) % reader.ORDER
    return r.to_bytes(32, "big") + (pow(k, -1, reader.ORDER) * (z + r * d) % reader.ORDER).to_bytes(32, "big")


def seal(point, info, plain):
    enc, agreed = public_point(EPHEMERAL), reader.multiply(0, point, reader.number(EPHEMERAL))
    key, nonce = reader.key_schedule(agreed, enc + point, info)
    return enc, seal_aes_gcm(key, nonce, b"", plain)


def compress(codec, plain):
    room = len(plain) + 1024
    out, size = ctypes.create_string_buffer(room), ctypes.c_size_t(room)
    if codec == 1:
        length = ctypes.c_size_t(len(plain))
        written = reader.call("zstd", "ZSTD_compress", out, size, plain, length, 3, result=ctypes.c_size_t)
        return out.raw[:written]
    if codec == 2:
        function = ctypes.CDLL("libbrotlienc.so.1").BrotliEncoderCompress
        function(5, 22, 0, ctypes.c_size_t(len(plain)), plain, ctypes.byref(size), out)
        return out.raw[:size.value]
    encoder = zlib.compressobj(6, zlib.DEFLATED, -15)
    return encoder.compress(plain) + encoder.flush() if codec else plain


def make_record(kind, plain, codec=0, references=(), secret=MACHINE_SECRET, payload=None, plain_bytes=None):
    """Bytes and key of a record."""
    if payload is None:
        payload = compress(codec, plain)
        codec, payload = (codec, payload) if len(payload) <= len(plain) else (0, plain)
    level, version = (3, 10504) if codec else (0, 0)
    sizes = u(4, plain_bytes or len(plain)) + u(4, len(payload)) + u(4, len(references))
    start = magic("Beffroi record v1") + bytes((1, kind, 1, codec, level, 0, 0, 0)) + u(4, version)
    header = start + sizes + secret[0].bytes + b"".join(references)
    key = hmac.digest(secret[1], sha256(u(4, len(header)) + header + payload), "sha256")
    return header + seal_aes_gcm(key, bytes(12), header, payload), key


def make_pack(kind, records, vault=VAULT, secrets=None):
    header = magic("Beffroi pack v1") + bytes((1, kind)) + bytes(6) + vault.bytes
    secrets = secrets or sorted({data[32:48] for data in records})
    offset, entries = 32, b""
    for data in records:
        place = u(4, offset) + u(4, len(data)) + bytes((data[9], secrets.index(data[32:48]))) + bytes(2)
        entries, offset = entries + sha256(data) + place, offset + len(data)
    start = magic("Beffroi pack footer v1") + bytes((1, kind)) + u(2, len(secrets)) + u(4, len(records))
    start += sha256(header)
    return end_pack(header + b"".join(records), start + b"".join(secrets) + entries)


def end_pack(start, footer):
    """Name and bytes of a pack with a given footer."""
    return sha256(footer).hex(), start + footer + u(4, len(footer)) + magic("Beffroi pack end v1")


def make_node(level, items, count=None, unused=()):
    """Plain bytes and references of a segment or list. In items, bytes are themselves, a tuple (id, key) is a child,
    and a list is a body after its length."""
    children = dict(unused)

    def collect(part):
        if isinstance(part, tuple):
            children[part[0]] = part[1]
        elif isinstance(part, list):
            for inner in part:
                collect(inner)

    def encode(part):
        if isinstance(part, tuple):
            return varint(references.index(part[0]))
        return text(b"".join(map(encode, part))) if isinstance(part, list) else part
    collect(items)
    references = sorted(children)
    start = bytes((1, level, 0, 0)) + b"".join(children[r] for r in references)
    return start + varint(len(items) if count is None else count) + b"".join(map(encode, items)), references


def entry(path, kind=1, size=0, content=(b"\0",), modified=1000000000, nanoseconds=5, mode=0o644, extensions=(),
          shared=0, owner=None):
    """An item of a segment of level 0, whose path is written whole unless `shared` is given."""
    seconds = varint(modified << 1 if modified >= 0 else -modified * 2 - 1)
    owner = varint(owner or os.getuid()) + varint(owner or os.getgid())
    fixed = seconds + varint(nanoseconds) + varint(mode) + owner + varint(size)
    tags = [part for tag, value in extensions for part in (varint(tag), value if isinstance(value, list) else [value])]
    return [varint(shared), text(path[shared:]), bytes([kind]), fixed, *content, *tags]


def slice_of(child, offset, length):
    return b"\1", child, varint(offset), varint(length)


def chunks_of(*pieces):
    return b"\2\1", varint(len(pieces)), *(part for child, size in pieces for part in (child, varint(size)))


def list_of(child, length):
    return b"\3\2", child, varint(length)


class TinyVault:
    """A vault under a folder. Records are added first, then packs, log and a commit are written."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "t", str(VAULT))
        self.data, self.catalogue = [], []

    def add(self, kind, plain, codec=0, references=(), **changes):
        data, key = make_record(kind, plain, codec, references, **changes)
        (self.data if kind <= 2 else self.catalogue).append(data)
        return sha256(data), key

    def add_node(self, kind, level, items, codec=1, **changes):
        plain, references = make_node(level, items, **changes)
        return self.add(kind, plain, codec, references)

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def write_pack(self, kind, records, **changes):
        name, data = make_pack(kind, records, **changes)
        return self.write(f"p/{name[:2]}/{name}", data)

    def write_packs(self):
        kinds = ((1, self.data), (2, self.catalogue))
        return [self.write_pack(kind, records) for kind, records in kinds if records]

    def write_commit(self, root, sequence=1, previous=bytes(32), signer=SIGNER, server=SERVER, device=DEVICE):
        data = make_commit(root, sequence, previous, signer, server, device)
        identity = reader.parse_commit(data).id
        return self.write(f"s/{device}/{sequence:016}-{identity.hex()}", data)

    def write_log(self, change=lambda n, body: None):
        for n, blob in enumerate(make_log(change), 1):
            self.write(f"l/{n:016}", blob)

    def write_kit(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write(kit_text())
        return path


def make_commit(root, sequence=1, previous=bytes(32), signer=SIGNER, server=SERVER, device=DEVICE, services=1):
    info = b"beffroi root key v1" + VAULT.bytes + device.bytes + u(8, sequence) + root[0]
    recipients = b""
    for role, scalar in ((1, RECOVERY), *((2, SERVICE),) * services):
        enc, sealed = seal(public_point(scalar), info, root[1])
        recipients += bytes((role, 0)) + reader.key_id(public_point(scalar)) + enc + sealed + b"\1"
    data = magic("Beffroi commit v1") + bytes((1, 0, 0, 0)) + VAULT.bytes + device.bytes + u(8, sequence) + previous
    data += u(8, RECEIVED - 9000) + u(8, RECEIVED - 1000) + root[0] + b"".join(u(8, n) for n in (3, 2, 1, 99, 98, 0))
    data += b"\1" + text(b"0.1.0") + bytes([1 + services]) + recipients + b"\1"
    data += sign(signer, data) + u(8, RECEIVED) + u(8, 0) + reader.key_id(public_point(server)) + b"\1"
    return data + sign(server, data)


def log_bodies():
    points = {name: base64.b64encode(public_point(scalar)).decode() for name, scalar in (
        ("recoveryKey", RECOVERY), ("serviceKey", SERVICE), ("signKey", SIGNER), ("sealKey", SEALER))}
    member = {"id": str(uuid.UUID(int=7)), "name": "Mairie d'Étretat", "siret": "1", "level": "commune",
              "population": 1}
    created = {"kind": "vault-created", "vault": str(VAULT), "member": member, "mode": "managed", "quotaBytes": 1,
               "operator": {"id": str(uuid.UUID(int=8)), "name": "Syndicat", "siret": "2"},
               "recoveryKey": points["recoveryKey"], "serviceKey": points["serviceKey"],
               "groupSecret": str(GROUP_SECRET[0])}
    enrolled = {"kind": "device-enrolled", "device": str(DEVICE), "name": "accueil", "deviceKind": "desktop",
                "platform": "linux", "signKey": points["signKey"], "sealKey": points["sealKey"],
                "machineSecret": str(MACHINE_SECRET[0]), "replaces": None, "token": "00" * 32}
    return [created, enrolled, {"kind": "quota-set", "quotaBytes": 2}, {"kind": "a later kind"}]


def make_log(change=lambda n, body: None, signer=SERVER):
    """The blobs of a log; the change may edit each body before it is signed."""
    blobs = []
    for n, body in enumerate(log_bodies(), 1):
        previous = hashlib.sha256(blobs[-1]).hexdigest() if blobs else "0" * 64
        key = base64.b64encode(public_point(signer)).decode()
        body = {"version": 1, "n": n, "previous": previous, "at": ENROLLED, **body, "serverKey": key}
        change(n, body)
        line = json.dumps(body, separators=(",", ":")).encode("ascii")
        blobs.append(line + b"\n" + base64.b64encode(sign(signer, line)) + b"\n")
    return blobs


def kit_text(scalar=RECOVERY, vault=VAULT):
    packed = scalar + sha256(b"beffroi kit v1" + scalar)[:4]
    words = []
    for (word,) in struct.iter_unpack(">H", packed):
        consonants, vowels = reader.CONSONANTS, reader.VOWELS
        letters = ((consonants, 12, 15), (vowels, 10, 3), (consonants, 6, 15), (vowels, 4, 3), (consonants, 0, 15))
        words.append("".join(alphabet[word >> shift & mask] for alphabet, shift, mask in letters))
    lines = "-".join(words[:9]), "-".join(words[9:])
    return f"BEFFROI RECOVERY KIT 1\n# A comment.\nvault: {vault}\nwords:\n  {lines[0]}\n  {lines[1]}\n"


def write_golden(folder):
    """The vault of tests/conformance/vectors/vault-v1, the same each time: made once, and never changed."""
    vault = TinyVault(folder)
    chunk = vault.add(reader.CHUNK, b"Bonjour.\n")
    items = [entry(b"srv", reader.DIRECTORY, mode=0o755, owner=1000),
             entry(b"srv\0mot.txt", size=9, content=slice_of(chunk, 0, 9), owner=1000, shared=3)]
    root = vault.add_node(reader.SEGMENT, 0, items, codec=0)
    vault.write_packs()
    vault.write_commit(root)
    vault.write_log()
    vault.write_kit(os.path.join(folder, "kit.txt"))


if __name__ == "__main__":
    write_golden(sys.argv[1])
