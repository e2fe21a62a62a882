"""A field for one of the settings: a list to choose from, or a text that is typed."""

import re
from collections.abc import Callable, Iterable, Mapping

import ipywidgets as widgets

from utils.strategies import Settings, SettingsError, Strategy, write_field
from utils.tasks import PAIRS, is_own
from utils.widgets.field_labels import AUTOMATIC, CHOICES, TYPED, UNSET
from utils.widgets.option_fields import FIELD_LAYOUT
from utils.widgets.style import ABOVE

_PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


def make_field(name: str, pairs: Iterable[str] | None = None) -> widgets.Dropdown | widgets.Text:
    """A field for the setting of this name.

    Numbers are typed as text: a browser's number field drops a decimal comma without a word, and 0,01 becomes 1.

    Args:
        name: A field of `Settings`.
        pairs: The pairs that are offered; None for the collection's.
    """
    if name in CHOICES:
        label, options = CHOICES[name]
        if name == "pair":
            options = [pair for pair in PAIRS if not is_own(pair)] if pairs is None else pairs
        field = widgets.Dropdown(options=list(options), description=label, layout=FIELD_LAYOUT)
    else:
        label, meaning = TYPED[name]
        field = widgets.Text(description=label, tooltip=meaning, continuous_update=False, layout=FIELD_LAYOUT)
    field.style.description_width = "64px" if name in CHOICES else "98px"
    if name == "strategy":
        field.add_class(ABOVE)  # so that the longest name fits
    return field


def put(field: widgets.Dropdown | widgets.Text, name: str, value) -> None:
    """Put a setting's value into its field."""
    if name not in CHOICES:
        field.value = value_text(name, value)
    else:
        field.value = AUTOMATIC if value is None else value


def chosen(field: widgets.Dropdown):
    """The value that is chosen in a list, as `Settings` takes it."""
    return None if field.value == AUTOMATIC else field.value


def make_button(description: str, width: str, action: Callable[[], None], tooltip: str = "") -> widgets.Button:
    """A button that calls `action`."""
    button = widgets.Button(description=description, tooltip=tooltip, layout={"width": width})
    button.on_click(lambda _: action())
    return button


def value_text(name: str, value, typed: str = "") -> str:
    """The text for a value in force: as it was typed, where that is a number as it's usually written."""
    if _PLAIN_NUMBER.fullmatch(typed):
        return typed
    return write_field(UNSET.get(name, "") if value is None else value)


def default_weight(rows: Mapping[str, Strategy], own: Mapping[str, float]) -> str:
    """The strategies' own λ, as text.

    Args:
        rows: The strategies by name.
        own: The λ of those that have another than their row.
    """
    weights = {own.get(name, row.weight) for name, row in rows.items() if row.protects}
    return write_field(weights.pop()) if len(weights) == 1 else "each its own"


def own_error(name: str, value: Callable[[str], object]) -> str:
    """What is wrong with a typed setting whatever the others are; an empty text where that isn't known.

    Args:
        name: A field of `Settings`.
        value: Gives the value in its field; a `SettingsError` where its text is none.
    """
    if name in TYPED and name not in ("layer_rates", "old_images"):
        try:
            Settings(updates=100_000).replace(**{name: value(name)})
        except SettingsError as error:
            return str(error)
    return ""
