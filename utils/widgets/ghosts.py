"""Which runs are drawn behind the one that is shown, unless the reader decides otherwise."""

from collections.abc import Mapping

from utils.strategies import Settings
from utils.tasks import PAIR_OPTIONS

_MOST = 2


def tasks_text(settings: Settings) -> str:
    """The tasks of a run as a text: runs with another text can't be compared with it."""
    pair, given = settings.pair, dict(settings.pair_options or ())
    options = {name: given.get(name, option.default) for name, option in PAIR_OPTIONS.get(pair, {}).items()}
    texts = [
        f"{name.replace('_', ' ')} {value if isinstance(value, str) else f'{value:g}'}"
        for name, value in options.items()
    ]
    return ", ".join([pair, *texts])


def usual_ghosts(tasks: Mapping[int, str], shown: int | None, on: str) -> set[int]:
    """The numbers of the last two runs on the same tasks, besides the run shown.

    Args:
        tasks: The tasks of each run by its number, the oldest first.
        shown: The number of the run shown, or None.
        on: The tasks of the run shown, or of the next.
    """
    same = [number for number, text in tasks.items() if text == on and number != shown]
    return set(same[-_MOST:])
