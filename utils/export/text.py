"""Values and lines of a script as ruff would have them."""

_WIDTH = 120  # of a line, as in pyproject.toml


def written(value) -> str:
    """A value, texts in double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple | list):
        inside = ", ".join(map(written, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(value)


def mapping(values: dict[str, str]) -> str:
    """A dictionary of names and expressions."""
    return "{" + ", ".join(f"{written(name)}: {value}" for name, value in values.items()) + "}"


def assigned(name: str, values: dict[str, str]) -> list[str]:
    """A dictionary with a name, broken where it'd be too long."""
    line = f"{name} = {mapping(values)}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"{name} = {{", *(f"    {written(key)}: {value}," for key, value in values.items()), "}"]


def row(values: list) -> list[str]:
    """A line of a list of tuples, or several where it'd be too long."""
    line = f"    {written(tuple(values))},"
    return [line] if len(line) <= _WIDTH else ["    (", *(f"        {written(value)}," for value in values), "    ),"]


def entry(name: str, call: str) -> list[str]:
    """A line of a dictionary whose value is a call, or three where it'd be too long."""
    line = f"    {written(name)}: {call},"
    if len(line) <= _WIDTH:
        return [line]
    function, _, inside = call.partition("(")
    return [f"    {written(name)}: {function}(", f"        {inside[:-1]}", "    ),"]
