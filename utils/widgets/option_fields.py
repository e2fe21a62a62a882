"""Fields for settings that only some pairs of tasks or some loss terms have."""

import contextlib
from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets

from utils.strategies import LossOption, Strategy, parse_field, write_field
from utils.tasks import PairOption
from utils.widgets.field_labels import TYPED
from utils.widgets.open_panels import close_widget

FIELD_LAYOUT = {"width": "220px", "margin": "0"}
ROW = 28.5  # pixels of a field
_SHORT, _LETTER = 8, 7.5  # letters of a label beside which there is room for another field, and pixels of one
Options = Mapping[str, PairOption | LossOption]


class OptionFields:
    """Fields for the options that are shown at a time; each is made when it's first needed.

    Args:
        changed: Called with the name of the option that the reader has changed.
        parsing: A context in which the texts are parsed, so that a field whose text is no number can be marked.

    Attributes:
        widget: The fields, one or two in a row.
        fields: All fields so far, by name.
    """

    def __init__(self, changed: Callable[[str], None], parsing: Callable[[], contextlib.AbstractContextManager]):
        self._changed, self._parsing = changed, parsing
        self.fields: dict[str, widgets.Text | widgets.Dropdown] = {}
        self._shown: dict[str, PairOption | LossOption] = {}
        self.widget = widgets.HBox(layout={"flex_flow": "row wrap", "width": "220px", "margin": "0"})

    def show(self, options: Options) -> None:
        """Show the fields of these options, and no others."""
        fields = tuple(self._field(name, option) for name, option in options.items())
        halves = [self.fields[name] for name in _short(options)]
        for field in fields:
            field.layout.width = "110px" if field in halves else FIELD_LAYOUT["width"]
            field.style.description_width = f"{len(field.description) * _LETTER}px" if field in halves else "98px"
        if fields != self.widget.children:
            self.widget.children = fields

    def set(self, options: Options, values: Mapping) -> None:
        """Fill in the fields of these options; the default where there is no value."""
        for name, option in options.items():
            value = values.get(name, option.default)
            self._field(name, option).value = value if option.choices else write_field(value)

    def value(self, name: str) -> float | str:
        """The value in a field; a `SettingsError` where its text is no number."""
        field = self.fields[name]
        if isinstance(field, widgets.Dropdown):
            return field.value
        with self._parsing():
            return parse_field(name, field.value)

    def changed_values(self, options: Options) -> dict | None:
        """The values that aren't the defaults, by name; None where there is none.

        An option that isn't shown has its default, also where another one of the same name is shown.
        """
        values = {name: self.value(name) for name in options if self._shown.get(name) == options[name]}
        return {name: value for name, value in values.items() if value != options[name].default} or None

    def _field(self, name, option):
        if self._shown.get(name) != option:  # another pair or term may have an option of this name
            if name in self.fields:
                close_widget(self.fields[name])
            label = _label(name, option)
            if option.choices:
                field = widgets.Dropdown(
                    options=option.choices, value=option.default, description=label, layout=FIELD_LAYOUT
                )
            else:
                field = widgets.Text(
                    write_field(option.default), description=label, continuous_update=False, layout=FIELD_LAYOUT
                )
            field.tooltip = option.description
            field.observe(lambda change: self._changed(name), "value")
            self.fields[name], self._shown[name] = field, option
        return self.fields[name]


def row_count(options: Options) -> int:
    """How many rows the fields of these options take."""
    return len(options) - len(_short(options)) // 2


def _short(options):
    """The names of options whose fields share rows, two each."""
    names = [name for name, option in options.items() if not option.choices and len(_label(name, option)) <= _SHORT]
    return names[: len(names) // 2 * 2]


def _label(name, option):
    return option.label or name.replace("_", " ")


def loss_options_of(rows: Sequence[Strategy]) -> dict[str, LossOption]:
    """By name, the options of the strategies' loss terms that have no field in `Settings`."""
    return {option.name: option for row in reversed(rows) for option in row.options if option.name not in TYPED}
