"""100,000 distinct messages, watched: what it costs, and what is held of them."""

import statistics

from programs import QWATCH, find
from queues import BODY, Broker, Gateway, body
from table import ABSENT, Row, megabytes, seconds
from terminal import Terminal

MESSAGES = 100_000
# Each is received once: it stays hidden until long after the end. Polls follow at once while answers come back full.
DRAIN = ["--visibility-timeout", "3600", "--interval", "10ms", "--burst", "100"]


def watch_gateway(bench):
    """CPU seconds and bytes in memory of qwatch, when it holds all of them."""
    gateway = Gateway(bench)
    gateway.fill(MESSAGES)
    terminal = Terminal(bench, QWATCH, gateway.url, *DRAIN)
    terminal.settle()
    used, held = terminal.cpu(), terminal.resident()
    terminal.look()
    wanted = f"{MESSAGES:,} distinct of {MESSAGES:,} received"
    terminal.wait_for(lambda screen: wanted in screen.text(), 10, wanted)
    terminal.end()
    gateway.program.end()
    return used, held


def watch_broker(bench, surely):
    """The same of mqttui, when the same bodies were pushed to it: each at least once, as a queue's are, or all in one go."""
    broker = Broker(bench)
    broker.publish("ready", [b"yes"], retain=True)
    terminal = Terminal(bench, find("mqttui"), "--broker", broker.url, looked_at=True)
    terminal.wait_for(lambda screen: "ready" in screen.text(), 20, "the retained message")
    terminal.look_away()
    # Of what lies below a topic its line says how many messages there are.
    publish = broker.publish_surely if surely else broker.publish
    publish("bench/orders", (body(number) for number in range(MESSAGES)))
    terminal.settle()
    used, held = terminal.cpu(), terminal.resident()
    terminal.look()
    wanted = f"{MESSAGES} messages"
    terminal.wait_for(lambda screen: wanted in screen.text(), 10, wanted)
    terminal.end()
    broker.program.end()
    return used, held


def measure(bench, runs, rows):
    """Both in turn, so that whatever else the machine does meets both."""
    with_peer = "watching" in rows and find("mqttui") and find("mosquitto")
    ours, theirs = [], {True: [], False: []}
    for _ in range(runs):
        ours.append(watch_gateway(bench))
        for surely in theirs if with_peer else ():
            theirs[surely].append(watch_broker(bench, surely))
    used, held = middle(ours)
    bodies = MESSAGES * BODY
    results = {
        "watching": [
            beside(used, theirs[surely], pushed)
            for surely, pushed in ((True, "QoS 1, at least once"), (False, "QoS 0, in one go"))
        ],
        "memory": [
            Row("RSS of holding them", megabytes(held), f"their bodies {megabytes(bodies)}", held / bodies, "1.3")
        ],
    }
    return [line for row in rows for line in results[row]]


def beside(used, theirs, pushed):
    """How a queue's deliveries compare depends on what is promised of them, so the peer is measured at both ends."""
    peer, ratio = ABSENT, None
    if theirs:
        peer_used, peer_held = middle(theirs)
        peer, ratio = f"mqttui {seconds(peer_used)}, {megabytes(peer_held)}: {pushed}", used / peer_used
    return Row("CPU of watching 100,000 messages", seconds(used), peer, ratio, "1")


def middle(pairs):
    return [statistics.median(values) for values in zip(*pairs)]
