#!/usr/bin/env python3
"""Data sets on which bench/compare measures backup programs; the same for everybody.

  make_dataset.py create {office,bigfiles,tiny} TARGET [--scale 1.0] [--seed 1]
  make_dataset.py mutate {office,bigfiles,tiny} TARGET --round N [--seed 1]
  make_dataset.py digest TARGET           one line: a hash of the whole tree
  make_dataset.py compare A B             exit 1 and a list when two trees differ

Python 3 standard library only.  The same seed, scale and round give the same
bytes, names and modification times on every machine (the only dependence is
zlib's own output for the small deflated parts inside the office documents).
Everything in them is invented.

office    a town hall's file server: ~20,000 files, ~4 GiB at scale 1
bigfiles  a mail archive, a database and a disk image: 1 + 1.25 + 1.5 GiB
tiny      200,000 files of 0.2-8 KiB in 2,000 folders

mutate office/tiny : change 1 % of the files, rename 0.5 %, delete 0.5 %, add 1 %
mutate bigfiles    : overwrite 1 % of the 8 KiB pages of each file in place
                     (database: scattered one by one; mail archive: runs of
                     ~16 pages; disk image: runs of ~64 pages), insert 1 KiB
                     near the start of the mail archive, append 5 % to the disk
                     image.
mutate prints a JSON line with the number of bytes that are truly new.
"""
import argparse
import bisect
import hashlib
import io
import json
import math
import os
import random
import stat
import struct
import sys
import unicodedata
import zipfile
from concurrent.futures import ProcessPoolExecutor

KiB, MiB, GiB = 1 << 10, 1 << 20, 1 << 30
PAGE = 8 * KiB
EPOCH = 1420070400          # 2015-01-01
SPAN = 10 * 365 * 86400     # file dates lie in 2015-2024

# ---------------------------------------------------------------- content --

WORDS = """le la les de des du un une et à en dans pour par sur avec au aux ce
cette que qui est sont été être ont avoir plus ne pas sa son ses leur commune
mairie conseil municipal délibération séance maire adjoint arrêté article vu
considérant code général collectivités territoriales budget exercice recettes
dépenses fonctionnement investissement section chapitre montant euros travaux
marché public entreprise lot avenant école élèves cantine périscolaire voirie
éclairage urbanisme permis construire parcelle cadastre demandeur déclaration
préalable association subvention fêtes cérémonie salle location convention
agent recrutement poste temps complet indemnité régie état civil naissance
mariage décès acte registre électoral bureau vote préfecture département région
intercommunalité communauté communes eau assainissement déchets forêt chemin
rural bâtiment chauffage facture fournisseur mandat titre trésor receveur
délégation pouvoir signature unanimité voix abstention présents absents excusés
secrétaire président commission finances ordre jour procès-verbal compte rendu
information citoyen usager dossier demande réponse courrier service technique
espaces verts cimetière concession médiathèque lecture petite enfance crèche
centre loisirs sport stade gymnase plan communal sauvegarde risque inondation
sécurité police rurale stationnement circulation travée réseau fibre données
personnelles registre traitement conservation archives versement""".split()

_SYL = ("a ba ca da fa ga la ma na pa ra sa ta va é bé dé fé gé lé mé né pé ré "
        "sé té vé i bi ci di fi li mi ni pi ri si ti vi o bo co do fo lo mo no "
        "po ro so to vo u bu du fu lu mu nu ru su tu on an en in oi ou ai eau "
        "tion ment eur euse ique iste able age").split()

_STATE = {}


