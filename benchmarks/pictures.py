"""A reader's own pictures: how much memory a process takes that trains a network of the reader's on 4,000 of them."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.row import Row

COUNT, SIZE, CLASSES = 2000, 160, 5  # pictures of each task, pixels each way, classes
MOST_MEGABYTES = 1500
HOLDERS = "the tasks alone", "the tasks and by variables of the reader's"
_PROJECT = Path(__file__).parent.parent


def rows() -> Iterator[Row]:
    """In processes of their own: `own_model`, feature extraction, and a few updates of fine-tuning."""
    for holder in HOLDERS:
        command = [sys.executable, "-m", "benchmarks.pictures", holder]
        done = subprocess.run(command, cwd=_PROJECT, stdout=subprocess.PIPE, text=True, check=True)
        megabytes = float(done.stdout.split()[-1])
        yield Row(
            f"most resident memory with {2 * COUNT:,} pictures of {SIZE} × {SIZE} × 3 in uint8, held by {holder}",
            f"{megabytes:,.0f} MB",
            f"at most {MOST_MEGABYTES:,} MB",
            megabytes <= MOST_MEGABYTES,
        )


def most_memory() -> float:
    """The most megabytes that have been resident in this process so far."""
    status = Path("/proc/self/status")
    if status.exists():  # `getrusage` also counts the process that started this one
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS gives bytes


def main(holder: str) -> None:
    """Print the most memory after each step; the last line counts."""
    import warnings

    import keras
    import numpy as np
    from keras import layers

    from utils import own_model, run

    def pictures(seed):
        random = np.random.default_rng(seed)
        return random.integers(0, 256, (COUNT, SIZE, SIZE, 3), np.uint8), np.arange(COUNT) % CLASSES

    def convolution(filters):
        return layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D()

    model = keras.Sequential(
        [keras.Input((SIZE, SIZE, 3)), layers.Rescaling(1 / 255), *convolution(16), *convolution(32),
         *convolution(64), layers.GlobalAveragePooling2D(), layers.Dense(CLASSES)],
        name="tutorial",
    )  # fmt: skip
    print(f"imported: {most_memory():.0f}", flush=True)
    given = pictures(0), pictures(1)
    print(f"pictures: {most_memory():.0f}", flush=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has learned nothing, which changes no memory
        mine = own_model(model, *given)
    if holder == HOLDERS[0]:
        del given
    print(f"own_model: {most_memory():.0f}", flush=True)
    for strategy in ("feature extraction", "fine-tuning"):
        run(mine.settings(strategy=strategy, updates=20, evaluate_every=10, new_images=len(mine.pair.new.x_train)))
        print(f"{strategy}: {most_memory():.0f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
