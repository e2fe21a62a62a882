"""The picture that the freeze board has of a run: its curves."""

from collections.abc import Mapping

import ipywidgets as widgets

from utils.plots import LivePicture, RunFigure, describe, plot_run, png
from utils.training import Progress, Run

_PIXELS = (622, 300)


class CurvesPicture:
    """The curves of a run, with those of other runs behind them.

    A panel that shows runs has this picture, or another with the same attributes and methods.

    Attributes:
        image: The widget.
        shows_other_runs: Whether the curves of other runs are part of it.
        shows_next_run: Whether it depends on fields and switches even before a run has started.
        is_tall: Whether the status line appears above it, since the space below is out of sight.
    """

    shows_other_runs, shows_next_run, is_tall = True, False, False

    def __init__(self):
        width, height = (f"{length}px" for length in _PIXELS)
        self.image = widgets.Image(format="png", layout={"width": width, "height": height})
        self._frames = LivePicture(RunFigure(_PIXELS, scale=1.5))

    def follow(self, progress: Progress) -> None:
        """Copy what is drawn besides the `Run` while the training waits: nothing here."""

    def recall(self, run: Run) -> bool:
        """Get ready to draw a run that has ended; whether that is possible."""
        return True

    def draw(self, run: Run, trained: tuple[str, ...], others: Mapping[str, Run]) -> None:
        """Bring the widget up to date.

        Args:
            run: The run shown.
            trained: The layers that train now.
            others: Runs that stay visible behind it, each with a short name.
        """
        self.image.value = self._frames.frame(run, others)

    def still(self, run: Run, trained: tuple[str, ...], others: Mapping[str, Run]) -> bytes:
        """The same as a PNG file."""
        return png(plot_run(run, others))

    def describe(self, run: Run, trained: tuple[str, ...]) -> str:
        """What there is to see, in one or two sentences."""
        return describe(run)
