"""Nothing arrives: what it costs to leave the screen open."""

import time

from programs import QWATCH, find
from queues import Broker, Gateway
from table import ABSENT, Row, share
from terminal import Terminal

WATCHED = 60.0


def measure(bench):
    """All beside each other, so that whatever else the machine does meets all."""
    watched = {"qwatch": Terminal(bench, QWATCH, Gateway(bench).url, "--interval", "2s", "--max-interval", "2s")}
    if find("mqttui") and find("mosquitto"):
        watched["mqttui"] = Terminal(bench, find("mqttui"), "--broker", Broker(bench).url)
    if find("btm"):
        watched["btm"] = Terminal(bench, find("btm"), "--rate", "1s")
    # Until each is past its start; btm is never at rest.
    time.sleep(5)
    before = {name: terminal.cpu() for name, terminal in watched.items()}
    began = time.monotonic()
    time.sleep(WATCHED)
    took = time.monotonic() - began
    used = {name: (terminal.cpu() - before[name]) / took for name, terminal in watched.items()}
    for terminal in watched.values():
        terminal.end()
    return [beside(used, "mqttui", "1"), beside(used, "btm", "0.2")]


def beside(used, name, aim):
    ours, theirs = used["qwatch"], used.get(name)
    peer = f"{name} {share(theirs) if theirs else ABSENT}"
    return Row("CPU when idle, a poll every 2 s", share(ours), peer, ours / theirs if theirs else None, aim)
