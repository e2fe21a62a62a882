"""A strategy is a row of data: which of θs, θo and θn train, with which loss terms, and what has to be kept."""

import numbers
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields

from utils.models import EXPANSION, NEW_HEAD, OLD_HEAD, Backbone, find_backbone, layer_names
from utils.strategies.losses import LOSSES

PARTS = ("backbone", "top", EXPANSION, OLD_HEAD, NEW_HEAD)


@dataclass(frozen=True)
class Strategy:
    """One of the strategies that Li & Hoiem (ECCV 2016, TPAMI 2018) compare, or a row of your own.

    trains: the parts that learn, out of "backbone" (θs), "top" (its last block alone), "expansion" (new units beside
        the last block, for the new head alone), "old_head" (θo) and "new_head" (θn).
    losses: the terms of the loss, names in `LOSSES`; "new task" is always among them.
    weight: λ, the factor of the terms that protect the old task, unless the settings say otherwise.
    backbone_rate: factor of the learning rate for the backbone.
    keeps_copy: whether the old network is kept beside, and answers for the old task.
    idea, source: one line each. words: what the paper's table of strategies says, by column.

    To run a row of your own: `run(Settings(strategy=Strategy("mine", trains=(...), losses=(...))))`; in `STRATEGIES`
    it is found by its name, on panels too: `STRATEGIES["mine"] = Strategy("mine", ...)`.
    Raises a ValueError, naming the field, for a row that can't be.
    """

    name: str
    trains: tuple[str, ...]
    losses: tuple[str, ...] = ("new task",)
    weight: float = 1.0
    backbone_rate: float = 1.0
    keeps_copy: bool = False
    idea: str = ""
    source: str = ""
    words: dict[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self):
        for name, known in (("trains", PARTS), ("losses", LOSSES)):
            given = getattr(self, name)
            listed = isinstance(given, Iterable) and not isinstance(given, str)
            parts = tuple(given) if listed else (given,)
            wrong = [part for part in parts if not listed or not isinstance(part, str) or part not in known]
            if wrong:
                raise ValueError(f"{name}: {wrong[0]!r} is not allowed: give a tuple out of {', '.join(known)}.")
            object.__setattr__(self, name, tuple(part for part in known if part in parts))
        if "new task" not in self.losses:
            raise ValueError(f"losses={self.losses} is not allowed: without 'new task' nothing is taught.")
        for name in ("weight", "backbone_rate"):
            value = getattr(self, name)
            number = isinstance(value, numbers.Real) and not isinstance(value, bool)
            if not number or not 0 <= value < float("inf"):
                raise ValueError(f"{name}={value!r} is not allowed: it must be a finite number from 0.")
            object.__setattr__(self, name, float(value))
        for name in ("name", "idea", "source"):
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
                "it out of trains, or give a rate above 0."
            )
        if set(self.trains) <= ({OLD_HEAD} if not self._reaches(OLD_HEAD) else set()):
            raise ValueError(f"trains={self.trains} can train nothing: no loss reaches any of it.")

    @property
    def expands(self) -> bool:
        """Whether the network gets new units for the new task."""
        return EXPANSION in self.trains

    @property
    def needs_old_data(self) -> bool:
        """Whether images of the old task have to be at hand."""
        return "old images" in self.stores

    @property
    def stores(self) -> tuple[str, ...]:
        """What has to be kept besides the network itself."""
        kept = tuple(LOSSES[name].stores for name in self.losses if LOSSES[name].stores)
        return (*kept, *(["copy"] if self.keeps_copy else []))

    @property
    def protects(self) -> bool:
        """Whether a term of the loss is there for the old task."""
        return any(LOSSES[name].protects for name in self.losses)

    @property
    def fresh(self) -> tuple[str, ...]:
        """The layers that begin at random, and learn alone in a warm-up."""
        return (*([EXPANSION] if self.expands else []), NEW_HEAD)

    def network(self, backbone: str | Backbone) -> tuple[str, ...]:
        """The names of all layers of the network, from the input to the heads."""
        return layer_names(find_backbone(backbone), self.expands)

    def layers(self, backbone: str | Backbone) -> tuple[str, ...]:
        """The names of the layers that the strategy trains, from the input to the heads."""
        parts, blocks = set(self.trains), find_backbone(backbone).layer_names
        if "backbone" in parts:
            parts.update(blocks)
        if "top" in parts:
            parts.add(blocks[-1])
        return tuple(name for name in self.network(backbone) if name in parts)

    def reached(self, backbone: str | Backbone) -> tuple[str, ...]:
        """The names of the layers that a loss of this strategy reaches: no other can learn."""
        return tuple(name for name in self.network(backbone) if name != OLD_HEAD or self._reaches(OLD_HEAD))

    def learning(self, layers: tuple[str, ...], backbone: str | Backbone) -> tuple[str, ...]:
        """Those of the unfrozen layers that can learn, since a loss reaches them."""
        return tuple(name for name in layers if name in self.reached(backbone))

    def same_but_for_layers(self, other: "Strategy") -> bool:
        """Whether a run of the other can be made one of this by flipping layers alone."""
        names = ("losses", "backbone_rate", "keeps_copy", "expands")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def to_dict(self) -> dict:
        """Plain values, for JSON."""
        values = asdict(self)
        return values | {"trains": list(self.trains), "losses": list(self.losses)}

    @classmethod
    def from_dict(cls, values: dict) -> "Strategy":
        """The inverse of `to_dict`; a ValueError where something is missing or can't be."""
        known = {one.name for one in fields(cls)}
        if not isinstance(values, dict) or set(values) != known:
            raise ValueError(f"strategy={values!r} is not allowed: expected the fields {', '.join(sorted(known))}.")
        return cls(**values)

    def _reaches(self, head):
        return any(LOSSES[name].head == head for name in self.losses)


