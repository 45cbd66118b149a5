#!/usr/bin/env python3
"""Reads a Beffroi vault without Beffroi: a copy of its blobs and the member's recovery kit are enough.

  read_vault.py --packs DIR list
  read_vault.py --packs DIR --recovery-key KIT ls [SNAPSHOT] [PATH...]
  read_vault.py --packs DIR --recovery-key KIT restore [SNAPSHOT] --to FOLDER [PATH...]
  read_vault.py dump PACKFILE

list     the snapshots, "verified" when the member's log vouches for both signatures
ls       the files of a snapshot
restore  writes them into FOLDER, which must be new or empty
dump     what a pack says without any key, for a person who reads it

DIR is a blob store (with t/<vault>/ in it) or the folder of one vault (with p/ and s/ in it). KIT is the .beffroi-kit
file, or any text file with its 18 words. SNAPSHOT is a sequence number, <device>/<sequence number>, or the first
digits of a snapshot id (6 or more, one of them a letter); without it, the newest. A PATH is as ls shows it: /srv/data,
or C:/Users.

Written from docs/format alone, with the package vault_reader beside it. Needs Python 3.9 or later on a POSIX system,
libcrypto (OpenSSL 1.1.1 or later), libzstd, and libbrotlidec if the vault has records packed with Brotli. What is
damaged is named and left out, and the rest goes on. Exit status: 0 all of it, 1 something was refused or lost, 2 wrong
usage.
"""
import argparse
import datetime
import os
import re
import stat
import sys
import uuid

from vault_reader import catalogue, pack, record
from vault_reader.commit import BYTES_MAX as COMMIT_BYTES_MAX, PLATFORMS, check_signatures, parse_commit, root_key
from vault_reader.fields import VaultError
from vault_reader.keys import UUID, read_kit
from vault_reader.log import read_log
from vault_reader.restore import Restorer
from vault_reader.vault import Vault, printable, read_place, shown


NO_LOG = "The signatures could not be checked: there is no log that can be used beside the packs."


