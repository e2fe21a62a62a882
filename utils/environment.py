"""Is this machine ready for the notebooks? Prints a line for each thing that they need.

    python -m utils.environment

`OK` needs no attention, `FAIL` stops the notebooks and says how to fix it, `NOTE` is worth knowing and stops nothing.
The exit status is 1 where a line says FAIL. TensorFlow is not imported: the check takes about a second, and works where
packages are broken or missing.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from utils import process
from utils.memory import available_memory
from utils.process import keras_home, on_colab

PROJECT = "freeze-and-unfreeze"
OLDEST, NEWEST = (3, 11), (3, 13)  # Python
MEMORY_NEEDED = 1e9  # bytes
FASHION = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"  # where Keras fetches it
FASHION_PARTS = "train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"
TWINS = {"tensorflow-cpu": "tensorflow", "xgboost-cpu": "xgboost"}  # the same library, which can use a GPU, too
MODULES = {"pillow": "PIL", "scikit-image": "skimage", "scikit-learn": "sklearn"} | TWINS  # not named like packages


@dataclass(frozen=True)
class Result:
    """One line.

    Attributes:
        status: "OK", "FAIL" or "NOTE".
        finding: What was found.
        remedy: What to do about it, if anything.
    """

    status: str
    finding: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.status:<5} {self.finding}" + (f". Remedy: {self.remedy}" if self.remedy else "")


def check() -> list[Result]:
    """Check everything; the results come in the order in which they are printed."""
    packages = [check_python(), *check_packages(), *check_process()]
    return [*packages, check_widgets(), check_memory(), check_cache(), check_network()]


def report(results: list[Result] | None = None, brief: bool = False) -> None:
    """Print a line for each result, by default of `check()`, and a closing one.

    Args:
        results: The results; None to check now.
        brief: Whether to leave out what needs no attention. Where all is well, that leaves the closing line.
    """
    results = check() if results is None else results
    failed = sum(result.status == "FAIL" for result in results)
    shown = [result for result in results if not brief or result.status != "OK"]
    closing = f"Fix before you start: {failed}, see FAIL above." if failed else "Everything is ready."
    if brief:
        closing += f" ({len(results)} things were checked; report() lists them.)"
    print(*shown, closing, sep="\n")


def check_python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Result:
    """Check Python's version."""
    finding = "Python " + _dotted(version)
    if OLDEST <= version[:2] <= NEWEST:
        return Result("OK", finding)
    finding += f", the packages are made for {_dotted(OLDEST)} to {_dotted(NEWEST)}"
    if on_colab():
        return Result("NOTE", finding)
    return Result("FAIL", finding, "delete the folder .venv and run README's start command with one of these")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def check_packages(root: Path | None = None) -> Iterator[Result]:
    """Compare the direct packages with the pins in `root`/requirements.txt.

    Where there is no such file, as in an installation without the checkout, they are compared with the requirements of
    the installed project.
    """
    try:
        requirements = _requirements(root or Path(__file__).resolve().parents[1])
    except Exception as error:  # packaging is missing, the project not installed, a list damaged
        finding = f"the list of packages can't be read ({process.describe(error)})"
        yield Result("FAIL", finding, "run README's start command again")
        return
    for requirement in requirements:
        yield _check_package(requirement)


def _requirements(root: Path) -> list:
    """The direct requirements that apply to this machine; as pinned, where there are pins."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    def applicable(lines: list[str]) -> list[Requirement]:
        requirements = map(Requirement, lines)
        return [r for r in requirements if r.marker is None or r.marker.evaluate({"extra": "notebooks"})]

    pyproject, pinned = root / "pyproject.toml", root / "requirements.txt"
    if pyproject.exists() and pinned.exists():
        import tomllib

        project = tomllib.loads(pyproject.read_text("utf-8"))["project"]
        direct = [*project["dependencies"], *project["optional-dependencies"]["notebooks"]]
        lines = (line.split("#")[0].strip() for line in pinned.read_text("utf-8").splitlines())
        pins = {canonicalize_name(r.name): r for r in applicable([line for line in lines if line])}
    else:
        direct, pins = metadata.requires(PROJECT), {}
    return [pins.get(canonicalize_name(r.name), r) for r in applicable(direct)]


def _check_package(requirement) -> Result:
    name, wanted = requirement.name, str(requirement.specifier).removeprefix("==")
    if _version(name) is None and _version(TWINS.get(name, name)) is not None:
        name = TWINS[name]
    version = _version(name)
    remedy = f'python -m pip install "{name}{requirement.specifier}", then restart the kernel'
    if version is None:
        if on_colab() and name == "jupyterlab":
            return Result("NOTE", "no jupyterlab: Colab is the front end")
        return Result("FAIL", f"{name} is not installed, {wanted} is required", remedy)
    if not requirement.specifier.contains(version, prereleases=True):
        if on_colab():
            return Result("NOTE", f"{name} {version} is Colab's own, the saved results come from {wanted}")
        return Result("FAIL", f"{name} {version} is installed, {wanted} is required", remedy)
    module = MODULES.get(name, name)
    # As after removing one of two packages with the same files.
    if getattr(importlib.util.find_spec(module), "origin", None) is None:
        finding = f"{name} {version} is listed as installed, but its module {module} is missing"
        return Result("FAIL", finding, remedy.replace("install", "install --force-reinstall --no-deps", 1))
    return Result("OK", f"{name} {version}")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)  # None where the metadata is damaged
    except metadata.PackageNotFoundError:
        return None


def check_process(folders: Iterable[Path] = (Path("notebooks"), Path())) -> Iterator[Result]:
    """Say what in this process, in Keras's file of settings or in these folders keeps networks from being built."""
    hidden = process.hiding({folder.resolve() for folder in folders})
    for problem in filter(None, [process.backend_problem(), *process.keras_problems(), *hidden]):
        yield Result("FAIL", problem.finding, problem.remedy)


