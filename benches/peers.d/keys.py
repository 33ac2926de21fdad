"""A key press in a flood of 5,000 messages a second: how long until the screen shows it."""

import random
import re
import time

from programs import QWATCH
from queues import Gateway
from table import Row
from terminal import Terminal

RATE = 5_000
LASTS = 20
FRAME = 0.033
# Ten polls of ten messages follow at once, each 20 ms.
FLOOD = ["--visibility-timeout", "3600", "--interval", "20ms", "--burst", "10"]
# A key, what it brings to the detail pane and what it takes away.
ATTRIBUTES, BODY = "SenderId", '"orderId": "'
KEYS = [("2", ATTRIBUTES, BODY), ("1", BODY, ATTRIBUTES)]
RECEIVED = re.compile(r"([\d,]+) received")


def measure(bench):
    gateway = Gateway(bench)
    # SQS's rules allow 120,000 messages in flight, so the flood cannot last longer.
    gateway.fill(LASTS * RATE)
    terminal = Terminal(bench, QWATCH, gateway.url, *FLOOD, looked_at=True)
    terminal.wait_for(lambda screen: BODY in screen.text(), 10, "a message")
    began, before = time.monotonic(), received(terminal)
    took = []
    while time.monotonic() - began < LASTS * 0.85:
        took.append(press(terminal, *KEYS[len(took) % 2]))
        # At any moment of a frame.
        time.sleep(random.uniform(0.005, 0.04))
    rate = (received(terminal) - before) / (time.monotonic() - began)
    terminal.end()
    gateway.program.end()
    took.sort()
    worst, median = took[int(len(took) * 0.99)], took[len(took) // 2]
    return [
        Row(
            f"key press to changed screen at {rate:,.0f} messages/s, p99 of {len(took)}",
            f"{worst * 1000:.1f} ms (median {median * 1000:.1f} ms)",
            f"a frame {FRAME * 1000:.0f} ms",
            worst / FRAME,
            "1",
        )
    ]


def press(terminal, key, brings, takes):
    terminal.expect(lambda screen: brings in screen.text() and takes not in screen.text())
    pressed = terminal.press(key)
    return terminal.wait(5, f"what {key} brings") - pressed


def received(terminal):
    with terminal.lock:
        return int(RECEIVED.search(terminal.screen.text())[1].replace(",", ""))
