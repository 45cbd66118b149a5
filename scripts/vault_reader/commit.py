"""Snapshots: commit.md."""
import struct
from types import SimpleNamespace

from .fields import Cursor, VaultError, magic, sha256
from .keys import key_id, open_seal, verify

MAGIC = magic("Beffroi commit v1")
BYTES_MAX = 8192
PLATFORMS = {1: "Linux", 2: "Windows", 3: "macOS"}


def parse_commit(data):
    """A whole commit, with the server's part, as it is stored."""
    c, o = Cursor(data, "BEF-2301"), SimpleNamespace()
    c.require(c.take(8) == MAGIC and c.unsigned(1) == 1, "a commit has an unknown magic or version")
    c.reserved(3)
    o.vault, o.device, o.sequence, o.previous = c.take(16), c.take(16), c.unsigned(8), c.take(32)
    c.require(o.sequence and (o.sequence > 1) == any(o.previous), "a commit's sequence is at odds with its predecessor")
    o.started, o.ended, o.root = c.signed(8), c.signed(8), c.take(32)
    o.files, o.directories, o.others, o.logical, o.new, o.unreadable = (c.unsigned(8) for _ in range(6))
    o.platform, o.agent = c.unsigned(1), c.take(c.unsigned(1)).decode("utf-8", "replace")
    c.require(o.platform in PLATFORMS, f"a commit has the unknown platform {o.platform}")
    count = c.unsigned(1)
    c.require(1 <= count <= 8, f"a commit has {count} recipients")
    o.recipients = [parse_recipient(c) for _ in range(count)]
    c.require(any(r.role == 1 for r in o.recipients), "a commit has no recovery recipient")
    c.require(c.unsigned(1) == 1, "a machine's signature has an unknown algorithm")
    o.machine_signed, o.signature = data[:c.at], c.take(64)
    o.id = sha256(data[:c.at])
    o.received = c.signed(8)
    c.reserved(8)  # The epoch.
    o.server_key_id = c.take(16)
    c.require(c.unsigned(1) == 1, "a countersignature has an unknown algorithm")
    o.server_signed, o.countersignature = data[:c.at], c.take(64)
    c.finish()
    return o


def parse_recipient(c):
    r = SimpleNamespace(role=c.unsigned(1))
    c.reserved(1)
    r.key_id, r.enc, r.sealed = c.take(16), c.take(65), c.take(48)
    c.require(r.role in (1, 2) and c.unsigned(1) == 1, "a recipient has an unknown role or suite")
    return r


def root_key(commit, kit):
    """The key of the root record, opened with a recovery kit."""
    recipient = next((r for r in commit.recipients if r.key_id == kit.key_id), None)
    if recipient is None:
        raise VaultError("BEF-2303", f"the snapshot is not sealed to the key of this recovery kit, {kit.key_id.hex()}")
    place = commit.vault + commit.device + struct.pack("<Q", commit.sequence) + commit.root
    return open_seal(kit.scalar, recipient.enc, recipient.sealed, b"beffroi root key v1" + place)


def check_signatures(commit, log):
    """The machine's key is the last one that it was enrolled with when the server received the commit."""
    keys = [key for at, key in log.devices.get(commit.device, []) if at <= commit.received]
    if not keys or not verify(keys[-1], commit.signature, commit.machine_signed):
        raise VaultError("BEF-2302", "the machine's signature does not verify with the key that it was enrolled with")
    if commit.server_key_id != key_id(log.server_key):
        raise VaultError("BEF-2302", "the countersignature is by another key than the log")
    if not verify(log.server_key, commit.countersignature, commit.server_signed):
        raise VaultError("BEF-2302", "the server's countersignature does not verify")
