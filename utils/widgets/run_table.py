"""The runs that have ended: a table, the curves that stay visible as ghosts, the old/new plane, save and load."""

import threading
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import ipywidgets as widgets

from utils.plots import best, plot_plane, png
from utils.strategies import Settings
from utils.training import Run
from utils.widgets.ghosts import tasks_text, usual_ghosts
from utils.widgets.message import Message
from utils.widgets.open_panels import close_widget
from utils.widgets.run_files import RunFiles
from utils.widgets.run_row import HEAD, TEXT, row_html
from utils.widgets.style import CARD, WRAP, with_class
from utils.widgets.wording import in_labels

_MOST = 20
_STYLE = """<style>
.fb-run { position: relative; }
.fb-run .fb-show { position: absolute; left: 50px; top: 0; width: calc(100% - 50px); height: 100%; margin: 0;
  background: transparent; color: transparent; overflow: hidden; }
.fb-run .fb-show:hover { box-shadow: inset 0 0 0 1px #888; }
.fb-run .fb-show:focus-visible { box-shadow: inset 0 0 0 2px #0072B2; }
.fb-shown { background: rgba(230, 159, 0, 0.14); box-shadow: inset 4px 0 0 #E69F00; }
.fb-shown::after { content: "shown above"; position: absolute; right: 6px; bottom: 1px; font-size: 11px; }
.fb-run .fb-details { padding-right: 78px; }
</style>"""


class _Row(NamedTuple):
    run: Run
    tick: widgets.Checkbox  # whether its curves stay visible
    text: widgets.HTML
    widget: widgets.HBox


