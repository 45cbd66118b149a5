"""The member's log: log.md."""
import base64
import datetime
import json
import re
import uuid
from types import SimpleNamespace

from .fields import VaultError, sha256
from .keys import verify

MEMBERS = {
    "vault-created": ("vault", "member", "operator", "mode", "recoveryKey", "serviceKey", "groupSecret", "quotaBytes"),
    "device-enrolled": ("device", "name", "deviceKind", "platform", "signKey", "sealKey", "machineSecret", "replaces",
                        "token"),
    "device-revoked": ("device", "reason"),
    "quota-set": ("quotaBytes",),
    "root-key-opened": ("device", "snapshot", "purpose"),
}
NESTED = {"member": ("id", "name", "siret", "level", "population"), "operator": ("id", "name", "siret")}


def read_log(blobs):
    """The vault, the server's key and each device's keys, from the blobs of the log in order."""
    log = SimpleNamespace(vault=None, server_key=None, devices={}, names={}, previous="0" * 64, at=None)
    for n, blob in enumerate(blobs, 1):
        try:
            read_entry(log, n, blob)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise VaultError("BEF-2401", f"entry {n} of the member's log is refused: {error!r}") from error
        log.previous = sha256(blob).hex()
    return log


def read_entry(log, n, blob):
    body, signature, rest = blob.split(b"\n")
    entry = json.loads(body.decode("ascii"))
    require(not rest and entry["version"] == 1, "it is not two lines of version 1")
    require(entry["n"] == n and entry["previous"] == log.previous, "it does not follow the entry before")
    log.server_key = log.server_key or decode(entry["serverKey"])
    require(verify(log.server_key, decode(signature), body), "its signature does not verify with the first entry's key")
    at, kind = milliseconds(entry["at"]), entry["kind"]
    require(log.at is None or log.at <= at, "its time is before that of the entry before")
    log.at = at
    missing = [m for m in MEMBERS.get(kind, ()) if m not in entry]
    missing += [f"{m}.{part}" for m in NESTED if m in entry for part in NESTED[m] if part not in entry[m]]
    require(not missing, f"members are missing: {missing}")
    require((n == 1) == (kind == "vault-created"), "the vault's creation is the first entry, and no other")
    if kind == "vault-created":
        log.vault = uuid.UUID(entry["vault"]).bytes
    if kind == "device-enrolled":
        device = uuid.UUID(entry["device"]).bytes
        log.devices.setdefault(device, []).append((at, decode(entry["signKey"])))
        log.names[device] = entry["name"]


def decode(text):
    return base64.b64decode(text, validate=True)


def milliseconds(text):
    """RFC 3339 in UTC to milliseconds since 1970, cut as the times of commits are; any number of decimals."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)", text)
    require(match, f"{text!r} is no time in UTC")
    moment = datetime.datetime.strptime(match[1] + "+0000", "%Y-%m-%dT%H:%M:%S%z")
    return int(moment.timestamp()) * 1000 + int(((match[2] or "") + "000")[:3])


def require(good, why):
    if not good:
        raise ValueError(why)
