"""Fields that pick an image by its task and its class."""

from collections.abc import Callable

import ipywidgets as widgets
import numpy as np

from utils.checks import check_one_of, check_whole_number
from utils.tasks import Task, TaskPair

_TASKS = {"old task": "old", "new task": "new"}


class ImagePicker:
    """A test image of one of a pair's two tasks.

    Args:
        pair: The tasks.
        picked: Called when another image has been picked.
    """

    def __init__(self, pair: TaskPair, picked: Callable[[], None]):
        self._pair, self._picked = pair, picked
        self._number, self._is_setting = 0, False
        self._task = self._choice("image", _TASKS, "144px", "44px")
        self._class = self._choice("class", pair.old.class_names, "150px", "40px")
        another = widgets.Button(description="Another one", layout={"width": "104px"})
        another.on_click(lambda _: self.pick(self._task.value, self._class.value, self._number + 1))
        self._task.observe(lambda change: self.pick(change.new), "value")
        self._class.observe(lambda change: self.pick(self._task.value, change.new), "value")
        self.widget = widgets.HBox([self._task, self._class, another])

    @property
    def image(self) -> np.ndarray:
        """The image, (height, width, channels)."""
        task, label = self._find_task(self._task.value), self._class.value
        positions = np.flatnonzero(task.y_test == task.class_names.index(label))
        return task.x_test[positions[self._number % len(positions)]]

    @property
    def label(self) -> str:
        """The task and the class of the image: "old task, 3"."""
        return f"{self._task.label}, {self._class.value}"

    def pick(self, task: str, label: str | None = None, number: int = 0) -> None:
        """Pick an image in code.

        Args:
            task: "old" or "new".
            label: The class; None for the first.
            number: The image's number among the test images of its class, from 0.

        Raises:
            ValueError: For a task, class or number that doesn't exist.
        """
        if self._is_setting:
            return
        classes = self._find_task(task).class_names
        label = classes[0] if label is None else label
        check_one_of("label", label, classes)
        number = check_whole_number("number", number)
        self._is_setting = True
        try:
            self._task.value = task
            if self._class.options != classes:
                self._class.options = classes
            self._class.value, self._number = label, number
        finally:
            self._is_setting = False
        self._picked()

    def _find_task(self, task) -> Task:
        return getattr(self._pair, check_one_of("task", task, _TASKS.values()))

    def _choice(self, label, options, width, label_width):
        choice = widgets.Dropdown(options=options, description=label, layout={"width": width})
        choice.style.description_width = label_width
        return choice
