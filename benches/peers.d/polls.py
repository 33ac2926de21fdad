"""Polls a second: `qwatch tail` against oha, on the same gateway and as many connections."""

import re
import statistics
import subprocess
import time

from programs import QWATCH, Failed, environment, find
from queues import Gateway
from table import ABSENT, Row

# With sixteen the processors wait for either client for a tenth of the time and more.
CONNECTIONS = 64
POLLS = 80_000
QUERY = "MaxNumberOfMessages=10&VisibilityTimeout=0&WaitTimeSeconds=0&AttributeName=All&MessageAttributeName=All"


def tail(bench, gateway):
    """Every poll brings ten messages, and each is decoded and printed: so many messages are a tenth as many polls."""
    settings = bench.scratch / "polls.toml"
    endpoint = '[[endpoint]]\nname = "e%d"\nurl = "%s"\ndead_letter = true\n'
    settings.write_text("".join(endpoint % (number, gateway.url) for number in range(CONNECTIONS)))
    # The same ten messages come again and again: were it not told otherwise, it would ask less often when nothing is new.
    pace = ["--interval", "10ms", "--max-interval", "10ms", "--burst", "100"]
    began = time.monotonic()
    printed = subprocess.run(
        [QWATCH, "tail", "--config", settings, "--count", str(POLLS * 10), *pace],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(bench.scratch),
    )
    if printed.returncode or printed.stderr:
        raise Failed(f"qwatch tail ended with {printed.returncode}: {printed.stderr[:300]}")
    return POLLS / (time.monotonic() - began)


def oha(bench, gateway):
    command = [find("oha"), "-n", str(POLLS), "-c", str(CONNECTIONS), "--no-tui", f"{gateway.url}?{QUERY}"]
    said = subprocess.run(command, capture_output=True, text=True, env=environment(bench.scratch))
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said.stdout)
    if not rate or f"[200] {POLLS} responses" not in said.stdout:
        raise Failed(f"oha ended with {said.returncode}: {said.stdout[-600:]}{said.stderr[:300]}")
    return float(rate[1])


def measure(bench, runs):
    gateway = Gateway(bench)
    gateway.fill(10)
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(tail(bench, gateway))
        if find("oha"):
            theirs.append(oha(bench, gateway))
    gateway.program.end()
    rate = statistics.median(ours)
    what, aim = "polls a second, ten messages each", "≥ 0.8"
    if not theirs:
        return [Row(what, f"{rate:,.0f}", f"oha {ABSENT}", None, aim)]
    most = statistics.median(theirs)
    return [Row(what, f"{rate:,.0f}", f"oha {most:,.0f}", rate / most, aim)]
