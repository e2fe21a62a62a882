"""The settings as a column of fields."""

import contextlib
from collections import ChainMap
from collections.abc import Callable, Iterable
from html import escape
from itertools import chain

import ipywidgets as widgets

from utils.models import fitting
from utils.strategies import STRATEGIES, TEMPERATURE, Settings, SettingsError, parse_field, write_field
from utils.tasks import PAIR_OPTIONS, PAIRS, examples_called, input_shape, is_own
from utils.widgets.field_labels import CHOICES, MORE, ORDER, TYPED, UNSET
from utils.widgets.option_fields import FIELD_LAYOUT, OptionFields

ENDS_AT_ITS_BEST = (
    "A run now ends after 10 evaluations without a lower validation loss, and goes back to where that was lowest. "
    "On a frozen backbone the new head sees standardised features, and converges in seconds."
)
_MORE_LABEL, _FEWER_LABEL = "More settings", "Fewer settings"
_WRONG = "fb-wrong"
_STYLE = f"<style>.{_WRONG} input {{ outline: 2px solid #c62828; outline-offset: -2px; }}</style>"


class SettingsForm:
    """Fields for everything in `Settings` except the trained layers, which have switches of their own.

    Numbers are typed as text: a browser's number field drops a decimal comma without a word, and 0,01 becomes 1.

    Args:
        changed: Called with the name of the field that the reader has changed.
        converge: Called when the reader wants to train until validation stops improving.
        strategies: Gives the names of the strategies that the settings are for, where they are chosen elsewhere; None
            for a field of its own.
        pairs: The pairs that are offered; None for the collection's.
        usual: Settings that are shown without "More settings".
    """

    def __init__(
        self,
        changed: Callable[[str], None],
        converge: Callable[[], None],
        strategies: Callable[[], Iterable[str]] | None = None,
        pairs: Iterable[str] | None = None,
        usual: Settings = Settings(),  # noqa: B008  it can't be changed
    ):
        self._changed, self._usual = changed, usual
        self._strategies = strategies or (lambda: [self._fields["strategy"].value])
        self._has_strategy_field = strategies is None
        self._is_setting = False  # while fields are set by code, changes are no wish of the reader's
        self._marked = None  # the field that was marked last
        self._weight_is_default = True  # whether λ is the strategy's own; its number stands in the field all the same
        self._fields = {}
        for name in (*ORDER, *MORE):
            if name in CHOICES:
                label, options = CHOICES[name]
                if name == "pair":
                    options = [pair for pair in PAIRS if not is_own(pair)] if pairs is None else pairs
                field = widgets.Dropdown(options=list(options), description=label, layout=FIELD_LAYOUT)
            else:
                label, meaning = TYPED[name]
                field = widgets.Text(description=label, tooltip=meaning, continuous_update=False, layout=FIELD_LAYOUT)
            field.style.description_width = "64px" if name in CHOICES else "98px"
            field.observe(lambda change, name=name: self._field_changed(name), "value")
            self._fields[name] = field
        self._loss_options, self._pair_options = (OptionFields(self._field_changed, self.marking) for _ in range(2))
        self._offer_networks()
        self._note = widgets.HTML(layout={"width": "200px", "margin": "0", "min_height": "30px"})  # nothing may jump
        self._note.layout.display = None if self._has_strategy_field else "none"
        self._unfold = widgets.Button(layout={"width": "200px"})
        self._converge = widgets.Button(description="Use early stopping", layout={"width": "200px"})
        self._converge.tooltip = "end runs when validation stops improving: sets patience and updates"
        self._converge.on_click(lambda _: converge())
        self._unfold.on_click(lambda _: self._show_more(self._unfold.description == _MORE_LABEL))
        self._more = widgets.VBox([self._fields[name] for name in MORE])
        self._show_more(False)
        fields = {name: [self._fields[name]] for name in ORDER}
        fields["strategy"].append(self._note)
        fields["temperature"].append(self._loss_options.widget)
        fields["pair"].append(self._pair_options.widget)
        style = widgets.HTML(_STYLE, layout={"display": "none"})
        column = [style, *chain(*fields.values()), self._converge, self._unfold, self._more]
        self.widget = widgets.VBox(column, layout={"width": "204px"})

    def value(self, name: str):
        """The value of a field, as `Settings` takes it; a `SettingsError` where its text is no such value."""
        for options in (self._loss_options, self._pair_options):
            if name in options.fields:
                return options.value(name)
        if name in CHOICES:
            return self._fields[name].value
        text = self._fields[name].value
        if text.strip().lower() == UNSET.get(name) or (name == "old_loss_weight" and self._weight_is_default):
            return None
        with self.marking():
            return parse_field(name, text)

    def label(self, name: str) -> str:
        """The label of a field."""
        return self._field(name).description

    @contextlib.contextmanager
    def marking(self):
        """Mark the field that a `SettingsError` raised in this context names."""
        try:
            yield
        except SettingsError as error:
            self.mark(str(error))
            raise

    def mark(self, message: str) -> None:
        """Mark the field that a message names at its start."""
        for name in (*TYPED, *self._loss_options.fields, *self._pair_options.fields):
            if message.startswith(f"{name}="):
                self._field(name).add_class(_WRONG)
                self._marked = name
                if name in MORE:
                    self._show_more(True)

    def note(self, text: str) -> None:
        """Show a text below the strategy."""
        self._note.value = f'<div style="font-size:12px;line-height:15px;padding-left:6px">{escape(text)}</div>'

    def settings(self, layers: tuple[str, ...] | None) -> Settings:
        """The settings in the fields.

        Args:
            layers: The trained layers; None for the strategy's default.

        Raises:
            SettingsError: Where they aren't valid; the field is marked.
        """
        shown = [name for name, field in self._fields.items() if field.layout.display != "none"]
        values = {name: self.value(name) for name in dict.fromkeys(["pair", "backbone", *shown])}
        values["pair_options"] = self._pair_options.changed_values(PAIR_OPTIONS[values["pair"]])
        if layers is not None and tuple(layers) != STRATEGIES[values["strategy"]].layers(values["backbone"]):
            values["trained_layers"] = tuple(layers)
        if self._has_strategy_field:
            values["loss_options"] = self.loss_options(values["strategy"])
        with self.marking():
            settings = Settings(**values)
        for field in (*self._fields.values(), *self._loss_options.fields.values(), *self._pair_options.fields.values()):
            field.remove_class(_WRONG)
        return settings

    def loss_options(self, strategy: str) -> dict[str, float] | None:
        """The values of a strategy's loss options, as in `Settings`: those that aren't the defaults."""
        return self._loss_options.changed_values(_loss_options([STRATEGIES[strategy]]))

    def set(self, settings: Settings) -> None:
        """Fill in the fields, without calling `changed`."""
        if settings.pair not in self._fields["pair"].options:
            offered = ", ".join(map(repr, self._fields["pair"].options))
            raise SettingsError(f"pair={settings.pair!r} is not allowed on this panel: it has {offered}.")
        self._is_setting, self._weight_is_default = True, settings.old_loss_weight is None
        strategies = self._fields["strategy"]
        if settings.strategy not in strategies.options and settings.strategy in STRATEGIES:
            strategies.options = [*strategies.options, settings.strategy]  # defined after the panel was made
        try:
            self._loss_options.set(_loss_options([settings.row]), settings.options)
            self._pair_options.set(PAIR_OPTIONS[settings.pair], dict(settings.pair_options or ()))
            for name, field in self._fields.items():
                value = getattr(settings, name)
                field.value = value if name in CHOICES else write_field(UNSET.get(name) if value is None else value)
                field.remove_class(_WRONG)
            self.show_relevant_fields()
            if any(getattr(settings, name) != getattr(self._usual, name) for name in MORE):
                self._show_more(True)
        finally:
            self._is_setting = False

    def _show_more(self, shown):
        self._more.layout.display = None if shown else "none"
        self._unfold.description = _FEWER_LABEL if shown else _MORE_LABEL

    def _field_changed(self, name):
        if name == "pair":
            self._offer_networks()
        if name == "old_loss_weight" and not self._is_setting:
            self._weight_is_default = self._fields[name].value.strip() in ("", "None")
        self.show_relevant_fields()
        if not self._is_setting:
            # A mark isn't taken away only to be set again: with every such change the page writes the kernel's value
            # into the field, over what the reader is typing by then.
            self._marked = None
            self._changed(name)
            if self._marked != name:
                self._field(name).remove_class(_WRONG)

    def _field(self, name):
        return ChainMap(self._fields, self._loss_options.fields, self._pair_options.fields)[name]

    def _offer_networks(self):
        """Offer only the networks that take the tasks' inputs."""
        pair = self._fields["pair"].value
        field, options = self._fields["backbone"], fitting(input_shape(pair), pair)
        if field.options != options:
            was_setting, self._is_setting = self._is_setting, True
            field.options = options
            self._is_setting = was_setting

    def show_relevant_fields(self) -> None:
        """Show only the fields that matter for the chosen strategies and tasks."""
        rows = [STRATEGIES[name] for name in self._strategies()]
        if self._weight_is_default:
            was_setting, self._is_setting = self._is_setting, True
            self._fields["old_loss_weight"].value = _default_weight(rows)
            self._is_setting = was_setting
        for name, shown in {
            "strategy": self._has_strategy_field,
            "old_loss_weight": any(row.protects for row in rows),
            "temperature": any(TEMPERATURE in row.options for row in rows),
            "old_images": any(row.needs_old_data for row in rows),
            "pair": len(self._fields["pair"].options) > 1,
            "backbone": len(self._fields["backbone"].options) > 1,
        }.items():
            self._fields[name].layout.display = None if shown else "none"
        self._loss_options.show(_loss_options(rows))
        self._pair_options.show(PAIR_OPTIONS[self._fields["pair"].value])
        examples = examples_called(self._fields["pair"].value)
        for name in ("new_images", "old_images"):
            self._fields[name].description = f"{name[:3]} {examples}"


def _default_weight(rows):
    """The strategies' own λ, as text."""
    weights = {row.weight for row in rows if row.protects}
    return write_field(weights.pop()) if len(weights) == 1 else "each its own"


def _loss_options(rows):
    """By name, the options of the strategies' loss terms that have no field in `Settings`."""
    return {option.name: option for row in reversed(rows) for option in row.options if option.name not in TYPED}
