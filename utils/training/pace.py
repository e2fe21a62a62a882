"""How many updates are made at a time, so that a switch needn't wait long."""

CHUNK_SECONDS = 0.02  # so long may a switch wait


class Pace:
    """How many updates fit into a chunk, learnt from the chunks before. It changes no number, only the waiting."""

    def __init__(self):
        self._seconds = {}

    def updates(self, trained):
        if trained not in self._seconds:
            return 2
        return max(1, int(CHUNK_SECONDS / self._seconds[trained]))

    def measured(self, trained, count, seconds):
        each = seconds / count
        # The first chunk may hold a trace: let it count for little.
        self._seconds[trained] = min(each, CHUNK_SECONDS / 4) if trained not in self._seconds else each
