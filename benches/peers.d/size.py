"""How large the program is, stripped as it is released."""

from programs import QWATCH
from table import Row

AIM = 12e6


def measure(_bench):
    size = QWATCH.stat().st_size
    return [Row("binary, stripped", f"{size / 1e6:.1f} MB", f"{AIM / 1e6:.0f} MB", size / AIM, "1")]
