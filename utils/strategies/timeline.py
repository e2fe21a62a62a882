"""The timeline of a run: the spans of updates in which the trained layers, the rate, λ and T didn't change.

The loop that trains, `Run`, its figure and its Keras code all take it from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from utils.strategies.controls import Change
from utils.strategies.settings import Settings


@dataclass(frozen=True)
class Span:
    """The updates from `first` up to, but without, `last`.

    layers: those that are unfrozen. trained: those of them that learn, since a loss reaches them. learning_rate: before
    the layers' factors. old_loss_weight: λ. options: of the loss terms, pairs (name, value), T among them.
    fresh_optimizer: whether the optimizer starts afresh here, as at the start and after a warm-up.
    """

    first: int
    last: int
    layers: tuple[str, ...]
    trained: tuple[str, ...]
    learning_rate: float
    old_loss_weight: float
    options: tuple[tuple[str, float], ...]
    fresh_optimizer: bool = False


def timeline(settings: Settings, events: Iterable[tuple[int, Change]], end: int) -> tuple[Span, ...]:
    """The spans of a run with these settings in which this was switched, up to the update `end`; () where that is 0.

    events: pairs (update, Change) in the order of the updates, in effect from that update on. The settings' own stages
    (warm-up, gradual unfreezing) hold until layers are switched by hand.
    """
    row, stages, events = settings.row, settings.stages, tuple(events)
    by_hand = min((update for update, change in events if change.trained_layers is not None), default=end)
    stages = [(update, layers) for update, layers in stages if update <= by_hand]
    rate, weight, options = settings.learning_rate, settings.protection, settings.options
    layers, spans = (), []
    for first in sorted({update for update, _ in (*stages, *events) if update < end}):
        fresh = first == 0
        for update, unfrozen in stages:
            if update == first:
                layers, fresh = unfrozen, fresh or first == settings.warm_up
        for update, change in events:
            if update == first:
                layers = layers if change.trained_layers is None else change.trained_layers
                rate = rate if change.learning_rate is None else change.learning_rate
                weight = weight if change.old_loss_weight is None else change.old_loss_weight
                options = options | change.options
        trained = row.learning(layers, settings.network)
        span = Span(first, end, layers, trained, rate, weight, tuple(options.items()), fresh)
        if spans:
            if not fresh and span == replace(spans[-1], first=first, fresh_optimizer=False):
                continue
            spans[-1] = replace(spans[-1], last=first)
        spans.append(span)
    return tuple(spans)


def trained_spans(spans: Iterable[Span], layers: Iterable[str]) -> dict[str, list[tuple[int, int]]]:
    """For each of the layers the spans [from, to) of updates in which it trained; it was frozen in all others."""
    found = {name: [] for name in layers}
    for span in spans:
        for name in span.trained:
            if found[name] and found[name][-1][1] == span.first:
                found[name][-1] = (found[name][-1][0], span.last)
            else:
                found[name].append((span.first, span.last))
    return found
