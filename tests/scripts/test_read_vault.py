"""Tests of scripts/read_vault.py: whole vaults through its command line.

    python3 -m unittest discover -s tests/scripts
"""
import contextlib
import io
import os
import shutil
import stat
import tempfile
import unittest
import uuid

import tiny_vault as tiny
from tiny_vault import chunks_of, entry, list_of, make_node, slice_of, text, varint

import read_vault


class VaultTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.vault = tiny.TinyVault(os.path.join(self.folder, "store"))
        self.kit = self.vault.write_kit(os.path.join(self.folder, "kit"))
        self.to = os.path.join(self.folder, "to")

    def run_reader(self, *words):
        out, err = io.StringIO(), io.StringIO()
        options = ["--packs", self.vault.folder, "--recovery-key", self.kit]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = read_vault.main([*options, *words])
        return status, out.getvalue(), err.getvalue()

    def publish(self, items, level=0):
        """Writes packs, log and the commit of a snapshot of one segment; returns the segment."""
        root = self.vault.add_node(4, level, items)
        self.packs = self.vault.write_packs()
        self.commit = self.vault.write_commit(root)
        self.vault.write_log()
        return root

    def path(self, *names):
        return os.path.join(self.to, *names)

    def content(self, *names):
        with open(self.path(*names), "rb") as file:
            return file.read()

    def publish_tree(self):
        """Every kind of entry and content, in two levels of segments."""
        add, node = self.vault.add, self.vault.add_node
        self.first, self.second, self.third = os.urandom(70000), b"deux" * 40000, b"trois" * 9000
        one, two, three = add(1, self.first, secret=tiny.GROUP_SECRET), add(1, self.second, 1), add(1, self.third, 2)
        bundle = add(2, b"alphabeta", 0)
        lower = [self.chunk_list(0, [(one, 70000), (two, 160000)]), self.chunk_list(0, [(three, 45000)])]
        upper = self.chunk_list(1, [(lower[0], 230000), (lower[1], 45000)])
        ranges = varint(2) + varint(4096) + varint(5) + varint(100000) + varint(4)
        attributes = varint(1) + text(b"user.note") + text(b"bonjour")
        left = node(4, 0, [
            entry(b"srv", 2, mode=0o750, modified=1000),
            entry(b"srv\0all", size=275000, content=list_of(upper, 275000), mode=0o400, shared=3),
            entry(b"srv\0alpha", size=5, content=slice_of(bundle, 0, 5), shared=5,
                  extensions=[(6, varint(1)), (8, attributes)]),
            entry(b"srv\0beta", size=4, content=slice_of(bundle, 5, 4), modified=-5)])
        right = node(4, 0, [
            entry(b"srv\0empty"),
            entry(b"srv\0hard", size=5, content=slice_of(bundle, 0, 5), extensions=[(6, varint(1))]),
            entry(b"srv\0hole", size=50000),
            entry(b"srv\0locked", 2, mode=0o500, modified=2000),
            entry("srv\0locked\0é".encode(), size=115000, content=chunks_of((three, 45000), (one, 70000))),
            entry(b"srv\0odd\xff\n"),
            entry(b"srv\0sparse", size=200000, content=slice_of(bundle, 0, 9), extensions=[(5, ranges)]),
            entry(b"srv\0to", 3, mode=0o777, extensions=[(1, b"../elsewhere\x1b[2J")])])
        self.publish([[text(b"srv"), left, varint(4)], [text(b"srv\0empty"), right, varint(8)]], level=1)

    def chunk_list(self, level, items):
        plain, references = make_node(level, [], unused=[child for child, _ in items], count=len(items))
        plain += b"".join(varint(references.index(child[0])) + varint(size) for child, size in items)
        return self.vault.add(3, plain, 3 if len(plain) > 200 else 0, references)

    def test_a_tree_is_restored(self):
        self.publish_tree()
        self.assertEqual((0, "", ""), self.run_reader("restore", "--to", self.to))
        names = [b"all", b"alpha", b"beta", b"empty", b"hard", b"hole", b"locked", b"odd\xff\n", b"sparse", b"to"]
        self.assertEqual(names, sorted(os.listdir(os.fsencode(self.path("srv")))))
        self.assertEqual(self.first + self.second + self.third, self.content("srv", "all"))
        self.assertEqual(self.third + self.first, self.content("srv", "locked", "é"))
        self.assertEqual((b"alpha", b"beta", b"", bytes(50000)),
                         tuple(self.content("srv", n) for n in ("alpha", "beta", "empty", "hole")))
        self.assertEqual(bytes(4096) + b"alpha" + bytes(100000) + b"beta" + bytes(95895), self.content("srv", "sparse"))
        self.assertEqual("../elsewhere\x1b[2J", os.readlink(self.path("srv", "to")))
        self.assertEqual(b"alpha", self.content("srv", "hard"))
        self.assertFalse(os.path.samefile(self.path("srv", "alpha"), self.path("srv", "hard")))
        for name, mode, modified in (("all", 0o400, 10 ** 9), ("beta", 0o644, -5)):
            found = os.stat(self.path("srv", name))
            self.assertEqual((mode, modified * 10 ** 9 + 5), (stat.S_IMODE(found.st_mode), found.st_mtime_ns), name)

    def test_only_what_is_asked_for_is_restored(self):
        self.publish_tree()
        self.assertEqual((0, "", ""), self.run_reader("restore", "1", "--to", self.to, "/srv/hard", "/srv/locked"))
        self.assertEqual(["hard", "locked"], sorted(os.listdir(self.path("srv"))))
        self.assertEqual(["é"], os.listdir(self.path("srv", "locked")))
        self.assertEqual((0, ""), self.run_reader("ls", "/srv/locked")[::2])
        status, _, err = self.run_reader("restore", "--to", self.path("other"), "/srv/al")
        self.assertEqual((1, True), (status, "BEF-1010: /srv/al is not" in err))

    def test_what_this_reader_does_not_restore_is_named(self):
        self.publish([entry(b"a"), entry(b"b", 4), entry(b"c", 3, extensions=[])])
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, ["a"], 2, True), (status, os.listdir(self.to), err.count("lost: "), "BEF-1015" in err))

    def test_the_snapshots_are_listed(self):
        self.publish_tree()
        status, out, err = self.run_reader("list")
        self.assertEqual((0, ""), (status, err))
        self.assertRegex(out, rf"^       1  [0-9a-f]{{16}}  .* 2026  {tiny.DEVICE}\n$")

    def test_without_log_it_says_that_nothing_was_verified(self):
        self.publish_tree()
        for name in os.listdir(os.path.join(self.vault.folder, "l")):
            os.unlink(os.path.join(self.vault.folder, "l", name))
        self.assertIn("could not be checked", self.run_reader("list")[2])
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((0, True), (status, "could not be checked" in err))

    def test_a_gap_in_the_log_is_reported_and_does_not_stop_a_restore(self):
        self.publish_tree()
        os.unlink(os.path.join(self.vault.folder, "l", f"{2:016}"))
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, True, True), (status, "BEF-2401" in err, "could not be checked" in err))
        self.assertEqual(b"alpha", self.content("srv", "alpha"))

    def test_a_log_of_other_numbers_or_of_another_vault_is_not_used(self):
        self.publish([entry(b"a")])
        last = os.path.join(self.vault.folder, "l", f"{4:016}")
        os.rename(last, last[:-1] + "5")
        self.assertIn("BEF-2401", self.run_reader("ls")[2])
        os.unlink(last[:-1] + "5")
        self.assertEqual(0, self.run_reader("ls")[0])
        self.vault.write_log(lambda n, body: body.update(vault=str(uuid.UUID(int=9))) if n == 1 else None)
        self.assertIn("BEF-2302", self.run_reader("ls")[2])

    def test_calls_that_lack_something_are_refused(self):
        self.publish([entry(b"a")])
        self.assertIn("BEF-1010", self.run_reader("ls", "1", "/")[2])
        self.assertIn("BEF-1001", self.run_reader("restore")[2])
        self.vault.folder = os.path.join(self.folder, "store")
        self.assertIn("BEF-1008", self.run_reader("ls")[2])

    def test_a_forged_snapshot_is_refused(self):
        root = self.publish([entry(b"a")])
        os.unlink(self.commit)
        self.vault.write_commit(root, signer=tiny.SERVICE)
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, True, False), (status, "BEF-2302" in err, os.path.exists(self.to)))
        self.assertEqual("", self.run_reader("list")[1])

    def test_a_commit_under_another_name_is_refused(self):
        self.publish([entry(b"a")])
        os.rename(self.commit, self.commit.replace("0000001-", "0000002-"))
        status, _, err = self.run_reader("ls")
        self.assertEqual((1, True), (status, "BEF-2301" in err and "BEF-1008" in err))

    def test_snapshots_are_named_by_number_or_id(self):
        root = self.publish([entry(b"a")])
        identity = os.path.basename(self.commit)[17:]
        self.vault.write_commit(root, 2, bytes.fromhex(identity))
        for word in ("1", identity[:6], identity):
            self.assertEqual(0, self.run_reader("ls", word)[0], word)
        self.assertIn("BEF-1008", self.run_reader("ls", "3")[2])
        self.vault.write_commit(root, 1, device=uuid.UUID(int=5))
        shutil.rmtree(os.path.join(self.vault.folder, "l"))
        self.assertIn("BEF-1009", self.run_reader("ls")[2])
        self.assertIn("BEF-1009", self.run_reader("ls", "1")[2])

    def test_ls_shows_entries_and_escapes_names(self):
        self.publish_tree()
        status, out, err = self.run_reader("ls")
        self.assertEqual((0, "", 12), (status, err, len(out.splitlines())))
        self.assertRegex(out, r"-r-------- +275000  /srv/all\n")
        self.assertIn(r"/srv/odd\xff\n" + "\n", out)
        self.assertTrue(out.endswith("  /srv/to\n"))

    def damage(self, path, data, at=60):
        """Changes one byte of a record in a pack."""
        with open(path, "r+b") as file:
            start = file.read().index(data)
            file.seek(start + at)
            file.write(bytes([data[at] ^ 1]))

    def test_a_damaged_record_costs_its_files_only(self):
        self.publish_tree()
        self.damage(self.packs[0], self.vault.data[1])
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, ["read_vault: lost: /srv/all"]), (status, [line[:26] for line in err.splitlines()]))
        self.assertIn("BEF-2002", err)
        self.assertEqual((9, False), (len(os.listdir(self.path("srv"))), os.path.exists(self.path("srv", "all"))))

    def test_another_pack_with_the_same_record_replaces_a_damaged_one(self):
        self.publish_tree()
        for path, kind, records in zip(self.packs, (1, 2), (self.vault.data, self.vault.catalogue)):
            for data in records:
                self.vault.write_pack(kind, [data])
                self.damage(path, data)
        self.assertEqual((0, "", ""), self.run_reader("restore", "--to", self.to))

    def test_a_pack_without_its_end_is_left_out(self):
        self.publish_tree()
        os.truncate(self.packs[0], os.path.getsize(self.packs[0]) - 5)
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, 1, True), (status, err.count("BEF-2102"), "BEF-2006" in err))
        self.assertEqual(b"", self.content("srv", "empty"))

    def test_a_missing_pack_is_named(self):
        self.publish_tree()
        os.unlink(self.packs[0])
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, True), (status, "BEF-2006" in err))

    def test_a_lost_segment_costs_its_entries_only(self):
        self.publish_tree()
        self.damage(self.packs[1], self.vault.catalogue[-3])
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, True), (status, "lost: the entries from /srv on" in err))
        self.assertEqual(["empty", "hard", "hole", "locked", "sparse", "to"],
                         sorted(name for name in os.listdir(self.path("srv")) if name.isprintable() and name.isascii()))

    def test_nothing_is_written_into_a_folder_that_has_something(self):
        self.publish([entry(b"a")])
        os.makedirs(self.path("mine"))
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, True, ["mine"]), (status, "File exists" in err, os.listdir(self.to)))

    def test_no_entry_leaves_the_folder(self):
        outside = os.path.join(self.folder, "outside")
        os.mkdir(outside)
        link = entry(b"a", 3, extensions=[(1, outside.encode())])
        self.publish([link, entry(b"a\0b")])
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, True, []), (status, "BEF-2201" in err, os.listdir(outside)))

    def test_not_even_after_a_lost_segment(self):
        outside = os.path.join(self.folder, "outside")
        os.mkdir(outside)
        lost = b"l" * 32, b"L" * 32
        below = self.vault.add_node(4, 0, [entry(b"a", 3, extensions=[(1, outside.encode())]), entry(b"a\0b")])
        self.publish([[text(b"A"), lost, b"\1"], [text(b"a"), below, b"\2"]], level=1)
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, [], True), (status, os.listdir(outside), "BEF-2201" in err))
        self.assertEqual([], os.listdir(self.to))

    def refused_tree(self, items, code, level=0):
        self.publish(items, level)
        status, _, err = self.run_reader("ls")
        self.assertEqual((1, True), (status, code in err), err)

    def test_a_segment_with_another_first_path_is_refused(self):
        child = self.vault.add_node(4, 0, [entry(b"b")])
        self.refused_tree([[text(b"a"), child, b"\1"]], "BEF-2201", 1)

    def test_a_segment_with_another_number_of_entries_is_refused(self):
        child = self.vault.add_node(4, 0, [entry(b"b")])
        self.refused_tree([[text(b"b"), child, b"\2"]], "BEF-2201", 1)

    def test_a_segment_that_is_not_one_level_below_is_refused(self):
        child = self.vault.add_node(4, 0, [entry(b"b")])
        self.refused_tree([[text(b"b"), child, b"\1"]], "BEF-2201", 2)

    def test_entries_out_of_order_across_segments_are_refused(self):
        low, high = (self.vault.add_node(4, 0, items) for items in ([entry(b"a"), entry(b"c")], [entry(b"b")]))
        self.refused_tree([[text(b"a"), low, b"\2"], [text(b"b"), high, b"\1"]], "BEF-2201", 1)

    def refused_content(self, size, content, code="BEF-2201"):
        self.publish([entry(b"a", size=size, content=content)])
        status, _, err = self.run_reader("restore", "--to", self.to)
        self.assertEqual((1, True, []), (status, code in err, os.listdir(self.to)), err)

    def test_a_slice_beyond_its_record_is_refused(self):
        self.refused_content(5, slice_of(self.vault.add(2, b"abcdefgh"), 4, 5))

    def test_a_chunk_beyond_its_record_is_refused(self):
        self.refused_content(9, chunks_of((self.vault.add(1, b"abcdefgh"), 9)))

    def test_a_part_of_a_chunk_as_a_chunk_is_refused(self):
        self.refused_content(7, chunks_of((self.vault.add(1, b"abcdefgh"), 7)))

    def test_a_part_of_a_chunk_in_a_list_is_refused(self):
        self.refused_content(7, list_of(self.chunk_list(0, [(self.vault.add(1, b"abcdefgh"), 7)]), 7))

    def test_a_bundle_as_a_chunk_is_refused(self):
        self.refused_content(8, chunks_of((self.vault.add(2, b"abcdefgh"), 8)))

    def test_a_part_of_the_catalogue_as_content_is_refused(self):
        self.refused_content(5, chunks_of((self.vault.add_node(4, 0, [entry(b"z")]), 5)))

    def test_a_list_that_does_not_add_up_is_refused(self):
        self.refused_content(9, list_of(self.chunk_list(0, [(self.vault.add(1, b"abcdefgh"), 8)]), 9))

    def test_a_list_of_the_wrong_level_is_refused(self):
        lower = self.chunk_list(0, [(self.vault.add(1, b"abcdefgh"), 8)])
        self.refused_content(8, list_of(self.chunk_list(2, [(lower, 8)]), 8))

    def test_a_list_with_too_many_items_is_refused(self):
        chunk = self.vault.add(1, b"a")
        self.refused_content(4097, list_of(self.chunk_list(0, [(chunk, 1)] * 4097), 4097))

    def test_a_kit_that_names_another_server_is_refused(self):
        self.publish([entry(b"a")])
        named = tiny.kit_text().replace("words:", "server-key: {}\nwords:")
        for key, status in ((tiny.SERVER, 0), (tiny.SIGNER, 1)):
            with open(self.kit, "w", encoding="utf-8") as file:
                file.write(named.format(read_vault.key_id(tiny.public_point(key)).hex()))
            found = self.run_reader("ls")
            self.assertEqual((status, status == 1), (found[0], "BEF-2401" in found[2]), found)

    def test_a_kit_of_another_vault_is_refused(self):
        self.publish([entry(b"a")])
        with open(self.kit, "w", encoding="utf-8") as file:
            file.write(tiny.kit_text(vault=uuid.UUID(int=9)))
        options = ["--packs", self.vault.folder, "--recovery-key", self.kit, "ls"]
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            self.assertEqual(1, read_vault.main(options))
        self.assertIn("BEF-1013", err.getvalue())

    def test_a_vault_folder_of_any_name_is_read(self):
        self.publish([entry(b"a")])
        moved = os.path.join(self.folder, "copy")
        os.rename(self.vault.folder, moved)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.assertEqual(0, read_vault.main(["--packs", moved, "--recovery-key", self.kit, "ls"]))
        self.assertTrue(out.getvalue().endswith("/a\n"))


if __name__ == "__main__":
    unittest.main()
