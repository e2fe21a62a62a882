"""What the names in settings stand for: looked up where settings are made, or read from a saved run."""

from dataclasses import dataclass
from operator import attrgetter

from utils.checks import check_kind
from utils.messages import refusal
from utils.models import BACKBONES, NEW_HEAD, OLD_HEAD, Backbone, check_backbone
from utils.names import check_name
from utils.strategies.checks import SettingsError, check_choice
from utils.strategies.strategy import Strategy
from utils.strategies.table import BUILT_IN_STRATEGIES, STRATEGIES
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
    """What the names in settings stand for.

    Attributes:
        row: The strategy.
        network: The backbone.
        tasks: A pair that was given as an object; None for one that its name and options stand for.
        examples: The kind of input: "images", "points" or "examples".
        known: Whether this process can run it; False for a network or tasks that only another process has.
    """

    row: Strategy
    network: Backbone
    tasks: TaskPair | None
    examples: str
    known: bool = True

    def identity(self) -> tuple:
        """What two settings with the same names must have in common to be equal."""
        network = self.network if self.known else self.network.layer_names
        return self.row, network, None if self.tasks is None else id(self.tasks)

    def to_dict(self) -> dict:
        """Plain values, for JSON: the strategy, the layers of the network from the input to the heads, and examples."""
        layers = list(self.row.network(self.network))
        return {"strategy": self.row.to_dict(self.network), "layers": layers, "examples": self.examples}

    @classmethod
    def from_dict(cls, values: dict, backbone: str, pair: str) -> "Meaning":
        """The inverse of `to_dict`.

        What this process knows under these names comes from its tables. For the rest, there is enough to draw and
        compare a run, but not to run it again.

        Args:
            values: What `to_dict` gave.
            backbone: The name of the network.
            pair: The name of the tasks.

        Raises:
            SettingsError: For values that don't fit together.
        """
        if not isinstance(values, dict) or not {"strategy", "layers", "examples"} <= set(values):
            raise SettingsError(refusal("values", values, "expected strategy, layers and examples"))
        for field, name in (("backbone", backbone), ("pair", pair)):
            try:
                check_name(field, name)
            except ValueError as error:
                raise SettingsError(str(error)) from None
        try:
            strategy = Strategy.from_dict(values["strategy"])
        except ValueError as error:
            raise SettingsError(str(error)) from None
        layers, examples = values["layers"], values["examples"]
        added = strategy.added.layer_names(None) if strategy.added else ()  # from a file: the same for any backbone
        heads = (*added, OLD_HEAD, NEW_HEAD)
        names = isinstance(layers, list) and len(layers) > len(heads) and all(isinstance(name, str) for name in layers)
        if not names or tuple(layers[-len(heads) :]) != heads or len(set(layers)) < len(layers):
            raise SettingsError(f"layers={layers!r} is not allowed: expected blocks by name, then {', '.join(heads)}.")
        if examples not in _EXAMPLES:
            raise SettingsError(f"examples={examples!r} is not allowed: it must be one of {', '.join(_EXAMPLES)}.")
        blocks = tuple(layers[: -len(heads)])
        network, tasks = BACKBONES.get(backbone), load_pair(pair) if is_own(pair) else None
        known = network is not None and network.layer_names == blocks
        try:
            if not known:
                network = _unknown_backbone(backbone, blocks, pair if tasks or pair not in PAIRS else None)
            strategy = _in_table(strategy, network, values["strategy"])
        except ValueError as error:
            raise SettingsError(str(error)) from None
        known = known and pair in PAIRS and strategy.known
        return cls(strategy, network, tasks, examples, known)


def look_up(pair, backbone, strategy, options: dict) -> tuple[Meaning, dict, dict]:
    """Look up what names in settings stand for.

    Args:
        pair: The name of a pair, or a `TaskPair`.
        backbone: The name of a backbone, a `Backbone`, or None for the first that takes the pair's inputs.
        strategy: The name of a strategy, or a `Strategy`.
        options: The options of the pair by name.

    Returns:
        The meaning, the names by field, and the options of the pair that aren't defaults.

    Raises:
        SettingsError: For an unknown name, and for what doesn't fit together.
    """
    tasks = pair if isinstance(pair, TaskPair) else None
    name = tasks.name if tasks else pair
    if tasks and tasks.options is not None:  # a pair that its name and options stand for
        options, tasks = _agreeing(name, dict(tasks.options), options), None
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
    try:
        strategy.network(network)
    except ValueError as error:  # added layers whose names don't fit this network
        raise SettingsError(str(error)) from None
    names = {"pair": name, "backbone": network.name, "strategy": strategy.name}
    return Meaning(strategy, network, tasks, examples_called(tasks or name)), names, _not_defaults(name, options)


