"""A strategy is a row of data: which of θs, θo and θn train, and which heads a loss is computed at."""

from dataclasses import dataclass

from utils.models import BACKBONES, NEW_HEAD, OLD_HEAD


@dataclass(frozen=True)
class Strategy:
    """One row of Figure 2 of Li & Hoiem (ECCV 2016).

    trains: the parts that learn, out of "backbone" (θs), "old_head" (θo) and "new_head" (θn).
    losses_at: the heads at which a loss is computed. A part that no loss reaches can't learn.
    """

    name: str
    trains: tuple[str, ...]
    losses_at: tuple[str, ...]
    idea: str
    source: str

    def layers(self, backbone: str) -> tuple[str, ...]:
        """The names of the layers that the strategy trains, from the input to the heads."""
        return self._expand(self.trains, backbone)

    def reached(self, backbone: str) -> tuple[str, ...]:
        """The names of the layers that a loss of this strategy reaches: no other can learn."""
        return self._expand(("backbone", *self.losses_at), backbone)

    def learning(self, layers: tuple[str, ...], backbone: str) -> tuple[str, ...]:
        """Those of the unfrozen layers that can learn, since a loss reaches them."""
        return tuple(name for name in layers if name in self.reached(backbone))

    @staticmethod
    def _expand(parts, backbone):
        names = BACKBONES[backbone].layer_names if "backbone" in parts else ()
        return (*names, *(head for head in (OLD_HEAD, NEW_HEAD) if head in parts))


_PAPER = "Li & Hoiem, Learning without Forgetting, ECCV 2016, Figure 2"

STRATEGIES = {
    strategy.name: strategy
    for strategy in (
        Strategy(
            "feature extraction",
            trains=("new_head",),
            losses_at=("new_head",),
            idea="the backbone stays as it is; only a new output layer learns",
            source=f"{_PAPER} (c)",
        ),
        Strategy(
            "fine-tuning",
            trains=("backbone", "new_head"),
            losses_at=("new_head",),
            idea="the backbone goes on learning, on the new task alone",
            source=f"{_PAPER} (b)",
        ),
    )
}
