"""What this process and its surroundings must be like for networks and panels to work, seen before these are imported.

Each problem is named in one sentence, by `python -m utils.environment` and where it is first met.
"""

import contextlib
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

BACKEND = "tensorflow"  # of Keras
PRECISIONS = "float32", "float64"
# What the project imports that a file of the same name, beside a notebook, would hide.
IMPORTED = (
    "h5py", "ipywidgets", "keras", "loky", "matplotlib", "mlxtend", "numpy", "pandas", "PIL", "psutil", "pygments",
    "scipy", "skimage", "sklearn", "tensorflow", "utils", "xgboost",
)  # fmt: skip
_SERVERS = "jupyter-lab", "jupyter-labhub", "jupyter-notebook", "jupyterhub-singleuser", "jupyterlab", "notebook"
MANAGER = Path("@jupyter-widgets", "jupyterlab-manager", "package.json")  # of jupyterlab_widgets


@dataclass(frozen=True)
class Problem:
    """What is wrong, and what to do about it, in a few words each; as a str, a sentence."""

    finding: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.finding}: {self.remedy}."


def has_home() -> bool:
    """Whether this user has a home folder. Programs in containers may run as a user that no list knows."""
    return os.path.expanduser("~") != "~"


def keras_home() -> Path:
    """The folder in which Keras keeps its downloads: $KERAS_HOME, or ~/.keras. It need not exist."""
    folder = os.path.expanduser(os.environ.get("KERAS_HOME") or "~/.keras")
    return spare_home() if folder.startswith("~") else Path(folder)


