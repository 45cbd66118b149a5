"""Key ids, seals, signatures and the recovery kit: keys.md §1, §2, §3, §5."""
import datetime
import hmac
import re
import struct
import unicodedata
import uuid
from collections import namedtuple

from .fields import VaultError, sha256
from .libraries import agree, open_aes_gcm, public_point, verify_der

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aiou"
UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Kit = namedtuple("Kit", "scalar key_id vault")


def key_id(point):
    return sha256(point)[:16]


def verify(point, signature, data):
    """Whether r ‖ s is an ECDSA signature with SHA-256; libcrypto refuses an r or s out of range."""
    def integer(number):
        body = number.lstrip(b"\0") or b"\0"
        body = b"\0" + body if body[0] & 0x80 else body
        return bytes((2, len(body))) + body
    body = integer(signature[:32]) + integer(signature[32:])
    return len(signature) == 64 and verify_der(point, bytes((0x30, len(body))) + body, data)


def extract(suite, salt, label, material):
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, "sha256")


def expand(suite, key, label, context, size):
    """LabeledExpand of RFC 9180 for at most 32 bytes: one block of HKDF."""
    labeled = struct.pack(">H", size) + b"HPKE-v1" + suite + label + context
    return hmac.digest(key, labeled + b"\1", "sha256")[:size]


def shared_secret(scalar, enc):
    """Decap of DHKEM(P-256, HKDF-SHA256)."""
    agreed, suite = agree(scalar, enc), b"KEM\x00\x10"
    if agreed is None:
        raise VaultError("BEF-2303", "the encapsulated key of a seal is no point of P-256")
    return expand(suite, extract(suite, b"", b"eae_prk", agreed), b"shared_secret", enc + public_point(scalar), 32)


def key_schedule(shared, info, aead=2, key_size=32):
    """Key and nonce of the first message in base mode; AEAD 2 is AES-256-GCM."""
    suite = b"HPKE\x00\x10\x00\x01" + struct.pack(">H", aead)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    return expand(suite, secret, b"key", context, key_size), expand(suite, secret, b"base_nonce", context, 12)


def open_seal(scalar, enc, sealed, info, associated=b""):
    key, nonce = key_schedule(shared_secret(scalar, enc), info)
    plain = open_aes_gcm(key, nonce, associated, sealed)
    if plain is None:
        raise VaultError("BEF-2303", "a sealed key does not open: it is damaged, or was made for another place")
    return plain


def read_kit(text):
    """The private key and, when it is named, the vault of a recovery kit."""
    require(len(text) <= 16384, "it has more than 16,384 characters")
    words, fields = kit_lines(text)
    scalar = kit_scalar(words)
    identity, vault = key_id(public_point(scalar)), fields.get("vault")
    require(vault is None or UUID.fullmatch(vault), "its vault is no UUID with hyphens")
    require(is_date(fields.get("created", "2000-01-01")), "its date is none, or not written yyyy-MM-dd")
    require(fields.get("key-id", identity.hex()).lower() == identity.hex(), "its key id is that of another key")
    return Kit(scalar, identity, vault and uuid.UUID(vault).bytes)


def kit_lines(text):
    words, fields = [], {}
    for line in text.splitlines():
        line = line.strip().strip("\ufeff").strip()
        if line.upper().startswith("BEFFROI RECOVERY KIT"):
            require(line[20:].strip() == "1", "its version is not 1")
            continue
        line = line[9:] if line.upper().startswith("BEFFROI1:") else line
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if line.startswith("#"):
            continue
        if not colon or name == "words":
            words += kit_words(value if colon else line)
        elif name in ("vault", "member", "created", "key-id"):
            require(name not in fields, f"the field {name} is there twice")
            fields[name] = value.strip()
    return words, fields


def kit_words(line):
    def parts(character):
        return character in ",;.\u2212" or unicodedata.category(character) in ("Pd", "Zs", "Zl", "Zp", "Cc", "Cf")
    return "".join(" " if parts(character) else character for character in line.partition("#")[0]).split()


def kit_scalar(words):
    packed = b""
    for position, word in enumerate(words, 1):
        letters = [(VOWELS if i % 2 else CONSONANTS).find(letter) for i, letter in enumerate(word.lower())]
        require(len(letters) == 5 and -1 not in letters, f"word {position}, {word!r}, is none of its words")
        a, b, c, d, e = letters
        packed += struct.pack(">H", a << 12 | b << 10 | c << 6 | d << 4 | e)
    require(len(words) == 18, f"it has {len(words)} words instead of 18")
    scalar, check = packed[:32], packed[32:]
    good = sha256(b"beffroi kit v1" + scalar)[:4] == check
    require(good, "the last two words, a check, do not match the others: compare all of them with the paper")
    require(0 < int.from_bytes(scalar, "big") < ORDER, "its number is no private key")
    return scalar


def is_date(text):
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)) and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def require(good, why):
    if not good:
        raise VaultError("BEF-1012", f"the recovery kit is refused: {why}")
