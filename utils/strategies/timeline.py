"""The timeline of a run: the spans of updates in which the trained layers, the rate, λ and T didn't change.

The training loop, `Run`, its figure and its Keras code all use it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from utils.checks import check_kind, check_list, check_names, check_whole_number
from utils.messages import given
from utils.strategies.controls import Change
from utils.strategies.settings import Settings


@dataclass(frozen=True)
class Span:
    """Some updates in a row between which nothing changed.

    Attributes:
        first: The first update.
        last: The update after the last one.
        layers: The layers that are unfrozen.
        trained: Those of them that learn, since a loss reaches them.
        learning_rate: The learning rate before it is multiplied by the layers' factors.
        old_loss_weight: λ.
        options: Pairs (name, value) of the loss terms' options, including T.
        fresh_optimizer: Whether the optimizer starts afresh here, as at the start and after a warm-up.
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
    """Work out the spans of a run.

    The stages of the settings (warm-up, gradual unfreezing) apply until layers are switched by hand. That ends a
    warm-up, too: where it has a rate of its own, the usual one follows, whatever was set in the meantime.

    Args:
        settings: The settings of the run.
        events: Pairs (update, `Change`) in the order of the updates; each takes effect before that update.
        end: The number of updates.

    Returns:
        The spans in order; () without updates.
    """
    check_kind("settings", settings, Settings, "give a Settings")
    stages, events = settings.stages, _check_events(events)
    end = check_whole_number("end", end)
    by_hand = min((update for update, change in events if change.trained_layers is not None), default=end)
    stages = [(update, layers) for update, layers in stages if update <= by_hand]
    warm_up = min(settings.warm_up, by_hand) if settings.warm_up_rate is not None else 0
    rate = settings.warm_up_rate if warm_up else settings.learning_rate
    weight, options = settings.protection, settings.options
    layers, spans = (), []
    for first in sorted({update for update, _ in (*stages, *events) if update < end}):
        fresh = first == 0
        for update, unfrozen in stages:
            if update == first:
                layers, fresh = unfrozen, fresh or first == settings.warm_up
        if first == warm_up:
            rate = settings.learning_rate
        for update, change in events:
            if update == first:
                layers = layers if change.trained_layers is None else change.trained_layers
                rate = rate if change.learning_rate is None else change.learning_rate
                weight = weight if change.old_loss_weight is None else change.old_loss_weight
                options = options | change.options
        trained = settings.row.learning(layers, settings.network)
        span = Span(first, end, layers, trained, rate, weight, tuple(options.items()), fresh)
        if spans:
            if not fresh and span == replace(spans[-1], first=first, fresh_optimizer=False):
                continue
            spans[-1] = replace(spans[-1], last=first)
        spans.append(span)
    return tuple(spans)


def _check_events(events) -> tuple[tuple[int, Change], ...]:
    wanted = "give pairs (update, Change)"
    checked = []
    for event in check_list("events", events, tuple | list, wanted):
        if len(event) != 2 or not isinstance(event[1], Change):
            raise ValueError(f"events: {given(event)} is not allowed: {wanted}.")
        checked.append((check_whole_number("events", event[0], wanted=wanted), event[1]))
    return tuple(checked)


def trained_spans(spans: Iterable[Span], layers: Iterable[str]) -> dict[str, list[tuple[int, int]]]:
    """For each layer, the spans [from, to) of updates in which it trained; it was frozen in all others."""
    trained = {name: [] for name in check_names("layers", layers)}
    for span in check_list("spans", spans, Span, "give the spans of a timeline"):
        if missing := set(span.trained) - set(trained):
            raise ValueError(f"layers={given(tuple(trained))} is not allowed: {sorted(missing)[0]!r} is missing.")
        for name in span.trained:
            if trained[name] and trained[name][-1][1] == span.first:
                trained[name][-1] = (trained[name][-1][0], span.last)
            else:
                trained[name].append((span.first, span.last))
    return trained
