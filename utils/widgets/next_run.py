"""What the next run would be made of: fields, switches and a line of text that always say the same."""

from collections.abc import Callable, Iterable

from utils.strategies import STRATEGIES, Change, Settings, SettingsError
from utils.tasks import class_counts, input_shape
from utils.widgets.form import SettingsForm
from utils.widgets.network import NetworkSwitches
from utils.widgets.settings_text import SettingsText


class NextRun:
    """Fields for the settings, a drawing of their network with a switch at each layer, and all of it as text.

    field_changed, switched, text_used, converge: called when the reader changes a field, flips a switch (see
    `NetworkSwitches`), wants the text to be used, or wants to train until validation stops improving.
    pairs, usual: as in `SettingsForm`.
    """

    def __init__(
        self,
        field_changed: Callable[[str], None],
        switched: Callable[[tuple[str, ...]], bool],
        text_used: Callable[[], None],
        converge: Callable[[], None],
        pairs: Iterable[str] | None,
        usual: Settings,
    ):
        self._usual = usual
        self._fresh_strategy = False  # whether the switches are still those of the strategy before
        self.form = SettingsForm(field_changed, converge, pairs=pairs, usual=usual)
        self.network = NetworkSwitches(switched)
        self.text = SettingsText(text_used)

    @property
    def settings(self) -> Settings:
        """As fields and switches stand; a `SettingsError` where that can't be."""
        row, backbone = STRATEGIES[self.form.value("strategy")], self.form.value("backbone")
        # While a run goes on, the switches are those of its network, and may be none of the next one's.
        others = self._fresh_strategy or row.network(backbone) != self.network.layer_names
        return self.form.settings(row.layers(backbone) if others else self.network.wished)

    @property
    def settings_or_usual(self) -> Settings:
        """As fields and switches stand, or the usual ones where that can't be."""
        try:
            return self.settings
        except SettingsError:
            return self._usual

    def set(self, settings: Settings) -> None:
        """Set all fields and switches."""
        self.form.set(settings)
        self._build(settings.backbone, settings.pair, settings.strategy)
        self.network.set_wished(settings.layers)
        self.network.show(self.learning(settings.strategy))
        self.show_text()

    def learning(self, strategy: str, layers: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Those of these layers (by default: those switched on) that a loss of this strategy reaches."""
        return STRATEGIES[strategy].learning(self.network.wished if layers is None else layers, self.network.backbone)

    def change(self, name: str, running: str) -> Change | None:
        """What a run under way takes up of a field that was changed; None where that is for the next run.

        running: its strategy. A `SettingsError` where the field says nothing of its kind.
        """
        row, chosen = STRATEGIES[running], STRATEGIES[self.form.value("strategy")]
        alike = chosen.same_but_for_layers(row)
        if name == "strategy" and alike:
            return Change(trained_layers=chosen.layers(self.network.backbone))
        if alike and name in {option.name for option in row.options} - {"temperature"}:
            return Change(loss_options={name: self.form.value(name)})
        if name == "learning_rate" or (name in ("old_loss_weight", "temperature") and alike):
            value = self.form.value(name)
            if name == "old_loss_weight" and value is None:
                value = row.weight  # what None stands for; in a change it's "as before"
            with self.form.marking():
                return Change(**{name: value})
        return None

    def chosen(self, name: str) -> None:
        """A field was changed: another strategy's own layers are meant from now on, once its network is drawn."""
        self._fresh_strategy |= name == "strategy"

    def take_up(self, layers: tuple[str, ...]) -> None:
        """Switch these layers on, as the strategy has them that was chosen."""
        self.network.set_wished(layers)
        self._fresh_strategy = False

    def match_network(self, strategy: str) -> None:
        """Draw the network of the next run: what was chosen while another ran holds from now on.

        strategy: whose losses say what learns.
        """
        self._build(*(self.form.value(name) for name in ("backbone", "pair", "strategy")))
        self.network.show(self.learning(strategy))
        self.show_text()

    def show_text(self) -> None:
        """Write the text, and what of it a name says, anew."""
        try:
            settings = self.settings
        except SettingsError:  # what can't be has no text
            return
        self.text.show(settings)
        self.form.note(settings.label.removeprefix(settings.strategy).lstrip(", ").replace("_", " "))

    def _build(self, backbone, pair, strategy):
        row = STRATEGIES[strategy]
        if self.network.build(backbone, input_shape(pair), class_counts(pair), row.expands) or self._fresh_strategy:
            self.network.set_wished(row.layers(backbone))
            self._fresh_strategy = False
