"""The stored run with which notebook 05 begins is what the notebook says of it."""

from utils.sweeps import example_run


def test_the_example_freezes_three_layers_in_the_middle():
    example = example_run()
    assert (example.settings.strategy, example.status, example.updates) == ("fine-tuning", "finished", 400)
    assert [update for update, _ in example.events] == [150]
    assert example.trained_spans() == {
        "conv1": [(0, 150)], "conv2": [(0, 150)], "conv3": [(0, 150)],
        "dense": [(0, 400)], "old_head": [], "new_head": [(0, 400)],
    }  # fmt: skip
    assert example.forgetting > 20
