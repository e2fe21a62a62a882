"""Settings as text and back: fields and values, not yet checked."""

from collections.abc import Collection

from utils.checks import check_text
from utils.strategies.checks import SettingsError, check_choice
from utils.tasks import PAIR_OPTIONS

# The options of all pairs by name: texts, and files of the first edition, have them beside the fields.
OPTIONS_OF_PAIRS = {name: option for options in PAIR_OPTIONS.values() for name, option in options.items()}
_FIRST_EDITION = {"unlikeness": "dissimilarity"}  # fields that had another name in texts and runs of that edition

_OTHER_NAMES = {"lr": "learning_rate", "epochs": "updates", "steps": "updates", "lambda_": "old_loss_weight"}


def check_field_names(values: dict, known: Collection[str]) -> None:
    """Check the names of fields as a reader writes them.

    Args:
        values: The values by field.
        known: The names that are allowed.

    Raises:
        SettingsError: For another name; the message has the one that was probably meant.
    """
    for name, value in values.items():
        if name in OPTIONS_OF_PAIRS:
            raise SettingsError(f"{name}={value!r} belongs to the pair: give pair_options={{{name!r}: {value!r}}}.")
        if name in _OTHER_NAMES:
            raise SettingsError(f"field={name!r} is not allowed: did you mean {_OTHER_NAMES[name]!r}?")
        check_choice("field", name, known)


def current_fields(values: dict) -> dict:
    """Values by field, from those that this edition or the first one has saved.

    Raises:
        SettingsError: Where they aren't a mapping.
    """
    if not isinstance(values, dict):
        raise SettingsError(f"settings={values!r} is not allowed: expected a mapping of fields to values.")
    values = {_FIRST_EDITION.get(name, name): value for name, value in values.items()}
    pair_options = {name: values.pop(name) for name in tuple(values) if name in OPTIONS_OF_PAIRS}
    if not pair_options:
        return values
    return values | {"pair_options": dict(values.get("pair_options") or {}) | pair_options}


def write_fields(values: dict, defaults: dict) -> str:
    """Write `field=value; field=value` on one line, for `read_fields`: the pair, the strategy, and what isn't default.

    Args:
        values: The values by field, as `Settings.to_dict` gives them.
        defaults: The default values likewise.
    """
    shown = {name: values[name] for name in ("pair", "strategy")}
    for name, value in values.items():
        if name == "pair_options":
            shown |= value or {}
        elif value != defaults[name]:
            shown[name] = value
    return "; ".join(f"{name}={write_field(value)}" for name, value in shown.items())


def read_fields(text: str, known: Collection[str]) -> dict[str, str]:
    """Read the values, as texts, from one line of fields or several.

    Args:
        text: What `write_fields` wrote, or a reader.
        known: The names that are allowed.

    Raises:
        SettingsError: For an unknown field, one that is given twice, and a text that isn't a list of fields.
    """
    if not isinstance(text, str) or not text.strip():
        raise SettingsError(f"settings={text!r} is not allowed: write field=value; field=value.")
    values = {}
    for part in filter(None, (piece.strip() for piece in text.replace("\n", ";").split(";"))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise SettingsError(f"settings: {part!r} is not allowed: write field=value; field=value.")
        name = _FIRST_EDITION.get(name, name)
        check_choice("field", name, known)
        if name in values:
            raise SettingsError(f"settings: {name} is given twice; give it once.")
        values[name] = value
    return values


def write_field(value) -> str:
    """Write one field's value as text, for `convert_text`."""
    if isinstance(value, dict) or (isinstance(value, tuple) and value and isinstance(value[0], tuple)):
        return "+".join(f"{name}:{factor!r}" for name, factor in dict(value).items())
    return "+".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def convert_field(name: str, text: str, kinds: dict):
    """Convert the text of a field, of an option of a pair or of a loss term; `kinds`: annotations by field."""
    check_text("name", name, SettingsError)
    check_text("text", text, SettingsError)
    options = {option: type(OPTIONS_OF_PAIRS[option].default) for option in OPTIONS_OF_PAIRS}
    return convert_text(name, text, (options | kinds).get(name, float))


def convert_text(name: str, text: str, kind):
    """Convert a field's text to a value, which isn't checked yet. Nothing in the text is executed.

    Args:
        name: The field.
        text: Its text. A decimal comma is allowed.
        kind: The field's type annotation.

    Raises:
        SettingsError: Where the text can't be converted to this type.
    """
    value = text.strip()
    if value == "None":
        return None
    if name == "trained_layers":
        return tuple(part.strip() for part in value.split("+"))
    if name in ("layer_rates", "loss_options"):
        pairs = [part.partition(":") for part in value.split("+")]
        return tuple((key.strip(), _convert(name, number.strip(), float)) for key, _, number in pairs)
    return _convert(name, value, kind)


def _convert(name, value, kind):
    if kind == bool | None:
        return {"True": True, "False": False}.get(value, value)  # the check refuses anything else
    whole, string = (int, "a whole number"), (str, "a text")
    kinds = {int: whole, int | None: whole, str: string, str | None: string}
    convert, expected = kinds.get(kind, (float, "a number"))
    try:
        return convert(value.replace(",", ".") if convert is float and value.count(",") == 1 else value)
    except ValueError:
        raise SettingsError(f"{name}={value!r} is not allowed: it must be {expected}.") from None
