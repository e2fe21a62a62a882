"""The bad values: what readers give by mistake. Each entry makes its value from the good ones."""

from pathlib import Path

import numpy as np
import pandas as pd

MARKUP = "<b onclick='x()'>no such</b>"

FORMULA = "$\\nosuch_$ and more"  # matplotlib takes what stands between two dollars for mathematics


class Stranger:
    """An object of no kind that anything here knows."""

    def __repr__(self):
        return "Stranger()"


# The few that find most. All parameters of quick functions get these in the default part.
FEW = {
    "None": lambda good: None,
    "a Boolean": lambda good: True,
    "a negative number": lambda good: -1,
    "not a number": lambda good: float("nan"),
    "markup": lambda good: MARKUP,
    "an empty list": lambda good: [],
    "a stranger": lambda good: Stranger(),
    "numbers of a wrong shape": lambda good: np.full((2, 3, 1), np.nan),
    "a run": lambda good: good.made,
}
MORE = {
    "zero": lambda good: 0,
    "three": lambda good: 3,
    "a fraction": lambda good: 2.5,
    "infinity": lambda good: float("inf"),
    "minus infinity": lambda good: float("-inf"),
    "a huge number": lambda good: 10**9,
    "beyond all floats": lambda good: 10**400,
    "a complex number": lambda good: 1j,
    "a whole number of NumPy's": lambda good: np.int64(3),
    "a float of NumPy's": lambda good: np.float32("nan"),
    "a Boolean of NumPy's": lambda good: np.bool_(True),
    "an empty text": lambda good: "",
    "a text with a line's end": lambda good: "fine-tuning\n",
    "a text with a zero byte": lambda good: "a\0b",
    "a misspelt name": lambda good: "fine-tunning",
    "a text that looks like a formula": lambda good: FORMULA,
    "names that look like formulas": lambda good: [FORMULA, "b"],
    "bytes": lambda good: b"conv1",
    "an empty tuple": lambda good: (),
    "an empty mapping": lambda good: {},
    "a list of None": lambda good: [None],
    "a list of markup": lambda good: [MARKUP],
    "rows of several lengths": lambda good: [[1], [2, 3]],
    "a pair": lambda good: (1, 2),
    "a mapping of markup": lambda good: {MARKUP: None},
    "a mapping of numbers": lambda good: {1: 2},
    "a set": lambda good: {1},
    "a class": lambda good: int,
    "a function without arguments": lambda good: lambda: None,
    "a function that gives None": lambda good: lambda *arguments, **named: None,
    "a function that gives nothing to go through": lambda good: lambda *arguments, **named: [],
    "an empty iterator": lambda good: iter(()),
    "an empty array": lambda good: np.zeros(0),
    "no examples": lambda good: np.zeros((0, 28, 28, 1), np.float32),
    "an array of four axes": lambda good: np.zeros((2, 3, 4, 5)),
    "an array of objects": lambda good: np.array([None, "x"], object),
    "an array without axes": lambda good: np.array("text"),
    "negative whole numbers": lambda good: np.array([-1, -2, 5]),
    "a list of runs": lambda good: [good.made],
    "settings": lambda good: good.settings,
    "a pair of tasks": lambda good: good.pair,
    "a task": lambda good: good.task,
    "a network with two heads": lambda good: good.model,
    "a Keras model": lambda good: good.classifier,
    "a strategy": lambda good: good.strategy,
    "a path": lambda good: Path("no/such/file"),
    "a table": lambda good: pd.DataFrame({"a": [1]}),
}
ALL = FEW | MORE