class Session:
    """One run of this program: its arguments, and what it had to report."""

    def __init__(self, options):
        self.options, self.reports = options, 0
        self.kit = read_kit(read_text(options.recovery_key)) if options.recovery_key else None
        self.vault = Vault(*find_vault(options.packs, self.kit and self.kit.vault), self.report)
        self.log = self.find_log()

    def report(self, text):
        self.reports += 1
        print(f"read_vault: {text}", file=sys.stderr)

    def find_log(self):
        paths = self.vault.blobs("l", "[0-9]{16}")
        if not paths:
            return None
        try:
            for n, path in enumerate(paths, 1):
                if int(os.path.basename(path)) != n:
                    raise VaultError("BEF-2401", f"entry {n} of the member's log is missing")
            log = read_log(map(read_blob, paths))
            if self.vault.identity not in (None, log.vault):
                raise VaultError("BEF-2401", "the member's log is that of another vault")
            return log
        except VaultError as error:
            self.report(error)  # And go on without it: a broken log stops those who write, not those who restore.
            return None

    def commits(self):
        for path in self.vault.blobs("s", "[0-9a-f-]{36}/[0-9]{16}-[0-9a-f]{64}"):
            try:
                yield self.named_commit(path)
            except VaultError as error:
                self.report(f"snapshot {os.path.basename(path)}: {error}")

    def named_commit(self, path):
        commit = parse_commit(read_blob(path, COMMIT_BYTES_MAX + 1))
        name = f"{uuid.UUID(bytes=commit.device)}/{commit.sequence:016}-{commit.id.hex()}"
        self.vault.identity = self.vault.identity or commit.vault
        if not path.endswith("/" + name) or commit.vault != self.vault.identity:
            raise VaultError("BEF-2301", f"it says that it is {name} of vault {uuid.UUID(bytes=commit.vault)}")
        return commit

    def signature_state(self, commit):
        try:
            if self.log is None:
                return "not checked"
            check_signatures(commit, self.log)
            return "verified"
        except VaultError as error:
            self.report(f"snapshot {commit.sequence}, {commit.id.hex()}: {error}")
            return "BEF-2302"

    def choose(self, word):
        found = [c for c in self.commits() if names_commit(word, c)]
        if len({c.device for c in found}) > 1 or len(found) > 1 and word:
            raise VaultError("BEF-1009", f"{word or 'the newest'!r} may be several snapshots; list shows them")
        if not found:
            raise VaultError("BEF-1008", f"there is no snapshot {word or 'at all'} that can be read")
        commit = max(found, key=lambda c: c.sequence)
        state = self.signature_state(commit)
        if state == "not checked":
            print(f"read_vault: {NO_LOG}", file=sys.stderr)
        elif state != "verified" and not self.options.unverified:
            raise VaultError("BEF-2302", "the snapshot is refused; --unverified reads it nevertheless")
        return commit

    def open_snapshot(self):
        """The entries asked for, and the paths that were selected."""
        if not self.kit:
            raise VaultError("BEF-1001", "this needs --recovery-key")
        words = list(self.options.words)
        chosen = words.pop(0) if words and not is_path(words[0]) else None
        if not all(map(is_path, words)):
            raise VaultError("BEF-1001", f"a path starts with / or a drive, such as C:/, unlike {words}")
        selection = [os.fsencode(w).strip(b"/").replace(b"/", b"\0") for w in words]
        commit = self.choose(chosen)
        key = root_key(commit, self.kit)
        self.vault.index_packs()
        return self.entries_of(commit, key, [] if b"" in selection else selection)

    def entries_of(self, commit, key, selection):
        missing = set(selection)
        for entry in self.vault.entries((commit.root, key), selection):
            if not isinstance(entry, VaultError):
                missing.discard(entry.path)
            yield entry
        for path in missing:
            self.report(f"BEF-1010: {shown(path)} is not in snapshot {commit.sequence}")

    def list(self):
        row = "{:>8}  {:19}  {:36}  {:>10}  {:>15}  {:11}  {:16}  {}".format
        print(row("sequence", "received (UTC)", "device", "files", "bytes", "signatures", "id", "machine"))
        for c in sorted(self.commits(), key=lambda c: (c.device, c.sequence)):
            device, machine = str(uuid.UUID(bytes=c.device)), PLATFORMS[c.platform]
            name = str(self.log.names.get(c.device)) if self.log else "name unknown"
            machine += ", " + printable(name.encode("utf-8", "backslashreplace"))
            received, state, identity = moment(c.received, 1000), self.signature_state(c), c.id.hex()[:16]
            print(row(c.sequence, received, device, c.files, c.logical, state, identity, machine))
        if self.log is None:
            print(NO_LOG)

    def ls(self):
        for e in self.open_snapshot():
            if isinstance(e, VaultError):
                self.report(f"lost: a part of the catalogue: {e}")
                continue
            target = f" -> {printable(e.target)}" if e.kind == catalogue.LINK else ""
            mode = stat.filemode(e.mode)[1:]
            print(f"{catalogue.LETTERS[e.kind]}{mode} {e.user:5} {e.group:5} {e.bytes:12} "
                  f"{moment(e.modified, 10 ** 9)}  {shown(e.path)}{target}")

    def restore(self):
        if not self.options.to:
            raise VaultError("BEF-1001", "restore needs --to FOLDER")
        entries = self.open_snapshot()
        Restorer(self.vault, self.options.to, self.report).run(entries)


def names_commit(word, commit):
    identity, device = commit.id.hex(), str(uuid.UUID(bytes=commit.device))
    return word is None or word in (str(commit.sequence), f"{device}/{commit.sequence}") \
        or not word.isdigit() and len(word) >= 6 and identity.startswith(word)


def is_path(word):
    return re.match("/|[A-Za-z]:", word) is not None


