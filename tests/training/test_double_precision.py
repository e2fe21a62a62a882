"""The engine trains what plain Keras trains: `fit` on the same batches, and each run's own script. To 1e-9."""

import json

import pytest

from tests.export.test_script import percents
from tests.training import plain_keras
from tests.training.double_precision import COMPARISONS

# Of a kind with others: compared in the exhaustive part.
SIMILAR = {
    ("script", "drawn 0"),
    ("script", "drawn 1"),
    ("script", "drawn 2"),
    ("script", "small_resnet"),
    ("script", "small_resnet, units"),
    ("script", "less-forgetting learning"),
    ("script", "layers of a reader"),
    ("script", "layers of a reader, statistics"),
    ("script", "layers flipped, small_cnn"),
    ("script", "a term of a reader, small_cnn"),
    ("script", "a warm-up at a rate of its own, small_cnn"),
    ("script", "longer, a slow layer"),
    ("script", "feature extraction"),
    ("script", "learning without forgetting"),
    ("script", "learning without forgetting, in uint8"),
    ("script", "fine-tuning at a tenth of the rate"),
    ("script", "L2 to the start"),
    ("script", "fine-tune-FC"),
    ("script", "duplicate and fine-tune"),
    ("script", "network expansion"),
    ("script", "network expansion + LwF"),
    ("script", "fine-tuning"),
    ("script", "gradual unfreezing"),
    ("script", "all to their best, standardized"),
    ("script", "joint training"),
    ("fit", "fine-tuning, sgd, warm-up 0"),
    ("fit", "fine-tuning, adam, warm-up 0"),
    ("fit", "feature extraction, sgd, warm-up 0"),
    ("fit", "fine-tuning, adam, warm-up 30"),
    ("fit", "feature extraction, adam, warm-up 0"),
    ("fit", "feature extraction, adam, warm-up 30"),
    ("fit", "feature extraction, sgd, warm-up 30"),
    ("fit", "small_resnet, sgd"),
    ("fit", "small_resnet, adam"),
    ("fit", "small_resnet, frozen"),
    ("fit", "small_resnet, frozen below and above"),
    ("fit", "layers picked by hand"),
}
assert set(COMPARISONS) > SIMILAR


def cases(kind):
    """Marked as slow or, where others are of the same kind, as exhaustive."""
    return [
        pytest.param((of, name), marks=pytest.mark.exhaustive if (of, name) in SIMILAR else pytest.mark.slow, id=name)
        for of, name in COMPARISONS
        if of == kind
    ]


@pytest.fixture(scope="module")
def found(start, request):
    """`found(case)`: what was found. Only those chosen on the command line are compared, all in one process."""
    chosen = [item.callspec.params["case"] for item in request.session.items if item.path == request.path]
    lines = start("-m", "tests.training.double_precision", stdin=json.dumps(chosen)).splitlines()
    results = {tuple(case): result for case, result in map(json.loads, lines)}

    def found(case):
        assert "error" not in results[case], results[case]["error"]
        return results[case]

    return found


@pytest.mark.slow
@pytest.mark.parametrize("case", cases("script"))
def test_the_script_does_what_the_run_did(found, case):
    result = found(case)
    assert result["precision"] == "float64"
    assert result["apart"] < 1e-9
    assert percents(result["printed"]) == pytest.approx([100 * share for share in result["accuracies"]], abs=0.051)


@pytest.mark.parametrize("case", cases("fit"))
def test_the_engine_trains_as_fit_does(found, case):
    result, trained = found(case), sorted({*plain_keras.CASES[case[1]].layers, "new_head"})
    assert result["precision"] == "float64"
    assert result["apart"] < 1e-9  # of the weights and the batch statistics, whichever is furthest
    assert result["learned"] > 1e-2
    assert result["moved"] == result["moved by fit"] == trained
