"""A board as its reader meets it: buttons, fields and switches by what stands beside them, and what is to be read."""

import datetime
import html
import io
import re

import ipywidgets as widgets
import numpy as np
from PIL import Image

from tests.waiting import wait_for_pause
from utils import FreezeBoard

STATUS = re.compile(r'<div role="status" aria-live="polite"[^>]*>(.*)</div>', re.DOTALL)


def plain(markup: str) -> str:
    """The text that a browser shows, with one space between pieces."""
    without = re.sub(r"<style>.*?</style>|<[^>]*>", " ", markup, flags=re.DOTALL)
    return " ".join(html.unescape(without).split())


class Picture:
    """What is seen of a picture file, dot by dot."""

    def __init__(self, file: bytes):
        self._dots = np.asarray(Image.open(io.BytesIO(bytes(file))).convert("RGB"), int)

    def __eq__(self, other):
        other = other if isinstance(other, Picture) else Picture(other)
        return np.array_equal(self._dots, other._dots)

    def __hash__(self):
        return hash(self._dots.shape)


def parts(widget):
    """A widget and all below it, in the order of the page."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


class Panel:
    """`press("Start")`, `field("seed").value = "3"`, `switch("conv1").value = False`, `words`, `rows`."""

    def __init__(self, board: FreezeBoard):
        self.board = board

    def of(self, kind) -> list:
        return [widget for widget in parts(self.board.widget) if isinstance(widget, kind)]

    def described(self, kind, description):
        found = [widget for widget in self.of(kind) if widget.description == description]
        assert len(found) == 1, f"{len(found)} times {description!r}"
        return found[0]

    def press(self, description: str) -> None:
        self.described(widgets.Button, description).click()

    def field(self, description: str) -> widgets.DOMWidget:
        kinds = widgets.Dropdown, widgets.Text
        return self.described(kinds, description)

    def marked(self) -> list[str]:
        """The fields that are marked as wrong."""
        return [widget.description for widget in self.of(widgets.Text) if "fb-wrong" in widget._dom_classes]

    def shown(self) -> list[str]:
        """The fields of the settings that can be seen, by what stands before them."""
        gone = {id(part) for box in parts(self.board.widget) if box.layout.display == "none" for part in parts(box)}
        return [widget.description for widget in self.of((widgets.Dropdown, widgets.Text)) if id(widget) not in gone]

    @property
    def note(self) -> str:
        """What stands below the strategy."""
        (box,) = [widget for widget in self.of(widgets.VBox) if self.field("strategy") in widget.children]
        note = box.children[box.children.index(self.field("strategy")) + 1]
        return plain(note.value)

    def switch(self, layer: str) -> widgets.Checkbox:
        return self.described(widgets.Checkbox, layer)

    def flip(self, *layers: str) -> None:
        for layer in layers:
            self.switch(layer).value = not self.switch(layer).value

    def switched_on(self) -> list[str]:
        return [
            widget.description
            for widget in self.of(widgets.Checkbox)
            if widget.value and not widget.description.isdigit()
        ]

    def ghost(self, number: int) -> widgets.Checkbox:
        return self.described(widgets.Checkbox, str(number))

    @property
    def words(self) -> str:
        """What is announced."""
        announced = [STATUS.fullmatch(widget.value) for widget in self.of(widgets.HTML)]
        (found,) = filter(None, announced)
        return html.unescape(found[1])

    @property
    def said(self) -> dict[str, str]:
        """What is said beside fields and buttons, by place: "Error batch size can't be 0: ..."."""
        board = self.board
        form = board._form.messages
        places = {"buttons": form._upper, "fields": form.lower, "rare fields": form.lowest}
        if hasattr(board, "_next"):
            places |= {"text": board._next.text.message, "table": board._display.table._message}
        shown = {name: plain(place.widget.value)[2:] for name, place in places.items() if place.kind}
        for name, text in shown.items():  # read aloud at once where it's an error, and in turn otherwise
            is_error = text.startswith("Error ")
            assert ('role="alert"' in places[name].widget.value) == is_error, text
            assert ('aria-live="polite"' in places[name].widget.value) != is_error, text
        return shown

    @property
    def picture(self) -> Picture:
        """The curves."""
        return Picture(self.of(widgets.Image)[0].value)

    @property
    def plane(self) -> bytes:
        return bytes(self.of(widgets.Image)[1].value)

    @property
    def rows(self) -> list[str]:
        """The table of runs: a line of text for each."""
        boxes = [box for box in self.of(widgets.HBox) if len(box.children) == 3]
        return [
            f"{box.children[0].description} {plain(box.children[1].value)}"
            for box in boxes
            if isinstance(box.children[0], widgets.Checkbox) and box.children[0].description.isdigit()
        ]

    def boxes(self) -> dict[str, str]:
        """What the drawing says of each layer: "trained" or "frozen"."""
        titles = [
            re.search(r'title="([^:]*): [\d,]+ weights, (\w+)"', widget.value) for widget in self.of(widgets.HTML)
        ]
        return {found[1]: found[2] for found in titles if found}

    def load(self, **files: bytes) -> None:
        """Choose files with "Load runs", as a front end reports it: the name without ".json", and what is in it."""
        self.described(widgets.FileUpload, "Load runs").value = tuple(
            {"name": f"{name}.json", "type": "application/json", "size": len(content), "content": memoryview(content),
             "last_modified": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)}
            for name, content in files.items()
        )  # fmt: skip

    def wait_for_pause(self) -> None:
        """Until the run is paused, and the panel shows it."""
        wait_for_pause(self.board._live)

    def wait_for_end(self) -> None:
        """Until no run is under way, and what there is to say of it has been said."""
        live = self.board._live
        assert live.join(120)
        with live._advancing:
            pass
