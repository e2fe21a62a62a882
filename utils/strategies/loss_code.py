"""How a term of a loss is written in plain Keras: as a loss of an output, or as a regularizer of weights."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OutputCode:
    """The plain Keras code of a term that depends on an output of the network: one of the losses of `compile`.

    Attributes:
        key: The name of the output.
        output: The expression of the symbolic output; it can use `image`, `features`, `old_task` and `new_task`.
        target: The expression of its targets for all images x, evaluated at the checkpoint.
        function: The name of the loss function, which is called with rows of the targets and of the output.
        definition: The lines that define that function; it can use `old_loss_weight` and the options as variables.
    """

    key: str
    output: str
    target: str
    function: str
    definition: str = ""


@dataclass(frozen=True)
class WeightCode:
    """The plain Keras code of a term that depends on weights: regularizers.

    Attributes:
        definition: Functions and classes; they can use `old_loss_weight` and the options as variables, and must
            multiply by `old_loss_weight` themselves.
        setup: The lines that give each weight its regularizer, run once at the checkpoint. They can use `BACKBONE`
            (names of the blocks), `network` (layers by name), `old_task`, `new_task`, the images `x` with the labels
            `y` and, for a term that needs them, `old_x` with `old_y`.
    """

    definition: str
    setup: str
