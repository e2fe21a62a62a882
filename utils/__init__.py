"""What the notebooks use: tasks, models, training, measures, plots and panels.

The names below are imported when they are first used, so that `python -m utils.environment`
can tell what is wrong with a machine on which TensorFlow doesn't even import.

Importing it changes one thing in the process: the variable KERAS_BACKEND becomes "tensorflow" unless it's set; and,
for a user who has no home folder, KERAS_HOME becomes the folder that Keras uses where it can't write, or it would make
one named "~". In a notebook's kernel also what `utils.comfort` says.
"""

import os
import sys
from importlib import import_module

from utils.comfort import switch_on_in_a_kernel
from utils.process import has_home, spare_home

switch_on_in_a_kernel()
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
if not has_home():
    os.environ.setdefault("KERAS_HOME", str(spare_home()))

_HOMES = {
    "utils.tasks": ("PAIRS", "Task", "TaskPair", "load_pair"),
    "utils.models": ("BACKBONES", "Observation", "TransferModel", "observe", "pretrained"),
    "utils.freezing": ("ForgettingCallback", "changed_weights", "set_trainable", "track_weights", "weights_of"),
    "utils.strategies": ("STRATEGIES", "Change", "Controls", "Settings", "Strategy"),
    "utils.user_model": ("OwnModel", "own_model"),
    "utils.training": ("Progress", "RacePlan", "Run", "race", "run", "train"),
    "utils.measures": ("activation_memory", "linear_probe", "mean_interval", "movement", "silent_features"),
    "utils.plots": (
        "describe", "plot_examples", "plot_features", "plot_means", "plot_plane", "plot_playground",
        "plot_race", "plot_run", "plot_weight_changes",
    ),
    "utils.widgets": (
        "EXPERIMENTS", "Experiment", "FeatureViewer", "FreezeBoard", "LiveCurves", "Playground", "ProgressCallback",
        "Quiz", "StrategyRace", "show_progress", "show_updates",
    ),
}  # fmt: skip
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name):
    if name not in _HOME_OF:
        raise AttributeError(f"module 'utils' has no attribute {name!r}")
    try:
        return getattr(import_module(_HOME_OF[name]), name)
    except ModuleNotFoundError as error:  # a package is missing where this kernel runs
        package = (error.name or "utils").partition(".")[0]
        if package == "utils":
            raise
        raise ModuleNotFoundError(
            f"{error} in this kernel's environment ({sys.prefix}), and utils.{name} needs it: choose the kernel of "
            "README's start command, or run `python -m utils.environment`, which says how to install what is missing.",
            name=error.name,
        ) from error


def __dir__():
    return [*globals(), *__all__]
