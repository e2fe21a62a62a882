"""Notebook 12, Your own model: what it states, held against the stored runs and its saved outputs."""

import re

from tests.notebooks.statements.stated import HEAD, TUNE, numbers_of, printed, prose
from utils.training.held_weights import MOST_BYTES


def test_your_own_model():
    """Single runs, made when the notebook was saved: its prose repeats what the cells above it have shown."""
    name, text = "12_your_own_model.ipynb", prose("12_your_own_model.ipynb")
    assert f"are held, some {MOST_BYTES / 1e6:.0f} MB of them" in text
    frozen, _, tuned, cost = numbers_of(name, "converged.items()")
    assert f"the frozen backbone reaches {frozen}% of the new task and forgets nothing" in text
    assert f"Fine-tuning reaches {tuned}% and forgets {cost} points" in text
    table = printed(name, "strategies = [")
    rows = dict(re.findall(r"(?m)^(fine-tuning|feature extraction) +[\d.]+ +([\d.]+) *$", table))
    gap, now = float(rows[TUNE]) - float(rows[HEAD]), float(tuned) - float(frozen)
    assert f"After 200 updates each, the two were {gap:.1f} points apart; now they are {now:.1f} points apart" in text
    less = re.search(r"forgot ([\d.]+) points less", printed(name, "tuned, kept"))[1]
    assert f"it kept only {less} points more than fine-tuning" in text
