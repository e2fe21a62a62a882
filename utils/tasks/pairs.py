"""The pairs of tasks by name: what is learnt first, and what is learnt after it."""

import difflib
import re
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from .digits import digits
from .drawings import check_dissimilarity, drawings
from .fashion import fashion, fashion_needs_network
from .plane import DISTANCE, NOISE, check_distance, check_noise, check_shape, points
from .task import Task, TaskPair


@dataclass(frozen=True)
class PairOption:
    """A setting of one pair alone. check: the value as it is kept, or a ValueError naming field and value."""

    default: object
    check: Callable


@dataclass(frozen=True)
class _Recipe:
    description: str
    make: Callable[..., tuple[Task, Task]] | None  # the old and the new task, given the options
    classes: tuple[int, int]
    input_shape: tuple[int, ...] = (28, 28, 1)
    options: dict[str, PairOption] = field(default_factory=dict)
    # Whether something must still be downloaded before the pair can be made.
    needs_network: Callable[[], bool] = lambda: False
    own: weakref.ref[TaskPair] | None = None  # tasks that the reader brought; known by name while somebody has them


# The first is the default.
_RECIPES = {
    "digits-drawings": _Recipe(
        "handwritten digits, then drawn shapes: as unlike digits as you set them; no download",
        lambda dissimilarity: (digits(), drawings(dissimilarity)),
        (10, 10),
        options={"dissimilarity": PairOption(1.0, lambda _, value: check_dissimilarity(value))},
    ),
    "digits-halves": _Recipe(
        "handwritten 0 to 4, then 5 to 9: alike; no download",
        lambda: (digits(range(5)), digits(range(5, 10))),
        (5, 5),
    ),
    "digits-fashion": _Recipe(
        "handwritten digits, then pictures of clothes: unlike; one download of 30 MB",
        lambda: (digits(), fashion()),
        (10, 10),
        needs_network=fashion_needs_network,
    ),
    "fashion-digits": _Recipe(
        "pictures of clothes, then handwritten digits: unlike; one download of 30 MB",
        lambda: (fashion(), digits()),
        (10, 10),
        needs_network=fashion_needs_network,
    ),
    "plane": _Recipe(
        "points in the plane, two moons, then rings: everything can be drawn; no download",
        lambda old_shape, new_shape, noise, distance: (
            points(old_shape, noise),
            points(new_shape, noise, distance, "new"),
        ),
        (2, 2),
        (2,),
        {
            "old_shape": PairOption("moons", check_shape),
            "new_shape": PairOption("rings", check_shape),
            "noise": PairOption(NOISE, check_noise),
            "distance": PairOption(DISTANCE, check_distance),
        },
    ),
}

PAIRS: dict[str, str] = {name: recipe.description for name, recipe in _RECIPES.items()}
_OWN_NAME = re.compile(r"-[0-9a-f]{4,}$")
_OWN = " A pair of your own is known once own_model(...) has taken it up again, the same model and data."
DEFAULT_PAIR = next(iter(PAIRS))
# What can be set of each pair, by its name.
PAIR_OPTIONS: dict[str, dict[str, PairOption]] = {name: recipe.options for name, recipe in _RECIPES.items()}


def load_pair(
    name: str = DEFAULT_PAIR,
    dissimilarity: float | None = None,
    *,
    old_shape: str | None = None,
    new_shape: str | None = None,
    noise: float | None = None,
    distance: float | None = None,
) -> TaskPair:
    """The TaskPair of this name, one of PAIRS; kept in memory, so that asking again costs nothing.

    `dissimilarity`, from 0 to 1 (default 1), is for digits-drawings only: how unlike digits the drawings are.
    The others are for plane only: the shapes ("moons", "rings", "spirals" or "blobs"), the `noise` of all points (a
    standard deviation from 0 to 0.5, default 0.1), and the `distance`, 0 to 3 (default 0), by which the new points
    lie to the right of the old ones. None stands for the default.

    Raises ValueError for an unknown name or a wrong setting, naming the field, the value and what is
    allowed; DownloadError where the pair needs files that can't be fetched.
    """
    given = {
        "dissimilarity": dissimilarity, "old_shape": old_shape, "new_shape": new_shape, "noise": noise,
        "distance": distance,
    }  # fmt: skip
    kept = check_pair(name, given)
    recipe = _RECIPES.get(name)
    if recipe and recipe.own is None:
        return _load(name, tuple(kept.get(option, own.default) for option, own in recipe.options.items()))
    if recipe and (pair := recipe.own()):
        return pair
    raise ValueError(f"pair={name!r} is not known any more.{_OWN}")  # whoever had it let it go just now


