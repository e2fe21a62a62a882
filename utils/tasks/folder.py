"""Pictures from the reader's own disk, in a folder with a folder for each class."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils.checks import check_flag, check_path, check_sizes, check_whole_number, wrapped
from utils.messages import refusal

from .picture import ENDINGS, MODES, read_picture
from .picture_files import files_of, folders, spread, unread
from .task_form import MOST_BYTES

MOST_SIDE = 10_000  # pixels of a picture, each way
_NAMED = 5  # files named in a sentence
_PARTS = ("train", "training", "val", "valid", "validation", "test", "testing")
_UNREAD = "pictures of this kind aren't read; save it as jpg or png"


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures with their classes.

    Attributes:
        images: uint8 (N, height, width, channels), 0 to 255.
        labels: int32 (N,), positions in class_names.
        class_names: The names of the classes.
        skipped: For each file (or row) that couldn't be read, its name and why.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()

    def __len__(self):
        return len(self.images)

    def __repr__(self):
        """One or two sentences about what was read, and what wasn't."""
        height, width, channels = self.images.shape[1:]
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        each = ", ".join(f"{name} {count:,}" for name, count in zip(self.class_names, counts, strict=True))
        text = f"{len(self):,} pictures of {height} × {width} × {channels}: {each}."
        if self.skipped:
            named = "; ".join(f"{name} ({why})" for name, why in self.skipped[:_NAMED])
            more = len(self.skipped) - _NAMED
            text += f" {len(self.skipped):,} skipped: {named}{f'; and {more:,} more' if more > 0 else ''}."
        return text


def pictures_from_folder(
    folder: str | Path,
    size: tuple[int, int] = (96, 96),
    channels: int = 3,
    crop_to_aspect_ratio: bool = False,
    most_per_class: int | None = None,
    progress: Callable = iter,
) -> Pictures:
    """Read the pictures in a folder with one folder per class, as for `keras.utils.image_dataset_from_directory`.

    Classes are the folders' names in alphabetical order; deeper folders belong to their class. Files are bmp, gif
    (the first picture), jfif, jpeg, jpg, png, tif, tiff and webp; hidden files and others are ignored. Pictures that
    can't be read, such as heic, are skipped, and named in the result.

    Args:
        folder: The folder.
        size: Height and width to which every picture is scaled.
        channels: 3 for color, 1 for gray. A gray picture is repeated, a colored one turned gray; what is transparent
            becomes white.
        crop_to_aspect_ratio: Whether to cut the edges off rather than stretch.
        most_per_class: The most pictures of each class, spread evenly over its files; None for all.
        progress: Wraps the list of files while they are read, such as `utils.show_progress`.

    Raises:
        ValueError: Where there is no such folder, fewer than two classes, a class without a picture, or more pictures
            than fit into memory.
    """
    root = check_path("folder", folder)
    size, most_per_class = _check_form(size, channels, most_per_class)
    check_flag("crop_to_aspect_ratio", crop_to_aspect_ratio)
    if not root.is_dir():
        raise ValueError(f"folder={str(folder)!r} is not allowed: there is no such folder.")
    classes = sorted(folders(root))
    if len(classes) < 2:
        found = f"only {classes[0].name!r}" if classes else "none"
        raise ValueError(
            f"folder={str(folder)!r} is not allowed: it must hold a folder for each class, two or more, named like "
            f"the class; here is {found}."
        )
    _check_classes(folder, classes)
    files = {path.name: spread(files_of(path), most_per_class) for path in classes}
    check_room(sum(map(len, files.values())), (*size, channels))
    images, labels = [], []
    skipped = [(path.relative_to(root).as_posix(), _UNREAD) for of_class in classes for path in unread(of_class)]
    of_all = [(label, path) for label, paths in enumerate(files.values()) for path in paths]
    for label, path in wrapped(progress, of_all):
        try:
            images.append(read_picture(path, size, channels, crop_to_aspect_ratio))
            labels.append(label)
        except ValueError as error:
            skipped.append((path.relative_to(root).as_posix(), str(error)))
    if empty := [name for label, name in enumerate(files) if label not in labels]:
        failed = [f"{file} ({why})" for file, why in skipped if file.startswith(f"{empty[0]}/")]
        why = f"; {len(failed):,} couldn't be read, {failed[-1]}" if failed else ""
        raise ValueError(
            f"class {empty[0]!r} has no picture ({', '.join(ENDINGS)}){why}: put some into its folder, or remove it."
        )
    return Pictures(np.stack(images), np.array(labels, np.int32), tuple(files), tuple(skipped))


def _check_classes(folder, classes):
    """Check that the folders are classes, not the parts of a data set that was split."""
    parts = [path for path in classes if path.name.lower() in _PARTS]
    if len(parts) < 2:  # one alone may be a class: a train is a vehicle, too
        return
    split = [path for path in parts if folders(path)]
    split.sort(key=lambda path: not path.name.lower().startswith("train"))  # the training part first
    remedy = f"Give one of them, such as {str(split[0])!r}" if split else "Give a folder with a folder for each class"
    raise ValueError(
        f"folder={str(folder)!r} is not allowed: {', '.join(path.name for path in parts)} are parts rather than "
        f"classes. {remedy}."
    )


def _check_form(size, channels, most):
    wanted = "it must be 1 (gray) or 3 (color)"
    if check_whole_number("channels", channels, wanted=wanted) not in MODES:
        raise ValueError(refusal("channels", channels, wanted))
    if most is not None:
        most = check_whole_number("most_per_class", most, 1, wanted="it must be a whole number from 1, or None")
    return check_sizes("size", size, "give height and width, such as (96, 96)", 2, most=MOST_SIDE), most


def check_room(count: int, shape: tuple[int, ...]) -> None:
    """Check that this many pictures of this shape fit into memory."""
    size = count * math.prod(shape)
    if size > MOST_BYTES:
        raise ValueError(
            f"{count:,} pictures of {' × '.join(map(str, shape))} are {size / 1e6:,.0f} MB, more than "
            f"{MOST_BYTES / 1e6:,.0f}: make them smaller, or take fewer."
        )
