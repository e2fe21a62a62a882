"""The number of updates in a chunk, so that a switch needn't wait long."""

CHUNK_SECONDS = 0.02  # the longest that a switch should wait


class Pace:
    """Estimates how many updates fit into a chunk from the chunks before. It changes no results, only the waiting."""

    def __init__(self):
        self._seconds = {}

    def updates(self, trained: tuple[str, ...]) -> int:
        """The number of updates in the next chunk, while these layers train."""
        if trained not in self._seconds:
            return 2
        return max(1, int(CHUNK_SECONDS / self._seconds[trained]))

    def record(self, trained: tuple[str, ...], count: int, seconds: float) -> None:
        """Record how long a chunk of `count` updates took while these layers trained."""
        each = seconds / count
        # The first chunk may include a trace, so it counts for little.
        self._seconds[trained] = min(each, CHUNK_SECONDS / 4) if trained not in self._seconds else each
