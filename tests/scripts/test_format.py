"""Tests of scripts/read_vault.py, page by page of docs/format: what follows it is read, the rest refused with the right
code.

    python3 -m unittest discover -s tests/scripts
"""
import base64
import json
import os
import re
import tempfile
import unittest
import uuid

import tiny_vault as tiny
from tiny_vault import entry, make_node, make_pack, make_record, slice_of, text, u, varint

import read_vault as reader

VECTORS = os.path.join(os.path.dirname(__file__), "..", "conformance", "vectors")
ORDER = reader.ORDER.to_bytes(32, "big")


def vectors(name):
    with open(os.path.join(VECTORS, name), encoding="utf-8") as file:
        return json.load(file)


def changed(data, at, value):
    """The data with one byte set, or with bytes replaced."""
    value = bytes([value]) if isinstance(value, int) else value
    return data[:at] + value + data[at + len(value):]


class Case(unittest.TestCase):
    def refuses(self, code, function, *arguments):
        with self.assertRaises(reader.VaultError) as raised:
            function(*arguments)
        self.assertEqual(code, str(raised.exception)[:8])


class NumberTests(Case):
    def test_varints_are_read_in_their_shortest_form_only(self):
        for value in (0, 1, 127, 128, 300, (1 << 63) - 1, (1 << 64) - 1):
            self.assertEqual(value, reader.Cursor(varint(value), "BEF-2201").varint((1 << 64) - 1))
        for wrong in (b"\x80\0", b"\xff\x80\0", b"\xff" * 9 + b"\2", b"\xff" * 10 + b"\1", b"\x80", b""):
            self.refuses("BEF-2201", reader.Cursor(wrong, "BEF-2201").varint, (1 << 64) - 1)