def _state():
    """Vocabulary tables, built once a process."""
    if _STATE:
        return _STATE
    r = random.Random("vocabulary")
    vocab = [w.encode() for w in WORDS]
    while len(vocab) < 12000:
        vocab.append("".join(r.choices(_SYL, k=r.randint(2, 5))).encode())
    # 65,536 slots, Zipf-like: a random 16-bit number picks a word.
    cum, total = [], 0.0
    for i in range(len(vocab)):
        total += 1.0 / (i + 4) ** 0.9
        cum.append(total)
    slots = []
    for i in range(65536):
        w = vocab[min(bisect.bisect_left(cum, (i + 0.5) / 65536 * total),
                      len(vocab) - 1)]
        k = (i * 40503) & 63
        w += b".\n" if k == 0 else b", " if k < 4 else b" "
        slots.append(w)
    _STATE["words"] = slots
    code, total, cum = [], 0.0, []
    for i in range(6000):
        code.append(r.randbytes(r.randint(2, 6)))
        total += 1.0 / (i + 8) ** 0.8
        cum.append(total)
    _STATE["code"] = [code[min(bisect.bisect_left(cum, (i + 0.5) / 65536 * total),
                               5999)] for i in range(65536)]
    _STATE["names"] = [w.capitalize().decode() for w in vocab[200:2200]]
    return _STATE


def rnd(rng, n):
    if n <= MiB:
        return rng.randbytes(n)
    out = bytearray()
    while len(out) < n:
        out += rng.randbytes(min(MiB, n - len(out)))
    return bytes(out)


def _tokens(rng, n, table, mean):
    out = bytearray()
    while len(out) < n:
        k = min(int((n - len(out)) / mean) + 32, 1 << 18)
        out += b"".join([table[i] for i in
                         memoryview(rng.randbytes(2 * k)).cast("H")])
    return bytes(out[:n])


def prose(rng, n):
    return _tokens(rng, n, _state()["words"], 7.0)


def machine_code(rng, n):
    return _tokens(rng, n, _state()["code"], 3.5)


