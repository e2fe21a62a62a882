"""What the names in settings stand for: looked up where settings are made, or read from a saved run."""

from dataclasses import dataclass

from utils.models import BACKBONES, EXPANSION, NEW_HEAD, OLD_HEAD, Backbone, check_backbone
from utils.strategies.checks import SettingsError, check_choice
from utils.strategies.strategy import Strategy
from utils.strategies.table import STRATEGIES
from utils.tasks import (
    PAIR_OPTIONS,
    PAIRS,
    TaskPair,
    add_pair,
    check_pair,
    examples_called,
    input_shape,
    is_own,
    load_pair,
)

_EXAMPLES = "images", "points", "examples"


@dataclass(frozen=True)
class Meaning:
    """What the names in settings stand for. tasks: a pair that was given as such; None for one that has a name.

    examples: what the tasks are made of, "images", "points" or "examples". known: whether this process can run it; not
    so for what was read from a file of another process.
    """

    row: Strategy
    network: Backbone
    tasks: TaskPair | None
    examples: str
    known: bool = True

    def to_dict(self) -> dict:
        """Plain values, for JSON: the strategy, the layers of the network from the input to the heads, and examples."""
        layers = list(self.row.network(self.network))
        return {"strategy": self.row.to_dict(), "layers": layers, "examples": self.examples}

    @classmethod
    def from_dict(cls, values: dict, backbone: str, pair: str) -> "Meaning":
        """The inverse of `to_dict`, with the names that the settings have for network and tasks.

        What this process knows under these names, it takes from its tables. Of what it doesn't know there is enough to
        draw and compare a run, not to run it again.
        """
        try:
            row = Strategy.from_dict(values["strategy"])
        except ValueError as error:
            raise SettingsError(str(error)) from None
        layers, examples = values["layers"], values["examples"]
        heads = (*([EXPANSION] if row.expands else []), OLD_HEAD, NEW_HEAD)
        named = isinstance(layers, list) and len(layers) > len(heads) and all(isinstance(one, str) for one in layers)
        if not named or tuple(layers[-len(heads) :]) != heads or len(set(layers)) < len(layers):
            raise SettingsError(f"layers={layers!r} is not allowed: expected blocks by name, then {', '.join(heads)}.")
        if examples not in _EXAMPLES:
            raise SettingsError(f"examples={examples!r} is not allowed: it must be one of {', '.join(_EXAMPLES)}.")
        blocks = tuple(layers[: -len(heads)])
        network, tasks = BACKBONES.get(backbone), load_pair(pair) if is_own(pair) else None
        known = network is not None and network.layer_names == blocks
        network = network if known else _unknown(backbone, blocks, pair if tasks or pair not in PAIRS else None)
        row = STRATEGIES[row.name] if STRATEGIES.get(row.name) == row else row
        known = known and pair in PAIRS and all(term.known for term in row.losses)
        return cls(row, network, tasks, examples, known)


def look_up(pair, backbone, strategy, options: dict) -> tuple[Meaning, dict, dict]:
    """What these stand for, each a name or the thing itself; their names by field; and the pair's options.

    options: those of the pair, by name. A `SettingsError` where something isn't known, or doesn't fit.
    """
    tasks = pair if isinstance(pair, TaskPair) else None
    name = tasks.name if tasks else pair
    if tasks and tasks.options is not None:  # a pair of the table, which its name and options stand for
        options, tasks = _agreed(name, dict(tasks.options), options), None
    if tasks and name in PAIRS and not (is_own(name) and load_pair(name) is tasks):
        raise SettingsError(f"pair={name!r} is not allowed: another pair has this name. Give yours its own.")
    try:
        options = check_pair(name, options) if tasks is None else check_options(name, tasks, options)
        network = check_backbone(backbone, tasks.old.input_shape if tasks else input_shape(name), name)
        if tasks is None and is_own(name):
            tasks = load_pair(name)  # so that they are there as long as the settings are
    except ValueError as error:
        raise SettingsError(str(error)) from None
    if not isinstance(strategy, Strategy):
        check_choice("strategy", strategy, STRATEGIES)
        strategy = STRATEGIES[strategy]
    names = {"pair": name, "backbone": network.name, "strategy": strategy.name}
    return Meaning(strategy, network, tasks, examples_called(tasks or name)), names, _changed(name, options)


def check_options(pair: str, tasks: TaskPair | None, options: dict) -> dict:
    """The pair's options as they are kept; a `SettingsError` where they are none of this pair.

    tasks: the pair itself, where it is in no table.
    """
    if tasks is None and pair in PAIRS:
        try:
            return _changed(pair, check_pair(pair, options))
        except ValueError as error:
            raise SettingsError(str(error)) from None
    for field, value in options.items():  # of one's own, or known only to the file in which a run was saved
        raise SettingsError(f"{field}={value!r} is not allowed: {pair!r} has no such setting.")
    return {}


def _changed(pair, options):
    """The options that aren't the pair's defaults, in its order."""
    return {
        name: options[name]
        for name, option in PAIR_OPTIONS.get(pair, {}).items()
        if options.get(name, option.default) != option.default
    }


def _agreed(pair, given, options):
    """The options of the tasks that are given; a field must not say another thing."""
    for field, value in options.items():
        default = PAIR_OPTIONS[pair][field].default if field in PAIR_OPTIONS[pair] else None
        if value != given.get(field, default):
            raise SettingsError(f"{field}={value!r} is not allowed: the tasks that were given are others.")
    return given


def register(meaning: Meaning) -> None:
    """Let panels, whose fields hold names, find what settings were given as a thing.

    Raises:
        SettingsError: where its name is another's, or this process doesn't know what it stands for.
    """
    if not meaning.known:
        raise SettingsError(
            f"backbone={meaning.network.name!r} or its tasks are not known in this process: a panel can't train them. "
            "Take the network up again with own_model(...)."
        )
    register_name("strategy", meaning.row, STRATEGIES)
    register_name("backbone", meaning.network, BACKBONES)
    if meaning.tasks:
        try:
            add_pair(meaning.tasks)
        except ValueError as error:
            raise SettingsError(str(error)) from None


def register_name(field: str, thing: str | Strategy | Backbone, table: dict) -> str:
    """The name of a thing, under which the table has it from now on; a `SettingsError` where another one has it."""
    if isinstance(thing, str):
        return thing
    if table.setdefault(thing.name, thing) != thing:
        raise SettingsError(f"{field}={thing.name!r} is not allowed: another one has this name. Give yours its own.")
    return thing.name


def _unknown(name, blocks, pair):
    def build(shape):
        raise SettingsError(
            f"backbone={name!r} is not known in this process: to run this again, take the network up again with "
            "own_model(...), or give Settings its Backbone."
        )

    return Backbone(name, "not known in this process", blocks, build, build, pair=pair)
