"""The runs kept so far: a table, the curves that stay visible as ghosts, the old/new plane, save and load."""

import threading
from collections.abc import Callable
from html import escape
from pathlib import Path

import ipywidgets as widgets

from utils.plots import best, percent, plot_plane, png
from utils.strategies import Settings, write_field
from utils.tasks import PAIR_OPTIONS
from utils.training import Run

FOLDER = Path("runs")
_MOST = 20
# Settings that a row tells where they aren't the default, with what stands before them there.
_TOLD = {"dissimilarity": "dissimilarity", "old_shape": "old shape", "new_shape": "new shape", "noise": "noise",
         "distance": "distance", "backbone": "", "warm_up": "warm-up", "unfreeze_every": "unfrozen every",
         "rate_decay": "rate ÷ a layer", "layer_rates": "layer rates", "patience": "patience",
         "head_l2": "L2 of the new head", "old_loss_weight": "λ", "temperature": "T", "loss_options": "",
         "old_images": "old images", "new_images": "new images"}  # fmt: skip
_COLUMNS = (("strategy", "minmax(0, 1fr)"), ("updates", "56px"), ("old task", "106px"), ("forgetting (points)", "72px"),
            ("new task", "56px"), ("trained", "52px"), ("time", "46px"))  # fmt: skip
_GRID = f"display:grid;grid-template-columns:{' '.join(width for _, width in _COLUMNS)};gap:4px;"
_TEXT = "font-size:12px;line-height:15px;"


class KeptRuns:
    """Runs in the order in which they ended, numbered from 1.

    changed: called when the choice of ghosts has changed. say: shows the reader a message. has_curves: whether there is
    a picture on which ghosts are seen.
    """

    def __init__(self, changed: Callable[[], None], say: Callable[[str], None], has_curves: bool = True):
        self._changed, self._say = changed, say
        self._lock = threading.RLock()  # the thread that trains adds runs; it's never held while `changed` is called
        self._runs: dict[int, Run] = {}
        self._shown: dict[int, widgets.Checkbox] = {}
        self._removed: dict[int, tuple[Run, widgets.Checkbox]] = {}
        self._rows = widgets.VBox()
        self._plane = widgets.Image(format="png", layout={"width": "236px", "height": "221px"})
        self._plane_note = widgets.HTML(layout={"width": "236px", "margin": "0"})
        save = widgets.Button(description="Save ticked runs", layout={"width": "136px"})
        save.on_click(lambda _: self._guarded(self._save))
        remove = widgets.Button(description="Remove ticked runs", layout={"width": "156px"})
        remove.on_click(lambda _: self._remove())
        self._undo = widgets.Button(description="Undo", layout={"width": "60px", "display": "none"})
        self._undo.on_click(lambda _: self._bring_back())
        self._upload = widgets.FileUpload(accept=".json", multiple=True, description="Load runs")
        self._upload.layout.width = "130px"
        self._upload.observe(lambda change: self._guarded(self._load), "value")
        head = "".join(f"<span>{name}</span>" for name, _ in _COLUMNS)
        self._head = widgets.HTML(f'<div style="{_GRID}{_TEXT}font-weight:bold;margin-left:50px">{head}</div>')
        note = widgets.HTML(
            f'<div style="{_TEXT}">{"Ticked runs stay visible as pale curves. " if has_curves else ""}'
            "★: no other run on the same tasks is better at one of them and as good at the other (test).</div>"
        )
        buttons = widgets.HBox([save, remove, self._undo, self._upload])
        table = widgets.VBox([self._head, self._rows, buttons, note])
        table.layout = widgets.Layout(width="584px", flex="0 0 auto")
        # With its margins no wider than the panel above: else a scrollbar appears below it in a page of 1280 pixels.
        self.widget = widgets.HBox([table, widgets.VBox([self._plane, self._plane_note])])
        self._refresh()

    @property
    def runs(self) -> list[Run]:
        """All runs that are kept."""
        with self._lock:
            return list(self._runs.values())

    @property
    def ghosts(self) -> dict[str, Run]:
        """The runs whose curves are to stay visible, by number."""
        with self._lock:
            return {str(number): run for number, run in self._runs.items() if self._shown[number].value}

    def ghosts_beside(self, shown: Run) -> dict[str, Run]:
        """Those, but for the run that is shown itself."""
        return {number: run for number, run in self.ghosts.items() if run is not shown}

    def add(self, run: Run) -> int:
        """Keep a run, and forget the oldest of too many; its number."""
        with self._lock:
            number = max([*self._runs, *self._removed], default=0) + 1
            self._runs[number] = run
            ticked = widgets.Checkbox(value=True, description=str(number), indent=False)
            ticked.layout = widgets.Layout(width="50px", margin="0", flex="0 0 auto")
            ticked.tooltip = f"show the curves of run {number}"
            ticked.observe(lambda change: self._changed(), "value")
            self._shown[number] = ticked
            for old in list(self._runs)[:-_MOST]:
                del self._runs[old], self._shown[old]
            self._refresh()
            return number

    def _refresh(self):
        runs = {number: run for number, run in self._runs.items() if run.old_accuracy is not None}
        good, tasks = {}, {number: _tasks(run) for number, run in runs.items()}
        for one in set(tasks.values()):  # accuracies on other images tell nothing of which is better
            alike = [number for number in runs if tasks[number] == one]
            good |= zip(alike, best([runs[number] for number in alike]), strict=True)
        rows = []
        for number, run in self._runs.items():
            text = widgets.HTML(_row(run, good.get(number, False)), layout={"flex": "1 1 auto", "min_width": "0"})
            rows.append(widgets.HBox([self._shown[number], text], layout={"align_items": "center"}))
        empty = widgets.HTML(f'<div style="{_TEXT}">No run yet: every run that ends is kept here.</div>')
        self._rows.children = rows or [empty]
        latest = next(reversed(tasks.values()), "")
        drawn = [number for number in runs if tasks[number] == latest]
        plane = plot_plane([runs[number] for number in drawn], [str(number) for number in drawn], (236, 221))
        self._plane.value = png(plane)
        others = [str(number) for number in runs if number not in drawn]
        left_out = f"Here: the runs on {latest}, as the latest. On other tasks, not comparable: {', '.join(others)}."
        self._plane_note.value = f'<div style="{_TEXT}">{left_out if others else ""}</div>'

    def _remove(self):
        with self._lock:
            gone = [number for number, ticked in self._shown.items() if ticked.value]
            if gone:
                self._removed = {number: (self._runs.pop(number), self._shown.pop(number)) for number in gone}
                self._undo.layout.display = None
                self._refresh()
        if not gone:
            self._say("No run is ticked: tick the ones to remove.")
            return
        self._changed()
        what = f"run {gone[0]}" if len(gone) == 1 else f"{len(gone)} runs"
        self._say(f"Removed {what}. Undo brings back what was removed last.")

    def _bring_back(self):
        with self._lock:
            back, self._removed = self._removed, {}
            for number, (run, ticked) in back.items():
                self._runs[number], self._shown[number] = run, ticked
            self._runs = dict(sorted(self._runs.items()))
            self._undo.layout.display = "none"
            self._refresh()
        self._changed()
        self._say(f"Back again: {', '.join(map(str, back))}.")

    def _save(self):
        paths = [run.save(_free_path(number)) for number, run in self.ghosts.items()]
        self._say(f"Saved: {', '.join(map(str, paths))}." if paths else "No run is ticked: tick the ones to save.")

    def _load(self):
        files, said = self._upload.value, []
        if not files:
            return
        for file in files:
            try:
                run = Run.from_text(bytes(file["content"]).decode("utf-8", errors="replace"))
                said.append(f"{file['name']} is now run {self.add(run)}.")
            except Exception as error:  # whatever an altered file holds, the others are loaded
                said.append(f"{file['name']} can't be loaded. {error}")
        self._upload.value = ()  # so that the same file can be chosen again
        self._changed()
        self._say(" ".join(said))

    def _guarded(self, action):
        try:
            action()
        except (OSError, ValueError) as error:
            self._say(str(error))


