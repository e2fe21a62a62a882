"""The number of updates in a chunk: few where a switch may be flipped, many where none can."""

CHUNK_SECONDS = 0.02  # the longest that a switch should wait
UNATTENDED_SECONDS = 0.2  # where a stop may wait this long: each chunk has its cost, some two milliseconds


class Pace:
    """Estimates how many updates fit into a chunk from the chunks before. It changes no results, only the waiting.

    Args:
        attended: Whether a switch may be flipped at any moment; if not, a run can at most be stopped.
    """

    def __init__(self, attended: bool):
        self._attended = attended
        self._seconds = {}

    def updates(self, trained: tuple[str, ...]) -> int:
        """The number of updates in the next chunk, while these layers train."""
        if trained not in self._seconds:
            return 2
        return max(1, int(self._longest / self._seconds[trained]))

    def record(self, trained: tuple[str, ...], count: int, seconds: float) -> None:
        """Record how long a chunk of `count` updates took while these layers trained."""
        each = seconds / count
        # The first chunk may include a trace, so it counts for little.
        self._seconds[trained] = min(each, self._longest / 4) if trained not in self._seconds else each

    @property
    def _longest(self):
        return CHUNK_SECONDS if self._attended else UNATTENDED_SECONDS
