from dataclasses import replace

import numpy as np

from utils.plots import plot_examples
from utils.tasks import TaskPair, load_pair
from utils.tasks.task import PARTS


def test_each_image_is_a_training_image_of_the_class_above_it():
    pair = load_pair("digits-halves")
    axes = plot_examples(pair, columns=7).axes
    assert len(axes) == 14
    for row, task in ((axes[:7], pair.old), (axes[7:], pair.new)):
        assert [subplot.get_title() for subplot in row] == [task.class_names[i % 5] for i in range(7)]
        shown = [subplot.images[0].get_array() for subplot in row]
        for i, image in enumerate(shown):
            of_class = task.x_train[task.y_train == i % 5][..., 0]
            assert any(np.array_equal(image, other) for other in of_class)
        assert not np.array_equal(shown[0], shown[5])  # the second turn shows other images
    assert [text.get_text() for subplot in axes for text in subplot.texts] == ["old task", "new task"]


def test_images_are_drawn_on_their_task_s_scale():
    """From black to white, whatever numbers these are."""
    pair = load_pair("digits-halves")
    images = {f"x_{part}": (getattr(pair.new, f"x_{part}") * 255).astype(np.uint8) for part in PARTS}
    axes = plot_examples(TaskPair("mixed", pair.old, replace(pair.new, values=(0, 255), **images), "")).axes
    limits = [subplot.images[0].get_clim() for subplot in axes]
    assert limits == [(0, 1)] * 10 + [(0, 255)] * 10