def _free_path(number):
    """A file that isn't there yet: what was saved before stays."""
    path, again = FOLDER / f"run-{number}.json", 1
    while path.exists():
        again += 1
        path = FOLDER / f"run-{number}-{again}.json"
    return path


def _tasks(run):
    """What a run was trained on, in words: runs with other words can't be compared."""
    pair, given = run.settings.pair, run.settings.pair_options
    options = {name: given.get(name, option.default) for name, option in PAIR_OPTIONS.get(pair, {}).items()}
    texts = [f"{_TOLD[name]} {value if isinstance(value, str) else f'{value:g}'}" for name, value in options.items()]
    return ", ".join([pair, *texts])


def _row(run, good):
    share = 100 * run.trained_parameters / max(1, run.total_parameters)
    lost = "–" if run.forgetting is None else f"{run.forgetting:+.1f}"
    cells = (
        f"<b>{escape(run.settings.strategy)}</b>{' ★' if good else ''}",
        f"{run.updates:,}",
        f"{percent(run.old_accuracy_before)} → {percent(run.old_accuracy)}",
        lost,
        percent(run.new_accuracy),
        f"{share:.0f} %" if share >= 1 else f"{share:.1f} %",
        f"{run.seconds:.1f} s",
    )
    line = "".join(f"<span>{cell}</span>" for cell in cells)
    return f'<div style="{_GRID}{_TEXT}">{line}</div><div style="{_TEXT}opacity:0.75">{escape(_rest(run))}</div>'


def _rest(run):
    """How the run ended, and what the settings say beside the strategy."""
    one = run.settings
    parts = [f"{one.pair}, {one.optimizer} {one.learning_rate:g}, batch {one.batch_size}, seed {one.seed}"]
    default = Settings()
    parts += [
        f"{label} {write_field(getattr(one, name))}".strip()
        for name, label in _TOLD.items()
        if getattr(one, name) != getattr(default, name)
    ]
    if one.standardizes:
        parts.append("features standardised")
    if run.result_point != -1:
        parts.append(f"result from update {run.result_update:,}")
    if one.label != one.strategy:
        parts.append(one.label.removeprefix(f"{one.strategy}, "))
    if flips := [change for _, change in run.events if not change.stop]:
        parts.append(f"changed on the way ({len(flips)})")
    if run.status != "finished":
        parts.append({"training": "broken off"}.get(run.status, run.status))
    return ", ".join(parts)