class KeyTests(Case):
    def test_the_vectors_of_our_suite_open(self):
        v = vectors("hpke/aes-256-gcm.json")
        self.assertTrue(v["vectors"])
        for one in v["vectors"]:
            info, aad, plain, sealed = (bytes.fromhex(one[n]) for n in ("info", "aad", "plaintext", "ciphertext"))
            scalar, enc = bytes.fromhex(v["skRm"]), bytes.fromhex(v["pkEm"])
            self.assertEqual(plain, reader.open_seal(scalar, enc, sealed, info, aad))
            self.refuses("BEF-2303", reader.open_seal, scalar, enc, sealed, info + b"x", aad)
            self.refuses("BEF-2303", reader.open_seal, scalar, enc, sealed[:15], info, aad)

    def test_what_another_implementation_sealed_opens(self):
        v = vectors("hpke/sealed-elsewhere.json")
        self.assertTrue(v["vectors"])
        for one in v["vectors"]:
            info, enc, sealed, plain = (bytes.fromhex(one[n]) for n in ("info", "encapsulated", "ciphertext",
                                                                        "plaintext"))
            self.assertEqual(plain, reader.open_seal(bytes.fromhex(v["skRm"]), enc, sealed, info))

    def test_signatures_of_rfc_6979_verify_and_no_others(self):
        v = vectors("keys/signature.json")
        point = bytes.fromhex(v["publicKey"])
        self.assertEqual(v["keyId"], reader.key_id(point).hex())
        for one in v["vectors"]:
            data, signature = bytes.fromhex(one["data"]), bytes.fromhex(one["signature"])
            self.assertTrue(reader.verify(point, signature, data))
            high = signature[:32] + (reader.ORDER - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
            self.assertTrue(reader.verify(point, high, data))
            for wrong in (signature[:63], signature + b"\0", bytes(32) + signature[32:], signature[:32] + ORDER, b""):
                self.assertFalse(reader.verify(point, wrong, data))
            self.assertFalse(reader.verify(point, signature, data + b"x"))

    def test_what_is_no_point_is_refused(self):
        point = tiny.public_point(tiny.SERVER)
        for wrong in (point[:64], point + b"\0", changed(point, 0, 6), changed(point, 64, point[64] ^ 1),
                      b"\4" + b"\xff" * 64, b"\0" * 65):
            self.assertFalse(reader.verify(wrong, bytes(31) + b"\1" + bytes(31) + b"\1", b""))
            self.refuses("BEF-2303", reader.open_seal, tiny.RECOVERY, wrong, bytes(48), b"")

    def test_kits_are_read_as_the_file_or_the_words(self):
        for one in vectors("keys/kit.json")["kits"]:
            lines = one["text"].partition("words:\n")[2]
            for form in (one["text"], one["words"], one["words"] + "\n", lines):
                kit = reader.read_kit(form)
                self.assertEqual((one["scalar"], one["keyId"]), (kit.scalar.hex(), kit.key_id.hex()))
            kit = reader.read_kit(one["text"])
            self.assertEqual((one["vault"], one["serverKey"]),
                             (kit.vault and str(uuid.UUID(bytes=kit.vault)), kit.server_key))

    def test_other_kits_are_refused(self):
        v = vectors("keys/kit.json")
        good = v["kits"][0]["text"]
        for one in v["refused"]:
            self.refuses("BEF-1012", reader.read_kit, one["text"])
        for wrong in ("", good + "member: x\n", good.replace("6f1c2f0e-", "6f1c2f0e"),
                      good.replace("sokoz", "sokox"), good.replace("sokoz", "sokoz-sokoz"),
                      good.replace("sokoz-polim", "polim-sokoz"), good.replace("KIT 1", "KIT"),
                      good.replace("member: ", "vault: "), v["kits"][0]["qr"]):
            self.refuses("BEF-1012", reader.read_kit, wrong)


class RecordTests(Case):
    def test_each_codec_gives_the_plain_bytes(self):
        for codec in range(4):
            for size in (1, 100, 300000, 4 << 20):
                plain = (b"Saint-Aubin-sur-Mer" * (size // 19 + 1))[:size]
                data, key = make_record(1, plain, codec)
                self.assertEqual(plain, reader.open_record(reader.parse_record(data), key))

    def test_payloads_that_do_not_give_the_exact_size_are_refused(self):
        plain = bytes(1000)
        for codec in (1, 2, 3):
            payload = tiny.compress(codec, plain)
            for size, wrong in ((999, payload), (1001, payload), (1000, payload[:-1]), (1000, b"\xff" * 9)):
                data, key = make_record(1, plain, codec, payload=wrong, plain_bytes=size)
                self.refuses("BEF-2001", reader.open_record, reader.parse_record(data), key)
        for codec in (1, 2, 3):
            data, key = make_record(1, plain, codec, payload=tiny.compress(codec, plain) + b"!")
            self.refuses("BEF-2001", reader.open_record, reader.parse_record(data), key)

    def test_a_wrong_key_or_byte_is_refused(self):
        data, key = make_record(1, b"plain")
        self.refuses("BEF-2003", reader.open_record, reader.parse_record(data), bytes(32))
        for at in (32, 48, len(data) - 1):  # Secret id (associated data), ciphertext, tag.
            broken = reader.parse_record(changed(data, at, data[at] ^ 1))
            self.refuses("BEF-2003", reader.open_record, broken, key)

    def test_malformed_headers_are_refused(self):
        stored, zstd = make_record(1, b"p" * 100)[0], make_record(1, b"p" * 100, 1)[0]
        listed = make_record(3, b"p" * 100, references=[b"a" * 32, b"b" * 32])[0]
        for data, at, value in (
                (stored, 0, 0), (stored, 9, 0), (stored, 9, 5), (stored, 12, 1), (stored, 13, 1), (stored, 14, 1),
                (stored, 15, 1), (stored, 16, 1), (stored, 20, 101), (stored, 24, 99), (zstd, 20, 1),
                (zstd, 20, u(4, (4 << 20) + 1)),
                (zstd, 24, 0), (zstd, 28, 1), (listed, 28, 1), (listed, 28, u(4, 16385)), (listed, 48, b"c")):
            with self.subTest(at=at, value=value):
                self.refuses("BEF-2001", reader.parse_record, changed(data, at, value))
        for at, value in ((8, 2), (10, 2), (11, 4)):
            self.refuses("BEF-2004", reader.parse_record, changed(stored, at, value))
        self.refuses("BEF-2001", reader.parse_record, changed(listed, 48, b"b" * 32))
        self.refuses("BEF-2001", reader.parse_record, make_record(1, b"p", references=[b"a" * 32])[0])
        many = [n.to_bytes(32, "big") for n in range(16385)]
        self.refuses("BEF-2001", reader.parse_record, make_record(3, b"p", references=many)[0])
        for wrong in (b"", stored[:47], stored[:-1], stored + b"\0"):
            self.refuses("BEF-2001", reader.parse_record, wrong)


class PackTests(Case):
    def setUp(self):
        self.records = [make_record(1, b"one")[0], make_record(2, b"two" * 50, 1, secret=tiny.GROUP_SECRET)[0]]
        self.name, self.data = make_pack(1, self.records)
        self.footer_at = len(self.data) - 12 - (48 + 32 + 88)

    def with_footer(self, at, value):
        """The pack with other bytes in its footer, under the name that this footer gives it."""
        name, data = tiny.end_pack(self.data[:self.footer_at], changed(self.data[self.footer_at:-12], at, value))
        return data, name

    def test_a_pack_lists_its_records(self):
        places = reader.read_pack(self.data, self.name)
        self.assertEqual([reader.sha256(data) for data in self.records], [place[0] for place in places])
        for (identity, offset, length, _), data in zip(places, self.records):
            self.assertEqual(data, self.data[offset:offset + length])
            reader.parse_record(self.data[offset:offset + length], identity)

    def test_every_cut_and_every_added_byte_is_refused_by_length(self):
        for end in range(len(self.data)):
            self.refuses("BEF-2102", reader.read_pack, self.data[:end], self.name)
        self.refuses("BEF-2102", reader.read_pack, self.data + b"\0", self.name)

    def test_no_changed_byte_of_list_or_records_goes_unnoticed(self):
        for at in range(32, len(self.data)):
            data = changed(self.data, at, self.data[at] ^ 0x10)
            with self.subTest(at=at), self.assertRaises(reader.VaultError):
                for identity, offset, length, _ in reader.read_pack(data, self.name):
                    reader.parse_record(data[offset:offset + length], identity)

    def test_another_name_is_refused(self):
        self.refuses("BEF-2103", reader.read_pack, self.data, "0" * 64)

    def test_malformed_footers_are_refused(self):
        for at, value in ((0, 0), (8, 2), (9, 3), (10, u(2, 0)), (10, u(2, 17)), (12, u(4, 0)), (12, u(4, 1)),
                          (12, u(4, 3)), (12, u(4, 32769))):
            self.refuses("BEF-2101", reader.read_pack, *self.with_footer(at, value))

    def test_a_record_that_is_not_where_it_is_listed_is_damaged(self):
        data, name = self.with_footer(80 + 32, u(4, 33))
        identity, offset, length, _ = reader.read_pack(data, name)[0]
        self.refuses("BEF-2002", reader.parse_record, data[offset:offset + length], identity)


def read_log(blobs):
    return reader.read_log([(f"{n:016}", blob) for n, blob in enumerate(blobs, 1)])


class CommitTests(Case):
    def setUp(self):
        self.data = tiny.make_commit((b"r" * 32, b"k" * 32))
        self.log = read_log(tiny.make_log())
        self.kit = reader.read_kit(tiny.kit_text())

    def test_a_commit_opens_and_verifies(self):
        c = reader.parse_commit(self.data)
        self.assertEqual(b"k" * 32, reader.root_key(c, self.kit))
        reader.check_signatures(c, self.log)
        self.assertEqual((1, tiny.RECEIVED), (c.sequence, c.received))
        self.assertEqual((tiny.VAULT.bytes, tiny.DEVICE.bytes, b"r" * 32), (c.vault, c.device, c.root))

    def test_malformed_commits_are_refused(self):
        platform, recipients, end = 180, 188, len(self.data)
        for at, value in ((0, 0), (8, 2), (9, 1), (11, 1), (44, 0), (recipients - 1, 0),
                          (recipients - 1, 1),
                          (recipients - 1, 9), (recipients, 2), (recipients, 3), (recipients + 1, 1),
                          (recipients + 131, 2),
                          (recipients + 264, 2), (end - 89, 1), (end - 65, 2), (platform, 0)):
            with self.subTest(at=at, value=value):
                self.refuses("BEF-2301", reader.parse_commit, changed(self.data, at, value))
        for wrong in (b"", self.data[:-1], self.data + b"\0", bytes(8193)):
            self.refuses("BEF-2301", reader.parse_commit, wrong)

    def test_a_commit_has_one_to_eight_recipients(self):
        root = b"r" * 32, b"k" * 32
        self.assertEqual(8, len(reader.parse_commit(tiny.make_commit(root, services=7)).recipients))
        self.refuses("BEF-2301", reader.parse_commit, tiny.make_commit(root, services=8))

    def test_another_server_key_than_the_log_has_is_refused(self):
        c = reader.parse_commit(self.data)
        c.server_key_id = bytes(16)
        self.refuses("BEF-2302", reader.check_signatures, c, self.log)

    def test_no_changed_byte_goes_unnoticed(self):
        for at in range(0, len(self.data), 7):
            with self.subTest(at=at), self.assertRaises(reader.VaultError):
                reader.check_signatures(reader.parse_commit(changed(self.data, at, self.data[at] ^ 1)), self.log)

    def test_forged_signatures_are_refused(self):
        root = b"r" * 32, b"k" * 32
        for forged in (tiny.make_commit(root, signer=tiny.SERVICE), tiny.make_commit(root, server=tiny.SERVICE),
                       tiny.make_commit(root, device=uuid.UUID(int=5))):
            self.refuses("BEF-2302", reader.check_signatures, reader.parse_commit(forged), self.log)

    def test_a_seal_that_was_moved_or_is_for_others_does_not_open(self):
        moved = reader.parse_commit(self.data)
        moved.sequence = 2
        self.refuses("BEF-2303", reader.root_key, moved, self.kit)
        other = reader.read_kit(tiny.kit_text(tiny.SEALER))
        self.refuses("BEF-1013", reader.root_key, reader.parse_commit(self.data), other)

    def test_the_creation_of_the_vault_is_the_first_entry_only(self):
        created = tiny.log_bodies()[0]
        for change in (lambda n, body: body.update(created) if n == 3 else None,
                       lambda n, body: body.update(kind="quota-set") if n == 1 else None):
            self.refuses("BEF-2401", read_log, tiny.make_log(change))

    def test_the_log_of_the_vector_is_read_and_its_refused_entries_are_not(self):
        v = vectors("log-v1/log.json")
        kept = [blob.encode() for blob in v["entries"]]
        log = read_log(kept)
        self.assertEqual(v["serverKey"], base64.b64encode(log.server_key).decode())
        self.assertEqual(1, len(log.keys[tiny.DEVICE.bytes]))
        for one in v["refused"]:
            with self.subTest(why=one["why"]):
                self.refuses("BEF-2401", read_log, [*kept[:one["n"] - 1], one["blob"].encode()])
        self.refuses("BEF-2401", reader.read_log, [("0000000000000002", kept[0])])

    def test_a_broken_log_is_refused(self):
        blobs = tiny.make_log()
        lines = blobs[1].split(b"\n")

        def edit(name, value, only=2):
            return lambda n, body: body.__setitem__(name, value) if n == only else None

        def remove(name, only=2):
            return lambda n, body: body.pop(name) if n == only else None
        broken = [[blobs[0], blobs[2]], [blobs[1]], [blobs[0], blobs[1] + b"\n"], [blobs[0], blobs[1][:-1]], [b""],
                  [blobs[0], lines[0] + b" \n" + lines[1] + b"\n"],
                  [blobs[0], lines[0] + b"\n" + lines[1][:-4] + b"\n"],
                  [*blobs[:2], *tiny.make_log(signer=tiny.SIGNER)[2:]]]
        broken += [tiny.make_log(change) for change in (
            edit("version", 2), edit("n", 3), edit("previous", "0" * 64), edit("kind", "vault-created"),
            remove("signKey"), remove("device"), remove("serverKey", 1), remove("vault", 1), edit("vault", "x", 1),
            remove("kind", 3),
            edit("serverKey", base64.b64encode(tiny.public_point(tiny.SIGNER)).decode(), 3))]
        for one in broken:
            self.refuses("BEF-2401", read_log, one)


def new_node(plain, references):
    return reader.Node(references, plain)


def parse_segment(items, level=0, **changes):
    node = new_node(*make_node(level, items, **changes))
    return node.items(node.segment if level else node.entry)


class CatalogueTests(Case):
    A, B = (b"a" * 32, b"A" * 32), (b"b" * 32, b"B" * 32)

    def test_entries_are_read(self):
        ranges = varint(2) + varint(10) + varint(3) + varint(5) + varint(4)
        streams = [u(4, 32), u(8, 1), text(b"sd"), varint(1), text("flux".encode()), varint(7), *slice_of(self.B, 0, 7)]
        items = [entry(b"C:", 2, modified=-2, nanoseconds=1),
                 entry(b"C:\0a", size=30, content=slice_of(self.A, 5, 7), shared=2,
                       extensions=[(2, b"x"), (5, ranges), (6, varint(9)), (10, streams), (12, b"later")])]
        directory, file = parse_segment(items)
        self.assertEqual((b"C:", 2, 0o644), (directory.path, directory.kind, directory.mode))
        self.assertEqual(-2 * 10 ** 9 + 1, directory.modified)
        self.assertEqual((b"C:\0a", 30), (file.path, file.bytes))
        self.assertEqual(([(10, 3), (18, 4)], 9), (file.extensions[5], file.extensions[6]))
        self.assertEqual([(self.A, 5, 7, 1)], file.content)

    def test_device_numbers_and_hard_link_groups_use_all_64_bits(self):
        largest = (1 << 64) - 1
        for tag in (3, 6):
            file, = parse_segment([entry(b"a", extensions=[(tag, varint(largest))])])
            self.assertEqual(largest, file.extensions[tag])

    def test_malformed_entries_are_refused(self):
        ten = slice_of(self.A, 0, 10)
        good = entry(b"a")
        for item in (
                entry(b""), entry(b"/"), entry(b"a/b"), entry(b"."), entry(b".."), entry(b"a\0..\0b"), entry(b"\0a"),
                entry(b"a\0"),
                entry(b"a\0\0b"), entry(b"x" * 32769), entry(b"a", 0), entry(b"a", 9), entry(b"a", nanoseconds=10 ** 9),
                entry(b"a", mode=0o10000), entry(b"a", 2, size=1), entry(b"a", 2, content=ten),
                entry(b"a", size=9, content=ten), entry(b"a", size=11, content=ten),
                entry(b"a", content=(b"\4\1\1", self.A, b"\0")),
                entry(b"a", content=(b"\2\3\1", self.A, b"\0")), entry(b"a", content=(b"\2\1\0",)),
                entry(b"a", content=(b"\2\1" + varint(65), *(self.A, b"\1") * 65), size=65),
                entry(b"a", extensions=[(7, b"")]), entry(b"a", extensions=[(4, b""), (2, b"")]),
                entry(b"a", extensions=[(2, b"")] * 2),
                entry(b"a", size=20, content=ten, extensions=[(5, b"\1\0\x09")]), entry(b"a", extensions=[(5, b"\0")]),
                entry(b"a", size=9, content=ten, extensions=[(5, b"\1\0\x0a")]),
                entry(b"a", size=20, content=ten, extensions=[(5, b"\2\0\x0a\0\0")]),
                entry(b"a", extensions=[(3, b"\1\1")]),
                entry(b"a", extensions=[(12, b"x" * (1 << 20))]),
                [b"\1", *good[1:]], good[:-1], [*good, b"\2"]):
            with self.subTest(item=item[:4]):
                self.refuses("BEF-2201", parse_segment, [item])
        for items in ([entry(b"b"), entry(b"a")], [entry(b"a"), entry(b"a")]):
            self.refuses("BEF-2201", parse_segment, items)

    def test_shared_paths_that_would_fill_the_memory_are_refused(self):
        directory = b"d" * 32000
        items = [entry(directory + b"%04d" % i, shared=32000 if i else 0) for i in range(5000)]
        self.assertEqual(4000, len(parse_segment(items[:4000])))
        self.refuses("BEF-2201", parse_segment, items)

    def test_malformed_nodes_are_refused(self):
        plain, references = make_node(0, [entry(b"a")])
        for at, value in ((0, 2), (1, 9), (2, 1), (3, 1)):
            self.refuses("BEF-2201", new_node, changed(plain, at, value), references)
        self.refuses("BEF-2201", lambda: parse_segment([entry(b"a"), b"!"], count=1))
        self.refuses("BEF-2201", lambda: parse_segment([entry(b"a")], count=2))
        self.refuses("BEF-2201", parse_segment, [[text(b"b"), self.A, b"\1"], [text(b"a"), self.B, b"\1"]], 1)
        self.refuses("BEF-2201", parse_segment, [[text(b"a"), self.A, b"\1!"]], 1)

    def test_references_and_positions_must_agree(self):
        self.refuses("BEF-2005", lambda: parse_segment([entry(b"a")], unused=[self.A]))
        self.refuses("BEF-2005", parse_segment, [entry(b"a", content=(b"\1\1\0\0", self.A))[:5]])


class WalkTests(Case):
    """vault.md §5 against the golden vault, which both programs and every later version must read."""
    GOLDEN = os.path.join(VECTORS, "vault-v1")
    FOLDER = os.path.join(GOLDEN, "t", str(tiny.VAULT))
    ROW = re.compile(r" *(\d+)  ((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:  |$)")

    def setUp(self):
        with open(os.path.join(self.GOLDEN, "kit.txt"), encoding="utf-8") as file:
            kit = reader.read_kit(file.read())
        self.vault = reader.Vault(self.FOLDER)
        self.commit = self.vault.commits()[0]
        self.key = reader.root_key(self.commit, kit)

    def bytes_of(self, title):
        if title.startswith("file: "):
            return self.vault.blob(title[6:])[:]
        plain = self.vault.open((self.commit.root, self.key), (reader.SEGMENT,))[1]
        return {"root key": self.key, "plain bytes of the root": plain}[title]

    def test_every_byte_of_the_walk_is_that_of_the_golden_vault(self):
        with open(os.path.join(VECTORS, "..", "..", "..", "docs", "format", "vault.md"), encoding="utf-8") as file:
            blocks = re.findall(r"```text\n(.*?)\n(.*?)```", file.read(), re.S)
        self.assertEqual(4, len(blocks))
        for title, block in blocks:
            at, data = 0, self.bytes_of(title)
            for line in block.splitlines():
                offset, digits = self.ROW.match(line).groups()
                shown = bytes.fromhex(digits)
                self.assertEqual((at, data[at:at + len(shown)]), (int(offset), shown), line)
                at += len(shown)
            self.assertEqual(320 if "/0193b0aa" in title else len(data), at, title)

    def test_the_golden_vault_is_what_it_was_and_restores(self):
        with tempfile.TemporaryDirectory() as folder:
            tiny.write_golden(folder)
            for at, _, files in os.walk(folder):
                for name in files:
                    path = os.path.join(at, name)
                    with open(path, "rb") as new, \
                            open(os.path.join(self.GOLDEN, os.path.relpath(path, folder)), "rb") as old:
                        self.assertEqual(old.read(), new.read(), path)
            to = os.path.join(folder, "to")
            kit = os.path.join(self.GOLDEN, "kit.txt")
            self.assertEqual(0, reader.main(["--packs", self.FOLDER, "--recovery-key", kit, "restore", "--to", to]))
            with open(os.path.join(to, "srv", "mot.txt"), "rb") as file:
                self.assertEqual(b"Bonjour.\n", file.read())

    def test_golden_records_of_every_codec_open(self):
        folder = os.path.join(VECTORS, "record-v1")
        for codec in ("stored", "zstd", "brotli", "deflate"):
            with open(os.path.join(folder, codec + ".bin"), "rb") as data, \
                    open(os.path.join(folder, codec + ".key"), "rb") as key:
                plain = reader.open_record(reader.parse_record(data.read()), key.read())
            self.assertEqual("Délibération du conseil municipal.\n" * 20, plain.decode("utf-8"))


if __name__ == "__main__":
    unittest.main()
