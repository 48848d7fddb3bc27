"""What is made of many latencies."""

from collections.abc import Sequence
from typing import Any


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the value that so many percent of the sorted ones do not exceed; 0 where there are none."""
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)] if ordered else 0.0


def summary(latencies: Sequence[float], seconds: float) -> dict[str, Any]:
    """Return count, rate a second, and percentiles in milliseconds, of latencies in seconds."""
    ordered = sorted(latencies)
    values = {
        "p50": percentile(ordered, 50),
        "p99": percentile(ordered, 99),
        "max": ordered[-1] if ordered else 0.0,
    }
    return {
        "requests": len(ordered),
        "seconds": seconds,
        "rate": len(ordered) / seconds,
        **{name: value * 1000 for name, value in values.items()},
    }
