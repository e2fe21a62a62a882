"""A line of the table."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, what came out, what is wanted, and whether that is met."""

    what: str
    measured: str
    wanted: str
    met: bool

    def __str__(self):
        return f"| {self.what} | {self.measured} | {self.wanted} | {'yes' if self.met else '**no**'} |"


def side_by_side(*actions: Callable[[], object], rounds: int = 5) -> list[float]:
    """The least seconds of each action, taken in turns, so that a busy moment meets them all alike."""
    least = [float("inf")] * len(actions)
    for _ in range(rounds):
        for i, action in enumerate(actions):
            began = time.perf_counter()
            action()
            least[i] = min(least[i], time.perf_counter() - began)
    return least
