"""What messages are made of: a value in short, the reason of another library's error, the name that was meant."""

import difflib
import numbers
import re
import reprlib
from collections.abc import Iterable

import numpy as np

_LONGEST, _LONGEST_NUMBER = 200, 1000  # characters of a value in a message; a number's last digits may be what is wrong
_SHORT = reprlib.Repr()  # doesn't write out the whole of a long list
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = _SHORT.maxset = _SHORT.maxfrozenset = _SHORT.maxdeque = 50
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = _LONGEST_NUMBER
# What TensorFlow and Keras put around the reason of an error: operation, node, the config of a layer, bold type.
_FRAMES = re.compile(
    r"\{\{.*?\}\}|\[Op:.*| using config=.*|\x1b\[\d*m|Error in user-defined function .* with iterator: \S+ "
)
_KERAS_OPENING = "Exception encountered when calling"


def refusal(name: str, value, wanted: str) -> str:
    """The sentence for a value that isn't allowed: `name=value is not allowed: wanted.`"""
    return f"{name}={given(value)} is not allowed: {wanted}."


def given(value) -> str:
    """A value as a message shows it: short, and an array by its shape."""
    if isinstance(value, np.ndarray) and value.size > 6:
        return f"an array of {value.dtype} of shape {value.shape}"
    try:
        text = _SHORT.repr(value) if isinstance(value, list | tuple | dict | set | frozenset) else repr(value)
        text = text if isinstance(value, str) else " ".join(text.split())
    except Exception:  # a reader's own class, or a number with too many digits to write
        return f"a {type(value).__name__}"
    longest = _LONGEST_NUMBER if isinstance(value, numbers.Number) else _LONGEST
    return _shortened(text, longest)


def reason(error: Exception) -> str:
    """What an error says, in one short line: without what Keras and TensorFlow put around it."""
    lines = [" ".join(_FRAMES.sub("", line).split()) for line in str(error).splitlines()]
    lines = [line for line in lines if line and not line.startswith(_KERAS_OPENING)]
    return _shortened(lines[0].rstrip("."), _LONGEST) if lines else type(error).__name__


def _shortened(text, longest):
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def nearest(name, known: Iterable[str]) -> str:
    """The question "Did you mean 'conv1'?" where a known name resembles this one; else an empty text."""
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
