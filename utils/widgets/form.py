"""The settings as a column of fields."""

import contextlib
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from html import escape
from itertools import chain

import ipywidgets as widgets

from utils.models import fitting
from utils.strategies import STRATEGIES, TEMPERATURE, Change, Settings, SettingsError, parse_field, write_field
from utils.tasks import PAIR_OPTIONS, examples_called, input_shape
from utils.widgets.field_labels import CHOICES, MORE, ORDER, UNSET
from utils.widgets.field_messages import FieldMessages
from utils.widgets.message import Message
from utils.widgets.option_fields import ROW, OptionFields, loss_options_of, row_count
from utils.widgets.setting_field import chosen, default_weight, make_button, make_field, own_error, put, value_text
from utils.widgets.style import FORM, with_class

_MORE_LABEL, _FEWER_LABEL = "More settings", "Fewer settings"
_OF_STRATEGY = ("old_loss_weight", "temperature", "old_images")  # fields
_LOW = ("pair", "new_images", "backbone", "seed", *MORE)  # fields that are nearer to the lower place for messages


class SettingsForm:
    """Fields for everything in `Settings` except the trained layers, which have switches of their own.

    Args:
        changed: Called with the name of the field that the reader has changed.
        converge: Called when the reader wants to train until validation stops improving.
        reset: Called when the reader wants all fields as they were at first.
        message: The place beside the upper fields for what there is to say of them.
        strategies: Gives the names of the strategies that the settings are for, where they are chosen elsewhere; None
            for a field of its own.
        pairs: The pairs that are offered; None for the collection's.
        usual: Settings that are shown without "More settings".
        own_weights: Gives the λ of strategies that have another than their row, by name.

    Attributes:
        widget: The column of fields.
        messages: What is wrong with fields, and is said of them.
        pair_options: By name, the fields of the options that pairs have.
    """

    def __init__(
        self,
        changed: Callable[[str], None],
        converge: Callable[[], None],
        reset: Callable[[], None],
        message: Message,
        strategies: Callable[[], Iterable[str]] | None = None,
        pairs: Iterable[str] | None = None,
        usual: Settings = Settings(),  # noqa: B008  it can't be changed
        own_weights: Callable[[], Mapping[str, float]] = dict,
    ):
        self._changed, self._usual, self._own_weights = changed, usual, own_weights
        self._strategies = strategies or (lambda: [self._fields["strategy"].value])
        self._has_strategy_field = strategies is None
        self._is_setting = False  # while fields are set by code, changes are no wish of the reader's
        self._weight_is_default = True  # whether λ is the strategy's own; its number stands in the field all the same
        self._fields = {}
        for name in (*ORDER, *MORE):
            field = make_field(name, pairs)
            field.observe(lambda change, name=name: self._field_changed(name), "value")
            self._fields[name] = field
        self._loss_options, self._pair_options = (OptionFields(self._field_changed, self.marking) for _ in range(2))
        self.pair_options = self._pair_options.fields
        self.messages = FieldMessages(self._all_fields, lambda: {*_LOW, *self.pair_options}, message)
        self._offer_networks()
        self._note = widgets.HTML(layout={"width": "220px", "margin": "0", "min_height": "30px"})  # nothing may jump
        self._note.layout.display = None if self._has_strategy_field else "none"
        self._unfold = make_button("", "142px", lambda: self._show_more(self._unfold.description == _MORE_LABEL))
        self._reset = make_button("Reset", "74px", reset, "fields and switches get their first values again; runs stay")
        stopping = "end runs when validation stops improving: sets patience and updates"
        self._converge = make_button("Use early stopping", "220px", converge, stopping)
        self._more = widgets.VBox([*(self._fields[name] for name in MORE), self.messages.lowest.widget])
        self._show_more(False)
        # Room for what most strategies and tasks have of their own: nothing moves when another is chosen.
        room = {"width": "220px", "min_height": f"{ROW * (2 if self._has_strategy_field else len(_OF_STRATEGY))}px"}
        own = widgets.VBox([*map(self._fields.get, _OF_STRATEGY), self._loss_options.widget], layout=room)
        rows = max(row_count(PAIR_OPTIONS[pair]) + (len(_networks(pair)) > 1) for pair in self._fields["pair"].options)
        of_pair = [self._fields["backbone"], self._pair_options.widget]
        fields = {name: [self._fields[name]] for name in ORDER if name not in _OF_STRATEGY}
        fields["strategy"] += [self._note, own]
        fields["backbone"] = [widgets.VBox(of_pair, layout={"width": "220px", "min_height": f"{ROW * rows}px"})]
        buttons = widgets.HBox([self._unfold, self._reset])
        below = [self.messages.lower.widget, self._converge, buttons, self._more]
        column = [self.messages.style, *chain(*fields.values()), *below]
        self.widget = with_class(widgets.VBox(column), FORM)

    def value(self, name: str):
        """The value of a field, as `Settings` takes it; a `SettingsError` where its text is no such value."""
        for options in (self._loss_options, self._pair_options):
            if name in options.fields:
                return options.value(name)
        if name in CHOICES:
            return chosen(self._fields[name])
        text = self._fields[name].value
        if text.strip().lower() == UNSET.get(name) or (name == "old_loss_weight" and self._weight_is_default):
            return None
        with self.marking():
            return parse_field(name, text)

    def text(self, name: str) -> str:
        """What the field of a typed setting shows."""
        return self._fields[name].value

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

    def mark(self, error: str, changed: str = "") -> str:
        """Mark the field that an error names, as in `FieldMessages`, and show it where it's folded away."""
        name = self.messages.mark(error, changed)
        if name in MORE:
            self._show_more(True)
        return name

    def follow(self, change: Change) -> None:
        """Show the numbers that a change has set, without calling `changed`."""
        self._weight_is_default &= change.old_loss_weight is None
        for name, value in change.numbers.items():
            self._put(self._field(name), write_field(value))

    def complain(self, error: str, changed: str = "") -> Message | None:
        """Mark the field that an error is about, and say it beside it; the place, or None for an error about none."""
        named = self.mark(error, changed)
        place = self.messages.complain(error, changed)
        if changed != named and (own := own_error(changed, self.value)):  # though another field is wrong, too
            self.messages.complain(own, changed)
        return place

    def note(self, text: str) -> None:
        """Show a text below the strategy."""
        self._note.value = f'<div style="font-size:12px;line-height:1.25;padding-left:6px">{escape(text)}</div>'

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
        self.messages.settle()
        return settings

    def loss_options(self, strategy: str) -> dict[str, float] | None:
        """The values of a strategy's loss options, as in `Settings`: those that aren't the defaults."""
        return self._loss_options.changed_values(loss_options_of([STRATEGIES[strategy]]))

    def set(self, settings: Settings, unfold: bool = True) -> None:
        """Fill in the fields, without calling `changed`; rare ones that aren't as usual unfold, or stay folded."""
        if settings.pair not in self._fields["pair"].options:
            offered = ", ".join(map(repr, self._fields["pair"].options))
            raise SettingsError(f"pair={settings.pair!r} is not allowed on this panel: it has {offered}.")
        self._is_setting, self._weight_is_default = True, settings.old_loss_weight is None
        strategies = self._fields["strategy"]
        if settings.strategy not in strategies.options and settings.strategy in STRATEGIES:
            strategies.options = [*strategies.options, settings.strategy]  # defined after the panel was made
        try:
            self._loss_options.set(loss_options_of([settings.row]), settings.options)
            self._pair_options.set(PAIR_OPTIONS[settings.pair], dict(settings.pair_options or ()))
            for name, field in self._fields.items():
                put(field, name, getattr(settings, name))
            self.messages.settle()
            self.show_relevant_fields()
            if unfold and any(getattr(settings, name) != getattr(self._usual, name) for name in MORE):
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
            # A mark isn't taken away only to be set again: the page would write over what is being typed by then.
            self.messages.marked = None
            self._changed(name)
            if self.messages.marked != name:
                self.messages.settle(name)
                self._show_value(name)

    def _show_value(self, name):
        """Show the value in force in a field of numbers, whichever way it was typed."""
        field = self._field(name)
        is_default = name == "old_loss_weight" and self._weight_is_default  # its number is there already
        if isinstance(field, widgets.Text) and not is_default:
            with contextlib.suppress(SettingsError):
                self._put(field, value_text(name, self.value(name), field.value))

    def _put(self, field, value, trait="value"):
        """Set a field without calling `changed`."""
        was_setting, self._is_setting = self._is_setting, True
        setattr(field, trait, value)
        self._is_setting = was_setting

    def _all_fields(self):
        return ChainMap(self._fields, self._loss_options.fields, self.pair_options)

    def _field(self, name):
        return self._all_fields()[name]

    def _offer_networks(self):
        """Offer only the networks that take the tasks' inputs."""
        field, options = self._fields["backbone"], _networks(self._fields["pair"].value)
        if field.options != options:
            self._put(field, options, "options")

    def show_relevant_fields(self) -> None:
        """Show only the fields that matter for the chosen strategies and tasks."""
        by_name = {name: STRATEGIES[name] for name in self._strategies()}
        rows = list(by_name.values())
        if self._weight_is_default:
            self._put(self._fields["old_loss_weight"], default_weight(by_name, self._own_weights()))
        for name, shown in {
            "strategy": self._has_strategy_field,
            "old_loss_weight": any(row.protects for row in rows),
            "temperature": any(TEMPERATURE in row.options for row in rows),
            "old_images": any(row.needs_old_data for row in rows),
            "pair": len(self._fields["pair"].options) > 1,
            "backbone": len(self._fields["backbone"].options) > 1,
        }.items():
            self._fields[name].layout.display = None if shown else "none"
        self._loss_options.show(loss_options_of(rows))
        self._pair_options.show(PAIR_OPTIONS[self._fields["pair"].value])
        examples = examples_called(self._fields["pair"].value)
        for name in ("new_images", "old_images"):
            self._fields[name].description = f"{name[:3]} {examples}"


def _networks(pair):
    """The networks that take a pair's inputs."""
    return fitting(input_shape(pair), pair)
