"""The checks of notebook 11: mistakes in a script that fine-tunes; a run that learns and keeps its old predictions."""

from collections.abc import Iterable

from utils.exercises.verdict import Verdict, check_ended, new_accuracy, points_forgotten, test_results
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
model.compile(keras.optimizers.Adam(1e-5), loss, metrics=["accuracy"])
for epochs in (5, 10, 20):
    model.fit(x_train, y_train, epochs=epochs)
    print(epochs, model.evaluate(x_test, y_test))
print("fine-tuning: the best of these three is our test result")
""".strip()

# By the first line of each mistake: its lines, what is wrong, and a hint that doesn't give it away.
MISTAKES = {
    3: ((3,), "MobileNetV2 expects values from -1 to 1, by its own preprocessing; dividing by 255 gives 0 to 1.",
        "Which range of values does this network expect?"),
    5: ((5, 6), "the loop runs over all layers, the new head too: nothing trains at all.",
        "What is left to learn in the first stage?"),
    9: ((8, 9), "the printed text says ten epochs, the fit makes five.", "Does the printed text agree with the fit?"),
    11: ((11,), "all of the base trains at once, batch normalization included: its statistics become the new photos'.",
         "What else trains when the whole base is set to train?"),
    12: ((12,), "a new Dense: the head that was trained is thrown away, and random errors go into the backbone.",
         "What happens to the head that the first stage trained?"),
    14: ((14, 15), "fit continues where it stopped: 5, 15 and 35 epochs, against 5 for the first stage.",
         "How many epochs has the model been trained for when 20 is printed?"),
    17: ((16, 17), "the number of epochs is chosen on the test photos, and their accuracy is reported as the result.",
         "On which photos were the epochs chosen?"),
}  # fmt: skip
LEAST_MOVEMENT = 0.01  # of its norm: what at least one block of the backbone has to move
LEAST_NEW, LEAST_AGREEMENT = 0.85, 0.95  # on validation photos


def show_flawed() -> None:
    """Print the script with line numbers."""
    for number, line in enumerate(FLAWED.split("\n"), 1):
        print(f"{number:2}  {line}".rstrip())


def check_slips(lines: Iterable[int]) -> Verdict:
    """Check exercise 1: the numbers of the script's lines with mistakes, one line for each."""
    try:
        numbers = {int(line) for line in lines}
    except (TypeError, ValueError):
        return Verdict(False, f"Expected line numbers, such as [3, 5], not {lines!r}.")
    if not numbers:
        return Verdict(False, f"Give the numbers of the lines. There are {len(MISTAKES)} mistakes.")
    if outside := sorted(line for line in numbers if not 1 <= line <= FLAWED.count("\n") + 1):
        return Verdict(False, f"There is no line {outside[0]}: they go from 1 to {FLAWED.count(chr(10)) + 1}.")
    wrong = {line for mistake_lines, _, _ in MISTAKES.values() for line in mistake_lines}
    for mistake_lines, _, _ in MISTAKES.values():
        if len(numbers & set(mistake_lines)) > 1:
            return Verdict(False, f"Lines {' and '.join(map(str, mistake_lines))} are one mistake: give one of them.")
    if correct := sorted(numbers - wrong):
        return Verdict(False, f"There's nothing wrong with line {correct[0]}, at least not by itself.")
    missing = [hint for mistake_lines, _, hint in MISTAKES.values() if not numbers & set(mistake_lines)]
    if missing:
        found = len(MISTAKES) - len(missing)
        return Verdict(False, f"{found} of {len(MISTAKES)} found. {missing[0]}")
    return Verdict(True, " ".join(f"Line {line}: {why}" for line, (_, why, _) in MISTAKES.items()))


def check_agrees(answer) -> Verdict:
    """Check exercise 2: a run that learns the new photos and still predicts the same for most shipped pictures."""
    if (wrong := check_ended(answer)) is not None:
        return wrong
    if not is_own(answer.settings.pair):
        return Verdict(False, "This run is one of the collection's. Make its settings with photo_net.settings(...).")
    moved = dict(zip(answer.layer_names, answer.history["drift"][answer.result_point], strict=True))
    if max(drift for name, drift in moved.items() if name not in (OLD_HEAD, NEW_HEAD)) < LEAST_MOVEMENT:
        return Verdict(False, "The backbone must learn: if it's frozen, 100% agreement is no achievement.")
    if answer.settings.strategy == "duplicate and fine-tune":
        return Verdict(False, "With a copy of the network nothing is forgotten; here one network must do both.")
    agreement, new = answer.history["old_accuracy"][answer.result_point], new_accuracy(answer)
    numbers = f"agreement {agreement:.1%}, new task {new:.1%}, on validation pictures"
    if agreement < LEAST_AGREEMENT:
        lost = points_forgotten(answer)
        return Verdict(False, f"Its predictions have changed too much ({lost:.0f} points lost): {numbers}.")
    if new < LEAST_NEW:
        return Verdict(False, f"Too little is learned: {numbers}. Was the head trained long enough before?")
    return Verdict(True, f"Both at once: {numbers}. {test_results(answer)}")
