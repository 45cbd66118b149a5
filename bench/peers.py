"""The programs that bench/compare measures, each behind the same few verbs."""
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

READY_SECONDS_MAX = 120
STOP_SECONDS_MAX = 60
QUOTA_BYTES = 10**13
SIRET = "21490987100011"  # Of an invented commune; its check digits are right.
TICKS = os.sysconf("SC_CLK_TCK")


def bytes_below(folder):
    """Apparent size of all files below a folder."""
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(base, name)).st_size
            except FileNotFoundError:  # A program tidied up meanwhile.
                pass
    return total


class Peer:
    """A program with a repository of its own below a folder."""

    name = ""
    environment = {}

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)

    def call(self, *command):
        """Runs what is not measured; shows what it printed only if it fails."""
        done = subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"error: {' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def server_seconds(self):
        """CPU seconds so far of (the server's process, its database); none without a server."""
        return 0.0, 0.0

    def remove(self):
        shutil.rmtree(self.folder)


class Restic(Peer):
    name = "restic"

    def __init__(self, folder):
        super().__init__(folder)
        self.repository = f"{folder}/repository"
        self.environment = {
            "RESTIC_PASSWORD": "bench", "RESTIC_REPOSITORY": self.repository, "RESTIC_CACHE_DIR": f"{folder}/cache"}
        self.call("restic", "init", "--repository-version", "2")

    def backup(self, source):
        return ["restic", "backup", "--compression", "auto", source]

    def restore(self, target):
        return ["restic", "restore", "latest", "--target", target]

    def stored(self):
        return bytes_below(self.repository)

    @staticmethod
    def version():
        return subprocess.check_output(["restic", "version"], text=True).split(" compiled")[0].strip()


class Borg(Peer):
    name = "Borg"

    def __init__(self, folder):
        super().__init__(folder)
        self.repository = f"{folder}/repository"
        self.environment = {
            "BORG_PASSPHRASE": "bench", "BORG_REPO": self.repository, "BORG_BASE_DIR": f"{folder}/home"}
        self.call("borg", "init", "--encryption", "repokey-blake2")
        self.archives = 0

    def backup(self, source):
        self.archives += 1
        return ["borg", "create", "--compression", "zstd,3", f"::{self.archives}", source]

    def restore(self, target):
        return ["sh", "-c", 'cd "$1" && exec borg extract "::$2"', "sh", target, str(self.archives)]

    def stored(self):
        return bytes_below(self.repository)

    @staticmethod
    def version():
        return subprocess.check_output(["borg", "--version"], text=True).strip()


class Beffroi(Peer):
    """Agent and server of this repository, over HTTP on the loopback interface."""

    name = "Beffroi"
    programs = ""  # Folder of beffroi and beffroi-server.

    def __init__(self, folder):
        super().__init__(folder)
        os.chmod(folder, 0o711)  # Started by root, the private PostgreSQL runs as another user.
        self.data = f"{folder}/server"
        self.agent = f"{self.programs}/beffroi"
        self.environment = {"BEFFROI_HOME": f"{folder}/agent"}
        self.server = None
        try:
            self.start()
            self.enrol()
        except BaseException:
            self.stop()
            raise

    def start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with open(f"{self.folder}/server.log", "wb") as log:
            self.server = subprocess.Popen(
                [f"{self.programs}/beffroi-server", "--data", self.data, "--urls", self.url], stdout=log, stderr=log)
        end = time.monotonic() + READY_SECONDS_MAX
        while not self.is_ready():
            if self.server.poll() is not None or time.monotonic() > end:
                with open(f"{self.folder}/server.log", encoding="utf-8") as log:
                    raise SystemExit(f"error: the server does not get ready:\n{log.read()}")
            time.sleep(0.2)

    def is_ready(self):
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"{self.url}/health/ready", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def admin(self, *command):
        return json.loads(
            self.call(f"{self.programs}/beffroi-server", "admin", *command, "--data", self.data, "--json"))

    def enrol(self):
        self.admin("create-operator", "--name", "Syndicat du Val-de-Brise", "--siret", "20009912500011")
        created = self.admin(
            "create-member", "--name", "Commune de Saint-Aubin-les-Saules", "--siret", SIRET, "--level", "3")
        member = created["memberId"]
        self.admin("set-quota", "--member", member, "--bytes", str(QUOTA_BYTES))
        token = self.admin("enrolment-token", "--member", member)["token"]
        self.call(self.agent, "enroll", "--server", self.url, "--token", token, "--name", "bench")

    def backup(self, source):
        # The peers leave nothing out by themselves.
        return [self.agent, "backup", "--no-default-excludes", source]

    def restore(self, target):
        return [self.agent, "restore", "latest", "--to", target]

    def stored(self):
        """The blobs. The index, which the peers keep in their repositories, is in the database and not counted."""
        return bytes_below(f"{self.data}/blobs")

    def server_seconds(self):
        database = 0.0
        for pid in self.database_processes():
            database += cpu_seconds(pid)
        return cpu_seconds(self.server.pid), database

    def database_processes(self):
        """The postmaster, and its children; it counts those that ended."""
        found = []
        for name in ("", *os.listdir(self.data)):
            path = f"{self.data}/{name}/postmaster.pid"
            if os.path.exists(path):
                with open(path, encoding="ascii") as file:
                    found.append(int(file.readline()))
        children = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and parent(pid) in found]
        return found + children

    def stop(self):
        if self.server is None or self.server.poll() is not None:
            return
        self.server.terminate()
        try:
            self.server.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()

    def remove(self):
        self.stop()
        super().remove()

    @classmethod
    def version(cls):
        return "Beffroi " + subprocess.check_output([f"{cls.programs}/beffroi", "--version"], text=True).strip()


def status(pid):
    """Fields of /proc/PID/stat after the name, or none of a process that has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def parent(pid):
    fields = status(pid)
    return int(fields[1]) if fields else 0


def cpu_seconds(pid):
    """User and system time of a process and of its children that have ended."""
    fields = status(pid)
    return sum(int(field) for field in fields[11:15]) / TICKS if fields else 0.0


PEERS = (Beffroi, Restic, Borg)
