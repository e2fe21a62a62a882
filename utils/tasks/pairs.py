"""The pairs of tasks by name: the task that is learned first, and the one that is learned after it."""

import re
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from utils.checks import check_function, check_kind, check_mapping, check_text
from utils.messages import nearest

from .digits import digits
from .drawings import check_dissimilarity, drawings
from .fashion import fashion, fashion_needs_network
from .plane import DISTANCE, NOISE, SHAPES, check_distance, check_noise, check_shape, points
from .task import Task, TaskPair


@dataclass(frozen=True)
class PairOption:
    """A setting of one pair alone.

    Attributes:
        default: The default value.
        check: From field and value to the value that is stored, or a ValueError that names both.
        description: Its meaning, in a line.
        choices: All values, where they aren't numbers.
        label: Its label on a panel; None for its name.
    """

    default: float | str
    check: Callable
    description: str
    choices: tuple[str, ...] = ()
    label: str | None = None

    def __post_init__(self):
        check_function("check", self.check)
        check_text("description", self.description)


@dataclass(frozen=True)
class _Recipe:
    description: str
    make: Callable[..., tuple[Task, Task]] | None  # the old and the new task, given the options
    classes: tuple[int, int]
    input_shape: tuple[int, ...] = (28, 28, 1)
    options: dict[str, PairOption] = field(default_factory=dict)
    # Whether something must still be downloaded before the pair can be made.
    needs_network: Callable[[], bool] = lambda: False
    user_pair: weakref.ref[TaskPair] | None = None  # the reader's own tasks, known by name as long as they are in use


# The first is the default.
_RECIPES = {
    "digits-drawings": _Recipe(
        "handwritten digits, then drawn shapes: you set how dissimilar they are; no download",
        lambda dissimilarity: (digits(), drawings(dissimilarity)),
        (10, 10),
        options={
            "dissimilarity": PairOption(
                1.0, lambda _, value: check_dissimilarity(value), "of the drawings to digits, from 0 to 1"
            )
        },
    ),
    "digits-halves": _Recipe(
        "handwritten 0 to 4, then 5 to 9: similar; no download",
        lambda: (digits(range(5)), digits(range(5, 10))),
        (5, 5),
    ),
    "digits-fashion": _Recipe(
        "handwritten digits, then pictures of clothes: dissimilar; one download of 30 MB",
        lambda: (digits(), fashion()),
        (10, 10),
        needs_network=fashion_needs_network,
    ),
    "fashion-digits": _Recipe(
        "pictures of clothes, then handwritten digits: dissimilar; one download of 30 MB",
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
            "old_shape": PairOption("moons", check_shape, "along which the old task's points lie", SHAPES),
            "new_shape": PairOption("rings", check_shape, "along which the new task's points lie", SHAPES),
            "noise": PairOption(NOISE, check_noise, "standard deviation of the points from their line, from 0 to 0.5"),
            "distance": PairOption(
                DISTANCE, check_distance, "how far the new points lie to the right of the old ones, from 0 to 3"
            ),
        },
    ),
}

PAIRS: dict[str, str] = {name: recipe.description for name, recipe in _RECIPES.items()}
_USER_NAME = re.compile(r"-[0-9a-f]{4,}$")
_USER_HINT = " A pair of your own is known as soon as own_model(...) has been called with the same model and data."
DEFAULT_PAIR = next(iter(PAIRS))
# The options of each pair, by its name.
PAIR_OPTIONS: dict[str, dict[str, PairOption]] = {name: recipe.options for name, recipe in _RECIPES.items()}


def load_pair(name: str = DEFAULT_PAIR, **pair_options: float | str | None) -> TaskPair:
    """The TaskPair of this name. It stays in memory, so that asking again costs nothing.

    Args:
        name: One of PAIRS.
        **pair_options: The options of this pair, such as dissimilarity=0.5 for digits-drawings; None for the default.
            PAIR_OPTIONS lists them with their meaning.

    Raises:
        ValueError: For an unknown name or option; the message names the field, the value and what is allowed.
        DownloadError: Where the pair needs files that can't be fetched.
    """
    values = check_pair(name, pair_options)
    recipe = _RECIPES.get(name)
    if recipe and recipe.user_pair is None:
        return _load(name, tuple(values.get(field, option.default) for field, option in recipe.options.items()))
    if recipe and (pair := recipe.user_pair()):
        return pair
    raise ValueError(f"pair={name!r} is not known anymore.{_USER_HINT}")  # it has been freed just now


