"""The runs that have ended: a table, the curves that stay visible as ghosts, the old/new plane, save and load."""

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import ipywidgets as widgets

from utils.plots import best, plot_plane, png
from utils.tasks import PAIR_OPTIONS
from utils.training import Run
from utils.widgets.message import Message
from utils.widgets.open_panels import close_widget
from utils.widgets.run_row import HEAD, TEXT, row_html
from utils.widgets.upload import MOST_BYTES, announced_files, announcement, uploaded_files, with_size
from utils.widgets.wording import in_labels

FOLDER = Path("runs")
_MOST = 20


class _Row(NamedTuple):
    run: Run
    tick: widgets.Checkbox  # whether its curves stay visible
    text: widgets.HTML
    widget: widgets.HBox


class RunTable:
    """Runs in the order in which they ended, numbered from 1.

    Args:
        changed: Called when the choice of ghosts has changed.
        shows_ghosts: Whether there is a picture in which ghosts appear.
    """

    def __init__(self, changed: Callable[[], None], shows_ghosts: bool = True):
        self._changed, self._message = changed, Message("584px", 2)
        self._lock = threading.RLock()  # the thread that trains adds runs; it's never held while `changed` is called
        self._rows: dict[int, _Row] = {}
        self._removed: dict[int, _Row] = {}  # which Undo brings back
        self._lacked_room = False  # whether some of them are there because the table was full
        self._none = widgets.HTML(f'<div style="{TEXT}">No run yet: every run that ends is kept here.</div>')
        self._body = widgets.VBox()
        self._plane = widgets.Image(format="png", layout={"width": "236px", "height": "251px"})
        self._plane_note = widgets.HTML(layout={"width": "236px", "margin": "0"})
        save = widgets.Button(description="Save ticked runs", layout={"width": "136px"})
        save.on_click(lambda _: self._attempt(self._save))
        remove = widgets.Button(description="Remove ticked runs", layout={"width": "156px"})
        remove.on_click(lambda _: self._remove())
        self._undo = widgets.Button(description="Undo", layout={"width": "60px", "display": "none"})
        self._undo.on_click(lambda _: self._bring_back())
        self._upload = widgets.FileUpload(accept=".json", multiple=True, description="Load runs")
        self._upload.layout.width = "130px"
        self._upload.observe(lambda change: self._attempt(self._load), "value")
        self._announced, self._link = announcement(self._upload)
        self._announced.observe(lambda change: self._note_size(change["new"]), "value")
        self._head = widgets.HTML(HEAD)
        note = widgets.HTML(
            f'<div style="{TEXT}">{"Ticked runs stay visible as pale curves. " if shows_ghosts else ""}'
            "★: no other run on the same tasks is better at one of them and as good at the other (test).</div>"
        )
        buttons = widgets.HBox([save, remove, self._undo, self._upload])
        layout = {"width": "584px", "flex": "0 0 auto", "overflow": "visible"}
        table = widgets.VBox([self._head, self._body, buttons, self._message.widget, note], layout=layout)
        # With its margins no wider than the panel above: else a scrollbar appears below it in a page of 1280 pixels.
        self.widget = widgets.HBox([table, widgets.VBox([self._plane, self._plane_note])])
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
        tick.tooltip = f"show the curves of run {number}"
        tick.observe(lambda change: self._changed(), "value")
        text = widgets.HTML(layout={"flex": "1 1 auto", "min_width": "0"})
        return _Row(run, tick, text, widgets.HBox([tick, text], layout={"align_items": "center"}))

    def _refresh(self):
        runs = {number: row.run for number, row in self._rows.items() if row.run.old_accuracy is not None}
        is_best, tasks = {}, {number: _tasks(run) for number, run in runs.items()}
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
        note = f"Here: the runs on {latest}, as the latest. On other tasks, not comparable: {', '.join(others)}."
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
            self._message.error("No run is ticked: tick the ones to remove.")
            return
        self._changed()
        self._message.done(
            f"Removed {f'run {ticked[0]}' if len(ticked) == 1 else f'{len(ticked)} runs'}. Undo brings back what was "
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
            no_room = f" The table keeps {_MOST} runs: remove others, and Undo brings back {_numbers(left)}."
        self._changed()
        if back:
            self._message.done(f"Back again: {_numbers(back)}.{no_room}")
        else:
            self._message.error(no_room.strip())

    def _save(self):
        paths = [run.save(_free_path(number)) for number, run in self.ghosts.items()]
        if paths:
            self._message.done(f"Saved: {', '.join(map(str, paths))}.")
        else:
            self._message.error("No run is ticked: tick the ones to save.")

    def _load(self):
        files, messages, failed = list(uploaded_files(self._upload.value)), [], False
        if not files:
            return
        for name, content in files:
            try:
                run = Run.from_text(content.decode("utf-8", errors="replace"))
                messages.append(f"{name} is now run {self.add(run)}.")
            except Exception as error:  # whatever an altered file holds, the others are loaded
                messages.append(f"{name} can't be loaded. {in_labels(str(error))}")
                failed = True
        self._upload.value = ()  # so that the same file can be chosen again
        self._changed()
        (self._message.error if failed else self._message.done)(" ".join(messages))

    def _note_size(self, announced):
        files = announced_files(announced) or []
        if sum(size for _, size in files) > MOST_BYTES:
            what = with_size(*files[0]) if len(files) == 1 else f"{len(files)} files"
            self._message.error(
                f"Nothing is loaded: {what} {'is' if len(files) == 1 else 'are'} more than the "
                f"{MOST_BYTES // 1_000_000} MB that a notebook's server lets through at once. In code, "
                "FreezeBoard(runs=[Run.load(path)]) reads any file."
            )

    def _attempt(self, action):
        try:
            action()
        except (OSError, ValueError) as error:
            self._message.error(in_labels(str(error)))


def _numbers(numbered):
    return ", ".join(str(number) for number, _ in numbered)


def _free_path(number):
    """A path at which there is no file yet, so that an earlier one isn't overwritten."""
    path, copy = FOLDER / f"run-{number}.json", 1
    while path.exists():
        copy += 1
        path = FOLDER / f"run-{number}-{copy}.json"
    return path


def _plane(runs):
    return png(plot_plane(list(runs.values()), list(runs), (236, 251)))


@cache
def _empty_plane():
    """The plane without runs, drawn once in a process: each panel begins with it."""
    return _plane({})


def _tasks(run):
    """The tasks of a run as a text: runs with another text can't be compared with it."""
    pair, given = run.settings.pair, dict(run.settings.pair_options or ())
    options = {name: given.get(name, option.default) for name, option in PAIR_OPTIONS.get(pair, {}).items()}
    texts = [
        f"{name.replace('_', ' ')} {value if isinstance(value, str) else f'{value:g}'}"
        for name, value in options.items()
    ]
    return ", ".join([pair, *texts])


def _close(rows):
    for row in rows:
        close_widget(row.widget)
