"""Settings in files: with what their names stand for, so that a process that doesn't know these can read them."""

from utils.models import BUILT_IN
from utils.strategies.checks import SettingsError
from utils.strategies.meaning import Meaning
from utils.strategies.settings import Settings
from utils.strategies.table import BUILT_IN_STRATEGIES

MEANING = "strategy", "layers", "examples"  # the fields beside the settings


def write_settings(settings: Settings) -> dict:
    """Plain values, for JSON: the "settings", and beside them the strategy, the layers' names and the examples."""
    return {"settings": settings.to_dict(), **settings.meaning.to_dict()}


def read_settings(values: dict) -> Settings:
    """The inverse of `write_settings`.

    Raises:
        SettingsError: For values that aren't allowed or don't fit together.
    """
    fields = values["settings"]
    if not isinstance(fields, dict):
        return Settings.from_dict(fields)
    for name in ("pair", "backbone", "strategy"):
        if not isinstance(fields.get(name), str):
            raise SettingsError(f"settings: {name}={fields.get(name)!r} is not allowed: it must be a name")
    meaning = Meaning.from_dict({name: values[name] for name in MEANING}, fields["backbone"], fields["pair"])
    if meaning.row.name != fields["strategy"]:
        raise SettingsError(f"strategy: {meaning.row.name!r} isn't that of the settings, {fields['strategy']!r}")
    return Settings.from_dict(fields, meaning)


def names_suffice(settings: Settings) -> bool:
    """Whether any process knows what the names in these settings stand for."""
    meaning = settings.meaning
    return meaning.row in BUILT_IN_STRATEGIES and meaning.network.name in BUILT_IN and meaning.tasks is None
