"""The value of a field as text, and back."""

from utils.strategies.checks import SettingsError


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
