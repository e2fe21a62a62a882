"""Notebook 11, Real photographs: what it states of its form with patches, held against its saved outputs."""

import re

from tests.notebooks.statements.stated import cells, is_clear, printed, prose, spreads

NAME = "11_real_photographs.ipynb"
HEAD, LAST, ALL, LWF = "head alone", "last block", "everything", "everything, LwF"


def differences(text):
    """(a, b) → b minus a: on the new photos, in agreement on the old pictures, and on the new photos."""
    lines = re.findall(r"(?m)^from (.+?) to (.+?): (.+)$", printed(NAME, text))
    found = {(a, b): re.findall(r"[+-]?[\d.]+ ± [\d.]+", rest) for a, b, rest in lines}
    return {pair: [spread.lstrip("+") for spread in values] for pair, values in found.items()}


def opposite(spread):
    """The same difference the other way round."""
    return spread[1:] if spread.startswith("-") else f"-{spread}"


def rest_of(spread):
    """What is missing to 100%, with the same interval."""
    mean, half_width = spread.split(" ± ")
    return f"{100 - float(mean):.1f} ± {half_width}"


TABLE = spreads(NAME, 'columns = "new photos')
BETWEEN = differences('for a, b in (("head alone"')


def test_it_says_what_it_shows():
    text = prose(NAME)
    assert printed(NAME, "SOURCE = ").startswith("This is the form with patches.")
    assert "it shows no collection of photographs" in text and "Every number in the text below is of this form" in text
    (old, new) = re.findall(r"(\d+) / (\d+) / (\d+) train", printed(NAME, "photo_net = own_model"))
    assert f"with {new[2]} new and {old[2]} old test patches" in text
    assert f"on {new[1]} new and {old[1]} old validation pictures" in text


def test_the_prediction_can_be_judged():
    mean, half_width = map(float, rest_of(TABLE[ALL][1]).split(" ± "))
    (quiz,) = (cell.source for cell in cells(NAME, "code") if "Quiz(" in cell.source)
    least, most = map(int, re.search(r'"(\d+) to (\d+)%"', quiz).groups())
    assert least < mean - half_width and mean + half_width < most


def test_two_stages():
    text, line = prose(NAME), r"update (\d+): new photos ([\d.]+)%, old answers kept ([\d.]+)%"
    points = {update: values for update, *values in re.findall(line, printed(NAME, "for update in (600"))}
    assert f"After 600 updates the head alone has {points['600'][0]}% of the validation photos right" in text
    assert f"and after 800 {points['800'][0]}%" in text and points["800"][1] == "100.0"
    new, kept = points["900"]
    assert f"it goes to {new}%, and {100 - float(kept):.1f}% of the old answers change" in text
    epochs = re.search(r"; then (\d+) epochs of", printed(NAME, "features_validation = ")).group(1)
    assert "or for 200 epochs" in text and f"The head has stopped by itself, after {epochs} epochs." in text
    assert int(epochs) < 200
    line = r"first (\d+) epochs: on features ([\d.]+)%, with augmentation ([\d.]+)%"
    count, features, augmented = re.search(line, printed(NAME, "del whole, head")).groups()
    assert f"first {count} epochs the two have reached at best {features}% and {augmented}% of the validation" in text


def test_what_is_forgotten():
    text = prose(NAME)
    assert f"another class than before for {rest_of(TABLE[ALL][1])}% of its old pictures" in text
    assert f"On the new photos, {rest_of(TABLE[ALL][2])}% of the old head's answers have changed" in text
    assert TABLE[HEAD][1:] == ["100.0 ± 0.0", "100.0 ± 0.0", "0.00 ± 0.00"]
    new, old, there = BETWEEN[HEAD, LAST]
    costs = f"costs {opposite(old)} points of agreement on the old pictures and {opposite(there)} on the new photos"
    assert f"brings {new} points on the new photos, and {costs}" in text
    assert all(map(is_clear, (new, old, there))) and opposite(old)[0] != "-" and opposite(there)[0] != "-"
    new, old, _ = BETWEEN[LAST, ALL]
    assert f"Unfreezing everything costs another {opposite(old)} points on the old" in text and is_clear(old)
    assert f"on the new photos that ten seeds could show ({new} points)" in text and not is_clear(new)
    new, old, there = BETWEEN[ALL, LWF]
    assert f"keeps {old} points more of the answers to the old pictures" in text and is_clear(old) and old[0] != "-"
    assert f"on the new photos the difference, {new} points, isn't clear" in text and not is_clear(new)
    assert f"(there it keeps {there} points more)" in text and is_clear(there)
    kept = f"{TABLE[LAST][1]}% of the old pictures keep their answers, against {TABLE[LWF][1]}%"
    assert f"{kept}, at about the same accuracy on the new photos ({TABLE[LAST][0]} and {TABLE[LWF][0]}%)" in text


def test_batch_normalization():
    text = prose(NAME)
    ((new, old, _),) = differences('differences("last block", norms)').values()
    assert f"costs {opposite(old)} points of agreement on the old pictures" in text
    assert f"it also costs {opposite(new)} points of accuracy on the new photos" in text
    assert all(is_clear(spread) and spread[0] == "-" for spread in (old, new))