def base64_mail(rng, n):
    import base64
    return base64.encodebytes(rnd(rng, n * 3 // 4 + 64))[:n]


def csv_rows(rng, n):
    names = _state()["names"]
    out, size = [b"numero;date;nom;prenom;service;chapitre;montant;libelle\n"], 56
    i = rng.randrange(1, 90000)
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2015, 2024)
    while size < n:
        a = rng.getrandbits(48)
        if a & 7 == 0:
            day = day % 28 + 1
        who, line = (a >> 3) % 23 * ((a >> 8) % 31), (a >> 14) % 90
        row = (f"{i};{day:02d}/{month:02d}/{year};{names[who].upper()};"
               f"{names[(who * 7) % 150]};SERV{line % 20:02d};6{line:03d};"
               f"{(a >> 22) % 400000 / 100:.2f};{WORDS[line]} {WORDS[line + 60]}\n").encode()
        out.append(row)
        size += len(row)
        i += 1
    return b"".join(out)[:n]


def xml_rows(rng, n):
    names = _state()["names"]
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n<Flux>\n']
    size = 48
    i = rng.randrange(1, 90000)
    while size < n:
        a = rng.getrandbits(64)
        row = (f'  <Ligne numero="{i}">\n    <Date>20{15 + a % 10}-{1 + (a >> 8) % 12:02d}-'
               f'{1 + (a >> 13) % 28:02d}</Date>\n    <Tiers><Nom>{names[(a >> 20) % 2000]}'
               f'</Nom><Siret>{a % 10 ** 14:014d}</Siret></Tiers>\n    <Imputation>'
               f'6{(a >> 40) % 900:03d}</Imputation>\n    <MontantHT>'
               f'{(a >> 24) % 900000 / 100:.2f}</MontantHT>\n  </Ligne>\n')
        out.append(row)
        size += len(row)
        i += 1
    return "".join(out).encode()[:n]


def office_zip(rng, n, kind):
    """A valid zip: small deflated XML parts, the rest incompressible media."""
    main = {"docx": "word/document.xml", "xlsx": "xl/worksheets/sheet1.xml",
            "pptx": "ppt/slides/slide1.xml", "odt": "content.xml",
            "ods": "content.xml"}[kind]
    buf = io.BytesIO()
    with zipfile.ZipFile(buf, "w") as z:
        def add(name, data, how):
            zi = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            zi.compress_type = how
            z.writestr(zi, data, compresslevel=6)
        add("[Content_Types].xml", b'<?xml version="1.0"?><Types/>', zipfile.ZIP_STORED)
        xml = min(n, 96 * KiB)
        body = xml_rows(rng, xml) if kind in ("xlsx", "ods") else prose(rng, xml)
        add(main, body, zipfile.ZIP_DEFLATED)
        i = 1
        while buf.tell() + 2048 < n:
            m = min(n - buf.tell() - 1024, rng.randint(40, 400) * KiB)
            # random bytes stand in for photographs and for big deflated parts
            add(f"media/image{i}.jpeg", rnd(rng, m), zipfile.ZIP_STORED)
            i += 1
    return buf.getvalue()


def pdf(rng, n):
    head = b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    out, i, size = [head], 3, len(head)
    while size < n:
        m = min(n - size, rng.randint(4, 120) * KiB)
        o = b"%d 0 obj\n<</Filter/FlateDecode/Length %d>>stream\n" % (i, m)
        part = o + rnd(rng, m) + b"\nendstream\nendobj\n"
        out.append(part)
        size += len(part)
        i += 1
    return b"".join(out)[:n]


def jpeg(rng, n):
    return (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + rnd(rng, max(0, n - 15)))[:n]


def content(rng, kind, n):
    if n == 0:
        return b""
    if kind in ("txt", "eml", "html", "log", "rtf"):
        return prose(rng, n)
    if kind == "csv":
        return csv_rows(rng, n)
    if kind == "xml":
        return xml_rows(rng, n)
    if kind in ("docx", "xlsx", "pptx", "odt", "ods"):
        return office_zip(rng, n, kind)
    if kind == "pdf":
        return pdf(rng, n)
    return jpeg(rng, n)


# ----------------------------------------------------------------- office --

SERVICES = [
    "Accueil et état civil", "Secrétariat général", "Conseil municipal/Délibérations",
    "Conseil municipal/Procès-verbaux", "Finances/Budget primitif", "Finances/Mandats",
    "Finances/Régie d'avances", "Marchés publics", "Urbanisme/Permis de construire",
    "Urbanisme/Déclarations préalables", "Ressources humaines/Paie",
    "Ressources humaines/Carrières", "Élections", "École Jules-Ferry",
    "École maternelle Les Hirondelles", "Médiathèque", "Services techniques/Voirie",
    "Services techniques/Bâtiments", "Services techniques/Espaces verts",
    "Communication/Bulletin municipal", "Communication/Photothèque",
    "Cimetière/Concessions", "Fêtes & cérémonies", "Police municipale",
    "CCAS/Aides sociales", "Intercommunalité", "Archives/À trier", "Élus/Maire",
]
SUBJECTS = ["Compte-rendu", "Procès-verbal", "Délibération", "Arrêté", "Facture",
            "Courrier", "Devis", "Convention", "Plan", "Liste", "Tableau de suivi",
            "Relevé", "Attestation", "Dossier", "Photo", "Acte", "Demande",
            "Bulletin", "Budget", "Note de service", "Éclairage", "Réunion"]

#          kind   files  mean bytes (before the total is fitted)
KINDS = [("docx", 0.20, 150), ("xlsx", 0.09, 120), ("odt", 0.05, 110),
         ("ods", 0.02, 90), ("pptx", 0.01, 2600), ("pdf", 0.20, 330),
         ("jpg", 0.13, 480), ("txt", 0.06, 60), ("csv", 0.07, 420),
         ("xml", 0.07, 420), ("eml", 0.05, 150), ("html", 0.03, 90),
         ("log", 0.02, 700)]


def office_plan(seed, scale):
    """[(relative path, kind, size, mtime, origin or None)], folders, links"""
    r = random.Random(f"office:{seed}:{scale}")
    count, total = max(200, int(20000 * scale)), int(4 * GiB * scale)
    folders = []
    for s in SERVICES:
        folders.append(s)
        for y in range(2015, 2025):
            if r.random() < 0.75:
                folders.append(f"{s}/{y}")
                for k in range(r.choice((0, 0, 1, 2, 3))):
                    folders.append(f"{s}/{y}/{r.choice(SUBJECTS)} {r.choice(_state()['names'])} {k}")
    deep = "Archives/À trier/" + "/".join(f"Ancien serveur niveau {i}" for i in range(1, 13))
    folders.append(deep)
    weights = [r.lognormvariate(0, 1) for _ in folders]
    where = r.choices(folders, weights=weights, k=count)
    kinds = r.choices([k[0] for k in KINDS], weights=[k[1] for k in KINDS], k=count)
    mean = {k[0]: k[2] * KiB for k in KINDS}
    sizes = [int(r.lognormvariate(math.log(mean[k]) - 0.72, 1.2)) + 200 for k in kinds]
    sizes = [min(s, 60 * MiB) for s in sizes]
    dup = [i >= 50 and r.random() < 0.15 for i in range(count)]
    origin = [None] * count
    originals = []
    for i in range(count):
        if dup[i] and originals:
            origin[i] = r.choice(originals)
        else:
            originals.append(i)
    empty = {i for i in originals if r.random() < 0.004}
    real = sum(sizes[i if origin[i] is None else origin[i]] for i in range(count)
               if (i if origin[i] is None else origin[i]) not in empty)
    f = total / real
    sizes = [0 if i in empty else max(1, int(s * f)) for i, s in enumerate(sizes)]
    names, plan = set(), []
    for i in range(count):
        o = origin[i]
        kind = kinds[i] if o is None else kinds[o]
        size = sizes[i] if o is None else sizes[o]
        subj, nm = r.choice(SUBJECTS), r.choice(_state()["names"])
        date = f"{r.randint(2015, 2024)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}"
        style = r.random()
        if style < 0.5:
            name = f"{subj} {nm} {date}"
        elif style < 0.8:
            name = f"{subj}_n°{r.randint(1, 999)}_{nm}".replace(" ", "_")
        elif style < 0.995:
            name = f"{r.randint(0, 99999):05d} - {subj} ({nm})"
        else:   # long names: up to 240 bytes
            name = f"{subj} {date} " + " ".join(r.choices(WORDS, k=60))
            name = name.replace("/", "-").encode()[:r.randint(180, 225)].decode(errors="ignore").strip()
        if r.random() < 0.02:    # names that came from a Mac: decomposed accents
            name = unicodedata.normalize("NFD", name)
        path = f"{where[i]}/{name}.{kind}"
        while path in names:
            path = f"{where[i]}/{name} ({r.randint(2, 99999)}).{kind}"
        names.add(path)
        plan.append((path, kind, size, EPOCH + r.randrange(SPAN), o))
    links = []
    for i in range(max(4, int(20 * scale))):
        t = r.choice(plan)[0]
        links.append((f"Accueil et état civil/Raccourci {i} é", os.path.relpath(t, "Accueil et état civil")))
    links.append(("Élus/Raccourci dossier Finances", "../Finances"))
    links.append(("Élus/Raccourci cassé", "../nulle part/rien.txt"))
    return plan, folders, links


def _office_worker(job):
    target, seed, scale, part, parts = job
    plan, _, _ = office_plan(seed, scale)
    done = 0
    for i in range(part, len(plan), parts):
        path, kind, size, mtime, o = plan[i]
        data = content(random.Random(f"{seed}:office:{i if o is None else o}"), kind, size)
        put(os.path.join(target, path), data, mtime)
        done += len(data)
    return done


def put(full, data, mtime):
    with open(full, "wb", buffering=0) as f:
        mv = memoryview(data)
        while mv:
            mv = mv[f.write(mv):]
    os.utime(full, (mtime, mtime))


def create_office(target, seed, scale, jobs):
    plan, folders, links = office_plan(seed, scale)
    for d in folders:
        os.makedirs(os.path.join(target, d), exist_ok=True)
    run(jobs, _office_worker, [(target, seed, scale, p, jobs) for p in range(jobs)])
    for name, dest in links:
        os.symlink(dest, os.path.join(target, name))


# ------------------------------------------------------------------- tiny --

def _tiny_worker(job):
    target, seed, scale, part, parts = job
    folders, per = max(10, int(2000 * scale)), 100
    for d in range(part, folders, parts):
        r = random.Random(f"{seed}:tiny:{d}")
        rel = f"Numérisation {d % 40:02d}/Boîte {d:04d}"
        base = os.path.join(target, rel)
        os.makedirs(base, exist_ok=True)
        blob = prose(r, 400 * KiB)
        for i in range(per):
            n = int(math.exp(r.uniform(math.log(205), math.log(8192))))
            if r.random() < 0.7:
                at = r.randrange(len(blob) - 8192)
                data = b"Fiche %d-%d\n" % (d, i) + blob[at:at + n]
                ext = "txt"
            else:
                data = r.randbytes(n)
                ext = "jpg"
            put(os.path.join(base, f"Fiche état civil {i:03d}.{ext}"), data[:n],
                EPOCH + r.randrange(SPAN))


def create_tiny(target, seed, scale, jobs):
    run(jobs, _tiny_worker, [(target, seed, scale, p, jobs) for p in range(jobs)])


# --------------------------------------------------------------- bigfiles --

BIG = [("messagerie.pst", 1.0), ("compta.mdf", 1.25), ("disque-vm.img", 1.5)]


def mail_block(r, n):
    out = bytearray()
    while len(out) < n:
        m = r.randint(8, 160) * KiB
        k = r.random()
        if k < 0.5:
            out += prose(r, m)
        elif k < 0.75:
            out += base64_mail(r, m)
        else:
            out += rnd(r, m)
    return bytes(out[:n])


def db_pages(r, n):
    names = _state()["names"]
    out = []
    for _ in range(0, n, PAGE):
        k = r.random()
        if k < 0.15:
            out.append(bytes(PAGE))
            continue
        p = bytearray(struct.pack("<IQHHI", r.getrandbits(32), r.getrandbits(40), 1, 0, 0) + bytes(76))
        limit = PAGE - 64 if k > 0.3 else PAGE // 2
        ident = r.getrandbits(30)
        while len(p) < limit:
            a = r.getrandbits(96)
            p += struct.pack("<IIQHH", ident, a & 0xFFFF, a >> 40, a & 1023, 0)
            p += names[a % 2000].encode().ljust(32)[:32]
            p += names[(a >> 11) % 2000].encode().ljust(24)[:24]
            p += WORDS[(a >> 22) % len(WORDS)].encode() + b" " + WORDS[(a >> 33) % len(WORDS)].encode()
            p += bytes(-len(p) % 8)
            ident += 1
        out.append(bytes(p.ljust(PAGE, b"\0")[:PAGE]))
    return b"".join(out)


def vm_block(r, n):
    out, size, kept = [], 0, []
    while size < n:
        m = 64 * KiB
        k = r.random()
        if k < 0.30:
            b = bytes(m)
        elif k < 0.62:
            b = rnd(r, m)
        elif k < 0.90 or not kept:
            b = machine_code(r, m)
        else:
            b = r.choice(kept)      # the same extent again (a copied file)
        if len(kept) < 16:
            kept.append(b)
        out.append(b)
        size += m
    return b"".join(out)[:n]


MAKER = {"messagerie.pst": mail_block, "compta.mdf": db_pages, "disque-vm.img": vm_block}
BLOCK = 4 * MiB


def _big_worker(job):
    target, seed, name, size, part, parts = job
    fd = os.open(os.path.join(target, name), os.O_WRONLY)
    for b in range(part, -(-size // BLOCK), parts):
        n = min(BLOCK, size - b * BLOCK)
        data = MAKER[name](random.Random(f"{seed}:{name}:{b}"), n)
        mv, at = memoryview(data), b * BLOCK
        while mv:
            w = os.pwrite(fd, mv, at)
            mv, at = mv[w:], at + w
    os.close(fd)


def create_bigfiles(target, seed, scale, jobs):
    work = []
    for name, gib in BIG:
        size = int(gib * GiB * scale) // PAGE * PAGE
        open(os.path.join(target, name), "wb").close()
        os.truncate(os.path.join(target, name), size)
        work += [(target, seed, name, size, p, jobs) for p in range(jobs)]
    run(jobs, _big_worker, work)
    for i, (name, _) in enumerate(BIG):
        os.utime(os.path.join(target, name), (EPOCH + SPAN, EPOCH + SPAN + i))


def mutate_bigfiles(target, seed, rnd_no):
    stats = {"overwritten": 0, "inserted": 0, "appended": 0}
    for name, _ in BIG:
        full = os.path.join(target, name)
        r = random.Random(f"{seed}:mutate:{rnd_no}:{name}")
        make = MAKER[name]
        size = os.path.getsize(full)
        pages = size // PAGE
        want = max(1, pages // 100)
        mean = {"compta.mdf": 1, "messagerie.pst": 16, "disque-vm.img": 64}[name]
        with open(full, "r+b", buffering=0) as f:
            done = 0
            while done < want:
                k = 1 if mean == 1 else min(want - done, max(1, int(r.expovariate(1 / mean))))
                at = r.randrange(max(1, pages - k))
                if name == "disque-vm.img":
                    data = (machine_code if r.random() < 0.5 else rnd)(r, k * PAGE)
                else:
                    data = make(r, k * PAGE)
                f.seek(at * PAGE)
                f.write(data)
                done += k
            stats["overwritten"] += done * PAGE
            if name == "messagerie.pst":
                at = r.randrange(16 * KiB, min(4 * MiB, size // 2))
                carry, pos = prose(r, KiB), at
                while carry:        # shift the rest of the file by 1 KiB, in place
                    f.seek(pos)
                    block = f.read(8 * MiB)
                    data = carry + block
                    out, carry = data[:len(block)] if block else data, data[len(block):] if block else b""
                    f.seek(pos)
                    f.write(out)
                    pos += len(out)
                stats["inserted"] += KiB
            if name == "disque-vm.img":
                f.seek(0, 2)
                add = size // 20 // PAGE * PAGE
                left = add
                while left:
                    n = min(BLOCK, left)
                    f.write(make(r, n))
                    left -= n
                stats["appended"] += add
        t = EPOCH + SPAN + 86400 * rnd_no
        os.utime(full, (t, t))
    stats["new_bytes"] = sum(stats.values())
    return stats


# ------------------------------------------------- mutate for folder trees --

def tree_files(target):
    found = []
    for base, dirs, files in os.walk(target):
        dirs.sort()
        for n in files:
            p = os.path.join(base, n)
            if not os.path.islink(p):
                found.append(os.path.relpath(p, target))
    found.sort(key=lambda s: s.encode())
    return found


def mutate_tree(target, seed, rnd_no):
    r = random.Random(f"{seed}:mutate:{rnd_no}")
    files = tree_files(target)
    n = len(files)
    picks = r.sample(files, n // 100 + 2 * (n // 200))
    change, rename, delete = (picks[:n // 100], picks[n // 100:n // 100 + n // 200],
                              picks[n // 100 + n // 200:])
    t = EPOCH + SPAN + 86400 * rnd_no
    stats = {"changed": len(change), "renamed": len(rename), "deleted": len(delete),
             "added": 0, "new_bytes": 0}
    for p in change:
        full = os.path.join(target, p)
        size = os.path.getsize(full)
        kind = p.rsplit(".", 1)[-1]
        if size < 64 * KiB or r.random() < 0.5:     # saved again as a whole
            data = content(r, kind, int(size * r.uniform(0.95, 1.1)) + 1)
            put(full, data, t)
            stats["new_bytes"] += len(data)
        else:                                       # a part in the middle and the end
            m = r.randint(4, 64) * KiB
            with open(full, "r+b", buffering=0) as f:
                f.seek(r.randrange(max(1, size - m)))
                part = content(r, "jpg" if kind in ("jpg", "pdf", "docx", "xlsx", "pptx", "odt", "ods") else kind, m)
                f.write(part)
                tail = prose(r, r.randint(100, 4096))
                f.seek(0, 2)
                f.write(tail)
            os.utime(full, (t, t))
            stats["new_bytes"] += m + len(tail)
    dirs = sorted({os.path.dirname(f) for f in files}, key=lambda s: s.encode())
    for i, p in enumerate(rename):
        d = os.path.dirname(p) if i % 2 else r.choice(dirs)
        stem, _, ext = os.path.basename(p).rpartition(".")
        stem = stem.encode()[:180].decode(errors="ignore")
        os.rename(os.path.join(target, p), os.path.join(target, d, f"{stem} renommé {rnd_no}-{i}.{ext}"))
    for p in delete:
        os.unlink(os.path.join(target, p))
    models = r.choices(change, k=n // 100)
    for i, p in enumerate(models):
        kind = p.rsplit(".", 1)[-1]
        data = content(r, kind, os.path.getsize(os.path.join(target, p)))
        put(os.path.join(target, r.choice(dirs), f"Ajouté {rnd_no}-{i}.{kind}"), data, t)
        stats["added"] += 1
        stats["new_bytes"] += len(data)
    return stats


# ---------------------------------------------------------- digest, compare --

def _hash_file(full):
    h = hashlib.sha256()
    with open(full, "rb", buffering=0) as f:
        while True:
            b = f.read(MiB)
            if not b:
                return h.hexdigest()
            h.update(b)


def scan(target, jobs):
    rows, todo = {}, []
    for base, dirs, files in os.walk(target):
        for n in dirs + files:
            p = os.path.join(base, n)
            rel = os.path.relpath(p, target)
            st = os.lstat(p)
            if stat.S_ISLNK(st.st_mode):
                rows[rel] = ("link", os.readlink(p))
            elif stat.S_ISDIR(st.st_mode):
                rows[rel] = ("dir", stat.S_IMODE(st.st_mode))
            else:
                todo.append((rel, p, st))
    with ProcessPoolExecutor(jobs) as ex:
        for (rel, p, st), h in zip(todo, ex.map(_hash_file, [t[1] for t in todo], chunksize=64)):
            rows[rel] = ("file", stat.S_IMODE(st.st_mode), st.st_size, int(st.st_mtime), h)
    return rows


def run(jobs, fn, work):
    if jobs == 1:
        return [fn(w) for w in work]
    with ProcessPoolExecutor(jobs) as ex:
        return list(ex.map(fn, work))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("action", choices=("create", "mutate", "digest", "compare"))
    ap.add_argument("args", nargs="+")
    ap.add_argument("--scale", type=float, default=1.0)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--round", type=int, default=1)
    ap.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    a = ap.parse_args()
    if a.action == "digest":
        rows = scan(a.args[0], a.jobs)
        h = hashlib.sha256()
        for k in sorted(rows, key=lambda s: s.encode()):
            h.update(repr((k, rows[k])).encode())
        n = [r for r in rows.values() if r[0] == "file"]
        print(json.dumps({"digest": h.hexdigest()[:32], "files": len(n),
                          "bytes": sum(r[2] for r in n)}))
        return 0
    if a.action == "compare":
        x, y = scan(a.args[0], a.jobs), scan(a.args[1], a.jobs)
        bad = [k for k in sorted(set(x) | set(y)) if x.get(k) != y.get(k)]
        for k in bad[:20]:
            print("differs:", k, x.get(k), y.get(k))
        print(f"{len(bad)} of {len(set(x) | set(y))} entries differ")
        return 1 if bad else 0
    kind, target = a.args
    if a.action == "create":
        if os.path.exists(target) and os.listdir(target):
            sys.exit("the target folder is not empty")
        os.makedirs(target, exist_ok=True)
        {"office": create_office, "bigfiles": create_bigfiles, "tiny": create_tiny}[kind](
            target, a.seed, a.scale, a.jobs)
        return 0
    stats = (mutate_bigfiles if kind == "bigfiles" else mutate_tree)(target, a.seed, a.round)
    print(json.dumps({"set": kind, "round": a.round, **stats}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
