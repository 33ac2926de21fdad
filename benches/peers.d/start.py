"""From starting `qwatch demo` to its first rows on the screen."""

import statistics

from programs import QWATCH
from table import Row
from terminal import Terminal

STARTS = 15
AIM = 0.1


def measure(bench):
    took = sorted(start(bench) for _ in range(STARTS))
    median = statistics.median(took)
    return [
        Row(
            "first rows of `qwatch demo`",
            f"{median * 1000:.0f} ms (worst {took[-1] * 1000:.0f} ms)",
            f"{AIM * 1000:.0f} ms",
            median / AIM,
            "1",
        )
    ]


def start(bench):
    terminal = Terminal(bench, QWATCH, "demo", looked_at=True)
    shown = terminal.wait_for(lambda screen: " B  {" in screen.text(), 10, "a message")
    terminal.end()
    return shown - terminal.began
