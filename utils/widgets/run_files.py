"""Runs saved as files, and loaded again."""

from collections.abc import Callable, Mapping
from pathlib import Path

import ipywidgets as widgets

from utils.training import Run
from utils.widgets.message import Message
from utils.widgets.upload import MOST_BYTES, announced_files, announcement, uploaded_files, with_size
from utils.widgets.wording import in_labels

FOLDER = Path("runs")


class RunFiles:
    """Two buttons: one saves the selected runs, the other loads files.

    Args:
        ticked: Gives the selected runs by number.
        add: Adds a run to the table, and gives its number.
        changed: Called when runs have been added.
        message: The place for what became of it.

    Attributes:
        save: The button that saves.
        load: The button that loads.
    """

    def __init__(
        self,
        ticked: Callable[[], Mapping[str, Run]],
        add: Callable[[Run], int],
        changed: Callable[[], None],
        message: Message,
    ):
        self._ticked, self._add, self._changed, self._message = ticked, add, changed, message
        self.save = widgets.Button(description="Save selected runs", layout={"width": "146px"})
        self.save.on_click(lambda _: self._attempt(self._save))
        self.load = widgets.FileUpload(accept=".json", multiple=True, description="Load runs")
        self.load.layout.width = "130px"
        self.load.observe(lambda change: self._attempt(self._load), "value")
        self.announced, self._link = announcement(self.load)
        self.announced.observe(lambda change: self._note_size(change["new"]), "value")

    def _save(self):
        paths = [run.save(_free_path(number)) for number, run in self._ticked().items()]
        if paths:
            self._message.done(f"Saved: {', '.join(map(str, paths))}.")
        else:
            self._message.error("No run is selected: select the ones to save.")

    def _load(self):
        files, messages, failed = list(uploaded_files(self.load.value)), [], False
        if not files:
            return
        for name, content in files:
            try:
                run = Run.from_text(content.decode("utf-8", errors="replace"))
                messages.append(f"{name} is now run {self._add(run)}.")
            except Exception as error:  # whatever an altered file holds, the others are loaded
                messages.append(f"{name} can't be loaded. {in_labels(str(error))}")
                failed = True
        self.load.value = ()  # so that the same file can be chosen again
        self._changed()
        (self._message.error if failed else self._message.done)(" ".join(messages))

    def _note_size(self, announced):
        files = announced_files(announced) or []
        if sum(size for _, size in files) > MOST_BYTES:
            what = with_size(*files[0]) if len(files) == 1 else f"{len(files)} files"
            self._message.error(
                f"Nothing was loaded: {what} {'is' if len(files) == 1 else 'are'} more than the "
                f"{MOST_BYTES // 1_000_000} MB that a notebook's server accepts at once. In code, "
                "FreezeBoard(runs=[Run.load(path)]) reads any file."
            )

    def _attempt(self, action):
        try:
            action()
        except (OSError, ValueError) as error:
            self._message.error(in_labels(str(error)))


def _free_path(number):
    """A path at which there is no file yet, so that an earlier one isn't overwritten."""
    path, copy = FOLDER / f"run-{number}.json", 1
    while path.exists():
        copy += 1
        path = FOLDER / f"run-{number}-{copy}.json"
    return path
