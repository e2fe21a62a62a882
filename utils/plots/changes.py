"""What changed during a run, in words: layers that were frozen or unfrozen, and the numbers that were set."""

from collections import defaultdict
from itertools import pairwise

from utils.freezing.fit_record import FitRecord
from utils.plots.style import layer_label
from utils.strategies.timeline import timeline
from utils.training import Run

_NAMED = 2  # layers that are named; of more, their number is said
_SYMBOLS = {"temperature": "T"}  # of options of the loss; others go by their names


def changes(run: Run | FitRecord) -> list[tuple[int, str]]:
    """The changes of a run, by hand or by its settings: pairs (update, text), such as (50, "conv1 frozen, rate 0.01").

    Args:
        run: A run, or the record of a fit.
    """
    texts = defaultdict(list)
    for update, text in (*_of_layers(run), *_of_numbers(run)):
        texts[update].append(text)
    return [(update, ", ".join(texts[update])) for update in sorted(texts)]


def _of_layers(run):
    spans = run.trained_spans()
    frozen, unfrozen = defaultdict(list), defaultdict(list)
    planned = _planned(run)
    for name in run.layer_names:
        trains_first = bool(spans.get(name)) and spans[name][0][0] == 0
        if planned and trains_first != (name in planned[0].trained):
            (unfrozen if trains_first else frozen)[0].append(name)
        for first, last in spans.get(name, ()):
            if first:
                unfrozen[first].append(name)
            frozen[last].append(name)
    for word, by_update in (("frozen", frozen), ("unfrozen", unfrozen)):
        for update, names in by_update.items():
            if update < run.updates:
                yield update, f"{_listed(names)} {word}"


def _planned(run):
    """The first span as the settings have it: what is changed before the first update differs from it."""
    return timeline(run.settings, (), 1)[:1] if run.timeline else ()


def _of_numbers(run):
    for before, after in pairwise((*_planned(run), *run.timeline)):
        if after.learning_rate != before.learning_rate:
            yield after.first, f"rate {after.learning_rate:g}"
        if after.old_loss_weight != before.old_loss_weight:
            yield after.first, f"λ {after.old_loss_weight:g}"
        for (name, value), (_, old) in zip(after.options, before.options, strict=True):
            if value != old:
                yield after.first, f"{_SYMBOLS.get(name, name.replace('_', ' '))} {value:g}"


def trained_for_a_while(run: Run | FitRecord) -> list[tuple[str, int]]:
    """The layers that trained, but not in all updates, in words, and in how many: ("conv1 and conv2", 50)."""
    names = defaultdict(list)
    for name, spans in run.trained_spans().items():
        names[sum(last - first for first, last in spans)].append(name)
    return [(_listed(names[count]), count) for count in sorted(names) if 0 < count < run.updates]


def _listed(names):
    if len(names) > _NAMED:
        return f"{len(names)} layers"
    return " and ".join(map(layer_label, names))
