"""The settings of the next run: fields, switches and a line of text that always agree."""

from collections.abc import Callable, Iterable

from utils.strategies import STRATEGIES, Change, Settings, SettingsError
from utils.tasks import class_counts, input_shape
from utils.widgets.form import SettingsForm
from utils.widgets.message import Message
from utils.widgets.network import NetworkSwitches
from utils.widgets.settings_text import SettingsText


class NextRun:
    """Fields for the settings, a drawing of their network with a switch at each layer, and all of it as text.

    Args:
        field_changed: Called with the name of the field that the reader has changed.
        switched: As in `NetworkSwitches`.
        text_used: Called when the reader wants to use the text.
        converge: As in `SettingsForm`.
        reset: As in `SettingsForm`.
        message: As in `SettingsForm`.
        pairs: As in `SettingsForm`.
        usual: As in `SettingsForm`.

    Attributes:
        form: The fields.
        network: The switches.
        text: The line of text.
    """

    def __init__(
        self,
        field_changed: Callable[[str], None],
        switched: Callable[[tuple[str, ...]], bool],
        text_used: Callable[[], None],
        converge: Callable[[], None],
        reset: Callable[[], None],
        message: Message,
        pairs: Iterable[str] | None,
        usual: Settings,
    ):
        self._usual = usual
        self._strategy_changed = False  # whether the switches are still those of another strategy
        self.form = SettingsForm(field_changed, converge, reset, message, pairs=pairs, usual=usual)
        self.network = NetworkSwitches(switched)
        self.text = SettingsText(text_used)

    @property
    def settings(self) -> Settings:
        """The settings that fields and switches show; a `SettingsError` where they aren't valid."""
        strategy, backbone = STRATEGIES[self.form.value("strategy")], self.form.value("backbone")
        # While a run goes on, the switches are those of its network, which the next run may not have.
        use_default = self._strategy_changed or strategy.network(backbone) != self.network.layer_names
        return self.form.settings(strategy.layers(backbone) if use_default else self.network.switched_on)

    @property
    def settings_or_usual(self) -> Settings:
        """The same, or the usual settings where they aren't valid."""
        try:
            return self.settings
        except SettingsError:
            return self._usual

    def set(self, settings: Settings, unfold: bool = True) -> None:
        """Set all fields and switches; `unfold` as in `SettingsForm.set`."""
        self.form.set(settings, unfold)
        self._build(settings.backbone, settings.pair, settings.strategy)
        self.network.switch_on(settings.layers)
        self.network.show(self.learning(settings.strategy))
        self.show_text()

    def learning(self, strategy: str, layers: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """The layers that a loss of this strategy reaches, among these or, by default, among those switched on."""
        layers = self.network.switched_on if layers is None else layers
        return STRATEGIES[strategy].learning(layers, self.network.backbone)

    def change(self, name: str, running: str) -> Change | None:
        """How a changed field changes the run under way.

        Args:
            name: The field.
            running: The strategy of the run under way.

        Returns:
            The change, or None where the field matters for the next run alone.

        Raises:
            SettingsError: Where the field's text is no value for it.
        """
        current, selected = STRATEGIES[running], STRATEGIES[self.form.value("strategy")]
        is_compatible = selected.same_but_for_layers(current)
        if name == "strategy" and is_compatible:
            is_default = selected.protects and self.form.value("old_loss_weight") is None
            layers = selected.layers(self.network.backbone)
            return Change(layers, old_loss_weight=selected.weight if is_default else None)
        if is_compatible and name in {option.name for option in current.options} - {"temperature"}:
            return Change(loss_options={name: self.form.value(name)})
        if name == "learning_rate" or (name in ("old_loss_weight", "temperature") and is_compatible):
            value = self.form.value(name)
            if name == "old_loss_weight" and value is None:
                value = selected.weight  # the default; in a `Change`, None stands for "as before"
            with self.form.marking():
                return Change(**{name: value})
        return None

    def follow(self, change: Change) -> None:
        """Set switches and fields to what a planned change has made of the run under way."""
        if change.trained_layers is not None:
            self.network.switch_on(change.trained_layers)
        self.form.follow(change)
        self.show_text()

    def note_change(self, name: str) -> None:
        """Note that a field was changed: another strategy's layers are switched on once its network is drawn."""
        self._strategy_changed |= name == "strategy"

    def switch_to_strategy(self, layers: tuple[str, ...]) -> None:
        """Switch on these layers, the default of the strategy that was selected."""
        self.network.switch_on(layers)
        self._strategy_changed = False

    def draw_network(self, strategy: str) -> None:
        """Draw the network of the next run, even if it was selected while another run was under way.

        Args:
            strategy: The strategy whose losses determine which layers learn.
        """
        self._build(*(self.form.value(name) for name in ("backbone", "pair", "strategy")))
        self.network.show(self.learning(strategy))
        self.show_text()

    def show_text(self) -> None:
        """Update the text, and the note below the strategy."""
        try:
            settings = self.settings
        except SettingsError:  # settings that aren't valid have no text
            return
        self.text.show(settings)
        self.form.note(settings.label.removeprefix(settings.strategy).lstrip(", ").replace("_", " "))

    def _build(self, backbone, pair, strategy):
        row = STRATEGIES[strategy]
        is_new = self.network.build(backbone, input_shape(pair), class_counts(pair), row.added)
        if is_new or self._strategy_changed:
            self.switch_to_strategy(row.layers(backbone))
