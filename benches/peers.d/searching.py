"""A filter over 100,000 messages of 400 B against ripgrep over the same bodies, a line each."""

import os
import re
import subprocess
import time

from programs import ROOT, Failed, find
from table import ABSENT, Row, seconds

# The filter, as `benches/filter.rs` names it, and what ripgrep is asked for: in either case, as the filter looks.
PAIRS = [
    ("body:nowhere-to-be-found", "nowhere-to-be-found"),
    ("body:/nowhere-(at|to)/", "nowhere-(at|to)"),
]
UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}
RUNS = 20


def measure(bench):
    bodies = bench.scratch / "bodies"
    command = [find("cargo"), "bench", "--locked", "--quiet", "--bench", "filter", "--", "--noplot"]
    # As it is built for a user: the profile of benches has neither LTO nor anything else that `release` says.
    environment = {**os.environ, "QWATCH_BENCH_FILE": str(bodies)}
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    if said.returncode:
        raise Failed(f"cargo bench ended with {said.returncode}: {said.stderr[-600:]}")
    rows = []
    for ours, theirs in PAIRS:
        found = re.search(re.escape(ours) + r"\s+time:\s+\[\S+ \S+ (\S+) (\S+) ", said.stdout)
        if not found:
            raise Failed(f"cargo bench did not say how long {ours} took: {said.stdout[-600:]}")
        took = float(found[1]) * UNITS[found[2]]
        best = ripgrep(theirs, bodies) if find("rg") else None
        peer = f"rg -ic {seconds(best) if best else ABSENT}"
        rows.append(Row(f"filter {ours}", seconds(took), peer, took / best if best else None, "1"))
    return rows


def ripgrep(pattern, bodies):
    """The best of several runs: its own start is part of each, some milliseconds."""
    best = float("inf")
    for _ in range(RUNS):
        began = time.monotonic()
        said = subprocess.run([find("rg"), "--no-config", "-ic", pattern, bodies], capture_output=True)
        best = min(best, time.monotonic() - began)
        if said.returncode != 1:
            raise Failed(f"rg found what is not there: {said}")
    return best