def add_pair(pair: TaskPair) -> None:
    """Let tasks of the reader's own be found by their name, for as long as somebody has them.

    Settings have them, and so do runs and panels. What the tables hold of them here keeps nothing alive.

    Raises:
        ValueError: where another pair has this name.
    """
    there = _RECIPES.get(pair.name)
    if there and there.own and there.own() is pair:
        return
    if there and not (there.own and there.own() is None):
        raise ValueError(f"pair={pair.name!r} is not allowed: another pair has this name. Give yours its own.")
    own, classes = weakref.ref(pair), (pair.old.classes, pair.new.classes)
    recipe = _Recipe(pair.description, None, classes, pair.old.input_shape, own=own)
    _RECIPES[pair.name], PAIRS[pair.name], PAIR_OPTIONS[pair.name] = recipe, pair.description, recipe.options
    weakref.finalize(pair, _remove, pair.name)


def _remove(name):
    """Forget tasks that are gone, unless others have taken their name."""
    recipe = _RECIPES.get(name)
    if recipe and recipe.own and recipe.own() is None:
        for table in (_RECIPES, PAIRS, PAIR_OPTIONS):
            table.pop(name, None)


def needs_network(name: str) -> bool:
    """Whether loading this pair would download something now: False once it's kept on this machine."""
    check_pair(name)
    return _RECIPES[name].needs_network()


def class_counts(name: str) -> tuple[int, int]:
    """How many classes the old and the new task of this pair have; nothing is loaded for it."""
    check_pair(name)
    return _RECIPES[name].classes


def input_shape(name: str) -> tuple[int, ...]:
    """The shape of one example of this pair, (28, 28, 1) or (2,); nothing is loaded for it."""
    check_pair(name)
    return _RECIPES[name].input_shape


def is_own(name: str) -> bool:
    """Whether the reader brought these tasks."""
    return name in _RECIPES and _RECIPES[name].own is not None


def examples_called(pair: str | TaskPair) -> str:
    """What the tasks of this pair are made of: "images", "points", or, of the reader's own, "examples"."""
    name, shape = (pair, input_shape(pair)) if isinstance(pair, str) else (pair.name, pair.old.input_shape)
    if len(shape) == 3:
        return "images"
    return "points" if name in _RECIPES and not is_own(name) else "examples"


def check_pair(name, pair_options: dict | None = None) -> dict:
    """The options that are given, as they are kept: without those that are None.

    ValueError unless this is a name in PAIRS, and the options are its own and of their kind.
    """
    if not isinstance(name, str) or name not in PAIRS:
        near = difflib.get_close_matches(str(name), tuple(PAIRS), n=1)
        hint = _OWN if _OWN_NAME.search(str(name)) else f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"pair={name!r} is not allowed: it must be one of {', '.join(map(repr, tuple(PAIRS)))}.{hint}")
    given = {option: value for option, value in (pair_options or {}).items() if value is not None}
    for option, value in given.items():
        if option not in PAIR_OPTIONS[name]:
            owner = next(pair for pair, own in tuple(PAIR_OPTIONS.items()) if option in own)
            raise ValueError(f"{option}={value!r} is not allowed: only {owner!r} has it, {name!r} has not.")
        given[option] = PAIR_OPTIONS[name][option].check(option, value)
    return given


# A few only: a reader who tries many settings of dissimilarity must not fill the memory, 22 MB each.
@lru_cache(maxsize=6)
def _load(name, values) -> TaskPair:
    recipe, options = _RECIPES[name], dict(zip(PAIR_OPTIONS[name], values, strict=True))
    texts = [
        f"{option.replace('_', ' ')} {value if isinstance(value, str) else f'{value:g}'}"
        for option, value in options.items()
    ]
    description = f"{recipe.description} ({', '.join(texts)})" if texts else recipe.description
    given = tuple((option, value) for option, value in options.items() if value != PAIR_OPTIONS[name][option].default)
    pair = TaskPair(name, *recipe.make(**options), description)
    object.__setattr__(pair, "options", given)
    return pair
