"""Which layers train from which update on, and how fast, where nothing is switched by hand."""

from collections.abc import Iterable, Mapping


def stages(
    layers: tuple[str, ...], blocks: tuple[str, ...], fresh: tuple[str, ...], warm_up: int, unfreeze_every: int
) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The warm-up, then all layers at once or block by block from the top (gradual unfreezing).

    Args:
        layers: The layers that train in the end, from the input to the heads.
        blocks: The blocks of the backbone, from the input.
        fresh: The layers that begin at random: those of the warm-up.
        warm_up: The number of updates in the warm-up.
        unfreeze_every: The number of updates from one block to the next; 0 for all at once.

    Returns:
        Pairs (update, layers that train from this update on).
    """
    planned = [(0, fresh)] if warm_up else []
    if not unfreeze_every:
        return (*planned, (warm_up, layers))
    trained_blocks = [name for name in layers if name in blocks]
    # The heads come first, unless they have trained in the warm-up or are frozen.
    first = min(len(trained_blocks), 1 if warm_up or len(trained_blocks) == len(layers) else 0)
    for count in range(first, len(trained_blocks) + 1):
        waiting = trained_blocks[: len(trained_blocks) - count]
        update = warm_up + (count - first) * unfreeze_every
        planned.append((update, tuple(name for name in layers if name not in waiting)))
    return tuple(planned)


def rate_factors(
    names: Iterable[str],
    blocks: tuple[str, ...],
    backbone_rate: float,
    rate_decay: float,
    layer_rates: Mapping[str, float],
) -> dict[str, float]:
    """The factor of the learning rate for each layer.

    Args:
        names: The layers of the network.
        blocks: The blocks of the backbone, from the input.
        backbone_rate: The factor for the whole backbone.
        rate_decay: The ratio of a block's rate to that of the block below it.
        layer_rates: A further factor by layer; 1 where a layer isn't named.
    """
    factors = {}
    for name in names:
        depth = len(blocks) - blocks.index(name) if name in blocks else 0  # counted from the heads
        factor = backbone_rate / rate_decay**depth if name in blocks else 1.0
        factors[name] = factor * layer_rates.get(name, 1.0)
    return factors
