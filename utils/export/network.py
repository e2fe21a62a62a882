"""The part of a script that builds the networks, and the targets and losses of the one that is fitted."""

from utils.export.layers import backbone_code
from utils.export.plan import OLD_LABELS, CodePlan
from utils.export.text import assignment, call_item, dictionary, literal
from utils.models import NEW_HEAD, OLD_HEAD, TransferModel

_CROSS_ENTROPY = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"

_IMAGE = "features = image = keras.Input(x.shape[1:])"
_BACKBONE = """\
for name in {names}:
    features = network[name](features)"""

_CHECKPOINT = """\
old_task = keras.Model(image, network["old_head"](features))
checkpoint = pretrained(pair, {backbone}).keras_model("old")
old_task.set_weights(checkpoint.get_weights())"""

_ADDED_BEGIN = """\
for number, weight in enumerate({weights}, start=2):  # added layers begin at random, or with zeros
    if weight.name == "kernel" and np.any(weight):
        drawn = int(np.random.SeedSequence([SEED, number]).generate_state(1)[0] >> 1)
        weight.assign(keras.initializers.GlorotUniform(drawn)(weight.shape))"""

_STANDARDIZED = """\
values = keras.Model(image, {seen}).predict(x, batch_size=250, verbose=0)
mean, variance = values.mean(axis=0), values.var(axis=0)
variance[np.ptp(values, axis=0) <= 1e-6 * np.abs(values).max(axis=0)] = 1  # a constant feature keeps its scale
standardized = layers.Normalization(mean=mean, variance=variance)({seen})"""


def network_code(plan: CodePlan) -> str:
    """All layers by name, a model for each task, and the checkpoint's weights in them."""
    backbone, added = plan.settings.network, plan.strategy.added
    if added:
        _check_weights(plan)
    blocks, added_layers = backbone_code(backbone, plan.pair.new.input_shape, added)
    names, pieces = literal(backbone.layer_names), [_layers(plan, blocks | added_layers)]
    if plan.regularizers or added:
        pieces.append(f"BACKBONE = {names}")
        names = "BACKBONE"
    pieces += [_IMAGE, added.code if added else _BACKBONE.format(names=names)]
    pieces.append(_CHECKPOINT.format(backbone=literal(backbone.name)))
    if added:
        weights = [f"network[{literal(name)}].weights" for name in added_layers]
        if len(weights) > 1:
            pieces += ["added = [", *(f"    *{layer_weights}," for layer_weights in weights), "]"]
        pieces.append(_ADDED_BEGIN.format(weights=weights[0] if len(weights) == 1 else "added"))
    seen = "seen" if added else "features"
    if plan.settings.standardizes:
        pieces.append(_STANDARDIZED.format(seen=seen))
        seen = "standardized"
    return "\n".join([*pieces, f'new_task = keras.Model(image, network["new_head"]({seen}))'])


def _check_weights(plan):
    """Raise a ValueError where added layers read weights that train: a Keras model has those of its layers alone."""
    pair, trained = plan.pair, {name for phase in plan.phases for name in phase.trained}
    classes = pair.old.classes, pair.new.classes
    model = TransferModel(plan.settings.network, pair.new.input_shape, *classes, plan.strategy.added)
    contained = {id(weight) for weight in model.keras_model("new").weights}
    for block in model.blocks:
        if block.name in trained and not contained.issuperset(map(id, model.weights(block.name))):
            raise ValueError(
                f"There is no script with the added layers {plan.strategy.added.name!r}: they read weights of "
                f"{block.name!r} themselves, which a Keras model doesn't train then. Put that into a layer."
            )


def _layers(plan, calls):
    """The dictionary of all layers by name."""
    new_head = "kernel_initializer=keras.initializers.GlorotUniform(SEED)"
    if plan.settings.head_l2:
        new_head += f", kernel_regularizer=keras.regularizers.L2({literal(plan.settings.head_l2)})"
    calls = dict(calls)
    calls[OLD_HEAD] = f"layers.Dense({plan.pair.old.classes})"
    calls[NEW_HEAD] = f"layers.Dense({plan.pair.new.classes}, {new_head})"
    items = [line for name, call in calls.items() for line in call_item(name, call)]
    return "\n".join(["network = {", *items, "}"])


def fitted_code(plan: CodePlan) -> str:
    """The model that is fitted, its losses, and the targets of its outputs."""
    kind = "keras.Model" if plan.one_optimizer else "LayerByLayer"
    if len(plan.outputs) == 1:
        model = "new_task" if plan.one_optimizer else "LayerByLayer(image, new_task.output)"
        return f"model = {model}\nloss = {_CROSS_ENTROPY}"
    outputs = {output.key: output.output for output in plan.outputs}
    targets = {output.key: output.target for output in plan.outputs if output.target != OLD_LABELS}
    lines = [f"cross_entropy = {_CROSS_ENTROPY}", f"model = {kind}(image, {dictionary(outputs)})"]
    if plan.records:
        lines += assignment("targets", targets)
    losses = {output.key: _loss(output, plan.rehearses) for output in plan.outputs}
    return "\n".join(lines + assignment("loss", losses))


def _loss(output, rehearses):
    """The function for one output. In a batch of both tasks, the new images come first, then the old ones."""
    if not rehearses:
        return output.function
    rows = "BATCH:" if output.target == OLD_LABELS else ":BATCH"
    return f"lambda target, output: {output.function}(target, output[{rows}])"


def loss_arguments(plan: CodePlan) -> list[str]:
    """The arguments of `compile` about the losses."""
    if len(plan.outputs) == 1:
        return ["loss"]
    protects = {term.code: term.protects for term in plan.strategy.losses}
    weights = {output.key: "old_loss_weight" if protects[output] else "1.0" for output in plan.outputs}
    return ["loss", f"loss_weights={dictionary(weights)}"]
