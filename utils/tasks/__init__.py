"""The tasks to learn, and the pairs of them that the notebooks compare."""

from .arrays import labeled_examples, task_from
from .csv_form import csv_form
from .csv_pictures import pictures_from_csv
from .digits import digits
from .download import DownloadError
from .drawings import draw, drawings
from .fashion import fashion
from .folder import pictures_from_folder
from .pairs import (
    DEFAULT_PAIR,
    PAIR_OPTIONS,
    PAIRS,
    PairOption,
    add_pair,
    check_pair,
    class_counts,
    examples_called,
    input_shape,
    is_own,
    load_pair,
    needs_network,
)
from .patches import patches
from .photos import photos
from .plane import SHAPES, points
from .storage import cached_path, home, read_cached, sha256, write_cached
from .task import Task, TaskPair, from_images, split

__all__ = [
    "DEFAULT_PAIR",
    "PAIRS",
    "PAIR_OPTIONS",
    "PairOption",
    "SHAPES",
    "DownloadError",
    "Task",
    "TaskPair",
    "add_pair",
    "cached_path",
    "check_pair",
    "class_counts",
    "csv_form",
    "digits",
    "draw",
    "drawings",
    "examples_called",
    "fashion",
    "from_images",
    "home",
    "input_shape",
    "is_own",
    "labeled_examples",
    "load_pair",
    "needs_network",
    "patches",
    "photos",
    "pictures_from_csv",
    "pictures_from_folder",
    "points",
    "read_cached",
    "sha256",
    "split",
    "task_from",
    "write_cached",
]
