"""Names that can be written in the text of settings, and read again."""

OF_FIELDS = ";\n"  # what separates the fields of a text
OF_LAYERS = OF_FIELDS + "+:"  # and layers and their values within a field


def check_name(field: str, name: str, separators: str = OF_FIELDS) -> None:
    """Check that a name survives in a text.

    Args:
        field: What to call it in the message.
        name: The name.
        separators: Characters that separate it from others there.

    Raises:
        ValueError: For anything but a text, for "", "None" and spaces at the ends, and for a separator in it.
    """
    if not isinstance(name, str) or name in ("", "None") or name != name.strip():
        raise ValueError(
            f'{field}={name!r} is not allowed: give a text other than "" and "None", without spaces at its ends.'
        )
    if found := next((character for character in name if character in separators), None):
        raise ValueError(f"{field}={name!r} is not allowed: leave out {found!r}, which separates settings in a text.")
