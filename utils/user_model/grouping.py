"""Pieces of a network grouped into few blocks, by its own structure, so that a row of switches stays readable."""

import itertools
import re

from utils.user_model.pieces import Piece

MOST_BLOCKS = 9
_MOST_OPENED = 7  # blocks into which one is opened; what comes before and behind it makes two more
# Names by which well-known networks mark what belongs together: conv2_block1_…, block_3_…, block2a_…, stage1_…
_FINE = re.compile(r"^(conv\d+_block\d+|block_?\d+[a-z]?|stage_?\d+(?:_block_?\d+)?|layer_?\d+)(?=_|$)")
_COARSE = re.compile(r"^(conv\d+|block_?\d+|stage_?\d+|layer_?\d+)(?=_|[a-z]|$)")
_RESERVED = ("old_head", "new_head", "expansion", "before", "behind")

Span = tuple[int, int]  # the pieces from this position up to that one, which is left out
Group = tuple[str, Span]  # a block's name and its pieces


def units(pieces: list[Piece]) -> list[Span]:
    """The smallest spans of pieces that make sense to freeze: a layer with weights and what belongs to it.

    What comes before the first such layer belongs to it, too.
    """
    starts = [i for i, piece in enumerate(pieces) if not piece.joins_the_one_before] or [0]
    return list(zip([0, *starts[1:]], [*starts[1:], len(pieces)], strict=True))


def group_pieces(pieces: list[Piece], most: int = MOST_BLOCKS) -> list[Group]:
    """At most `most` named groups: single units where they are few, else by common names, or by height and width."""
    single = units(pieces)
    fine = _join(single, [_prefix(pieces, span, _FINE) for span in single])
    coarse = _join(fine, [_prefix(pieces, span, _COARSE) for span in fine])
    for spans in (single, fine, coarse):
        if len(spans) <= most:
            return _name_groups(pieces, spans)
    by_size = _join(fine, [pieces[end - 1].shape[:-1] for _, end in fine])
    return _name_groups(pieces, by_size if 3 <= len(by_size) <= most else _join_evenly(fine, most), "stage")


def open_group(pieces: list[Piece], group: Group) -> list[Group]:
    """The units of one block as blocks of their own; everything before it, and everything behind it, as one each."""
    _, (start, end) = group
    inside = [span for span in units(pieces) if start <= span[0] and span[1] <= end]
    opened = _name_groups(pieces, _join_evenly(inside, _MOST_OPENED))
    before = [("before", (0, start))] if start else []
    behind = [("behind", (end, len(pieces)))] if end < len(pieces) else []
    return [*before, *opened, *behind]


def _join(spans, keys):
    """Join neighbors that have the same key; a span whose key is None stays alone."""
    keyed = [(i if key is None else key, span) for i, (key, span) in enumerate(zip(keys, spans, strict=True))]
    rows = [[span for _, span in row] for _, row in itertools.groupby(keyed, key=lambda pair: pair[0])]
    return [(row[0][0], row[-1][1]) for row in rows]


def _join_evenly(spans, most):
    count = min(most, len(spans))
    ends = [round(i * len(spans) / count) for i in range(count + 1)]
    return [(spans[a][0], spans[b - 1][1]) for a, b in zip(ends, ends[1:], strict=False)]


def _prefix(pieces, span, pattern):
    """The beginning that the names of all layers in these pieces share; None where they share none."""
    names = [name.lower() for piece in pieces[span[0] : span[1]] for name in piece.names]
    prefixes = {match[1] if (match := pattern.match(name)) else None for name in names}
    return prefixes.pop() if len(prefixes) == 1 else None


def _name_groups(pieces, spans, stem="part"):
    groups, used = [], set(_RESERVED)
    for number, (start, end) in enumerate(spans, 1):
        main = [piece for piece in pieces[start:end] if not piece.joins_the_one_before]
        common = _prefix(pieces, (start, end), _FINE) or _prefix(pieces, (start, end), _COARSE)
        is_single = len(main) == 1 and len(main[0].names) == 1
        name = re.sub(r"\W", "_", (main[0].names[0] if is_single else common) or f"{stem}{number}")
        while name in used:
            name += "_"
        used.add(name)
        groups.append((name, (start, end)))
    return groups
