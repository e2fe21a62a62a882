"""Notebook 01, Features and weights: what it states, held against its saved outputs."""

import re

import numpy as np

from tests.notebooks.statements.stated import printed, prose

NAME = "01_features_and_weights.ipynb"
BACKBONE = ("conv1", "conv2", "conv3", "dense")
HALF, ALL = "conv2 and new head train", "all but the old head train"
DIGITS, DRAWINGS = "digits (old task)", "drawings (new task)"


def movements(text):
    """Each layer's row of a table of movements, in the order of its columns: "still" or a share."""
    table = {}
    for layer, row in re.findall(r"^(\w+) +(.*)$", text, re.MULTILINE):
        table.setdefault(layer, []).extend(re.findall(r"still|(?<=moved )[\d.]+%", row))
    return {layer: row for layer, row in table.items() if len(row) == 6}


def test_movements_in_the_plane():
    """Weights and features with layer 1 frozen, with layer 2 frozen, with nothing frozen."""
    text, table = prose(NAME), movements(printed(NAME, "for name, (movements, _) in trainings.items()"))
    assert table["layer1"][:2] == ["still", "still"] and table["layer2"][2] == "still"
    assert f"its weights stand still while its features move by {table['layer2'][3]}" in text
    assert table["old_head"][::2] == ["still"] * 3
    first, second, third = table["old_head"][1::2]
    assert f"while its outputs move by {first}, {second} and {third}." in text


def test_forgetting_in_the_plane():
    text, shown = prose(NAME), printed(NAME, "def forgetting(layers)")
    spread = r"-?[\d.]+ ± [\d.]+"
    rows = {
        name: values
        for name, *values in re.findall(
            rf"^(layer \d frozen|nothing frozen) +({spread}) +({spread})", shown, re.MULTILINE
        )
    }
    clear = {
        (name, column): abs(float(value.split(" ± ")[0])) > float(value.split(" ± ")[1])
        for name, values in rows.items()
        for column, value in zip(("lost", "saved"), values, strict=True)
    }
    assert all(clear[name, "lost"] for name in rows) and len(rows) == 3
    (first, first_saved), (second, second_saved), (nothing, _) = rows.values()
    assert f"{first} points with layer 1 frozen, {second} with layer 2 frozen and {nothing} with nothing frozen" in text
    assert f"freezing layer 2 saves {second_saved} points, an interval that only just excludes zero" in text
    assert f"with layer 1 frozen the difference of {first_saved} points isn't clear" in text
    assert clear["layer 2 frozen", "saved"] and not clear["layer 1 frozen", "saved"]


def test_single_runs_on_images():
    text = prose(NAME)
    weights, features = re.search(
        r"new head: weights moved by (\S+), features moved by (\S+)\.", printed(NAME, "head_trained = ")
    ).groups()
    assert f"its weights by {weights}, its answers to this image by {features}" in text
    frozen = printed(NAME, "half_frozen = teach_drawings")
    conv3, dense, head = (
        re.search(rf"{layer}: weights did not move, features moved by (\d+)%", frozen)[1]
        for layer in ("conv3", "dense", "old head")
    )
    assert f"their weights did not move, and their features moved by {conv3}, {dense} and {head}%" in text
    between = printed(NAME, "movement(after, observe(head_trained, eight))")
    by_weights, by_features = (re.findall(r"(\d+)%", part) for part in between.split("features"))
    assert set(by_weights) == {"0"}
    layers = "conv1", "conv2", "conv3", "dense", "old head", "new head"
    by_layer = dict(zip(layers, map(int, by_features), strict=True))
    least, most = (choose(by_layer, key=by_layer.get) for choose in (min, max))
    assert f"differ by between {by_layer[least]}% (in `{least}`) and {by_layer[most]}% (in the {most})" in text


def test_similarity():
    text, shown = prose(NAME), printed(NAME, "cka = {}")
    known = printed(NAME, "rotation, _ = np.linalg.qr")
    assert known.count("CKA 1.00") == 2
    (rotated,) = re.findall(r"rotated: moved by (\S+),", known)
    assert f"The rotated features have moved by {rotated}, and to CKA they are the same" in text
    values, task = {}, None
    tasks = f"{re.escape(DIGITS)}|{re.escape(DRAWINGS)}"
    for line in shown.splitlines():
        row = re.search(rf"({tasks})? +(backbone frozen|{HALF}|{ALL}) +(\S+ +\S+ +\S+ +\S+)$", line)
        if row:
            task = row[1] or task
            values[task, row[2].strip()] = row[3].split()
    assert len(values) == 6
    for (_, name), by_layer in values.items():
        numbers = np.array(by_layer, float)
        assert (numbers == 1).all() if name == "backbone frozen" else (np.diff(numbers) < 0).all()
    moved = movements(printed(NAME, "fine_tuned = teach_drawings"))["dense"][-1]
    half, full = values[DIGITS, HALF][-1], values[DIGITS, ALL][-1]
    assert (
        f"features of the 3 in `dense` have moved by {moved}, while the CKA of `dense` over the digits is {full}"
        in text
    )
    assert f"With `conv2` and the new head trained, it is {half}" in text
    far = values[DRAWINGS, ALL][-1], values[DRAWINGS, HALF][-1]
    assert f"The drawings are rearranged more, to {far[0]} and {far[1]}" in text
    assert float(far[0]) < float(full) and float(far[1]) < float(half)
