#!/usr/bin/env python3
"""Writes a small folder such as a town hall's front desk has, the same for the same --seed.

    make_town_hall.py DIR [--seed N]

A few hundred files: letters, deliberations, accounts as CSV, photos, a mail archive, and what a backup gets wrong if it
can: symbolic and hard links, a sparse file, accents, a name that is not UTF-8, empty files and folders, unusual modes,
extended attributes where the file system has them. Everything is invented.
"""
import argparse
import os
import random
import sys

NEWEST_NS = 1_760_000_000 * 10**9  # October 2025; a fixed time, so that two runs make the same folder.
AGE_MAX_NS = 6 * 365 * 86_400 * 10**9
WORDS = ("le conseil municipal réuni en séance publique approuve la délibération relative à la voirie communale et "
         "autorise madame la maire à signer tout document utile pour l'école, la salle des fêtes, le cimetière, "
         "les inscriptions électorales, l'état civil et le plan local d'urbanisme après avis de la commission").split()
STREETS = ["rue du Lavoir", "place de la Mairie", "chemin des Écoliers", "impasse du Four à pain", "route de Brûlon"]
NAMES = ["Lefèvre", "Mahé", "Garçon", "Noël", "Besançon", "Le Goff", "D'Août", "Müller", "Çelik", "Nguyễn"]


class TownHall:
    def __init__(self, root: str, seed: int):
        self.root = os.fsencode(root)
        self.random = random.Random(seed)

    def write(self, name, content, mode: int = 0o644) -> bytes:
        path = os.path.join(self.root, os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(path, mode)
        return path

    def prose(self, paragraphs: int) -> str:
        lines = []
        for _ in range(paragraphs):
            words = [self.random.choice(WORDS) for _ in range(self.random.randint(20, 90))]
            lines.append(" ".join(words).capitalize() + ".\n")
        return "\n".join(lines)

    def letters(self) -> None:
        for number in range(110):
            name = self.random.choice(NAMES)
            street = self.random.choice(STREETS)
            head = f"{name}, {self.random.randint(1, 90)} {street}\n\n"
            self.write(f"Accueil/Courriers/{2020 + number % 6}/{number:03d} – {name}.txt",
                       head + self.prose(self.random.randint(1, 12)))

    def deliberations(self) -> None:
        for year in range(2020, 2026):
            for number in range(1, 13):
                self.write(f"Conseil municipal/Délibérations {year}/DCM-{year}-{number:02d}.txt", self.prose(30))

    def accounts(self) -> None:
        for year in range(2019, 2026):
            rows = ["date;article;libellé;montant"]
            for row in range(1_500):
                cents = self.random.randint(100, 900_000)
                rows.append(f"{row % 28 + 1:02d}/{row % 12 + 1:02d}/{year};{60_000 + row % 900};"
                            f"{self.random.choice(WORDS)};{cents // 100},{cents % 100:02d}")
            self.write(f"Comptabilité/grand livre {year}.csv", "\r\n".join(rows) + "\r\n", 0o640)

    def photos(self) -> None:
        for number in range(40):
            content = b"\xff\xd8\xff\xe0" + self.random.randbytes(self.random.randint(20_000, 220_000))
            self.write(f"Photos/Fête de l'été/IMG_{number:04d}.JPG", content)

    def registers(self) -> None:
        for number in range(60):
            self.write(f"État civil/Actes/{number:04d}.xml", f"<acte n='{number}'>{self.prose(2)}</acte>\n", 0o600)

    def mail(self) -> None:
        messages = []
        for number in range(400):
            messages.append(f"From accueil@mairie.example\nSubject: {self.random.choice(WORDS)} {number}\n\n"
                            + self.prose(4) + "\n")
        self.write("Messagerie/archive.mbox", "".join(messages))

    def oddities(self) -> None:
        self.write("Divers/vide.txt", b"")
        self.write("Divers/lecture seule.txt", "Ne pas modifier.\n", 0o444)
        self.write("Divers/sauvegarde.sh", "echo ancien script\n", 0o755)
        self.write("Divers/🔔 beffroi ✓.txt", "Un nom hors du plan de base.\n")
        self.write(b"Divers/pr\xe9nom-latin1.txt", "Un nom qui n'est pas en UTF-8.\n")
        self.write("Divers/" + "n" * 200 + ".txt", "Un nom long.\n")
        os.makedirs(os.path.join(self.root, b"Divers/dossier vide"))
        deliberation = os.path.join(self.root, os.fsencode("Conseil municipal/Délibérations 2025/DCM-2025-01.txt"))
        os.link(deliberation, os.path.join(self.root, os.fsencode("Divers/même délibération.txt")))
        os.symlink("../Comptabilité/grand livre 2025.csv", os.path.join(self.root, os.fsencode("Divers/grand livre")))
        os.symlink("nulle/part", os.path.join(self.root, b"Divers/lien mort"))
        self.sparse("Divers/disque virtuel.img", 64 << 20)

    def sparse(self, name: str, length: int) -> None:
        path = self.write(name, b"")
        with open(path, "r+b") as file:
            for offset in (0, 20 << 20, 41 << 20):
                file.seek(offset)
                file.write(self.random.randbytes(300_000))
            file.truncate(length)

    def attributes(self) -> bool:
        path = os.path.join(self.root, b"Divers/vide.txt")
        try:
            os.setxattr(path, b"user.beffroi.comment", "à conserver".encode())
            return True
        except OSError:
            return False  # Not on this file system.

    def times(self) -> None:
        """Last, and from the leaves up: each file written changes the time of its folder."""
        for folder, folders, files in os.walk(self.root, topdown=False):
            for name in sorted(files) + sorted(folders):
                self.age(os.path.join(folder, name))
        self.age(self.root)

    def age(self, path: bytes) -> None:
        time = NEWEST_NS - self.random.randrange(AGE_MAX_NS)
        os.utime(path, ns=(time, time), follow_symlinks=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if os.path.exists(arguments.folder):
        print(f"{arguments.folder} exists; nothing was written.", file=sys.stderr)
        return 1
    os.makedirs(arguments.folder)
    hall = TownHall(arguments.folder, arguments.seed)
    parts = (hall.letters, hall.deliberations, hall.accounts, hall.photos, hall.registers, hall.mail, hall.oddities)
    for part in parts:
        part()
    hall.attributes()
    hall.times()
    return 0


if __name__ == "__main__":
    sys.exit(main())
