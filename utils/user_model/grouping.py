"""Pieces of a network grouped into few blocks, by its own structure, so that a row of switches stays readable."""

import itertools
import re

from utils.user_model.pieces import Piece

MOST_BLOCKS = 9
_OPENED = 7  # of a block that is opened; what is before and behind it are two more
# Names by which well-known networks say what belongs together: conv2_block1_…, block_3_…, block2a_…, stage1_…
_FINE = re.compile(r"^(conv\d+_block\d+|block_?\d+[a-z]?|stage_?\d+(?:_block_?\d+)?|layer_?\d+)(?=_|$)")
_COARSE = re.compile(r"^(conv\d+|block_?\d+|stage_?\d+|layer_?\d+)(?=_|[a-z]|$)")
_TAKEN = ("old_head", "new_head", "expansion", "before", "behind")

Group = tuple[str, tuple[int, int]]  # a name, and the pieces from … up to, but without, …


def units(found: list[Piece]) -> list[tuple[int, int]]:
    """Spans of pieces that are frozen together at least: a layer with weights and what belongs to it.

    What comes before the first such layer belongs to it, too.
    """
    starts = [i for i, piece in enumerate(found) if not piece.joins_the_one_before] or [0]
    return list(zip([0, *starts[1:]], [*starts[1:], len(found)], strict=True))


def blocks(found: list[Piece], most: int = MOST_BLOCKS) -> list[Group]:
    """At most so many named groups: single layers where they are few, or by common names, or by height and width."""
    single = units(found)
    fine = _joined(single, [_key(found, unit, _FINE) for unit in single])
    ways = [single, fine, _joined(fine, [_key(found, unit, _COARSE) for unit in fine])]
    for spans in ways:
        if len(spans) <= most:
            return _named(found, spans)
    by_size = _joined(fine, [found[end - 1].shape[:-1] for _, end in fine])
    return _named(found, by_size if 3 <= len(by_size) <= most else _evenly(fine, most), "stage")


def opened(found: list[Piece], group: Group) -> list[Group]:
    """The layers of one block as blocks of their own; all before it and all behind it as one each."""
    _, (start, end) = group
    inside = [span for span in units(found) if start <= span[0] and span[1] <= end]
    made = _named(found, _evenly(inside, _OPENED))
    before = [("before", (0, start))] if start else []
    behind = [("behind", (end, len(found)))] if end < len(found) else []
    return [*before, *made, *behind]


def _joined(spans, keys):
    """Neighbours with the same key as one; None is the key of nobody."""
    numbered = [(key if key is not None else i, span) for i, (key, span) in enumerate(zip(keys, spans, strict=True))]
    rows = [[span for _, span in row] for _, row in itertools.groupby(numbered, key=lambda one: one[0])]
    return [(row[0][0], row[-1][1]) for row in rows]


def _evenly(spans, most):
    count = min(most, len(spans))
    ends = [round(i * len(spans) / count) for i in range(count + 1)]
    return [(spans[a][0], spans[b - 1][1]) for a, b in zip(ends, ends[1:], strict=False)]


def _key(found, span, pattern):
    """The beginning that the names of all layers in these pieces share; None where they share none."""
    names = [name.lower() for piece in found[span[0] : span[1]] for name in piece.names]
    keys = {match[1] if (match := pattern.match(name)) else None for name in names}
    return keys.pop() if len(keys) == 1 else None


def _named(found, spans, stem="part"):
    made, taken = [], set(_TAKEN)
    for number, (start, end) in enumerate(spans, 1):
        weighty = [piece for piece in found[start:end] if not piece.joins_the_one_before]
        common = _key(found, (start, end), _FINE) or _key(found, (start, end), _COARSE)
        single = len(weighty) == 1 and len(weighty[0].parts) == 1
        name = weighty[0].names[0] if single else common
        name = re.sub(r"\W", "_", name or f"{stem}{number}")
        while name in taken:
            name += "_"
        taken.add(name)
        made.append((name, (start, end)))
    return made
