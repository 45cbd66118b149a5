"""Writing entries to a folder."""
import os
import stat

from . import catalogue
from .fields import VaultError
from .vault import is_below, shown


NODES = {
    catalogue.SOCKET: stat.S_IFSOCK,
    catalogue.CHARACTER_DEVICE: stat.S_IFCHR,
    catalogue.BLOCK_DEVICE: stat.S_IFBLK,
}


class Restorer:
    """Writes entries below an empty folder, and nothing through a name that this run did not make itself."""

    def __init__(self, vault, folder, report):
        self.vault, self.folder, self.report = vault, os.fsencode(folder), report
        self.directories, self.links, self.attributes_lost = [], {}, 0
        os.makedirs(folder, exist_ok=True)
        if os.listdir(folder):
            raise VaultError("BEF-1001", f"{folder} is not empty; restore into a new folder")

    def run(self, entries):
        for entry in entries:
            if isinstance(entry, VaultError):
                self.report(f"lost: a part of the catalogue: {entry}")
                continue
            try:
                self.close_directories(entry.path)
                self.make_parents(entry.path)
                self.restore(entry)
            except (VaultError, OSError, OverflowError) as error:
                self.report(f"lost: {shown(entry.path)}: {error}")
        self.close_directories(None)
        if self.attributes_lost:
            self.report(f"{self.attributes_lost} owners or extended attributes could not be set here")

    def target(self, path):
        return os.path.join(self.folder, *path.split(b"\0"))

    def close_directories(self, path):
        """Gives directories that are complete their mode and time, which writing into them would have undone."""
        while self.directories and (path is None or not is_below(path, self.directories[-1][0])):
            done, entry = self.directories.pop()
            try:
                if entry:
                    self.set_metadata(self.target(done), entry)
            except (OSError, OverflowError) as error:
                self.report(f"mode or time of {shown(done)}: {error}")

    def make_parents(self, path):
        """Makes directories whose own entries were lost. Where something else has the name, mkdir refuses."""
        for parent in [path[:i] for i, byte in enumerate(path) if byte == 0]:
            if parent not in (made for made, _ in self.directories):
                os.mkdir(self.target(parent), 0o700)
                self.directories.append((parent, None))

    def restore(self, entry):
        target = self.target(entry.path)
        if entry.kind == catalogue.DIRECTORY:
            os.mkdir(target, 0o700)
            self.directories.append((entry.path, entry))
            return
        if entry.link_group in self.links:
            os.link(self.links[entry.link_group], target, follow_symlinks=False)
            return
        self.make(target, entry)
        self.set_metadata(target, entry)
        if entry.link_group:
            self.links[entry.link_group] = target

    def make(self, target, entry):
        if entry.kind == catalogue.FILE:
            self.make_file(target, entry)
        elif entry.kind == catalogue.LINK:
            os.symlink(entry.target, target)
        elif entry.kind == catalogue.FIFO:
            os.mkfifo(target, 0o600)
        elif entry.kind in NODES:
            device = entry.device or 0
            os.mknod(target, NODES[entry.kind] | 0o600, os.makedev(device >> 32, device & 0xFFFFFFFF))
        else:
            raise OSError("a reparse point has no equal on this system")

    def make_file(self, target, entry):
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            os.ftruncate(handle, entry.bytes)
            ranges, at, room = iter(entry.ranges or [(0, entry.bytes)]), 0, 0
            for block in map(memoryview, self.vault.content(entry)):
                while block:
                    if room == 0:
                        at, room = next(ranges)
                    written = os.pwrite(handle, block[:room], at)
                    at, room, block = at + written, room - written, block[written:]
        except (VaultError, OSError):
            os.unlink(target)  # Half a file looks like a whole one.
            raise
        finally:
            os.close(handle)

    def set_metadata(self, target, entry):
        mode = entry.mode
        try:
            os.chown(target, entry.user, entry.group, follow_symlinks=False)
        except (OSError, OverflowError):
            mode &= 0o1777  # Set-user-id for another user than the one who had it would be a hole.
            self.attributes_lost += os.geteuid() == 0
        for name, value in entry.attributes:
            try:
                os.setxattr(target, name, value, follow_symlinks=False)
            except (OSError, AttributeError):  # AttributeError: a system without them in Python.
                self.attributes_lost += 1
        if entry.kind != catalogue.LINK:
            os.chmod(target, mode)
        os.utime(target, ns=(entry.modified, entry.modified), follow_symlinks=False)
