"""A run as a script in plain Keras that gives the same accuracies."""

from collections.abc import Iterable
from dataclasses import dataclass

from utils.checks import check_kind, check_list
from utils.export import parts
from utils.export.layers import STAGE
from utils.export.names import check_names
from utils.export.network import fitted_code, network_code
from utils.export.phases import training_code
from utils.export.plan import OLD_LABELS, CodePlan
from utils.export.text import dictionary, literal
from utils.models import BUILT_IN
from utils.strategies import Settings, Span, timeline
from utils.tasks import PAIRS


@dataclass(frozen=True)
class Result:
    """The result of a run, for the docstring of its script.

    Attributes:
        status: As in `Run`.
        updates: The number of updates made.
        result_update: The update whose weights gave the result.
        accuracies: Of the old task before, the old task after and the new task, as fractions of the test images; ()
            where they aren't known.
    """

    status: str
    updates: int
    result_update: int
    accuracies: tuple[float, ...] = ()


def keras_code(settings: Settings, spans: Iterable[Span] | None = None, result: Result | None = None) -> str:
    """Write a run as a script: imports, data, model, training phase by phase, evaluation.

    From this project the script needs only the pair of tasks and the checkpoint. Run in the project's folder, it prints
    the accuracies of the run. It has some 70 to 90 lines; 15 more with `small_resnet`, 15 more where layers join later
    or learn at different rates, and one for each phase.

    Args:
        settings: The settings of the run.
        spans: The timeline of the run, up to where its result was measured; None for that of the settings, as planned.
        result: The result of the run, for the script's docstring.

    Returns:
        The text of the script.

    Raises:
        ValueError: For a network or tasks of the reader's own, loss terms that can't be written (see `check_names`),
            and a layer of a kind that can't be exported.
    """
    check_kind("settings", settings, Settings, "give a Settings")
    check_kind("result", result, Result | None, "give a Result, or None")
    if spans is not None:
        spans = check_list("spans", spans, Span, "give the spans of a timeline")
    if settings.meaning.tasks or settings.pair not in PAIRS or settings.backbone not in BUILT_IN:
        raise ValueError(
            "There is no script for a network or tasks of your own: it couldn't load them. In your own fit, "
            "set_trainable(model, [...]) freezes the same layers, and ForgettingCallback(old_x, old_y) measures "
            "forgetting."
        )
    check_names(settings.row)
    plan = CodePlan(settings, timeline(settings, (), settings.updates) if spans is None else spans)
    network = network_code(plan)
    functions = [parts.CHOOSE, _batches(plan), *_losses(plan)]
    if not plan.one_optimizer:
        functions.append(parts.LAYER_BY_LAYER)
    if "stage(" in network:
        functions.append(STAGE)
    setups = [code.setup for code in plan.regularizers]
    head = _join(1, [_docstring(settings, result), parts.IMPORTS, _constants(plan)])
    body = _join(1, [_data(plan), network, *setups, fitted_code(plan), training_code(plan), _printed(plan)])
    return _join(2, [head, *functions, _accuracy(result), body]) + "\n"


def _join(empty_lines, pieces):
    """The pieces that aren't empty, with this many empty lines between them."""
    return ("\n" * (empty_lines + 1)).join(piece.strip("\n") for piece in pieces if piece)


def _docstring(settings, result):
    lines = [f'"""{settings.strategy}, written out in plain Keras.', ""]
    if result and result.accuracies:
        before, old, new = (100 * accuracy for accuracy in result.accuracies)
        accuracies = f"old task {before:.1f} -> {old:.1f}%, new task {new:.1f}%"
        lines.append(f"The run that it repeats: {accuracies} on test {settings.examples}.")
    if result and result.status in ("stopped", "diverged"):
        ended = "was stopped" if result.status == "stopped" else "diverged"
        lines.append(f"It {ended} at update {result.updates}.")
    if result and result.result_update < result.updates:
        best = f"its result is from update {result.result_update:,}, its best"
        lines.append(f"It made {result.updates:,} updates; {best}.")
    return "\n".join(lines).strip() + ('\n"""' if len(lines) > 2 else '"""')


def _constants(plan):
    """The seed, the batch size, and the hyperparameters that no phase changes."""
    fixed = {name: literal(values[0]) for name, values in plan.hyperparameters.items() if name not in plan.varying}
    names, values = ["SEED", "BATCH"], [str(plan.settings.seed), str(plan.settings.batch_size)]
    if "rate" in fixed:
        names, values = [*names, "rate"], [*values, fixed.pop("rate")]
    lines = [f"{', '.join(names)} = {', '.join(values)}"]
    meaning = {"old_loss_weight": "λ: the weight of the old task's part of the loss"}
    for term in plan.strategy.losses:
        meaning |= {option.name: f"{plan.symbols[option.name]} of the {term.name}" for option in term.options}
    return "\n".join(lines + [f"{name} = {value}  # {meaning[name]}" for name, value in fixed.items()])


def _data(plan):
    settings = plan.settings
    arguments = [literal(settings.pair)]
    arguments += [f"{name}={literal(value)}" for name, value in plan.pair_arguments.items()]
    lines = [
        f"pair = load_pair({', '.join(arguments)})",
        f"chosen = choose(pair.new.y_train, {settings.new_images})",
        "x, y = tf.constant(pair.new.x_train[chosen]), tf.constant(pair.new.y_train[chosen])",
    ]
    if plan.strategy.needs_old_data:
        count = "len(pair.old.y_train)" if settings.old_images is None else settings.old_images
        lines += [
            f"chosen = choose(pair.old.y_train, {count})",
            "old_x, old_y = tf.constant(pair.old.x_train[chosen]), tf.constant(pair.old.y_train[chosen])",
        ]
    return "\n".join(lines)


def _batches(plan):
    """The functions that make the batches."""
    if plan.rehearses:
        old = {output.key: "tf.gather(old_y, j)" for output in plan.outputs if output.target == OLD_LABELS}
        targets = dictionary({"new_head": "tf.gather(y, i)"} | old)
        if plan.records:
            gathered = "{name: tf.gather(values, i) for name, values in targets.items()}"
            targets = f"{gathered} | {dictionary(old)}"
        return parts.BATCHES_OF_BOTH.format(targets=targets)
    batch = "(tf.gather(x, i), tf.gather(y, i))"
    if plan.records:
        batch = "tf.nest.map_structure(lambda values: tf.gather(values, i), (x, targets))"
    return parts.BATCHES.format(batch=batch)


def _losses(plan):
    """The loss functions and regularizers that Keras doesn't have."""
    return dict.fromkeys(code.definition for code in (*plan.regularizers, *plan.outputs))


def _accuracy(result):
    logits = "model.predict(task.x_test, batch_size=250, verbose=0)"
    percent = f"return 100 * np.mean({logits}.argmax(axis=1) == task.y_test)"
    if result and result.status == "diverged":  # an output that isn't finite counts as wrong
        finite = "np.isfinite(logits).all(axis=1)"
        percent = f"logits = {logits}\n    return 100 * np.mean((logits.argmax(axis=1) == task.y_test) & {finite})"
    return parts.ACCURACY.format(percent=percent)


def _printed(plan):
    return parts.PRINTED.format(old="checkpoint" if plan.strategy.keeps_copy else "old_task")