def spare_home() -> Path:
    """The folder that Keras uses where it can't write its home."""
    return Path("/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir(), ".keras")


def describe(error: Exception) -> str:
    """An error on one line."""
    return f"{type(error).__name__}: {error}"


def on_colab() -> bool:
    """Whether this is Colab, which has its own packages and front end: they are left as they are."""
    return "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ


def backend_problem() -> Problem | None:
    """What is wrong where Keras computes, or is going to compute, with something other than TensorFlow; else None."""
    backend = keras.backend.backend() if (keras := _loaded_keras()) else os.environ.get("KERAS_BACKEND") or BACKEND
    if backend == BACKEND:
        return None
    return Problem(
        f"Keras's backend is {backend!r}, and the notebooks compute with {BACKEND!r}",
        f'set the environment variable KERAS_BACKEND to "{BACKEND}", or remove it, and restart the kernel',
    )


def keras_problems(policy: bool = True) -> Iterator[Problem]:
    """What is set in Keras, or in its file keras.json, that networks here can't have.

    Args:
        policy: Whether to look at the dtype policy, too.
    """
    if keras := _loaded_keras():
        floats, layout = keras.config.floatx(), keras.config.image_data_format()
    else:
        settings = _saved_settings()
        floats, layout = settings.get("floatx", "float32"), settings.get("image_data_format", "channels_last")
    if layout != "channels_last":
        yield Problem(
            f"keras.config.image_data_format() is {layout!r}, and images here have their channels last",
            "call keras.config.set_image_data_format('channels_last') first, or correct Keras's file keras.json",
        )
    if floats not in PRECISIONS:
        yield Problem(
            f"keras.config.floatx() is {floats!r}, and networks here compute in {' or '.join(PRECISIONS)}",
            "call keras.config.set_floatx('float32') first, or correct Keras's file keras.json",
        )
    elif policy and keras:
        chosen = keras.config.dtype_policy()
        if (chosen.compute_dtype, chosen.variable_dtype) != (floats, floats):
            yield Problem(
                f"keras.config.dtype_policy() is {chosen.name!r}, and networks here compute in {floats}",
                f"call keras.config.set_dtype_policy({floats!r}) first, and continue; the kernel needn't be restarted",
            )


def check_keras(policy: bool = True) -> None:
    """Raise a ValueError where networks can't be built as Keras is set; `policy` as in `keras_problems`."""
    for problem in keras_problems(policy):
        raise ValueError(str(problem))


def check_backend() -> None:
    """Raise an ImportError where Keras doesn't compute with TensorFlow."""
    if problem := backend_problem():
        raise ImportError(str(problem))


def check_imports() -> None:
    """Raise an ImportError where Keras's backend isn't installed, or where a file beside the notebook hides a package.

    A backend other than TensorFlow is fine here: `utils.freezing` works with any.
    """
    folders = []
    with contextlib.suppress(OSError):  # the folder may have been removed
        folders.append(Path.cwd())
    for problem in hiding(folders, lambda name, file: _origin(name) == file):
        raise ImportError(str(problem))
    backend = os.environ.get("KERAS_BACKEND") or BACKEND
    if backend != BACKEND and not _loaded_keras() and not _installed(backend):
        check_backend()


def hiding(
    folders: Iterable[Path], is_used: Callable[[str, Path], bool] = lambda name, file: True
) -> Iterator[Problem]:
    """Files and packages in these folders that hide what the project imports.

    Args:
        folders: Where to look.
        is_used: From a module's name and the file that would hide it to whether it does.
    """
    for folder in folders:
        for name in IMPORTED:
            file, package = folder / f"{name}.py", folder / name / "__init__.py"
            found = package if os.path.isfile(package) else file if os.path.isfile(file) else None
            is_project = name == "utils" and os.path.isfile(folder / "utils" / "process.py")  # or a copy of it
            if found and not is_project and is_used(name, found):
                shown = found.name if found == file else f"{name}/"
                yield Problem(
                    f"{shown} in the folder {folder.name!r} hides what the notebooks import as {name}",
                    "rename it, and restart the kernel",
                )


def check_ipywidgets() -> None:
    """Raise an ImportError where this kernel's environment lacks ipywidgets. What the front end lacks is printed."""
    if not _installed("ipywidgets"):
        raise ImportError(
            "ipywidgets isn't installed in this kernel's environment, and every panel needs it: run %pip install "
            '"ipywidgets>=8.1.9,<9" in a cell, and restart the kernel.'
        )
    if "ipykernel" in sys.modules and (problem := front_end_problem()):
        print(f"Panels won't work here, since {problem}", file=sys.stderr)


def front_end_problem() -> Problem | None:
    """What is wrong with the widgets of the JupyterLab or Notebook that runs this kernel.

    It may run in another environment than the kernel. Nothing is said where that can't be found out, as in VS Code.
    """
    prefixes = _server_prefixes()
    if not prefixes or on_colab():
        return None
    again = "start JupyterLab again, and reload the page"
    version, manager = metadata.version("ipywidgets"), _manager_version(prefixes)
    major = int(version.split(".")[0])
    if manager is None:
        return Problem(
            "JupyterLab's own environment lacks jupyterlab_widgets, without which panels appear as pictures only",
            f"run python -m pip install jupyterlab_widgets in that environment, {again}",
        )
    if (shown := 8 if int(manager.split(".")[0]) >= 5 else 7) != max(7, min(major, 8)):
        return Problem(
            f"this kernel has ipywidgets {version}, and JupyterLab's environment shows those of ipywidgets {shown}",
            f'run python -m pip install "ipywidgets>=8.1.9,<9" in both environments, {again}',
        )
    return None


def _server_prefixes():
    """Folders that may be the environment of the server that started this kernel; none where it isn't known."""
    try:
        import psutil

        command = psutil.Process(int(os.environ["JPY_PARENT_PID"])).cmdline()
        python = Path(command[0])
        known = any(Path(part).stem in _SERVERS for part in command[1:4])
    except Exception:  # no such variable, process, right or package
        return []
    return list(python.parents[:2]) if known and python.is_absolute() else []


def _manager_version(prefixes):
    from jupyter_core.paths import jupyter_path

    own = Path(sys.prefix, "share", "jupyter", "labextensions")  # of the kernel's environment
    shared = [Path(folder) for folder in jupyter_path("labextensions") if Path(folder) != own]
    for folder in [*(prefix / "share" / "jupyter" / "labextensions" for prefix in prefixes), *shared]:
        try:
            return json.loads((folder / MANAGER).read_text(encoding="utf-8"))["version"]
        except (OSError, ValueError, KeyError):
            continue
    return None


def _installed(module):
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return sys.modules.get(module) is not None


def _origin(module):
    """The file that a module comes from, or would come from."""
    try:
        spec = importlib.util.find_spec(module)
        return Path(spec.origin).absolute() if spec and spec.origin else None
    except (ImportError, ValueError):
        return None


def _loaded_keras():
    """Keras, if this process has imported it as a whole."""
    keras = sys.modules.get("keras")
    return keras if hasattr(keras, "config") and hasattr(keras, "backend") else None


def _saved_settings():
    """What is in Keras's file keras.json; Keras, too, passes over a file that it can't read."""
    try:
        settings = json.loads((keras_home() / "keras.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}