def check_options(pair: str, tasks: TaskPair | None, options: dict) -> dict:
    """Check the options of a pair.

    Args:
        pair: The name of the pair.
        tasks: The pair itself, where no table has it.
        options: The options by name.

    Returns:
        Those that aren't defaults.

    Raises:
        SettingsError: For an option that the pair doesn't have, and a value that isn't allowed.
    """
    if tasks is None and pair in PAIRS:
        try:
            return _not_defaults(pair, check_pair(pair, options))
        except ValueError as error:
            raise SettingsError(str(error)) from None
    for field, value in options.items():  # the reader's own pairs have none, nor do those of another process
        raise SettingsError(f"{field}={value!r} is not allowed: {pair!r} has no such setting.")
    return {}


def _not_defaults(pair, options):
    """The options that aren't the pair's defaults, in its order."""
    return {
        name: options[name]
        for name, option in PAIR_OPTIONS.get(pair, {}).items()
        if options.get(name, option.default) != option.default
    }


def _in_table(strategy, network, saved):
    """The strategy of this process that was saved so; where there is none, the one that was read."""
    same_name = STRATEGIES.get(strategy.name)
    if same_name is None or same_name == strategy:
        return same_name or strategy
    try:
        values = same_name.to_dict(network)
    except Exception:  # a reader's function that isn't for this network
        return strategy
    return same_name if _equal(values, saved) else strategy


def _equal(strategy, other):
    """Whether saved strategies are equal, apart from their texts."""
    return all(strategy[name] == other.get(name) for name in strategy if name not in ("idea", "source", "words"))


def _agreeing(pair, options_of_tasks, options):
    """The options of the tasks that were given as an object; other options must agree with them."""
    for field, value in options.items():
        default = PAIR_OPTIONS[pair][field].default if field in PAIR_OPTIONS[pair] else None
        if (given := options_of_tasks.get(field, default)) != value:
            raise SettingsError(f"{field}={value!r} is not allowed: the tasks that were given have {given!r}.")
    return options_of_tasks


def register(meaning: Meaning) -> None:
    """Enter objects into the tables, so that panels, whose fields hold names, find them.

    Raises:
        SettingsError: Where another object has the name, or this process doesn't know the object.
    """
    check_kind("meaning", meaning, Meaning, "give a Meaning, such as that of settings", SettingsError)
    if not meaning.row.known:
        raise SettingsError(
            f"strategy={meaning.row.name!r} has loss terms or layers that this process doesn't know: no panel can run "
            "it. Enter the Strategy in STRATEGIES before you load its runs."
        )
    if not meaning.known:
        raise SettingsError(
            f"backbone={meaning.network.name!r} or its tasks are not known in this process: no panel can train them. "
            "Call own_model(...) with the same network and data first."
        )
    register_name("strategy", meaning.row, STRATEGIES)
    register_name("backbone", meaning.network, BACKBONES)
    if meaning.tasks:
        try:
            add_pair(meaning.tasks)
        except ValueError as error:
            raise SettingsError(str(error)) from None


def register_name(field: str, item: str | Strategy | Backbone, table: dict) -> str:
    """Enter an object into the table under its name; a name is returned as it is.

    Raises:
        SettingsError: Where another object has the name.
    """
    if isinstance(item, str):
        return item
    check_kind(field, item, (Strategy, Backbone), "give a name, a Strategy or a Backbone", SettingsError)
    check_kind("table", table, dict, "give the table of names", SettingsError)
    if isinstance(item, Strategy) and item.name not in map(attrgetter("name"), BUILT_IN_STRATEGIES):
        table[item.name] = item  # the newest of this name: a cell may be run again
    if table.setdefault(item.name, item) != item:
        raise SettingsError(f"{field}={item.name!r} is not allowed: another one has this name. Give yours its own.")
    return item.name


def _unknown_backbone(name, blocks, pair):
    def build(shape):
        raise SettingsError(
            f"backbone={name!r} is not known in this process: to run this again, call own_model(...) with the "
            "same network and data, or give Settings its Backbone."
        )

    return Backbone(name, "not known in this process", blocks, build, build, pair=pair)
