"""Notebook 12, Your own model: what it states, held against its saved outputs."""

import re
from math import sqrt

from tests.notebooks.statements.stated import HEAD, TUNE, cells, is_clear, printed, prose, spreads
from utils.strategies import Settings
from utils.training.held_weights import MOST_BYTES

NAME = "12_your_own_model.ipynb"
JOINT, LWF = "joint training", "learning without forgetting"
USUAL, LOW = "rate 0.001", "rate 0.0001"


def compared(text):
    """What `compare` has printed: (a, b) → points of the old task saved by b, and of the new one gained."""
    lines = re.findall(r"(?m)^(.+), against (.+): (\S+ ± \S+) points saved, (\S+ ± \S+) gained", printed(NAME, text))
    return {(a, b): (saved.lstrip("+"), gained.lstrip("+")) for b, a, saved, gained in lines}


def opposite(spread):
    """The same difference the other way round."""
    return spread[1:] if spread.startswith("-") else f"-{spread}"


SHORT, BEST = spreads(NAME, "strategies = ["), spreads(NAME, "best = {name")
EQUAL = compared('for name in ("feature extraction", "learning')
CONVERGED = compared('differences("fine-tuning", "feature extraction", best)')


def test_the_prediction_can_be_judged():
    mean, half_width = map(float, SHORT[TUNE][0].split(" ± "))
    (quiz,) = (cell.source for cell in cells(NAME, "code") if "Quiz(" in cell.source)
    least, most = map(int, re.search(r'"(\d+) to (\d+)"', quiz).groups())
    assert least < mean - half_width and mean + half_width < most


def test_the_same_budget():
    text = prose(NAME)
    assert f"Fine-tuning forgets {SHORT[TUNE][0]} points of the digits" in text and is_clear(SHORT[TUNE][0])
    assert SHORT[HEAD][0] == "0.0 ± 0.0"
    saved, gained = EQUAL[TUNE, HEAD]
    assert f"its head is {opposite(gained)} points behind on the drawings" in text and is_clear(gained)
    saved, gained = EQUAL[TUNE, JOINT]
    assert f"Joint training ends {saved} points above fine-tuning on the digits" in text and is_clear(saved)
    assert f"and {opposite(SHORT[JOINT][0])} points above where it began" in text and is_clear(SHORT[JOINT][0])
    assert f"the difference from fine-tuning, {gained} points, is indistinguishable from zero" in text
    assert not is_clear(gained)
    saved, _ = EQUAL[TUNE, LWF]
    assert f"it saves {saved} points, indistinguishable from zero" in text and not is_clear(saved)
    count = int(re.search(r"new_task: .*/ (\d+) train", printed(NAME, "mine = own_model"))[1])
    assert f"for 70% of the {count} test drawings, that is {100 * sqrt(0.7 * 0.3 / count):.1f} points" in text


def test_the_best_result():
    text = prose(NAME)
    (source,) = (cell.source for cell in cells(NAME, "code") if "until_converged = {" in cell.source)
    assert f"the frozen backbone reaches {BEST[HEAD][1]}% of the drawings, instead of {SHORT[HEAD][1]}% after" in text
    assert BEST[HEAD][0] == "0.0 ± 0.0" and f"Fine-tuning reaches {BEST[TUNE][1]}%" in text
    lead, before = CONVERGED[HEAD, TUNE][1], opposite(EQUAL[TUNE, HEAD][1])
    assert f"Its lead is {lead} points, instead of {before} at the same budget" in text and is_clear(lead)
    assert f"and it forgets {BEST[TUNE][0]} points for it" in text
    every = Settings().until_converged().evaluate_every
    waits = [int(patience) * every for patience in re.findall(r"until_converged\(patience=(\d+)\)", source)]
    assert f"the wait for an improvement: {waits[0]:,} for the head, {waits[1]} for fine-tuning" in text


def test_one_block_at_a_time():
    text, blocks = prose(NAME), spreads(NAME, "by_block")
    mix, shapes, edges = (blocks[f"only {name}"] for name in ("mix", "shapes", "edges"))
    assert (
        f"training `mix` alone has cost the old task {mix[0]} points, `shapes` {shapes[0]} and `edges` {edges[0]}"
        in text
    )
    assert is_clear(mix[0]) and is_clear(shapes[0]) and not is_clear(edges[0])
    assert f"whose training helps the new task most ({mix[1]}%)" in text
    assert float(mix[1].split()[0]) > max(float(shapes[1].split()[0]), float(edges[1].split()[0]))


def test_batch_normalization():
    text, rows, differences = prose(NAME), spreads(NAME, "by_state = {"), compared("for rate in block_rates:")
    usual = rows[f"{USUAL}, still"][0]
    assert f"much damage by themselves ({usual} points with batch normalization held still)" in text
    added, paid = differences[f"{USUAL}, trained", f"{USUAL}, still"]
    assert f"can't show whether training batch normalization adds to it: {added} points" in text and not is_clear(added)
    much, alone = (rows[f"{rate}, still"][0] for rate in (USUAL, LOW))
    assert f"the kernels do much less ({alone} points)" in text
    (little, above), (much, below) = (map(float, spread.split(" ± ")) for spread in (alone, much))
    assert little + above < much - below
    added_low, paid_low = differences[f"{LOW}, trained", f"{LOW}, still"]
    assert f"training batch normalization costs another {added_low} points" in text and is_clear(added_low)
    price = f"the new task is {opposite(paid)} points lower at the usual rate and {opposite(paid_low)} at a tenth of it"
    assert price in text and is_clear(paid) and is_clear(paid_low)


def test_what_its_other_cells_have_shown():
    text = prose(NAME)
    assert f"are held, about {MOST_BYTES / 1e6:.0f} MB of them" in text
    fit = printed(NAME, 'columns = {"forgetting"')
    lost, new = (re.search(rf"(?m)^{row}.* (\S+)$", fit)[1] for row in ("forgetting", "new task"))
    assert f"After six epochs, {lost} points of the old task are gone, and the new one is at {new}%" in text
    sizes = re.findall(r"/ (\d+) train", printed(NAME, "from_csv.images / 255"))
    assert sizes == ["150", "150"] and f"a single test image is {100 / 150:.1f} points" in text
    assert re.findall(r"/ (\d+) train", printed(NAME, "deep = own_model")) == ["150", "150"]
    assert "150 test images of each task" in text
