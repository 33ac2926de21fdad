"""1, 10, 100 and 1,000 endpoints at one poll a second: CPU, memory, and the polls that were missed, by the gateway's log."""

import datetime
import re
import time
from collections import defaultdict

from programs import QWATCH
from queues import Gateway
from table import Row, share
from terminal import Terminal

COUNTS = [1, 10, 100, 1_000]
WARM = 5.0
WATCHED = 20.0
REQUEST = re.compile(r"^(\S+Z)\s+INFO GET (/\S*) 200 ")


def measure(bench):
    rows, one = [], None
    for count in COUNTS:
        cpu, resident, missed, polls = watch(bench, count)
        # Linear: an endpoint among many costs what it costs among ten; a single one pays for the screen alone.
        per_endpoint = cpu / count
        if count == 10:
            one = per_endpoint
        ratio = per_endpoint / one if one and count > 10 else None
        rows.append(
            Row(
                f"{count:,} endpoint{'s' if count > 1 else ''}, a poll a second",
                f"{share(cpu)}, {resident / 1e6:.0f} MB, {missed} of {polls + missed:,} missed",
                "CPU of one of ten" if ratio else "",
                ratio,
                "1, none missed, under 100 %" if count == COUNTS[-1] else "",
            )
        )
    return rows


def watch(bench, count):
    names = [f"q{number}" for number in range(count)]
    path = bench.scratch / f"gateway-{count}.log"
    with path.open("wb") as log:
        gateway = Gateway(bench, *(part for name in names for part in ("--queue", name)), log=log)
    for name in names:
        gateway.fill(1, path=f"/{name}")
    settings = bench.scratch / f"endpoints-{count}.toml"
    endpoint = '[[endpoint]]\nname = "%s"\nurl = "%s%s"\ndead_letter = true\n'
    settings.write_text("".join(endpoint % (name, gateway.url, name) for name in names))
    pace = ["--interval", "1s", "--max-interval", "1s"]
    terminal = Terminal(bench, QWATCH, "--config", settings, *pace)
    time.sleep(WARM)
    used, began = terminal.cpu(), datetime.datetime.now(datetime.timezone.utc)
    time.sleep(WATCHED)
    used, ended = terminal.cpu() - used, datetime.datetime.now(datetime.timezone.utc)
    resident = terminal.resident()
    terminal.end()
    gateway.program.end()
    missed, polls = account(path, names, began, ended)
    return used / (ended - began).total_seconds(), resident, missed, polls


def account(path, names, began, ended):
    """How many polls the gateway saw meanwhile, and how many more there would have been, one a second."""
    seen = defaultdict(list)
    for line in path.read_text().splitlines():
        request = REQUEST.match(line)
        if request:
            at = datetime.datetime.fromisoformat(request[1].replace("Z", "+00:00"))
            if began <= at <= ended:
                seen[request[2].lstrip("/")].append(at.timestamp())
    missed = sum(gaps([began.timestamp(), *seen[name], ended.timestamp()]) for name in names)
    return missed, sum(map(len, seen.values()))


def gaps(times):
    """Polls that are absent from between the first moment and the last: at the edges too, or one that fell silent lost none."""
    waits = [later - earlier for earlier, later in zip(times, times[1:])]
    edges, between = [waits[0], waits[-1]], waits[1:-1]
    return sum(int(max(wait - 0.25, 0)) for wait in edges) + sum(max(round(wait) - 1, 0) for wait in between)
