"""The settings as a column of fields."""

from collections.abc import Callable

import ipywidgets as widgets

from utils.models import BACKBONES
from utils.tasks import PAIRS, WITH_UNLIKENESS
from utils.training import STRATEGIES, Settings
from utils.training.settings import OPTIMIZERS

# Field of `Settings`: what stands before it, and the widget behind it.
_CHOICES = {"strategy": ("strategy", STRATEGIES), "pair": ("tasks", PAIRS), "backbone": ("network", BACKBONES)}
_NUMBERS = {
    "learning_rate": ("learning rate", widgets.FloatText),
    "batch_size": ("batch size", widgets.IntText),
    "updates": ("updates", widgets.IntText),
    "warm_up": ("warm-up", widgets.IntText),
    "new_images": ("new images", widgets.IntText),
    "unlikeness": ("unlikeness", widgets.FloatText),
    "evaluate_every": ("point every", widgets.IntText),
    "seed": ("seed", widgets.IntText),
}


class SettingsForm:
    """Fields for everything in `Settings` but the trained layers, which have switches of their own.

    changed: called with the name of the field that the reader has changed.
    """

    def __init__(self, changed: Callable[[str], None]):
        self._changed = changed
        self._quiet = False
        self._fields = {}
        for name, (label, options) in _CHOICES.items():
            self._fields[name] = widgets.Dropdown(options=list(options), description=label)
        for name, (label, kind) in _NUMBERS.items():
            self._fields[name] = kind(description=label)
        self._fields["optimizer"] = widgets.Dropdown(options=OPTIMIZERS, description="optimizer")
        for name, field in self._fields.items():
            field.layout = widgets.Layout(width="200px", margin="1px 0")
            field.style.description_width = "58px" if name in _CHOICES else "84px"
            field.observe(lambda change, name=name: self._field_changed(name), "value")
        order = ("strategy", "learning_rate", "updates", "warm_up", "batch_size", "optimizer", "pair", "unlikeness",
                 "new_images", "backbone", "evaluate_every", "seed")  # fmt: skip
        self.widget = widgets.VBox([self._fields[name] for name in order], layout={"width": "204px"})

    def value(self, name: str):
        """What a field holds, checked or not."""
        return self._fields[name].value

    def settings(self, layers: tuple[str, ...]) -> Settings:
        """The settings as they stand, with these layers trained; a `SettingsError` says what can't be."""
        values = {name: field.value for name, field in self._fields.items()}
        if values["pair"] != WITH_UNLIKENESS or values["unlikeness"] == 1:  # 1 is what None stands for
            del values["unlikeness"]
        usual = STRATEGIES[values["strategy"]].layers(values["backbone"])
        return Settings(**values, trained_layers=None if tuple(layers) == usual else tuple(layers))

    def set(self, settings: Settings) -> None:
        """Fill the fields in, without calling `changed`."""
        self._quiet = True
        try:
            for name, field in self._fields.items():
                value = getattr(settings, name)
                field.value = 1.0 if value is None else value
            self._show_unlikeness()
        finally:
            self._quiet = False

    def _field_changed(self, name):
        self._show_unlikeness()
        if not self._quiet:
            self._changed(name)

    def _show_unlikeness(self):
        shown = self._fields["pair"].value == WITH_UNLIKENESS
        self._fields["unlikeness"].layout.display = None if shown else "none"
