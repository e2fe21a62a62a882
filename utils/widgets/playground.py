"""The playground in the plane: the freeze board with another picture, in which the whole network can be seen."""

import numpy as np

from utils.strategies import Settings, SettingsError
from utils.widgets.freeze_board import FreezeBoard
from utils.widgets.plane_picture import PlanePicture

# Chosen on validation points: the new task is learned within them, whatever the seed.
PLAYGROUND = Settings(pair="plane", learning_rate=0.003, updates=2000, evaluate_every=20)
_WELCOME = (
    "The network can tell the two moons apart. Press Start: it learns the rings, and you see every weight (lines) and "
    "the output of every unit (maps). Freeze and unfreeze layers while it trains."
)


class Playground(FreezeBoard):
    """A freeze board for points in the plane, on which every weight and every unit of the network can be seen.

    `run` needs no front end.

    Args:
        settings: What the fields hold at first, on the pair "plane"; None for the usual ones.
        driver: As in `LivePanel`.

    Raises:
        SettingsError: For settings on another pair.
    """

    _pairs, _usual, _pace, _welcome = ("plane",), PLAYGROUND, 100, _WELCOME

    def __init__(self, settings: Settings | None = None, driver: str | None = None):
        if isinstance(settings, Settings) and settings.pair not in self._pairs:
            raise SettingsError(f"pair={settings.pair!r} is not allowed here: the playground draws 'plane' alone.")
        super().__init__(settings, driver=driver, presets=())

    @property
    def weights(self) -> dict[str, list[np.ndarray]]:
        """The weights shown: kernel and bias by layer."""
        return self._picture.weights

    def _make_picture(self):
        return PlanePicture(self._redraw, self._message.error)
