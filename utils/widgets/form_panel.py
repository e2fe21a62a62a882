"""What panels with live training and a form for its settings share: what is said of fields, and what sets many."""

from utils.strategies import Settings
from utils.widgets.form import SettingsForm
from utils.widgets.live_panel import LivePanel
from utils.widgets.wording import in_labels

_ENDS_AT_ITS_BEST = (
    "A run now ends after 10 evaluations without a lower validation loss, and goes back to where that was lowest. "
    "On a frozen backbone the new head sees standardized features, and converges in seconds."
)
_CONVERGES = "Runs now end 10 evaluations after the lowest validation loss, and go back to it."


class FormPanel(LivePanel):
    """A live panel with a form.

    Besides what `LivePanel` asks of it, a subclass has `_form`, `_shared_settings` (those in the form) and `_set`
    (fills in the form).

    Attributes:
        _first: The settings with which the panel was made.
    """

    _what = "run"  # what the training is called
    _form: SettingsForm
    _first: Settings

    def _complain(self, error, changed=""):
        """Say beside its cause what isn't possible; `changed` is the field that was changed, if one was."""
        place = self._form.complain(error, changed)
        if place is None:
            self._message.error(in_labels(error))
        elif place is not self._message and not changed:  # beside the button that was pressed
            self._form.messages.refuse("Correct the marked field before you start.")

    def _complain_below(self, error):
        """The same for the buttons below the fields."""
        if not self._form.complain(error):
            self._form.messages.lower.error(in_labels(error))

    def _converge(self):
        self._refuse_under_way("change how the next one ends")
        self._set(self._shared_settings().until_converged())
        self._transport.lift_limit()
        self._status.say(_ENDS_AT_ITS_BEST)
        self._form.messages.lower.done(_CONVERGES)

    def _reset(self):
        self._refuse_under_way("reset the fields")
        self._set(self._first)
        self._message.clear()
        self._form.messages.lower.done("All fields are back at their first values.")

    def _refuse_under_way(self, action):
        if self._live.active:
            raise RuntimeError(f"A {self._what} is under way: Stop it before you {action}.")
