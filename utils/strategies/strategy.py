"""A strategy: which of θs, θo and θn train, with which loss terms, and what is kept."""

from dataclasses import dataclass, field, fields

from utils.checks import check_list, check_names, check_number
from utils.messages import given, nearest
from utils.models import NEW_HEAD, NEW_UNITS, OLD_HEAD, AddedLayers, Backbone, find_backbone, layer_names
from utils.names import check_name
from utils.strategies.loss_term import LossOption, LossTerm
from utils.strategies.losses import BUILT_IN, LOSSES, NEW_TASK, TEMPERATURE


@dataclass(frozen=True)
class Strategy:
    """One of the strategies that Li & Hoiem (ECCV 2016, TPAMI 2018) compare, or one of your own.

    To run your own: `run(Settings(strategy=Strategy("mine", trains=(...), losses=(...))))`. To use it by its name, on
    panels too: `STRATEGIES["mine"] = Strategy("mine", ...)`.

    Attributes:
        name: The name.
        trains: The parts that learn: some of "backbone" (θs), "top" (only its last block), "old_head" (θo) and
            "new_head" (θn); with added layers also these, by the name of the part, such as "expansion".
        losses: The terms of the loss: names in `LOSSES`, or terms of your own (`LossTerm`), "new task" among them; kept
            as terms, the new task's first.
        weight: λ, the factor of the terms that protect the old task, where the settings give none.
        backbone_rate: The factor of the learning rate for the backbone.
        keeps_copy: Whether the old network is kept unchanged, and answers for the old task.
        added: Layers that the network gets for the new task (`AddedLayers`); None for none, or, where "expansion" is in
            `trains`, for `NEW_UNITS`: new units beside the last block, for the new head only.
        idea: The idea, in one line.
        source: The paper.
        words: The entries in the paper's table of strategies by column.

    Raises:
        ValueError: For a value that isn't allowed; the message names the field.
    """

    name: str
    trains: tuple[str, ...]
    losses: tuple[LossTerm, ...] = (NEW_TASK,)
    weight: float = 1.0
    backbone_rate: float = 1.0
    keeps_copy: bool = False
    added: AddedLayers | None = None
    idea: str = field(default="", compare=False)  # texts don't make another strategy
    source: str = field(default="", compare=False)
    words: dict[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self):
        if not isinstance(self.added, AddedLayers | None):
            raise ValueError(f"added={self.added!r} is not allowed: give AddedLayers or None.")
        parts = ("backbone", "top", (self.added or NEW_UNITS).name, OLD_HEAD, NEW_HEAD)
        trains = _check_tuple("trains", self.trains, parts)
        object.__setattr__(self, "trains", tuple(part for part in parts if part in trains))
        if self.added is None and NEW_UNITS.name in trains:
            object.__setattr__(self, "added", NEW_UNITS)
        object.__setattr__(self, "losses", _find_terms(self.losses))
        names = [option.name for option in self.options]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"losses: two terms have different options named {twice!r}; rename one of them.")
        if TEMPERATURE.name in names and TEMPERATURE not in self.options:
            raise ValueError(
                f"losses: an option named {TEMPERATURE.name!r} is not allowed: in the settings, that is T of the "
                "distillation. Give yours another name, or use utils.strategies.TEMPERATURE."
            )
        for name in ("weight", "backbone_rate"):
            number = check_number(name, getattr(self, name), 0, wanted="it must be a finite number from 0")
            object.__setattr__(self, name, number)
        check_name("name", self.name)
        for name in ("idea", "source"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name}={getattr(self, name)!r} is not allowed: it must be a text.")
        if not isinstance(self.keeps_copy, bool):
            raise ValueError(f"keeps_copy={self.keeps_copy!r} is not allowed: it must be True or False.")
        texts = [text for pair in self.words.items() for text in pair] if isinstance(self.words, dict) else [None]
        if not all(isinstance(text, str) for text in texts):
            raise ValueError(f"words={self.words!r} is not allowed: give a mapping of texts to texts.")
        if self.backbone_rate == 0 and {"backbone", "top"} & set(self.trains):
            raise ValueError(
                f"backbone_rate=0 is not allowed with trains={self.trains}: the backbone would learn nothing. Leave "
                "it out of trains, or give a factor above 0."
            )
        if set(self.trains) <= ({OLD_HEAD} if not self._reaches(OLD_HEAD) else set()):
            raise ValueError(f"trains={self.trains} is not allowed: nothing would train, since no loss reaches it.")

    @property
    def known(self) -> bool:
        """Whether this process has all its functions; False for one that was read from the file of a run."""
        return all(term.known for term in self.losses) and (self.added is None or self.added.known)

    @property
    def needs_old_data(self) -> bool:
        """Whether images of the old task are needed at any time."""
        return any(term.old_images for term in self.losses)

    @property
    def rehearses(self) -> bool:
        """Whether each update also takes a batch of old images."""
        return any(term.rehearses for term in self.losses)

    @property
    def protects(self) -> bool:
        """Whether a term of the loss protects the old task."""
        return any(term.protects for term in self.losses)

    @property
    def options(self) -> tuple[LossOption, ...]:
        """The options of all loss terms, each once."""
        return tuple(dict.fromkeys(option for term in self.losses for option in term.options))

    def fresh(self, backbone: str | Backbone) -> tuple[str, ...]:
        """The layers that begin at random, and learn alone in a warm-up."""
        return (*self._added_names(backbone), NEW_HEAD)

    def network(self, backbone: str | Backbone) -> tuple[str, ...]:
        """The names of all layers of the network, from the input to the heads."""
        return layer_names(find_backbone(backbone), self.added)

    def layers(self, backbone: str | Backbone) -> tuple[str, ...]:
        """The names of the layers that the strategy trains, from the input to the heads."""
        parts, blocks = set(self.trains), find_backbone(backbone).layer_names
        if "backbone" in parts:
            parts.update(blocks)
        if "top" in parts:
            parts.add(blocks[-1])
        if self.added and self.added.name in parts:
            parts.update(self._added_names(backbone))
        return tuple(name for name in self.network(backbone) if name in parts)

    def reached(self, backbone: str | Backbone) -> tuple[str, ...]:
        """The names of the layers that a loss of this strategy reaches: no other can learn."""
        return tuple(name for name in self.network(backbone) if name != OLD_HEAD or self._reaches(OLD_HEAD))

    def learning(self, layers: tuple[str, ...], backbone: str | Backbone) -> tuple[str, ...]:
        """Those of the unfrozen layers that learn, since a loss reaches them."""
        reached = self.reached(backbone)
        return tuple(name for name in check_names("layers", layers) if name in reached)

    def same_but_for_layers(self, other: "Strategy") -> bool:
        """Whether two strategies differ only in the layers that they train."""
        names = ("losses", "backbone_rate", "keeps_copy", "added")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def to_dict(self, backbone: Backbone) -> dict:
        """Plain values, for JSON.

        Args:
            backbone: The network: the added layers' names may depend on it.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        losses = [term.name if term in BUILT_IN else term.to_dict() for term in self.losses]
        added = self.added.name if self.added is NEW_UNITS else self.added and self.added.to_dict(backbone)
        return values | {"trains": list(self.trains), "losses": losses, "added": added, "words": dict(self.words)}

    @classmethod
    def from_dict(cls, values: dict) -> "Strategy":
        """The inverse of `to_dict`; a ValueError for values that aren't allowed."""
        known = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or set(values) | {"added"} != known:  # older files lack it
            raise ValueError(f"strategy={values!r} is not allowed: expected the fields {', '.join(sorted(known))}.")
        losses, added = values["losses"], values.get("added")
        if isinstance(losses, list):
            losses = [_load_term(term) if isinstance(term, dict) else term for term in losses]
        if added is not None:
            added = NEW_UNITS if added == NEW_UNITS.name else AddedLayers.from_dict(added)
        return cls(**values | {"losses": losses, "added": added})

    def _added_names(self, backbone):
        return self.added.names(find_backbone(backbone)) if self.added else ()

    def _reaches(self, head):
        return any(term.head == head for term in self.losses)


