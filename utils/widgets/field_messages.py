"""Which fields are wrong, and what is said beside them."""

from collections.abc import Callable, Collection, Mapping

import ipywidgets as widgets

from utils.widgets.field_labels import MORE
from utils.widgets.message import Message
from utils.widgets.wording import in_labels, refused_field

_LOWEST = MORE[4:]  # fields that are nearest to the lowest place
WRONG, TYPING = "fb-wrong", "fb-typing"
# In the page alone: the kernel hears of a field when it's left, or with Enter.
_WATCH = f"""const form = this.closest('.fb-form');
if (form && !form.dataset.watched) {{
  form.dataset.watched = 'yes';
  const set = (e, typing) => {{
    const field = e.target.closest('.widget-text'), input = e.target;
    if (!field) return;
    field.classList.toggle('{TYPING}', typing);
    input.title = typing ? 'not applied yet: press Enter or leave the field' : '';
  }};
  form.addEventListener('focusin', e => {{ e.target.fbValue = e.target.value; }});
  form.addEventListener('input', e => set(e, e.target.value !== e.target.fbValue));
  form.addEventListener('change', e => {{ set(e, false); e.target.fbValue = e.target.value; }});
  form.addEventListener('focusout', e => set(e, false));
}}"""
_STYLE = f"""<style onload="{_WATCH}">
.{WRONG} input {{ box-shadow: inset 0 0 0 2px #c62828 !important; }}
.{TYPING} {{ position: relative; }}
.{TYPING} input {{ box-shadow: inset 0 0 0 2px #b26a00 !important; font-style: italic; }}
.{TYPING}::after {{ content: '⏎'; position: absolute; right: 5px; top: 0; line-height: 28px; color: #b26a00; }}
</style>"""


class FieldMessages:
    """Marks on fields, and three places beside them for what there is to say of one.

    Args:
        fields: Gives the fields by name.
        lower: Gives the names of those that are nearer to the lower place.
        upper: The place beside the others.

    Attributes:
        lower: The place below the fields that are always shown.
        lowest: The place below all others.
        style: Has to be on the page, within an element of class "fb-form".
        marked: The field that was marked last, or None.
    """

    def __init__(
        self,
        fields: Callable[[], Mapping[str, widgets.DOMWidget]],
        lower: Callable[[], Collection[str]],
        upper: Message,
    ):
        self._fields, self._lower, self._upper = fields, lower, upper
        self._errors: dict[str, Message] = {}  # by field, where its error is said
        self.lower, self.lowest = Message("220px", 3), Message("220px", 3)
        self.style = widgets.HTML(_STYLE, layout={"display": "none"})
        self.marked: str | None = None

    def place(self, name: str) -> Message:
        """The place for what there is to say of a field."""
        if name in _LOWEST:
            return self.lowest
        return self.lower if name in self._lower() else self._upper

    def mark(self, error: str, changed: str = "") -> str:
        """Mark the field that an error names at its start.

        Args:
            error: The error.
            changed: The field that was changed, where the error may name what is in it.

        Returns:
            The field's name; empty where the error is about something else.
        """
        fields, name = self._fields(), refused_field(error)
        if name not in fields:
            name = changed if name and name != "trained_layers" else ""
        if name in fields and isinstance(fields[name], widgets.Text):
            fields[name].add_class(WRONG)
            self.marked = name
        return name if name in fields else ""

    def complain(self, error: str, changed: str = "") -> Message | None:
        """Mark the field that an error is about, and say it there; the place, or None for an error about no field."""
        name = self.mark(error, changed)
        if not name:
            return None
        field, place = self._fields()[name], self.place(name)
        labels = {other: widget.description for other, widget in self._fields().items()}
        place.error(in_labels(error, labels, field.value if isinstance(field, widgets.Text) else None))
        self._errors = {other: at for other, at in self._errors.items() if at is not place} | {name: place}
        return place

    def refuse(self, text: str) -> None:
        """Say beside the upper fields what isn't possible before the marked fields are right."""
        self._upper.error(text)
        self._errors[""] = self._upper

    def quiet(self) -> None:
        """Take away what was said besides errors: the reader has gone on."""
        for place in (self._upper, self.lower, self.lowest):
            if place.kind != "error":
                place.clear()

    def settle(self, name: str | None = None) -> None:
        """Take away mark and error of a field, or of all."""
        for other in self._fields() if name is None else [name]:
            self._fields()[other].remove_class(WRONG)
        for other in list(self._errors) if name is None else [name]:
            place = self._errors.pop(other, None)
            if place and place.kind == "error":
                place.clear()
