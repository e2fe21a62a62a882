"""What is learnt: the tasks, and the pairs of them that the notebooks compare."""

from .digits import digits
from .download import DownloadError
from .drawings import draw, drawings
from .fashion import fashion
from .folder import Pictures, pictures_from_csv, pictures_from_folder
from .pairs import DEFAULT_PAIR, KNOBS, PAIRS, check_pair, class_counts, input_shape, load_pair, needs_network
from .plane import SHAPES, points
from .reviews import reviews
from .storage import cached_path, home, read_cached, sha256, write_cached
from .task import Task, TaskPair, from_images, split
from .texts import TextTask, clean, read_table
from .uci import uci_sentences

__all__ = [
    "DEFAULT_PAIR",
    "KNOBS",
    "PAIRS",
    "SHAPES",
    "DownloadError",
    "Pictures",
    "Task",
    "TaskPair",
    "TextTask",
    "cached_path",
    "check_pair",
    "class_counts",
    "clean",
    "digits",
    "draw",
    "drawings",
    "fashion",
    "from_images",
    "home",
    "input_shape",
    "load_pair",
    "needs_network",
    "pictures_from_csv",
    "pictures_from_folder",
    "points",
    "read_cached",
    "read_table",
    "reviews",
    "sha256",
    "split",
    "uci_sentences",
    "write_cached",
]
