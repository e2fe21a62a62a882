"""The part of a script that builds the networks, and says what is wanted of the one that is fitted."""

from utils.export.layers import backbone_code
from utils.export.plan import OLD_LABELS, CodePlan
from utils.export.text import assigned, entry, mapping, written
from utils.models import EXPANSION, NEW_HEAD, OLD_HEAD

_CROSS_ENTROPY = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
_EXPANSION_BEGINS = """\
for number, weight in enumerate(network["expansion"].weights, start=2):  # new units begin at random
    if weight.name == "kernel":
        drawn = int(np.random.SeedSequence([SEED, number]).generate_state(1)[0] >> 1)
        weight.assign(keras.initializers.GlorotUniform(drawn)(weight.shape))"""

_STANDARDIZED = """\
values = keras.Model(image, {seen}).predict(x, batch_size=250, verbose=0)
mean, variance = values.mean(axis=0), values.var(axis=0)
variance[np.ptp(values, axis=0) <= 1e-6 * np.abs(values).max(axis=0)] = 1  # a silent feature keeps its scale
standardized = layers.Normalization(mean=mean, variance=variance)({seen})"""


def network_code(plan: CodePlan) -> str:
    """All layers by name, a model for each task, and the checkpoint's weights in them."""
    backbone, pair = plan.settings.network, plan.pair
    blocks, expansion = backbone_code(backbone, pair.new.input_shape, plan.strategy.expands)
    parts = blocks | ({EXPANSION: expansion} if expansion else {})
    parts[OLD_HEAD] = f"layers.Dense({pair.old.classes})"
    fresh = "kernel_initializer=keras.initializers.GlorotUniform(SEED)"
    if plan.settings.head_l2:
        fresh += f", kernel_regularizer=keras.regularizers.L2({written(plan.settings.head_l2)})"
    parts[NEW_HEAD] = f"layers.Dense({pair.new.classes}, {fresh})"
    lines = ["network = {", *(line for name, code in parts.items() for line in entry(name, code)), "}"]
    names, seen = written(backbone.layer_names), "features"
    if plan.regularizers:
        lines.append(f"BACKBONE = {names}")
        names = "BACKBONE"
    if expansion:
        lines.append(f"*front, top = {names}")
        names, seen = "front", "seen"
    lines += [
        "features = image = keras.Input(x.shape[1:])",
        f"for name in {names}:",
        "    features = network[name](features)",
    ]
    if expansion:
        lines += [
            "before, features = features, network[top](features)",
            'seen = layers.Concatenate()([features, network["expansion"](before)])',
        ]
    lines += [
        'old_task = keras.Model(image, network["old_head"](features))',
        f'checkpoint = pretrained(pair, {written(backbone.name)}).keras_model("old")',
        "old_task.set_weights(checkpoint.get_weights())",
    ]
    lines += [_EXPANSION_BEGINS] if expansion else []
    if plan.settings.standardizes:
        lines.append(_STANDARDIZED.replace("{seen}", seen))
        seen = "standardized"
    return "\n".join([*lines, f'new_task = keras.Model(image, network["new_head"]({seen}))'])


def fitted_code(plan: CodePlan) -> str:
    """The model that is fitted, its losses, and what its outputs should be like."""
    kind = "keras.Model" if plan.together else "LayerByLayer"
    if len(plan.outputs) == 1:
        model = "new_task" if plan.together else "LayerByLayer(image, new_task.output)"
        return f"model = {model}\nloss = {_CROSS_ENTROPY}"
    outputs = {output.key: output.output for output in plan.outputs}
    wanted = {output.key: output.wanted for output in plan.outputs if output.wanted != OLD_LABELS}
    lines = [f"cross_entropy = {_CROSS_ENTROPY}", f"model = {kind}(image, {mapping(outputs)})"]
    if plan.records:
        lines += assigned("wanted", wanted)
    return "\n".join(lines + assigned("loss", {output.key: _loss(output, plan.rehearses) for output in plan.outputs}))


def _loss(output, rehearses):
    """The function for one output; in a batch of both, old images come behind the new ones."""
    if not rehearses:
        return output.function
    rows = "BATCH:" if output.wanted == OLD_LABELS else ":BATCH"
    return f"lambda wanted, output: {output.function}(wanted, output[{rows}])"


def loss_arguments(plan: CodePlan) -> list[str]:
    """The arguments of `compile` about the losses."""
    if len(plan.outputs) == 1:
        return ["loss"]
    protects = {term.code: term.protects for term in plan.strategy.losses}
    weights = {output.key: "old_loss_weight" if protects[output] else "1.0" for output in plan.outputs}
    return ["loss", f"loss_weights={mapping(weights)}"]