_CHOSEN = {"features": 0.01, "weights": 0.001}  # λ, on validation images: see utils.sweeps.table1
_PAPER = "Li & Hoiem, Learning without Forgetting, ECCV 2016 and TPAMI 2018"


def _words(new, old, train, test, storage, old_data):
    names = ("new task", "old task", "training", "testing", "storage", "old data")
    return dict(zip(names, (new, old, train, test, storage, old_data), strict=True))


STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        Strategy(
            "feature extraction",
            trains=("new_head",),
            idea="the backbone stays as it is; only a new output layer learns",
            source=_PAPER,
            words=_words("medium", "good", "fast", "fast", "medium", "no"),
        ),
        Strategy(
            "fine-tuning",
            trains=("backbone", "new_head"),
            idea="the backbone goes on learning, on the new task alone",
            source=_PAPER,
            words=_words("good", "bad", "fast", "fast", "medium", "no"),
        ),
        Strategy(
            "fine-tune-FC",
            trains=("top", "new_head"),
            idea="only the last block of the backbone goes on learning: the dense layer, where there is one",
            source=_PAPER,
        ),
        Strategy(
            "fine-tuning at a tenth of the rate",
            trains=("backbone", "new_head"),
            backbone_rate=0.1,
            idea="as fine-tuning, but the backbone takes steps a tenth as large",
            source=_PAPER,
        ),
        Strategy(
            "duplicate and fine-tune",
            trains=("backbone", "new_head"),
            keeps_copy=True,
            idea="a copy of the network is fine-tuned; the old one is kept for the old task",
            source=_PAPER,
            words=_words("good", "good", "fast", "slow", "large", "no"),
        ),
        Strategy(
            "joint training",
            trains=("backbone", "old_head", "new_head"),
            losses=("new task", "old task"),
            idea="both tasks are learnt at once: each step takes as many old images as new ones",
            source=f"{_PAPER}; Caruana 1997",
            words=_words("best", "good", "slow", "fast", "large", "yes"),
        ),
        Strategy(
            "learning without forgetting",
            trains=("backbone", "old_head", "new_head"),
            losses=("new task", "distillation"),
            idea="everything learns, and the old head shall go on saying about the new images what it said at first",
            source=f"{_PAPER}, equations 2 to 4",
            words=_words("best", "good", "fast", "fast", "medium", "no"),
        ),
        Strategy(
            "less-forgetting learning",
            trains=("backbone", "new_head"),
            losses=("new task", "features"),
            weight=_CHOSEN["features"],
            idea="the old head stays, and the features of the new images shall stay near what they were",
            source="Jung et al., Less-forgetting Learning in Deep Neural Networks, 2016",
        ),
        Strategy(
            "L2 to the start",
            trains=("backbone", "new_head"),
            losses=("new task", "weights"),
            weight=_CHOSEN["weights"],
            idea="the backbone learns, but its weights are pulled back to where they started",
            source="Xuhong et al., Explicit Inductive Bias for Transfer Learning, ICML 2018 (L2-SP); compared in LwF",
        ),
        Strategy(
            "network expansion",
            trains=("expansion", "new_head"),
            idea="the network stays as it is; new units beside its last block learn for the new head",
            source="compared in Li & Hoiem, TPAMI 2018, there with more units in several layers",
        ),
        Strategy(
            "network expansion + LwF",
            trains=("backbone", "expansion", "old_head", "new_head"),
            losses=("new task", "distillation"),
            idea="new units, and everything learns under the loss of learning without forgetting",
            source="compared in Li & Hoiem, TPAMI 2018, there with more units in several layers",
        ),
    )
}
