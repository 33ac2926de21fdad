"""What is printed."""

from dataclasses import dataclass
from typing import Optional


# Stands for a peer that is not here. The ratio stays empty, and the whole ends with an error.
ABSENT = "absent"


@dataclass
class Row:
    what: str
    measured: str
    peer: str
    # Measured to peer, or to what the aim is about; none where there is none.
    ratio: Optional[float]
    # The most that the ratio may be, or the least where it begins with ≥.
    aim: str


def seconds(value):
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def megabytes(value):
    return f"{value / 1e6:.1f} MB"


def share(value):
    """Of one core."""
    return f"{value * 100:.2f} %"


def show(rows):
    cells = [("what", "measured", "peer", "ratio", "aim")]
    cells += [(row.what, row.measured, row.peer, "" if row.ratio is None else f"{row.ratio:.2f}", row.aim) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    rule = tuple("-" * width for width in widths)
    for line in [cells[0], rule, *cells[1:]]:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |", flush=True)
