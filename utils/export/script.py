"""A run written out as a script in plain Keras, which gives the same accuracies."""

from collections.abc import Iterable
from dataclasses import dataclass

from utils.export import parts
from utils.export.layers import STAGE
from utils.export.network import fitted_code, network_code
from utils.export.phases import training_code
from utils.export.plan import CodePlan
from utils.export.text import written
from utils.models import BUILT_IN
from utils.strategies import Settings, Span, timeline
from utils.tasks import PAIRS


@dataclass(frozen=True)
class Result:
    """What came of a run, as far as its script tells of it.

    status: as in `Run`. updates: how many were made; result_update: how many the weights have seen that were measured.
    accuracies: of the old task before, of the old and of the new task after, fractions of the test images; () where
    they aren't known.
    """

    status: str
    updates: int
    result_update: int
    accuracies: tuple[float, ...] = ()


def keras_code(settings: Settings, spans: Iterable[Span] | None = None, result: Result | None = None) -> str:
    """The script: imports, data, model, training phase by phase, evaluation.

    spans: the timeline of the run, up to where its result was measured; None for that of the settings, as planned.
    result: what came of it, for the script's first words.

    Of this project it needs the pair of tasks and the checkpoint alone. Started where the project lies, it prints the
    accuracies of the run. Some 70 to 90 lines; with `small_resnet` 15 more, where layers join later or learn at
    different rates 15 more, and a line for each phase.
    Raises a ValueError where the backbone has layers that can't be written out, or is the reader's own.
    """
    if settings.meaning.tasks or settings.pair not in PAIRS or settings.backbone not in BUILT_IN:
        raise ValueError(
            "No script for a network or tasks of your own, which no file could fetch: in a fit of yours, "
            "set_trainable(model, [...]) freezes the same layers, and ForgettingCallback(old_x, old_y) measures."
        )
    for term in settings.row.losses:
        if term.code is None:
            raise ValueError(f"No script with the loss term {term.name!r}: it doesn't say how it's written in Keras.")
    plan = CodePlan(settings, timeline(settings, (), settings.updates) if spans is None else spans)
    network = network_code(plan)
    functions = [parts.CHOOSE, *_batches(plan), *_losses(plan)]
    functions += [parts.LAYER_BY_LAYER] * (not plan.together) + [STAGE] * ("stage(" in network)
    start = [code.setup for code in plan.regularizers]
    story = [_data(plan), network, *start, fitted_code(plan), training_code(plan), _printed(plan)]
    begin = _apart(1, [_docstring(settings, result), parts.IMPORTS, _constants(plan)])
    return _apart(2, [begin, *functions, _accuracy(result), _apart(1, story)]) + "\n"


def _apart(lines, pieces):
    """The pieces that aren't empty, with so many empty lines between."""
    return ("\n" * (lines + 1)).join(piece.strip("\n") for piece in pieces if piece)


def _docstring(settings, result):
    lines = [f'"""{settings.strategy}, written out in plain Keras.', ""]
    if result and result.accuracies:
        before, old, new = (100 * share for share in result.accuracies)
        tested = f"on test {settings.examples}"
        lines.append(f"The run that it repeats: old task {before:.1f} -> {old:.1f} %, new task {new:.1f} % {tested}.")
    if result and result.status in ("stopped", "diverged"):
        ended = "was stopped" if result.status == "stopped" else "diverged"
        lines.append(f"It {ended} at update {result.updates}.")
    if result and result.result_update < result.updates:
        best = f"its result is from update {result.result_update:,}, its best"
        lines.append(f"It made {result.updates:,} updates; {best}.")
    return "\n".join(lines).strip() + ('\n"""' if len(lines) > 2 else '"""')


def _constants(plan):
    """What no phase changes."""
    fixed = {name: written(values[0]) for name, values in plan.hyperparameters.items() if name not in plan.varying}
    names, values = ["SEED", "BATCH"], [str(plan.settings.seed), str(plan.settings.batch_size)]
    if "rate" in fixed:
        names, values = [*names, "rate"], [*values, fixed.pop("rate")]
    lines = [f"{', '.join(names)} = {', '.join(values)}"]
    meaning = {"old_loss_weight": "λ: how much the old task's part of the loss counts"}
    for term in plan.strategy.losses:
        meaning |= {option.name: f"{plan.symbols[option.name]} of the {term.name}" for option in term.options}
    return "\n".join(lines + [f"{name} = {value}  # {meaning[name]}" for name, value in fixed.items()])


def _data(plan):
    one = plan.settings
    given = [written(one.pair), *(f"{name}={written(value)}" for name, value in plan.pair_arguments.items())]
    lines = [
        f"pair = load_pair({', '.join(given)})",
        f"chosen = choose(pair.new.y_train, {one.new_images})",
        "x, y = tf.constant(pair.new.x_train[chosen]), tf.constant(pair.new.y_train[chosen])",
    ]
    if plan.strategy.needs_old_data:
        count = "len(pair.old.y_train)" if one.old_images is None else one.old_images
        lines += [
            f"chosen = choose(pair.old.y_train, {count})",
            "old_x, old_y = tf.constant(pair.old.x_train[chosen]), tf.constant(pair.old.y_train[chosen])",
        ]
    return "\n".join(lines)


def _batches(plan):
    if not plan.rehearses:
        several = "tf.nest.map_structure(lambda values: tf.gather(values, i), (x, wanted))"
        return [parts.BATCHES.replace("{batch}", several if plan.records else "(tf.gather(x, i), tf.gather(y, i))")]
    answers = '{"new_head": tf.gather(y, i), "old_task": tf.gather(old_y, j)}'
    if plan.records:
        gathered = "{name: tf.gather(values, i) for name, values in wanted.items()}"
        answers = f'{gathered} | {{"old_task": tf.gather(old_y, j)}}'
    return [parts.BATCHES_OF_BOTH.replace("{answers}", answers)]


def _losses(plan):
    """The functions that Keras hasn't."""
    return dict.fromkeys(code.definition for code in (*plan.regularizers, *plan.outputs))


def _accuracy(result):
    logits = "model.predict(task.x_test, batch_size=250, verbose=0)"
    percent = f"return 100 * np.mean({logits}.argmax(axis=1) == task.y_test)"
    if result and result.status == "diverged":  # what is no number is wrong
        finite = "np.isfinite(logits).all(axis=1)"
        percent = f"logits = {logits}\n    return 100 * np.mean((logits.argmax(axis=1) == task.y_test) & {finite})"
    return parts.ACCURACY.format(percent=percent)


def _printed(plan):
    return parts.PRINTED.format(old="checkpoint" if plan.strategy.keeps_copy else "old_task")
