#!/usr/bin/env python3
"""Forwards TCP connections and cuts each after a random number of bytes.

    cutting_proxy.py PORT TARGET_PORT CUTS SEED COUNT_FILE

After CUTS cuts it only forwards. COUNT_FILE holds the number of cuts so far. A cut is a reset, as by a line that fails.
"""
import random
import socket
import struct
import sys
import threading

BYTES_BEFORE_CUT = (1_000, 6_000_000)


class Proxy:
    def __init__(self, target: int, cuts: int, seed: int, count_file: str) -> None:
        self.target, self.cuts, self.count_file = target, cuts, count_file
        self.done = 0
        self.random = random.Random(seed)
        self.lock = threading.Lock()

    def allowance(self) -> int:
        with self.lock:
            return self.random.randrange(*BYTES_BEFORE_CUT) if self.done < self.cuts else sys.maxsize

    def note_cut(self) -> None:
        with self.lock:
            self.done += 1
            with open(self.count_file, "w", encoding="ascii") as file:
                file.write(str(self.done))

    def serve(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.target))
        left = [self.allowance()]
        both = (client, server)
        for source, target in (both, both[::-1]):
            threading.Thread(target=self.pump, args=(source, target, left), daemon=True).start()

    def pump(self, source: socket.socket, target: socket.socket, left: list) -> None:
        try:
            while block := source.recv(16_384):
                left[0] -= len(block)
                if left[0] < 0:
                    self.note_cut()
                    for each in (source, target):
                        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
                target.sendall(block)
        except OSError:
            pass
        for each in (source, target):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()


def main() -> None:
    port, target, cuts, seed, count_file = sys.argv[1:]
    proxy = Proxy(int(target), int(cuts), int(seed), count_file)
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        while True:
            proxy.serve(listener.accept()[0])


main()
