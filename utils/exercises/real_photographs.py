"""Checks of notebook 11: the slips in a script that fine-tunes; a run that learns and keeps its old answers."""

from utils.exercises.verdict import Verdict, ended_run, forgotten, learnt, told
from utils.models import NEW_HEAD, OLD_HEAD
from utils.tasks import is_own

FLAWED = """
base = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, pooling="avg")
photo = keras.Input((96, 96, 3))
features = base(photo / 255)
model = keras.Model(photo, layers.Dense(5)(features))
for layer in model.layers:
    layer.trainable = False
model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
model.fit(x_train, y_train, epochs=5)
print("feature extraction, after ten epochs:", model.evaluate(x_test, y_test))

base.trainable = True
model = keras.Model(photo, layers.Dense(5)(features))
model.compile(keras.optimizers.RMSprop(1e-5), loss, metrics=["accuracy"])
for epochs in (5, 10, 20):
    model.fit(x_train, y_train, epochs=epochs)
    print(epochs, model.evaluate(x_test, y_test))
print("fine-tuning: the best of these three is our test result")
""".strip()

# By the first line of each: the lines that are it, what is wrong, and a hint that doesn't give it away.
SLIPS = {
    3: ((3,), "MobileNetV2 wants values from -1 to 1, by its own preprocessing; dividing by 255 gives 0 to 1.",
        "In which range does this network want its pictures?"),
    5: ((5, 6), "the loop runs over all layers, the new head too: nothing trains at all.",
        "What is left to learn in the first stage?"),
    9: ((8, 9), "the print speaks of ten epochs, the fit makes five.", "Does what is printed say what was done?"),
    11: ((11,), "all of the base trains at once, batch normalisation included: its statistics become the new photos'.",
         "What trains along when the whole base is set to train?"),
    12: ((12,), "a new Dense: the head that was trained is thrown away, and random errors go into the backbone.",
         "What becomes of the head that the first stage trained?"),
    13: ((13,), "another optimizer than in the first stage: a difference may be due to it. One thing at a time.",
         "What else changes between the two stages, but what trains?"),
    14: ((14, 15), "fit goes on from where it was: 5, 15 and 35 epochs, against 5 for the first stage.",
         "How many epochs has the model been trained for when 20 is printed?"),
    17: ((16, 17), "the number of epochs is chosen on the test photos, and what they say of it is told as the result.",
         "On which photos were the epochs chosen?"),
}  # fmt: skip
LEAST_WAY = 0.01  # of its length: what some block of the backbone has to move
LEAST_NEW, LEAST_AGREEMENT = 0.9, 0.95  # on validation photos


def show_flawed() -> None:
    """Print the script, its lines numbered."""
    for number, line in enumerate(FLAWED.split("\n"), 1):
        print(f"{number:2}  {line}".rstrip())


def check_slips(lines) -> Verdict:
    """Whether these line numbers are the slips of the script, and all of them."""
    try:
        given = {int(one) for one in lines}
    except (TypeError, ValueError):
        return Verdict(False, f"Line numbers are due here, such as [3, 5], not {lines!r}.")
    if not given:
        return Verdict(False, f"Give the numbers of the lines. There are {len(SLIPS)} slips.")
    if outside := sorted(line for line in given if not 1 <= line <= FLAWED.count("\n") + 1):
        return Verdict(False, f"There is no line {outside[0]}: they go from 1 to {FLAWED.count(chr(10)) + 1}.")
    known = {line for where, _, _ in SLIPS.values() for line in where}
    if innocent := sorted(given - known):
        return Verdict(False, f"There's nothing wrong with line {innocent[0]}, at least not by itself.")
    missing = [hint for where, _, hint in SLIPS.values() if not given & set(where)]
    if missing:
        found = len(SLIPS) - len(missing)
        return Verdict(False, f"{found} of {len(SLIPS)} found. {missing[0]}")
    return Verdict(True, " ".join(f"Line {line}: {why}" for line, (_, why, _) in SLIPS.items()))


def check_agrees(answer) -> Verdict:
    """Whether a run learns the new photos and still says of most shipped pictures what it said before."""
    if (wrong := ended_run(answer)) is not None:
        return wrong
    if not is_own(answer.settings.pair):
        return Verdict(False, "This run is one of the collection's. Make its settings with photo_net.settings(...).")
    moved = dict(zip(answer.layer_names, answer.history["drift"][answer.result_point], strict=True))
    if max(way for name, way in moved.items() if name not in (OLD_HEAD, NEW_HEAD)) < LEAST_WAY:
        return Verdict(False, "Here the backbone shall learn: where it stands still, agreement is 100 % for nothing.")
    if answer.settings.strategy == "duplicate and fine-tune":
        return Verdict(False, "With a copy of the network nothing is forgotten; here one network shall do both.")
    kept, new = answer.history["old_accuracy"][answer.result_point], learnt(answer)
    numbers = f"agreement {kept:.1%}, new task {new:.1%}, on validation pictures"
    if kept < LEAST_AGREEMENT:
        return Verdict(False, f"It answers too differently now ({forgotten(answer):.0f} points lost): {numbers}.")
    if new < LEAST_NEW:
        return Verdict(False, f"Too little is learnt: {numbers}. Was the head trained long enough before?")
    return Verdict(True, f"Both at once: {numbers}. {told(answer)}")