def check_widgets() -> Result:
    """Check ipywidgets in the kernel, and the extension with which JupyterLab shows them."""
    try:
        finding = "widgets: ipywidgets " + importlib.import_module("ipywidgets").__version__
        if on_colab():
            return Result("NOTE", f"{finding} with Colab's own front end")
        if elsewhere := process.front_end_problem():
            return Result("FAIL", f"{finding}; {elsewhere.finding}", elsewhere.remedy)
        problem = _extension_problem()
    except Exception as error:  # whatever a broken package raises
        finding, problem = "widgets: ipywidgets", f"can't be used ({process.describe(error)})"
    if not problem:
        return Result("OK", f"{finding}, jupyterlab_widgets {_version('jupyterlab_widgets')}")
    remedy = "python -m pip install --force-reinstall ipywidgets jupyterlab_widgets, then reload the page"
    remedy = remedy if process.has_home() else "set the environment variable HOME to a folder that you can write to"
    return Result("FAIL", f"{finding} {problem}", remedy)


def _extension_problem() -> str:
    """What is wrong with jupyterlab_widgets; an empty string if nothing is."""
    from jupyter_core.paths import jupyter_path
    from packaging.requirements import Requirement

    requirements = [Requirement(line) for line in metadata.requires("ipywidgets")]
    wanted = next(r.specifier for r in requirements if r.name.replace("-", "_") == "jupyterlab_widgets")
    version = _version("jupyterlab_widgets")
    if version is None:
        return f"lacks jupyterlab_widgets{wanted}"
    if not wanted.contains(version, prereleases=True):
        return f"needs jupyterlab_widgets{wanted}, {version} is installed"
    if not any(os.path.isfile(Path(folder, process.MANAGER)) for folder in jupyter_path("labextensions")):
        return f"lacks the files of jupyterlab_widgets {version} for JupyterLab"
    return ""


def check_memory(available: float | None = None) -> Result:
    """Check the memory: `available` bytes, measured unless given."""
    try:
        available = available_memory() if available is None else available
    except Exception as error:  # psutil is missing or broken
        remedy = "python -m pip install --force-reinstall psutil, then restart the kernel"
        return Result("FAIL", f"memory: can't be measured ({process.describe(error)})", remedy)
    finding = f"memory: {available / 1e9:.1f} GB available, {MEMORY_NEEDED / 1e9:.0f} GB needed"
    if available >= MEMORY_NEEDED:
        return Result("OK", finding)
    return Result("FAIL", finding, "close programs, and shut down kernels that you don't use (menu Kernel)")


def check_cache() -> Result:
    """Check that Keras's folder can be written."""
    shown = "$KERAS_HOME" if os.environ.get("KERAS_HOME") else "~/.keras"  # not the path: notebooks are saved
    try:
        keras_home().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=keras_home()) as file:
            file.write(b"to see whether it can be written")
    except OSError as error:
        remedy = "set the environment variable KERAS_HOME to a folder that you can write to, and start again"
        return Result("FAIL", f"cache: {shown} can't be written ({error.strerror})", remedy)
    if not process.has_home() and keras_home() == process.spare_home():
        return Result("NOTE", f"cache: no home folder, so downloads go to {keras_home()}")
    return Result("OK", f"cache: {shown} can be written")


def check_network(timeout: float = 2.0) -> Result:
    """Check the network within `timeout` seconds. Never FAIL: the default pairs need none."""
    folder = keras_home() / "datasets" / "fashion-mnist"
    if all(os.path.isfile(folder / f"{part}-ubyte.gz") for part in FASHION_PARTS):
        return Result("OK", "network: not needed, Fashion-MNIST is here already")
    if _answers(f"{FASHION}{FASHION_PARTS[1]}-ubyte.gz", timeout):
        return Result("OK", "network: Fashion-MNIST can be fetched, 30 MB, when a notebook first uses it")
    works = "digits-halves and digits-drawings work without it, the pairs with Fashion-MNIST don't"
    return Result("NOTE", f"network: no answer from where Fashion-MNIST is fetched; {works}")


def _answers(address: str, timeout: float) -> bool:
    answered, request = threading.Event(), urllib.request.Request(address, method="HEAD")

    def ask() -> None:
        with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(request, timeout=timeout):
            answered.set()

    thread = threading.Thread(target=ask, daemon=True)  # since looking up a name has no time limit
    thread.start()
    thread.join(timeout)
    return answered.is_set()


if __name__ == "__main__":
    results = check()
    report(results)
    sys.exit(any(result.status == "FAIL" for result in results))
