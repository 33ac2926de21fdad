"""A pseudo-terminal: what a program writes to it is read and thrown away, or drawn on a small screen to be looked at."""

import codecs
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
import unicodedata

from programs import Failed, Program, environment

SIZE = (160, 48)

# A control sequence, a string for the terminal (OSC, DCS, APC), or a short escape.
SEQUENCE = re.compile(
    r"\x1b\[(?P<numbers>[0-9;:?<>=!]*)[ -/]*(?P<what>[@-~])"
    r"|\x1b[\]P_^X].*?(?:\x07|\x1b\\)"
    r"|\x1b[()#][0-9A-Z]"
    r"|\x1b[0-9=>c-~A-OQ-WYZ]",
    re.DOTALL,
)


class Screen:
    """Enough of a terminal to read what ratatui's programs draw: places, erasures and text."""

    def __init__(self, size):
        self.columns, self.rows = size
        self.rest = ""
        self.clear()

    def clear(self):
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.x = self.y = 0

    def lines(self):
        return ["".join(row) for row in self.cells]

    def text(self):
        return "\n".join(self.lines())

    def feed(self, text):
        text, at = self.rest + text, 0
        self.rest = ""
        while at < len(text):
            character = text[at]
            if character == "\x1b":
                found = SEQUENCE.match(text, at)
                if not found:
                    # The rest of it is still to come.
                    self.rest = text[at:]
                    return
                if found["what"]:
                    self.obey(found["what"], found["numbers"])
                at = found.end()
            else:
                self.put(character)
                at += 1

    def put(self, character):
        if character == "\r":
            self.x = 0
        elif character == "\n":
            self.y = min(self.y + 1, self.rows - 1)
        elif character == "\b":
            self.x = max(self.x - 1, 0)
        elif character >= " " and not unicodedata.combining(character):
            if self.x < self.columns:
                self.cells[self.y][self.x] = character
            self.x += 2 if unicodedata.east_asian_width(character) in "WF" else 1

    def obey(self, what, numbers):
        if numbers[:1] in ("?", ">", "<", "="):
            return
        given = [int(number) if number.isdigit() else 0 for number in numbers.split(";")]
        first = max(given[0], 1)
        if what in "Hf":
            self.y = min(first, self.rows) - 1
            self.x = min(max(given[1], 1) if len(given) > 1 else 1, self.columns) - 1
        elif what == "G":
            self.x = min(first, self.columns) - 1
        elif what == "d":
            self.y = min(first, self.rows) - 1
        elif what in "ABCD":
            right, down = {"A": (0, -1), "B": (0, 1), "C": (1, 0), "D": (-1, 0)}[what]
            self.x = min(max(self.x + right * first, 0), self.columns - 1)
            self.y = min(max(self.y + down * first, 0), self.rows - 1)
        elif what == "J" and given[0] in (2, 3):
            x, y = self.x, self.y
            self.clear()
            self.x, self.y = x, y
        elif what == "K" and given[0] == 0:
            self.cells[self.y][self.x :] = [" "] * (self.columns - self.x)


class Terminal(Program):
    """A program with a screen of its own. Unless it is looked at, from the start or later, nothing that it draws is kept."""

    def __init__(self, bench, *command, size=SIZE, looked_at=False):
        self.size = size
        self.master, slave = pty.openpty()
        self.resize(size)
        self.screen = Screen(size) if looked_at else None
        self.wanted = None
        self.seen = threading.Event()
        self.lock = threading.Lock()
        self.began = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment(bench.scratch),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        super().__init__(process)
        bench.keep(self)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def resize(self, size):
        columns, rows = size
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            try:
                chunk = os.read(self.master, 1 << 16)
            except OSError:
                return
            # Before it is drawn: how long that takes is our affair, not the program's.
            at = time.monotonic()
            with self.lock:
                if self.screen is None:
                    continue
                self.screen.feed(decoder.decode(chunk))
                if self.wanted and self.wanted(self.screen):
                    self.wanted, self.at = None, at
                    self.seen.set()

    def look(self):
        """Draws from now on. The program has to draw all of it anew, so it loses a row: told of one it had, it would not."""
        with self.lock:
            self.screen = Screen(self.size)
        columns, rows = self.size
        self.size = (columns, rows - 1)
        self.resize(self.size)

    def look_away(self):
        with self.lock:
            self.screen = None

    def expect(self, wanted):
        """What `wait` waits for. Said before the key is pressed that brings it about."""
        with self.lock:
            self.seen.clear()
            self.wanted = wanted

    def wait(self, seconds, what):
        """When what was expected came, on the monotonic clock."""
        if not self.seen.wait(seconds):
            raise Failed(f"{self.process.args[0]} did not show {what} within {seconds} s:\n{self.screen.text()}")
        return self.at

    def wait_for(self, wanted, seconds, what):
        self.expect(wanted)
        with self.lock:
            if self.wanted and wanted(self.screen):
                return time.monotonic()
        return self.wait(seconds, what)

    def press(self, keys):
        os.write(self.master, keys.encode())
        return time.monotonic()

    def end(self):
        super().end()
        self.reader.join(5)
        if not self.reader.is_alive():
            os.close(self.master)
            self.end = lambda: None
