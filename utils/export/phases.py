"""The part of a script that trains, phase by phase."""

from textwrap import indent

from utils.export.network import loss_arguments
from utils.export.plan import CodePlan
from utils.export.text import assignment, literal, tuple_item

_LOOP = """\
PHASES = [  # compiled again for each: that is when Keras fixes what trains
    # {columns}
{phases}
]
for {variables} in PHASES:
{body}"""

_FLAGS = """\
for name, layer in network.items():
    layer.trainable = name in trained"""

_LAYER_BY_LAYER_RATES = """
    optimizers[name].learning_rate = rate{factor}
    if layer.trainable and not optimizers[name].built:
        optimizers[name].build(layer.trainable_weights)"""


def training_code(plan: CodePlan) -> str:
    """Flags, compile and fit: once, or in a loop over a table of phases; empty where no update was made."""
    if not plan.phases:
        return ""
    lines = []
    if not plan.one_optimizer and not plan.one_rate:
        lines += assignment("FACTORS", {name: repr(factor) for name, factor in plan.factors.items() if factor != 1})
    train = "\n".join([_new_optimizer(plan), _flags_and_rates(plan), _fit(plan)])
    if plan.has_several_phases:
        return "\n".join([*lines, _loop(plan, train)])
    return "\n".join([*lines, f"trained = {literal(plan.phases[0].trained)}", train])


def _loop(plan, body):
    """The table of phases, and the loop over it that trains in each."""
    varying, symbols = plan.varying, plan.symbols
    # A hyperparameter of the losses is a variable of the script. In the loop it goes by its symbol, if nothing else is
    # called so; the losses read it from the assignment alone.
    variables = {name: symbol if _is_free(symbol, symbols) else f"new_{name}" for name, symbol in symbols.items()}
    if of_losses := [name for name in varying if name in variables]:
        body = f"{', '.join(of_losses)} = {', '.join(variables[name] for name in of_losses)}\n{body}"
    lines = []
    for number, phase in enumerate(plan.phases):
        values = (plan.hyperparameters[name][number] for name in varying)
        lines += tuple_item([phase.first, phase.last, *values, phase.trained])
    titles = symbols | {"rate": "learning rate"}
    return _LOOP.format(
        columns=", ".join(["first update", "end", *(titles[name] for name in varying), "what learns"]),
        phases="\n".join(lines),
        variables=", ".join(["first", "last", *(variables.get(name, name) for name in varying), "trained"]),
        body=indent(body, "    "),
    )


def _is_free(symbol, symbols):
    """Whether a symbol is that of one hyperparameter alone, and no variable of the script: those are in lower case."""
    return list(symbols.values()).count(symbol) == 1 and len(symbol) == 1 and not "a" <= symbol <= "z"


def _new_optimizer(plan):
    """The line that makes a new optimizer, in the phases in which it starts afresh."""
    arguments = ["rate"] if plan.one_optimizer else []
    if plan.settings.optimizer == "sgd":
        optimizer, arguments = "SGD", [*arguments, "momentum=0.9"]
    else:
        optimizer = "Adam"
    call = f"keras.optimizers.{optimizer}({', '.join(arguments)})"
    line = f"optimizer = {call}" if plan.one_optimizer else f"optimizers = {{name: {call} for name in network}}"
    starts = [phase.first for phase in plan.phases if phase.fresh_optimizer]
    if not plan.has_several_phases:
        return line
    if len(starts) == len(plan.phases):
        return f"{line}  # a new one, without momentum"
    if len(starts) == 1:
        return f"if first == 0:  # later phases keep its momentum\n    {line}"
    return f"if first in {literal(tuple(starts))}:  # at the start, and again after the warm-up\n    {line}"


def _flags_and_rates(plan):
    if not plan.one_optimizer:
        factor = " * FACTORS.get(name, 1)"
        if plan.one_rate:
            factor = f" * {plan.factor!r}" if plan.factor != 1 else ""
        return _FLAGS + _LAYER_BY_LAYER_RATES.format(factor=factor)
    if "rate" in plan.varying and not all(phase.fresh_optimizer for phase in plan.phases):
        return f"{_FLAGS}\noptimizer.learning_rate = rate"
    return _FLAGS


def _fit(plan):
    arguments = ", ".join(["optimizer" if plan.one_optimizer else "None", *loss_arguments(plan)])
    updates = "first, last" if plan.has_several_phases else f"0, {plan.phases[0].last}"
    lines = [f"model.compile({arguments})"]
    data = f"batches({updates})"
    if plan.rehearses:
        lines.append(f"chosen = rows(len(x), {updates}), rows(len(old_x), {updates}, 1)")
        data = "tf.data.Dataset.from_tensor_slices(chosen).map(batch)"
    return "\n".join([*lines, f"model.fit({data}, shuffle=False, verbose=2)"])
