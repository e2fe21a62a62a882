"""Settings as text, and back: fields and values, not yet checked."""

from utils.strategies.checks import SettingsError
from utils.tasks import PAIR_OPTIONS

# By name, the options of all pairs: in texts and in files of the first edition each stands there like a field.
OPTIONS_OF_PAIRS = {name: option for options in PAIR_OPTIONS.values() for name, option in options.items()}
_FIRST_EDITION = {"unlikeness": "dissimilarity"}  # what was called otherwise in texts and runs that it saved


def in_todays_names(values: dict) -> dict:
    """Values by field, from those that this edition or the first one has saved."""
    if not isinstance(values, dict):
        raise SettingsError(f"settings={values!r} is no mapping of fields to values")
    values = {_FIRST_EDITION.get(name, name): value for name, value in values.items()}
    loose = {name: values.pop(name) for name in tuple(values) if name in OPTIONS_OF_PAIRS}
    return values | {"pair_options": dict(values.get("pair_options") or {}) | loose} if loose else values


def write_fields(values: dict) -> str:
    """One line, `field=value; field=value`: what `read_fields` reads."""
    return "; ".join(f"{name}={write_field(value)}" for name, value in values.items())


def read_fields(text: str) -> list[tuple[str, str]]:
    """Pairs of a field's name and its value as text, from one line or several."""
    if not isinstance(text, str) or not text.strip():
        raise SettingsError(f"settings={text!r} is not allowed: write field=value; field=value.")
    found = []
    for part in filter(None, (piece.strip() for piece in text.replace("\n", ";").split(";"))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise SettingsError(f"settings: {part!r} is not allowed: write field=value; field=value.")
        found.append((_FIRST_EDITION.get(name, name), value))
    return found


def write_field(value) -> str:
    """A field's value as text: what `parsed` reads."""
    if isinstance(value, dict) or (value and isinstance(value, tuple) and isinstance(value[0], tuple)):
        return "+".join(f"{name}:{factor!r}" for name, factor in dict(value).items())
    return "+".join(value) if isinstance(value, list | tuple) else str(value)


def parsed(name: str, text: str, kind):
    """The value behind a field's text, not yet checked; a `SettingsError` where it isn't even of its kind.

    kind: the field's type annotation. Nothing in the text is executed. A decimal comma is read.
    """
    value = text.strip()
    if value == "None":
        return None
    if name == "trained_layers":
        return tuple(part.strip() for part in value.split("+"))
    if name in ("layer_rates", "loss_options"):
        pairs = [part.partition(":") for part in value.split("+")]
        return tuple((key.strip(), _converted(name, number.strip(), float)) for key, _, number in pairs)
    return _converted(name, value, kind)


_TEXT = (str, "a text")


def _converted(name, value, kind):
    if kind == bool | None:
        return {"True": True, "False": False}.get(value, value)  # anything else is for the check to refuse
    whole = (int, "a whole number")
    convert, wanted = {int: whole, int | None: whole, str: _TEXT, str | None: _TEXT}.get(kind, (float, "a number"))
    try:
        return convert(value.replace(",", ".") if convert is float and value.count(",") == 1 else value)
    except ValueError:
        raise SettingsError(f"{name}={value!r} is not allowed: it must be {wanted}.") from None
