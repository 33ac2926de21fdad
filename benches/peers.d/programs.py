"""Programs as they run: found, started, measured and ended."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
QWATCH = TARGET / "release" / "qwatch"

# What each program is that a row may need, and where it comes from.
SOURCES = {
    "mqttui": "https://github.com/EdJoPaTo/mqttui/releases/tag/v0.23.0, or built from there: crates.io does not have it",
    "btm": "cargo install --locked bottom",
    "oha": "cargo install --locked oha",
    "mosquitto": "apt-get install mosquitto",
    "rg": "apt-get install ripgrep",
    "cargo": "https://rustup.rs",
}


class Failed(Exception):
    """Something could not be measured; nothing may be printed in its place."""


def find(name):
    """Where a program is: in PEERS_BIN before PATH, and where Debian puts daemons."""
    folders = [os.environ.get("PEERS_BIN", ""), os.environ.get("PATH", ""), "/usr/sbin"]
    return shutil.which(name, path=os.pathsep.join(folder for folder in folders if folder))


def version(name):
    """What a program says it is, in one line."""
    said = subprocess.run([find(name), "-h" if name == "mosquitto" else "--version"], capture_output=True, text=True)
    return (said.stdout + said.stderr).splitlines()[0].strip()


def build():
    """Builds what is measured. Nothing happens where it is built already."""
    command = [find("cargo"), "build", "--release", "--locked", "--quiet"]
    if subprocess.run(command, cwd=ROOT).returncode:
        raise Failed("cargo build --release failed")


def environment(scratch, **more):
    """A home of its own: neither the user's settings nor their history take part. The rest is as it was."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QWATCH_")}
    homes = {name: str(scratch) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    return {**kept, **homes, "TERM": "xterm-256color", **more}


class Program:
    """A process that was started here: measured by what the kernel knows of it, ended by its id."""

    def __init__(self, process):
        self.process = process
        self.pid = process.pid

    def cpu(self):
        """Seconds of a core that all its threads have used so far, those that have ended included: user and system."""
        # CPUCLOCK_SCHED of a process, as clock_getcpuclockid(3) makes it.
        return time.clock_gettime((~self.pid << 3) | 2)

    def resident(self):
        """Bytes in memory: all of VmRSS, code and libraries included."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))

    def is_alive(self):
        return self.process.poll() is None

    def settle(self, seconds=120.0):
        """Waits until it has used less than a twentieth of a core for half a second: it has done what there was to do."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.is_alive():
                raise Failed(f"{self.process.args[0]} ended by itself, with {self.process.returncode}")
            began, before = time.monotonic(), self.cpu()
            time.sleep(0.5)
            if (self.cpu() - before) / (time.monotonic() - began) < 0.05:
                return
        raise Failed(f"{self.process.args[0]} did not come to rest within {seconds:.0f} s")

    def end(self):
        if self.is_alive():
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Bench:
    """A folder to write in, and all that was started: both gone at its end, whatever happened."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="qwatch-peers-")
        self.scratch = Path(self.folder.name)
        self.started = []
        return self

    def __exit__(self, *_):
        for program in reversed(self.started):
            program.end()
        self.folder.cleanup()

    def keep(self, program):
        """Sees to it that a program ends with the bench."""
        self.started.append(program)
        return program

    def start(self, *command, **options):
        command = [str(part) for part in command]
        options.setdefault("env", environment(self.scratch))
        options.setdefault("stdin", subprocess.DEVNULL)
        return self.keep(Program(subprocess.Popen(command, **options)))
