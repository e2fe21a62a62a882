"""Labels that are cut: what is different must look different, in the room that there is."""

import pytest
from matplotlib.figure import Figure

from utils.plots.labels import short_labels
from utils.plots.layer_bars import LayerSpans

GERMAN = [f"schicht mit sehr langem namen nummer {i} größe" for i in range(6)]


@pytest.mark.parametrize(
    ("labels", "short"),
    [
        (["conv1", "dense", "old head"], ["conv1", "dense", "old head"]),
        (["block 1 conv", "block 2 pointwise"], ["bloc…conv", "bloc…wise"]),
        (GERMAN, [f"sch…{i}…öße" for i in range(6)]),
        (["stage 1 conv bn", "stage 12 conv bn", "head"], ["sta…1…bn", "sta…12…bn", "head"]),
        (["conv1 very long", "conv1 very much too long", "x"], ["conv1 v…1", "conv1 v…2", "x"]),
        (["a very long dense", "a very long dense ", "dense"], ["a very …1", "a very …2", "dense"]),
    ],
    ids=["short", "ends", "middle", "two lengths", "long difference", "the same"],
)
def test_labels_stay_different(labels, short):
    found = short_labels(labels, 9)
    assert found == short


def test_they_stay_different_in_groups_of_groups():
    labels = [f"encoder layer {i} attention {part} kernel" for i in range(12) for part in ("query", "key", "value")]
    found = short_labels(labels, 9)
    assert len(set(found)) == len(labels) and max(map(len, found)) <= 9


def test_rows_of_layers_in_a_figure_are_told_apart():
    lanes = Figure().subplots(1, 2)
    LayerSpans(lanes, tuple(f"block_with_a_long_name_{i}_conv" for i in range(12)))
    assert len({text.get_text() for text in lanes[0].get_yticklabels()}) == 12