def add_pair(pair: TaskPair) -> None:
    """Let the reader's own tasks be found by their name, as long as settings, runs, panels or variables hold them.

    The tables here keep nothing alive.

    Raises:
        ValueError: Where another pair has this name.
    """
    check_kind("pair", pair, TaskPair, "give a TaskPair")
    known = _RECIPES.get(pair.name)
    if known and known.user_pair and known.user_pair() is pair:
        return
    if known and not (known.user_pair and known.user_pair() is None):
        raise ValueError(f"pair={pair.name!r} is not allowed: another pair has this name. Give yours its own.")
    classes = pair.old.classes, pair.new.classes
    recipe = _Recipe(pair.description, None, classes, pair.old.input_shape, user_pair=weakref.ref(pair))
    _RECIPES[pair.name], PAIRS[pair.name], PAIR_OPTIONS[pair.name] = recipe, pair.description, recipe.options
    weakref.finalize(pair, _remove, pair.name)


def _remove(name):
    """Remove tasks that have been freed, unless others have their name by now."""
    recipe = _RECIPES.get(name)
    if recipe and recipe.user_pair and recipe.user_pair() is None:
        for table in (_RECIPES, PAIRS, PAIR_OPTIONS):
            table.pop(name, None)


def needs_network(name: str) -> bool:
    """Whether loading this pair would download something now: False once it's stored on this machine."""
    check_pair(name)
    return _RECIPES[name].needs_network()


def class_counts(name: str) -> tuple[int, int]:
    """The number of classes of the old and of the new task of this pair, which isn't loaded for it."""
    check_pair(name)
    return _RECIPES[name].classes


def input_shape(name: str) -> tuple[int, ...]:
    """The shape of one example of this pair, (28, 28, 1) or (2,); the pair isn't loaded for it."""
    check_pair(name)
    return _RECIPES[name].input_shape


def is_own(name: str) -> bool:
    """Whether these tasks are the reader's own."""
    return isinstance(name, str) and name in _RECIPES and _RECIPES[name].user_pair is not None


def examples_called(pair: str | TaskPair) -> str:
    """What the examples of this pair are called: "images", "points" or, if they are the reader's own, "examples"."""
    check_kind("pair", pair, (str, TaskPair), "give the name of a pair, or a TaskPair")
    name, shape = (pair, input_shape(pair)) if isinstance(pair, str) else (pair.name, pair.old.input_shape)
    if len(shape) == 3:
        return "images"
    return "points" if name in _RECIPES and not is_own(name) else "examples"


def check_pair(name, pair_options: dict | None = None) -> dict:
    """Check a pair's name and its options.

    Args:
        name: A name in PAIRS.
        pair_options: Values by option; None for the default.

    Returns:
        The options, without those that are None.

    Raises:
        ValueError: For another name, an option of another pair, or a value that isn't allowed.
    """
    if not isinstance(name, str) or name not in PAIRS:
        hint = _USER_HINT if _USER_NAME.search(str(name)) else nearest(name, PAIRS)
        raise ValueError(f"pair={name!r} is not allowed: it must be one of {', '.join(map(repr, tuple(PAIRS)))}.{hint}")
    options = {} if pair_options is None else check_mapping("pair_options", pair_options)
    given = {option: value for option, value in options.items() if value is not None}
    for option, value in given.items():
        if option not in PAIR_OPTIONS[name]:
            owners = [pair for pair, options in tuple(PAIR_OPTIONS.items()) if option in options]
            why = "no pair has such an option"
            if owners:
                why = f"only {' and '.join(map(repr, owners))} has it, {name!r} has not"
            raise ValueError(f"{option}={value!r} is not allowed: {why}.")
        given[option] = PAIR_OPTIONS[name][option].check(option, value)
    return given


# A few only, since many values of dissimilarity would fill the memory, 22 MB each.
@lru_cache(maxsize=6)
def _load(name, values) -> TaskPair:
    recipe, options = _RECIPES[name], dict(zip(PAIR_OPTIONS[name], values, strict=True))
    texts = [
        f"{option.replace('_', ' ')} {value if isinstance(value, str) else f'{value:g}'}"
        for option, value in options.items()
    ]
    description = f"{recipe.description} ({', '.join(texts)})" if texts else recipe.description
    changed = tuple((option, value) for option, value in options.items() if value != PAIR_OPTIONS[name][option].default)
    pair = TaskPair(name, *recipe.make(**options), description)
    object.__setattr__(pair, "options", changed)
    return pair
