"""The settings that single strategies of a race have of their own, whatever the fields say."""

from collections.abc import Iterable, Mapping
from html import escape

from utils.strategies import write_field
from utils.widgets.field_labels import CHOICES, TYPED

Changes = dict[str, dict]  # by strategy, the fields of `Settings` with their values
_LABELS = {name: label for name, (label, _) in (TYPED | CHOICES).items()}
_STYLE = "font-size:12px;line-height:16px"


def own_weights(changes: Changes) -> dict[str, float]:
    """The λ of the strategies that have their own."""
    weights = {name: own.get("old_loss_weight") for name, own in changes.items()}
    return {name: weight for name, weight in weights.items() if weight is not None}


def without_field(changes: Changes, field: str) -> Changes:
    """The changes without those of a field, or of a loss option, of this name."""
    kept = {}
    for name, own in changes.items():
        options = {option: value for option, value in dict(own.get("loss_options") or ()).items() if option != field}
        rest = {other: value for other, value in own.items() if other not in (field, "loss_options")}
        if rest := rest | ({"loss_options": options} if options else {}):
            kept[name] = rest
    return kept


def own_settings_html(changes: Changes, strategies: Iterable[str], weight: str) -> str:
    """What these strategies have of their own, as HTML; an empty text where they have nothing.

    Args:
        changes: Those of all strategies.
        strategies: The names of those that take part.
        weight: What the field of λ shows, which needn't be said again.
    """
    listed = {name: _listed(changes[name], weight) for name in strategies if name in changes}
    texts = [f"{name}: {text}" for name, text in listed.items() if text]
    if not texts:
        return ""
    text = f"Different from the fields: {'; '.join(texts)}. What you type in a field applies to all."
    return f'<div style="{_STYLE}">{escape(text)}</div>'


def _listed(own: Mapping, weight):
    options = dict(own.get("loss_options") or ())
    own = {name: value for name, value in own.items() if name != "old_loss_weight" or _text(value) != weight}
    values = {name: value for name, value in own.items() if name != "loss_options"} | options
    return ", ".join(f"{_LABELS.get(name, name.replace('_', ' '))} {_text(value)}" for name, value in values.items())


def _text(value):
    return "default" if value is None else write_field(value)
