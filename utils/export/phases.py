"""The part of a script that trains, phase by phase."""

from utils.export.network import loss_arguments
from utils.export.plan import CodePlan
from utils.export.text import assigned, row, written


def training_code(plan: CodePlan) -> str:
    """Flags, compile and fit: once, or in a loop over a table of phases; empty where no update was made."""
    if not plan.phases:
        return ""
    lines = []
    if not plan.together and not plan.one_rate:
        lines += assigned("FACTORS", {name: repr(one) for name, one in plan.factors.items() if one != 1})
    steps = [*_optimizer_begins(plan), *_flags_and_rates(plan), *_fit(plan)]
    if not plan.several:
        return "\n".join([*lines, f"trained = {written(plan.phases[0].trained)}", *steps])
    varying = plan.varying
    shown = {name: f"new_{name}" if name == symbol else symbol for name, symbol in plan.symbols.items()}
    if looked_up := [name for name in varying if name in shown]:  # by the losses, under names of their own
        steps.insert(0, f"{', '.join(looked_up)} = {', '.join(map(shown.get, looked_up))}")
    columns = ["first update", "end", *((plan.symbols | {"rate": "learning rate"})[name] for name in varying)]
    columns.append("what learns")
    lines += ["PHASES = [  # compiled anew for each: Keras fixes there what trains", f"    # {', '.join(columns)}"]
    for number, phase in enumerate(plan.phases):
        values = (plan.hyperparameters[name][number] for name in varying)
        lines += row([phase.first, phase.last, *values, phase.trained])
    names = [shown.get(name, name) for name in varying]
    lines += ["]", f"for {', '.join(['first', 'last', *names, 'trained'])} in PHASES:"]
    return "\n".join([*lines, *(f"    {line}" for line in steps)])


def _optimizer_begins(plan):
    """The line that makes a new optimizer, in the phases in which it starts afresh."""
    sgd = plan.settings.optimizer == "sgd"
    given = ["rate"] * plan.together + ["momentum=0.9"] * sgd
    made = f"keras.optimizers.{'SGD' if sgd else 'Adam'}({', '.join(given)})"
    made = f"optimizer = {made}" if plan.together else f"optimizers = {{name: {made} for name in network}}"
    starts = [phase.first for phase in plan.phases if phase.fresh_optimizer]
    if len(starts) == len(plan.phases):
        return [made + "  # anew, too: no momentum is left from the phase before"] if plan.several else [made]
    if len(starts) == 1:
        return ["if first == 0:  # later phases go on with its momentum", f"    {made}"]
    return [f"if first in {written(tuple(starts))}:  # at the start, and anew after the warm-up", f"    {made}"]


def _flags_and_rates(plan):
    lines = ["for name, layer in network.items():", "    layer.trainable = name in trained"]
    if plan.together:
        rates_change = "rate" in plan.varying and not all(phase.fresh_optimizer for phase in plan.phases)
        return [*lines, "optimizer.learning_rate = rate"] if rates_change else lines
    factor = " * FACTORS.get(name, 1)"
    if plan.one_rate:
        factor = f" * {plan.factor!r}" if plan.factor != 1 else ""
    return [
        *lines,
        f"    optimizers[name].learning_rate = rate{factor}",
        "    if layer.trainable and not optimizers[name].built:",
        "        optimizers[name].build(layer.trainable_weights)",
    ]


def _fit(plan):
    compiled = ", ".join(["optimizer" if plan.together else "None", *loss_arguments(plan)])
    lines = [f"model.compile({compiled})"]
    span = "first, last" if plan.several else f"0, {plan.phases[0].last}"
    seen = f"batches({span})"
    if plan.rehearses:
        lines.append(f"chosen = rows(len(x), {span}), rows(len(old_x), {span}, 1)")
        seen = "tf.data.Dataset.from_tensor_slices(chosen).map(batch)"
    return [*lines, f"model.fit({seen}, shuffle=False, verbose=2)"]