def _check_tuple(field, values, known):
    """The values as a tuple; a ValueError where they aren't a list, or one of them isn't known."""
    wanted = f"give a tuple of some of {', '.join(known)}"
    parts = check_list(field, values, (str, LossTerm) if known is LOSSES else str, wanted)
    for part in parts:
        if isinstance(part, str) and part not in known:
            raise ValueError(f"{field}: {given(part)} is not allowed: {wanted}.{nearest(part, known)}")
    return parts


def _load_term(values):
    """The term in a saved run: the one in `LOSSES` if it is the same."""
    term = LOSSES.get(values.get("name")) if isinstance(values.get("name"), str) else None
    return term if term and term.to_dict() == values else LossTerm.from_dict(values)


def _find_terms(names_and_terms):
    """The terms, first those of the project in the order of its table."""
    parts = _check_tuple("losses", names_and_terms, LOSSES)
    terms = dict.fromkeys(LOSSES[part] if isinstance(part, str) else part for part in parts)
    names = [term.name for term in terms]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"losses: {twice!r} is not allowed twice: give one of the two terms another name.")
    if NEW_TASK not in terms:
        raise ValueError(f"losses={tuple(names)} is not allowed: 'new task' must be among them.")
    ordered = [term for term in LOSSES.values() if term in terms]
    return (*ordered, *(term for term in terms if term not in ordered))
