"""A line of the table."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, what came out, what is wanted, and whether that is met; None where it wasn't measured."""

    what: str
    measured: str
    wanted: str
    met: bool | None

    def __str__(self):
        met = {True: "yes", False: "**no**", None: "not measured"}[self.met]
        return f"| {self.what} | {self.measured} | {self.wanted} | {met} |"


def side_by_side(*actions: Callable[[], object], rounds: int = 5) -> list[float]:
    """The least seconds of each action, taken in turns, so that a busy moment meets them all alike."""
    least = [float("inf")] * len(actions)
    for _ in range(rounds):
        for i, action in enumerate(actions):
            began = time.perf_counter()
            action()
            least[i] = min(least[i], time.perf_counter() - began)
    return least
