"""Writes the page of bench/compare: tables of medians with ratios, the targets, the machine."""
import datetime
import os
import re
import statistics
import subprocess

MIB = 1 << 20
GB = 10**9
STEPS = {
    "first": "first backup", "unchanged": "nothing changed", "changed": "after the change", "restore": "full restore"}
OURS, PEERS = "Beffroi", ("restic", "Borg")


def today():
    return datetime.date.today().isoformat()


class Facts:
    """What a reader needs to repeat the run, or to doubt it."""

    def __init__(self, asked, root, versions, load):
        self.asked, self.root, self.versions, self.load = asked, root, versions, load

    def commit(self):
        git = ["git", "-C", self.root]
        name = subprocess.check_output([*git, "rev-parse", "--short=12", "HEAD"], text=True).strip()
        changed = subprocess.check_output([*git, "status", "--porcelain", "--", "src"], text=True).strip()
        return name + (" with changes in src" if changed else "")

    def lines(self):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            text = file.read()
        model = re.search(r"model name\s*: (.*)", text)
        flags = set(re.search(r"(?:flags|Features)\s*: (.*)", text)[1].split())
        has = ", ".join(f"{name} {'present' if flag in flags else 'absent'}" for name, flag in (
            ("SHA-NI", "sha_ni"), ("AVX-512", "avx512f"), ("AES-NI", "aes")))
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        name = model[1] if model else os.uname().machine
        yield f"{name}, {os.cpu_count()} cores; {has}; {memory / 2**30:.0f} GiB of memory"
        yield f"Linux {os.uname().release}; {'; '.join(self.versions)}; commit {self.commit()}"
        scales = ", ".join(f"{name} at scale {scale:g}" for name, scale in self.asked.scales.items())
        medium = "in memory (tmpfs)" if self.asked.medium == "ram" else "on one disk, the source in the page cache"
        if self.asked.cold:
            medium = "on one disk, the page cache dropped before `cp -a` and before each first backup"
        runs = f"{self.asked.runs} runs, medians" if self.asked.runs > 1 else "1 run"
        yield f"{scales}; {runs}; source, repositories and restored trees {medium}"
        load = f"Load average: {self.load:.1f} when it began, {os.getloadavg()[0]:.1f} when this was written."
        yield f"{load} {self.asked.note}".strip()


class Medians:
    """Medians of one set's rows."""

    def __init__(self, rows, name):
        self.rows = [row for row in rows if row["set"] == name]

    def of(self, step, program, field):
        values = [row[field] for row in self.rows if row["step"] == step and row["program"] == program]
        return statistics.median(values) if values else float("nan")

    def peak(self, program):
        return max((row["memory"] for row in self.rows if row["program"] == program), default=float("nan"))

    def best(self, step, field):
        return min(self.of(step, peer, field) for peer in PEERS)


def ratio(ours, best):
    return f"{ours / best:.2f}" if best > 0 else "–"


def row(title, unit, values, decimals):
    ours, best = values[0], min(values[1:])
    cells = " | ".join(f"{value:.{decimals}f}" for value in values)
    return f"| {title}, {unit} | {cells} | {ratio(ours, best)} |"


def set_table(medians, title):
    programs = (OURS, *PEERS)
    yield f"\n## {title}\n"
    yield f"| Median of the runs | {' | '.join(programs)} | {OURS} ÷ the better peer |"
    yield "|---|---:|---:|---:|---:|"
    for step, name in STEPS.items():
        yield row(name, "s", [medians.of(step, program, "wall") for program in programs], 2)
        yield row(f"{name}: CPU of the program", "s", [medians.of(step, program, "cpu") for program in programs], 2)
    yield row(
        "first backup: CPU with server and database", "s", [total_cpu(medians, program) for program in programs], 2)
    for step, field, name in (
            ("first", "stored", "stored by the first backup"), ("unchanged", "added", "added when nothing changed"),
            ("changed", "added", "added after the change")):
        yield row(name, "MiB", [medians.of(step, program, field) / MIB for program in programs], 2)
    yield row("peak memory of the program", "MiB", [medians.peak(program) / MIB for program in programs], 0)
    yield "\nBeside these: " + "; ".join(beside(medians)) + "."


def total_cpu(medians, program):
    return sum(medians.of("first", program, field) for field in ("cpu", "server", "database"))


