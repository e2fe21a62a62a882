"""The error of a setting as a panel says it: by the labels that its reader sees, without the names that code has."""

import re
from collections.abc import Mapping

from utils.models import NEW_HEAD, OLD_HEAD
from utils.plots.style import layer_label
from utils.widgets.field_labels import CHOICES, TYPED, UNSET

_REFUSED = re.compile(r"(?P<name>\w+)=(?P<value>.*?) is not allowed(?: here)?: (?P<rest>.*)", re.DOTALL)
_LABELS = {name: label for name, (label, _) in (CHOICES | TYPED).items()}
_LAYERS = re.compile(rf"\b({OLD_HEAD}|{NEW_HEAD})\b")
_LONGEST = 40  # characters of what was typed


def refused_field(message: str) -> str:
    """The name of the setting that an error begins with, or an empty text."""
    found = re.match(r"(\w+)=", message)
    return found[1] if found else ""


def in_labels(message: str, labels: Mapping[str, str] | None = None, typed: str | None = None) -> str:
    """An error in the words of a panel.

    Args:
        message: The error, such as "batch_size=0 is not allowed: it must be a whole number from 1 to 1,024."
        labels: Labels of fields besides those that all panels have, by name.
        typed: What the field holds, where that is known.

    Returns:
        Such as "batch size can't be 0: it must be a whole number from 1 to 1,024."
    """
    labels = {**_LABELS, **(labels or {})}
    found = _REFUSED.fullmatch(message)
    if found and found["name"] == "trained_layers":
        message = found["rest"][0].upper() + found["rest"][1:]
    elif found:
        message = _refusal(found, labels.get(found["name"], found["name"].replace("_", " ")), typed)
    for name, label in labels.items():
        if "_" in name:
            message = re.sub(rf"\b{name}\b", label, message)
    return _LAYERS.sub(lambda layer: layer_label(layer[0]), message)


def _refusal(found, label, typed):
    value, rest = found["value"] if typed is None else typed.strip(), found["rest"]
    if found["name"] == "layer_rates":
        rest = rest.replace("it must be a ", "each factor must be a ").replace(
            "it must be one ", "each layer must be one "
        )
    elif found["name"] in UNSET and "must be a" in rest:  # a word is allowed there, too
        rest = rest.rstrip(".") + f", or {UNSET[found['name']]}."
    if value in ("", "''"):
        return f"{label} is empty: {rest}"
    value = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    return f"{label} can't be {value}: {rest}"
