"""What a panel shows of one run at a time: its picture, its words, the network's switches, the runs kept."""

from utils.plots import describe, plot_run, png
from utils.training import Run
from utils.training.live import prepare
from utils.widgets.live_panel import LivePanel


class RunPanel(LivePanel):
    """The part of a panel that follows its run.

    A subclass makes, before anything is shown, `_run` (the `Run` shown, or None), `_picture` and `_image` (see
    `LivePicture`), `_next` (a `NextRun`), `_kept` (`KeptRuns`) and `_code` (`KerasCode`), and has `_strategy`.
    """

    def still(self) -> bytes:
        """The board's last state as a PNG file."""
        shown = self._run or next(reversed(self._kept.ghosts.values()), None) or Run(self._next.settings_or_usual)
        return png(plot_run(shown, self._kept.ghosts_beside(shown)))

    _words = staticmethod(describe)

    def _set(self, settings):
        with self._showing:
            self._next.set(settings)

    def _prepare(self, settings):
        try:
            prepare(settings)
        except Exception as error:  # the reader meets the same at Start, if it still matters then
            self._status.say(f"{type(error).__name__}: {error}")

    def _show_now(self):
        live = self._live
        if live.active:
            self._show_run(live.progress)
        elif live.error:
            self._show_error(live.progress, live.error)
        elif live.progress is None:
            self._back()
        else:
            self._ended(live.progress.run())

    def _show_between(self):
        """What is frozen is told at once: a switch that waits for a picture feels stuck."""
        if self._live.progress is not None:
            with self._showing:
                self._next.network.show(self._live.progress.trained_layers)

    def _show_run(self, progress):
        if progress is not None:
            self._run = progress.run()
            self._next.network.show(progress.trained_layers)
            self._status.report(self._words(self._run), at_once=self._live.state == "paused")
            self._draw()

    def _show_error(self, progress, error):
        self._run = progress.run() if progress else None
        if progress and progress.update:
            self._kept.add(self._run)
        self._next.match_network(self._strategy)
        self._draw()
        self._status.say(f"The run ended with an error. {error}" if progress else f"Nothing was trained. {error}")
        self._next.form.mark(error)

    def _ended(self, one):
        with self._showing:
            self._run = one
            self._code.fold()
            self._kept.add(one)
            self._next.match_network(self._strategy)
            self._draw()
            self._status.say(self._words(one))

    def _back(self):
        with self._showing:
            self._run = None
            self._next.match_network(self._strategy)
            self._draw()
            self._status.say("Back at the checkpoint: the network knows the old task, and its new head is random.")

    def _draw(self):
        with self._showing:
            shown = self._run or Run(self._next.settings_or_usual)
            self._image.value = self._picture.frame(shown, self._kept.ghosts_beside(shown))

    def _runs_with_code(self):
        shown = self._run or next(reversed(self._kept.runs), None)
        return {} if shown is None else {"the run shown": shown}