def beside(medians):
    yield f"`cp -a` of the source {medians.of('restore', 'cp -a', 'wall'):.2f} s"
    for step, name in STEPS.items():
        server, database = (medians.of(step, OURS, field) for field in ("server", "database"))
        yield f"{name}: server {server:.2f} s of CPU, its database {database:.2f} s"


def goal(work, target, reached, is_reached, miss):
    verdict = "reached" if is_reached else f"missed: {miss:.2f} × the target"
    return f"| {work} | {target} | {reached} | {verdict} |"


def at_least(work, factor, value):
    return goal(work, f"≥ {factor:g} ×", f"{value:.2f} ×", value >= factor, value / factor)


def at_most(work, limit, value, unit):
    return goal(work, f"≤ {limit:g} {unit}", f"{value:.2f} {unit}", value <= limit, value / limit)


def speed_goals(name, medians, first_factor):
    yield at_least(
        f"{name}: first backup, throughput of the better peer", first_factor,
        medians.best("first", "wall") / medians.of("first", OURS, "wall"))
    yield at_most(
        f"{name}: stored size, of the smaller peer", 1.02,
        medians.of("first", OURS, "stored") / medians.best("first", "stored"), "×")
    yield at_most(
        f"{name}: nothing changed, time of the better peer", 0.5,
        medians.of("unchanged", OURS, "wall") / medians.best("unchanged", "wall"), "×")


def common_goals(name, medians):
    restore = medians.of("restore", OURS, "wall")
    yield at_least(f"{name}: restore, speed of the better peer", 1.5, medians.best("restore", "wall") / restore)
    yield at_least(f"{name}: restore, speed of `cp -a`", 0.7, medians.of("restore", "cp -a", "wall") / restore)
    yield at_most(f"{name}: agent's peak memory", 150, medians.peak(OURS) / 1e6, "MB")
    stored = medians.of("first", OURS, "stored") / GB
    yield at_most(
        f"{name}: server's CPU per GB of packs, first backup", 3, medians.of("first", OURS, "server") / stored, "s")


def cold_goal(name, medians):
    """The only target of a run whose first backups read from the disk; the others suppose the page cache."""
    yield at_most(
        f"{name}: first backup from a cold disk, time of `cp -a`", 1.2,
        medians.of("first", OURS, "wall") / medians.of("restore", "cp -a", "wall"), "×")


def targets(rows, names, cold):
    yield "\n## Targets\n"
    yield "| Work | Target | Measured | |"
    yield "|---|---:|---:|---|"
    for name in names:
        medians = Medians(rows, name)
        if cold:
            yield from cold_goal(name, medians)
            continue
        if name in ("office", "tiny"):
            yield from speed_goals(name, medians, 2 if name == "office" else 3)
        if name in ("bigfiles", "mail"):
            yield at_most(
                f"{name}: bytes added after the change, of the better peer", 0.25,
                medians.of("changed", OURS, "added") / medians.best("changed", "added"), "×")
        yield from common_goals(name, medians)
    if not cold:
        yield "\nThe first backup from a cold disk has a page of its own (`--cold`)."


def every_run(rows):
    yield "\n## Every run\n"
    yield "*Others* is the CPU time that the rest of the machine took meanwhile, in cores."
    yield "The more, the less a figure says.\n"
    yield "| Set | Run | Step | Program | Wall s | CPU s | Others |"
    yield "|---|---:|---|---|---:|---:|---:|"
    for one in rows:
        yield (f"| {one['set']} | {one['run']} | {STEPS[one['step']]} | {one['program']} | {one['wall']:.2f} "
               f"| {one['cpu']:.2f} | {one['others'] / max(one['wall'], 0.01):.1f} |")


def write(rows, facts):
    """The whole page."""
    names = list(dict.fromkeys(row["set"] for row in rows))
    lines = [f"# Beffroi beside restic and Borg, {today()}\n"]
    lines += ["Written by `bench/compare`; [bench/README.md](../README.md) says how.\n"]
    lines += [f"- {line}" for line in facts.lines()]
    lines += targets(rows, names, facts.asked.cold)
    for name in names:
        lines += set_table(Medians(rows, name), name)
    lines += every_run(rows)
    return "\n".join(lines) + "\n"