class RunTable:
    """Runs in the order in which they ended, numbered from 1.

    Args:
        changed: Called when the choice of ghosts has changed.
        chosen: Called with a run that the reader wants to see again; what it raises is said in the table.
        shows_ghosts: Whether there is a picture in which ghosts appear.
    """

    def __init__(self, changed: Callable[[], None], chosen: Callable[[Run], None], shows_ghosts: bool = True):
        self._changed, self._chosen, self._message = changed, chosen, Message("584px", 2)
        self._by_hand: set[int] = set()  # runs whose tick the reader has set
        self._is_setting = False  # while ticks are set by code
        self._lock = threading.RLock()  # the thread that trains adds runs; it's never held while `changed` is called
        self._rows: dict[int, _Row] = {}
        self._removed: dict[int, _Row] = {}  # which Undo brings back
        self._lacked_room = False  # whether some of them are there because the table was full
        self._none = widgets.HTML(f'<div style="{TEXT}">No run yet: every run that ends is kept here.</div>')
        self._body = widgets.VBox()
        self._plane = with_class(widgets.Image(format="png", layout={"width": "236px", "height": "251px"}), CARD)
        self._plane_note = widgets.HTML(layout={"margin": "0"})
        self._files = RunFiles(lambda: self.ghosts, self.add, changed, self._message)
        remove = widgets.Button(description="Remove selected runs", layout={"width": "166px"})
        remove.on_click(lambda _: self._remove())
        self._undo = widgets.Button(description="Undo", layout={"width": "60px", "display": "none"})
        self._undo.on_click(lambda _: self._bring_back())
        self._head = widgets.HTML(_STYLE + HEAD)
        note = widgets.HTML(
            f'<div style="{TEXT}">Click a run to see it again. '
            f"{'Selected runs stay visible as pale curves. ' if shows_ghosts else ''}"
            "★: no other run on the same tasks is better at one of them and as good at the other (test).</div>"
        )
        buttons = with_class(widgets.HBox([self._files.save, remove, self._undo, self._files.load]), WRAP)
        parts = [self._head, self._body, buttons, self._message.widget, note]
        table = with_class(widgets.VBox(parts, layout={"width": "584px"}), "fb-table")
        plane = with_class(widgets.VBox([self._plane, self._plane_note], layout={"width": "236px"}), "fb-plane")
        self.widget = with_class(widgets.HBox([table, plane], layout={"align_items": "flex-start"}), WRAP)
        self._refresh()

    @property
    def runs(self) -> list[Run]:
        """All runs in the table."""
        with self._lock:
            return [row.run for row in self._rows.values()]

    @property
    def ghosts(self) -> dict[str, Run]:
        """The runs whose curves stay visible, by number."""
        with self._lock:
            return {str(number): row.run for number, row in self._rows.items() if row.tick.value}

    def ghosts_beside(self, shown: Run) -> dict[str, Run]:
        """The same without the run that is shown itself."""
        return {number: run for number, run in self.ghosts.items() if run is not shown}

    def number(self, run: Run | None) -> int | None:
        """The number of a run, or None where it isn't in the table."""
        with self._lock:
            return next((number for number, row in self._rows.items() if row.run is run), None)

    def show(self, run: Run | None, settings: Settings) -> None:
        """Mark the run shown, and tick those that are usually drawn behind it, unless the reader has set the tick.

        Args:
            run: The run shown, None at the checkpoint.
            settings: Its settings, or those of the next run.
        """
        with self._lock:
            shown, self._is_setting = self.number(run), True
            try:
                tasks = {number: tasks_text(row.run.settings) for number, row in self._rows.items()}
                usual = usual_ghosts(tasks, shown, tasks_text(settings)) | {shown}
                for number, row in self._rows.items():
                    (row.widget.add_class if number == shown else row.widget.remove_class)("fb-shown")
                    if number not in self._by_hand:
                        row.tick.value = number in usual
            finally:
                self._is_setting = False

    def add(self, run: Run) -> int:
        """Add a run, and drop the oldest where there are too many; its number."""
        with self._lock:
            self._message.clear()
            number = max([*self._rows, *self._removed], default=0) + 1
            self._rows[number] = self._row(number, run)
            too_many = [self._rows.pop(oldest) for oldest in list(self._rows)[:-_MOST]]
            self._refresh()
            _close(too_many)
            return number

    def _row(self, number, run):
        narrow = {"width": "50px", "margin": "0", "flex": "0 0 auto"}
        tick = widgets.Checkbox(value=True, description=str(number), indent=False, layout=narrow)
        tick.tooltip = f"show the curves of run {number} behind others"
        tick.observe(lambda change: self._ticked(number), "value")
        text = widgets.HTML(layout={"flex": "1 1 auto", "min_width": "0"})
        # It lies over the text: a click anywhere in the row, and the Tab key, find a button with a name.
        show = widgets.Button(description=f"Show run {number}", tooltip=f"show run {number} again, with its changes")
        show.add_class("fb-show")
        show.on_click(lambda _: self._show(run))
        row = widgets.HBox([tick, text, show], layout={"align_items": "center"})
        row.add_class("fb-run")
        return _Row(run, tick, text, row)

    def _ticked(self, number):
        if not self._is_setting:
            self._by_hand.add(number)
            self._changed()

    def _show(self, run):
        try:
            self._message.clear()
            self._chosen(run)
        except (RuntimeError, ValueError) as error:
            self._message.error(in_labels(str(error)))

    def _refresh(self):
        runs = {number: row.run for number, row in self._rows.items() if row.run.old_accuracy is not None}
        is_best, tasks = {}, {number: tasks_text(run.settings) for number, run in runs.items()}
        for task in set(tasks.values()):  # accuracies on other images can't be compared
            numbers = [number for number in runs if tasks[number] == task]
            is_best |= zip(numbers, best([runs[number] for number in numbers]), strict=True)
        for number, row in self._rows.items():
            row.text.value = row_html(row.run, is_best.get(number, False))
        self._body.children = [row.widget for row in self._rows.values()] or [self._none]
        latest = next(reversed(tasks.values()), "")
        in_plane = [number for number in runs if tasks[number] == latest]
        self._plane.value = _plane({str(number): runs[number] for number in in_plane}) if runs else _empty_plane()
        others = [str(number) for number in runs if number not in in_plane]
        note = f"Only the runs on {latest}, the latest tasks. Not comparable with: {', '.join(others)}."
        self._plane_note.value = f'<div style="{TEXT}">{note if others else ""}</div>'

    def _remove(self):
        with self._lock:
            ticked = [number for number, row in self._rows.items() if row.tick.value]
            if ticked:
                waiting = self._removed if self._lacked_room else {}
                _close(row for number, row in self._removed.items() if number not in waiting)
                self._removed = dict([*waiting.items(), *((number, self._rows.pop(number)) for number in ticked)])
                self._undo.layout.display = None
                self._refresh()
        if not ticked:
            self._message.error("No run is selected: select the ones to remove.")
            return
        self._changed()
        self._message.done(
            f"Removed {f'run {ticked[0]}' if len(ticked) == 1 else f'{len(ticked)} runs'}. Undo restores what was "
            "removed last."
        )

    def _bring_back(self):
        with self._lock:
            removed = list(self._removed.items())
            if not removed:  # a second click
                return
            room = _MOST - len(self._rows)
            first = 0 if self._lacked_room else max(0, len(removed) - room)  # those that wait, or the latest
            back, left = removed[first : first + room], removed[:first] + removed[first + room :]
            self._lacked_room = bool(left)
            self._rows, self._removed = dict(sorted((self._rows | dict(back)).items())), dict(left)
            self._undo.layout.display = None if left else "none"
            self._refresh()
        no_room = ""
        if left:
            no_room = f" The table holds {_MOST} runs: remove others, then Undo restores {_numbers(left)}."
        self._changed()
        if back:
            self._message.done(f"Back again: {_numbers(back)}.{no_room}")
        else:
            self._message.error(no_room.strip())


def _numbers(numbered):
    return ", ".join(str(number) for number, _ in numbered)


def _plane(runs):
    return png(plot_plane(list(runs.values()), list(runs), (236, 251)))


@cache
def _empty_plane():
    """The plane without runs, drawn once in a process: each panel begins with it."""
    return _plane({})


def _close(rows):
    for row in rows:
        close_widget(row.widget)
