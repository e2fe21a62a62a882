"""The names that a script uses itself: what a loss term's options, outputs and functions must not be called."""

import re

from utils.export import network, parts, phases
from utils.export.layers import STAGE
from utils.strategies import LossTerm, Strategy


def _words(text):
    return frozenset(re.findall(r"[^\W\d]\w*", text))


_TEMPLATES = [
    text
    for module in (network, parts, phases)
    for name, text in vars(module).items()
    if isinstance(text, str) and not name.startswith("__")
]
_ASSIGNED = "SEED BATCH FACTORS PHASES BACKBONE rate old_loss_weight pair chosen x y old_x old_y top front trained"
RESERVED = _words(" ".join([*_TEMPLATES, STAGE, _ASSIGNED]))
# What the code of added layers must not assign.
_DATA = _words(
    "SEED BATCH FACTORS PHASES BACKBONE pair chosen x y old_x old_y image network keras layers np tf old_task new_task "
    "checkpoint added number weight drawn standardized values mean variance"
)


def check_names(strategy: Strategy) -> None:
    """Check that a strategy's loss terms and added layers can be written in one script.

    Raises:
        ValueError: For a strategy that this process doesn't know, for a term or layers without code, for layers whose
            code assigns a variable of the script, for an option with the name of one, and for two terms with outputs
            or functions of one name.
    """
    added = strategy.added
    if not strategy.known:
        raise ValueError(
            f"There is no script of {strategy.name!r}: it isn't known in this process. Give the settings its Strategy, "
            "or enter it in STRATEGIES before you load the run."
        )
    if added and added.code is None:
        raise ValueError(f"There is no script with the added layers {added.name!r}: they have no code for Keras.")
    if added and (taken := added.assigned & _DATA):
        raise ValueError(
            f"There is no script with the added layers {added.name!r}: their code assigns {', '.join(sorted(taken))}, "
            "which the script uses itself. Choose other names."
        )
    reserved = RESERVED | (_words(added.code) if added else frozenset())
    for term in strategy.losses:
        if term.code is None:
            raise ValueError(f"There is no script with the loss term {term.name!r}: it has no code for Keras.")
    for option in strategy.options:
        if option.name in reserved:
            raise ValueError(
                f"There is no script with the option {option.name!r}: the script has a variable of this name. Give the "
                "option another one."
            )
    for what, names in (("output", _outputs), ("function", _functions)):
        owners: dict[str, LossTerm] = {}
        for term in strategy.losses:
            for name in names(term.code):
                other = owners.setdefault(name, term)
                if other is not term and not (what == "function" and other.code.definition == term.code.definition):
                    raise ValueError(
                        f"There is no script with the loss terms {other.name!r} and {term.name!r}: each has an {what} "
                        f"named {name!r} in its code. Rename one of them."
                    )


def _outputs(code):
    return [code.key] if hasattr(code, "key") else []


def _functions(code):
    return re.findall(r"^(?:def|class)\s+(\w+)", code.definition, re.MULTILINE)
