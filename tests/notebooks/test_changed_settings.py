"""The notebooks again, with settings that a reader might choose: the prose has to follow the numbers."""

import pytest

from tests.notebooks.notebook import NOTEBOOKS, name, output_text

PATHS = {name(path): path for path in NOTEBOOKS}


def printed(notebook):
    return "\n".join(output_text(cell) for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.slow
def test_start_here_with_another_optimizer(execute):
    """With steps that are too small for it to learn much, fine-tuning forgets little: the text must say so."""
    inject = """
import utils

def Settings(**given):
    return utils.Settings(**{**given, "optimizer": "sgd", "updates": 40, "evaluate_every": 40})

tuning = extraction = run(Settings(strategy="fine-tuning", learning_rate=1e-6))
"""
    text = printed(execute(PATHS["00_start_here.ipynb"], inject=inject, after="from utils import Settings"))
    assert "Fine-tuning forgets 0.0 points" in text
    assert "fine-tuning is +0.0 points from feature extraction" in text
    assert "a weight that the old task uses has moved" in text
    assert "Not yet. Change exactly one of" in text


@pytest.mark.slow
def test_freeze_board_with_another_network_and_pair(execute):
    inject = """
example = board.run(
    Settings(backbone="small_resnet", pair="digits-halves", optimizer="sgd", learning_rate=0.01, updates=60),
    schedule=[(30, {"trained_layers": ["stage3", "new_head"]})],
)
assert board.runs[-1] is example
assert example.trained_spans()["stem"] == [(0, 30)]
assert example.trained_spans()["stage3"] == [(0, 60)]
"""
    text = printed(execute(PATHS["05_freeze_board.ipynb"], inject=inject, after="board = FreezeBoard"))
    assert "settings: pair=digits-halves; strategy=fine-tuning; backbone=small_resnet" in text
    assert "the same to the last bit: True" in text
    assert "Stay with digits-drawings" in text


# Ten updates, with next to no steps: nothing is forgotten, learnt or saved, and the text must not claim it.
NEXT_TO_NOTHING = """
import utils

def Settings(**given):
    few = {"learning_rate": 1e-7, "updates": 10, "evaluate_every": 10, "warm_up": min(4, given.get("warm_up", 0))}
    return utils.Settings(**{**given, **few})
"""


@pytest.mark.slow
def test_features_and_weights_where_next_to_nothing_is_learnt(execute):
    """Nothing is forgotten in the plane, and whatever is asked for, only the new head trains: the text must say so."""
    inject = """
import utils
asked, made = utils.set_trainable, utils.Settings
few = {"learning_rate": 1e-7, "updates": 10, "evaluate_every": 10}
utils.Settings = lambda **given: made(**{**given, **few})
utils.set_trainable = lambda network, layers: asked(network, ["new_head"])
"""
    path = PATHS["01_features_and_weights.ipynb"]
    text = printed(execute(path, inject=inject, after="from utils import Playground"))
    assert text.count("nothing frozen': +0.0 ± 0.0 points, no clear difference.") == 2
    assert text.count("weights moved: new_head\nfeatures moved: new_head") == 2
    assert "Weights still, features changed: nowhere" in text


@pytest.mark.slow
def test_what_freezing_does_where_nothing_trains(execute):
    """With a rate of 0 the gradients move nothing; what moves are the statistics of batch normalisations."""
    inject = """
def compile_model(model, optimizer=None):
    optimizer = optimizer or keras.optimizers.SGD()
    optimizer.learning_rate = 0.0
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
"""
    path = PATHS["02_what_freezing_does.ipynb"]
    text = printed(execute(path, inject=inject, after="def compile_model"))
    assert "frozen, AdamW: moved  | still low, norm, head" in text
    assert "Moving statistics alone, without one trained weight of the backbone, make it forget." in text
    assert "frozen: every accuracy is exactly the one before, 0.0 ± 0.0 points" in text


@pytest.mark.slow
def test_joint_training_where_nothing_is_learnt(execute):
    path = PATHS["06_joint_training.ipynb"]
    text = printed(execute(path, inject=NEXT_TO_NOTHING, after="from utils import Settings"))
    assert "points less than fine-tuning: no clear difference." in text
    assert "points from it: no clear difference." in text
    assert text.count("within the spread of the seeds.") == 4
    assert "of what fine-tuning forgets" not in text
    assert "Leave all settings but old_images as they are" in text


@pytest.mark.slow
def test_learning_without_forgetting_where_nothing_is_learnt(execute):
    path = PATHS["07_learning_without_forgetting.ipynb"]
    text = printed(execute(path, inject=NEXT_TO_NOTHING, after="from utils import Settings"))
    told = text[text.index("λ = 1 against 0") : text.index("drawings: the recorded answers")]
    assert told.count("not to be told from nothing") == 7  # four about λ, three about the warm-up
    assert "it helps" not in told and "a price" not in told


@pytest.mark.slow
def test_feature_extraction_where_nothing_is_learnt(execute):
    path = PATHS["03_feature_extraction.ipynb"]
    text = printed(execute(path, inject=NEXT_TO_NOTHING, after="from utils import Settings"))
    told = text[text.index("   20 images:") : text.index("With 20 images")]
    assert told.count("no clear winner, by") == told.count("forgets 0.0 ± 0.") == 4  # an image on the edge may tip over
    assert "With 20 images, five seeds don't tell the two apart." in text
    assert text.count("20 images: no clear winner") == 4  # the line above, and three pairs
    assert "Fine-tuning, 10 updates (0.2 passes)" in text
    assert "here the features aren't what is lacking" in text


@pytest.mark.slow
def test_fine_tuning_where_nothing_is_learnt(execute):
    path = PATHS["04_fine_tuning.ipynb"]
    text = printed(execute(path, inject=NEXT_TO_NOTHING, after="from utils import Settings"))
    assert "Too low to learn much in 10 updates: 1e-06" in text
    assert "They don't show that less is forgotten" in text
    assert text.count("(not clear), new task") == text.count("(not clear)\n") == 3
    assert "never trains" in text and "at 0.000000" in text
    assert "Stay with fine-tuning on" in text
