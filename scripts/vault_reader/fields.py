"""Numbers, digests and refusals: vault.md §1."""
import hashlib
from contextlib import contextmanager


class VaultError(Exception):
    """A refusal, with its code of docs/errors.md."""

    def __init__(self, code, why):
        super().__init__(f"{code}: {why}")
        self.code = code


def sha256(data):
    return hashlib.sha256(data).digest()


def magic(sentence):
    return sha256(sentence.encode())[:8]


def ascending(values):
    """Whether the values are strictly ascending."""
    return all(a < b for a, b in zip(values, values[1:]))


class Cursor:
    """Reads fields one after the other, and refuses with one code what is not as it must be."""

    def __init__(self, data, code):
        self.data, self.code, self.at, self.end = data, code, 0, len(data)

    def require(self, good, why):
        if not good:
            raise VaultError(self.code, why)

    def take(self, size):
        self.require(size <= self.end - self.at, f"it ends {size - self.end + self.at} bytes too early")
        self.at += size
        return self.data[self.at - size:self.at]

    def unsigned(self, size):
        return int.from_bytes(self.take(size), "little")

    def signed(self, size):
        return int.from_bytes(self.take(size), "little", signed=True)

    def reserved(self, size):
        self.require(not any(self.take(size)), "reserved bytes are not zero: a later version wrote this")

    def varint(self):
        value = shift = 0
        while True:
            byte = self.unsigned(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                self.require((byte or not shift) and value < 1 << 64, "a varint is not the shortest, or above 64 bits")
                return value
            shift += 7
            self.require(shift < 70, "a varint has more than 10 bytes")

    def svarint(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def text(self):
        """The bytes after their length."""
        return self.take(self.varint())

    @contextmanager
    def body(self, limit=1 << 64):
        """A body after its length; the caller reads it, and must read it to its end."""
        size = self.varint()
        self.require(size <= min(limit, self.end - self.at), "a length goes beyond its limit or what contains it")
        outer, self.end = self.end, self.at + size
        yield
        self.finish()
        self.end = outer

    def finish(self):
        self.require(self.at == self.end, f"{self.end - self.at} bytes are left over")
