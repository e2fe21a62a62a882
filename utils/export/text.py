"""Values and lines of a script, formatted as ruff formats them."""

_WIDTH = 120  # of a line, as in pyproject.toml


def literal(value) -> str:
    """A value as a Python literal, with strings in double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple | list):
        items = ", ".join(map(literal, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    return repr(value)


def dictionary(values: dict[str, str]) -> str:
    """A dictionary of names and expressions, on one line."""
    return "{" + ", ".join(f"{literal(name)}: {value}" for name, value in values.items()) + "}"


def assignment(name: str, values: dict[str, str]) -> list[str]:
    """The lines that assign a dictionary of names and expressions: one, or one per item where that is too long."""
    line = f"{name} = {dictionary(values)}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"{name} = {{", *(f"    {literal(key)}: {value}," for key, value in values.items()), "}"]


def tuple_item(values: list) -> list[str]:
    """The lines of a tuple in a list: one, or one per value where that is too long."""
    line = f"    {literal(tuple(values))},"
    return [line] if len(line) <= _WIDTH else ["    (", *(f"        {literal(value)}," for value in values), "    ),"]


def call_item(name: str, call: str) -> list[str]:
    """The lines of a dictionary's item whose value is a call: one, or three where that is too long."""
    line = f"    {literal(name)}: {call},"
    if len(line) <= _WIDTH:
        return [line]
    function, _, arguments = call.partition("(")
    return [f"    {literal(name)}: {function}(", f"        {arguments[:-1]}", "    ),"]
