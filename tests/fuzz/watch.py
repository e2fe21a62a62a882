"""What must never happen while anything is pressed: frozen weights that move, errors that no panel catches."""

import threading
from collections import Counter
from collections.abc import Callable
from random import Random

from tests.training.comparing import state
from utils.training.engine import Engine

CHECK_EVERY = 40  # interactions


class Watch:
    """Looks over every update of every engine, and over every thread, from here on; `patch` ends it.

    Attributes:
        faults: What went wrong, a line for each.
        counts: What was done, for the figures that a test prints.
    """

    def __init__(self, patch):
        self.faults: list[str] = []
        self.counts = Counter()
        patch.setattr(threading, "excepthook", self._in_a_thread)
        update = Engine.update

        def watched(engine, *arguments, **options):
            frozen = [name for name in engine.model.layer_names if name not in engine.trained]
            before = {name: state(engine, name) for name in frozen}
            losses = update(engine, *arguments, **options)
            moved = [name for name in frozen if state(engine, name) != before[name]]
            self.counts["updates"] += len(losses)
            if moved:
                self._note(f"frozen, and moved: {', '.join(moved)}")
            return losses

        patch.setattr(Engine, "update", watched)

    def _in_a_thread(self, arguments):
        self._note(f"in a thread: {arguments.exc_type.__name__}: {arguments.exc_value}")

    def _note(self, fault):
        """Print it at once, too: what comes next may wait forever."""
        self.faults.append(fault)
        print(fault, flush=True)

    def attempt(self, described: str, action) -> None:
        """Do what a reader does; an error that comes back from it is a fault, since a page would swallow it."""
        self.counts["interactions"] += 1
        try:
            action()
        except Exception as error:
            self._note(f"{described}: {type(error).__name__}: {error}")

    def play(self, random: Random, count: int, acts: list[Callable], check: Callable) -> None:
        """Do this many of the acts in any order, and check now and then what is shown."""
        for number in range(1, count + 1):
            act = random.choice(acts)
            self.attempt(act.__name__, act)
            if number % CHECK_EVERY == 0:
                self.attempt(check.__name__, check)

    def figures(self) -> str:
        """What was done, in a line."""
        return ", ".join(f"{count:,} {what}" for what, count in self.counts.items()) + f", {len(self.faults)} faults"
