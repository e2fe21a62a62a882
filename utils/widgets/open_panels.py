"""The panels that are open in this process: a panel holds some 10 MB until it's closed, and a machine may have 1 GB.

ipywidgets keeps every widget for the page until it's closed, and with it the panel that answers to it. So a cell that
is run again closes the panels that it made before, as they have gone from the page; and of very many panels, as a loop
makes them, the oldest are closed.
"""

import sys
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

import ipywidgets as widgets

OPEN_AT_MOST = 16
_LATEST = "_", "__", "___"  # IPython's names for the latest outputs
_ROOM = __package__


class _Cell(NamedTuple):
    """A run of a cell: the cell's name, and that of the message that ran it."""

    name: str
    run: str


class _Panel(NamedTuple):
    cell: _Cell | None
    close: Callable[[], None]


_open: list[_Panel] = []


def enter(close: Callable[[], None]) -> None:
    """Note a panel that is being made, and close those whose place it takes.

    Args:
        close: Closes the panel. It's called at most once from here.
    """
    cell = _running_cell()
    replaced = [panel for panel in _open if cell and panel.cell and _is_earlier(panel.cell, cell)]
    rest = [panel for panel in _open if panel not in replaced]
    replaced += rest[: max(0, len(rest) + 1 - OPEN_AT_MOST)]
    for panel in replaced:
        leave(panel.close)
        panel.close()
    _open.append(_Panel(cell, close))


def leave(close: Callable[[], None]) -> None:
    """Note that a panel is closed."""
    _open[:] = [panel for panel in _open if panel.close != close]


def close_widget(widget: widgets.Widget) -> None:
    """Close a widget and all that it's made of: its children, their layouts and styles."""
    for part in list(_parts(widget, set())):
        part.close()


def close_widgets_of(panel: object) -> None:
    """Close all widgets of a panel, those that it doesn't show at the moment, too."""
    for part in list(_parts(panel, set())):
        if isinstance(part, widgets.Widget):
            part.close()


def forget_outputs(panel: object) -> None:
    """Have IPython's `Out`, `_5` and `_` hold this panel no longer; the reader's own variables stay."""
    shell = _shell()
    spaces = [getattr(shell, name, {}) for name in ("user_ns", "user_ns_hidden")]  # IPython keeps outputs in both
    outputs = spaces[0].get("_oh", {})
    numbers = [number for number, output in outputs.items() if output is panel]
    for number in numbers:
        del outputs[number]
    for space in spaces:
        for name in [*_LATEST, *(f"_{number}" for number in numbers)]:
            if space.get(name) is panel:
                del space[name]
    for name in _LATEST:
        if getattr(getattr(shell, "displayhook", None), name, None) is panel:
            setattr(shell.displayhook, name, "")


def _is_earlier(made, cell):
    return made.name == cell.name and made.run != cell.run


def _parts(whole, seen) -> Iterator:
    """A widget, or an object of this package, with all such that it refers to, each once."""
    seen.add(id(whole))
    yield whole
    is_widget = isinstance(whole, widgets.Widget)
    for part in _members([getattr(whole, name) for name in whole.keys] if is_widget else vars(whole)):
        belongs = isinstance(part, widgets.Widget) or type(part).__module__.startswith(_ROOM)
        if belongs and id(part) not in seen:
            yield from _parts(part, seen)


def _members(value):
    if isinstance(value, dict):
        value = tuple(value.values())
    if not isinstance(value, tuple | list):
        return (value,)
    return chain.from_iterable(map(_members, value))


def _running_cell() -> _Cell | None:
    """The cell that is being run; None where the front end doesn't name it, and for what a click on a panel does."""
    parent = getattr(_shell(), "get_parent", dict)() or {}
    name = (parent.get("metadata") or {}).get("cellId")
    return _Cell(name, parent["header"]["msg_id"]) if name else None


def _shell():
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