def moment(value, unit):
    try:
        start = datetime.datetime(1970, 1, 1)
        return (start + datetime.timedelta(seconds=value // unit)).isoformat(" ")
    except OverflowError:
        return f"{value // unit:>18}s"


def read_blob(path, limit=-1):
    with open(path, "rb") as file:
        return file.read(limit)


def read_text(path):
    try:
        return read_blob(path, 1 << 17).decode("utf-8")
    except UnicodeDecodeError as error:
        raise VaultError("BEF-1012", f"{path} is not text in UTF-8") from error


def find_vault(folder, named):
    """The folder of the one vault that is meant, and its id when that can be known."""
    if not any(os.path.isdir(os.path.join(folder, kind)) for kind in "ps"):
        top = os.path.join(folder, "t")
        vaults = [name for name in sorted(os.listdir(top)) if UUID.fullmatch(name)] if os.path.isdir(top) else []
        vaults = [name for name in vaults if named in (None, uuid.UUID(name).bytes)]
        if len(vaults) != 1:
            raise VaultError("BEF-1001", f"{folder} holds not one vault that is meant, but {vaults}; name its folder")
        folder = os.path.join(top, vaults[0])
    name = os.path.basename(os.path.abspath(folder))
    identity = uuid.UUID(name).bytes if UUID.fullmatch(name) else None
    if named and identity and named != identity:
        raise VaultError("BEF-1013", f"the recovery kit is that of vault {uuid.UUID(bytes=named)}, not of {name}")
    return folder, identity or named


def dump(path):
    """Prints header, footer and records of a pack; returns how many refusals there were."""
    name, refusals = os.path.basename(path), 0
    with open(path, "rb") as file:
        try:
            found = pack.read_pack(file, name if re.fullmatch("[0-9a-f]{64}", name) else None)
            secrets, places = found.secrets, found.places
            vault = uuid.UUID(bytes=found.vault)
            print(f"pack {found.id.hex()}\nheader at 0: version 1, {pack.KINDS[found.kind][0]}, vault {vault}")
            print(f"footer at {found.footer_offset}: {len(places)} records under {len(secrets)} secrets")
            for position, secret in enumerate(secrets):
                print(f"  secret {position}: {uuid.UUID(bytes=secret)}")
        except VaultError as error:
            print(f"REFUSED {error}\nrecords found by their magic, under the ids that their bytes have now:")
            file.seek(0)
            places, refusals = list(pack.scan_pack(file.read(pack.BYTES_MAX))), 1
            secrets = None
        for number, place in enumerate(places):
            refusals += not dump_record(file, number, place, secrets)
    return refusals


def dump_record(file, number, place, secrets):
    print(f"record {number} at {place.offset}: {place.length} bytes, id {place.id.hex()}")
    try:
        r = read_place(file, place, secrets) if secrets else read_place(file, place._replace(secret=0), [place.secret])
    except VaultError as error:
        print(f"  REFUSED {error}")
        return False
    codec = f"{record.CODECS[r.codec]} level {r.level} version {r.codec_version}" if r.codec else "stored"
    print(f"  {record.TYPES[r.type]}, AES-256-GCM, {codec}, {r.plain_bytes} plain bytes in {len(r.sealed) - 16}, "
          f"secret {uuid.UUID(bytes=r.secret)}, tag {r.sealed[-16:].hex()}")
    for position, reference in enumerate(r.references):
        print(f"  reference {position}: {reference.hex()}")
    return True


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", metavar="DIR")
    parser.add_argument("--recovery-key", metavar="KIT")
    parser.add_argument("--to", metavar="FOLDER")
    parser.add_argument("--unverified", action="store_true", help="read even if a signature does not verify")
    parser.add_argument("command", choices=("list", "ls", "restore", "dump"))
    parser.add_argument("words", nargs="*", metavar="SNAPSHOT, PATH or PACKFILE")
    options = parser.parse_intermixed_args(arguments)
    if options.command == "dump" and len(options.words) != 1:
        parser.error("dump needs one pack file")
    if options.command != "dump" and not options.packs:
        parser.error("--packs is needed")
    return options


def main(arguments):
    options = parse_arguments(arguments)
    try:
        if options.command == "dump":
            return int(dump(options.words[0]) > 0)
        session = Session(options)
        getattr(session, options.command)()
        return int(session.reports > 0)
    except (VaultError, OSError) as error:
        print(f"read_vault: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
