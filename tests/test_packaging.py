"""The files around the notebooks agree with one another and with this environment."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from utils import environment

posix = pytest.mark.skipif(sys.platform == "win32", reason="a script for Linux")
LISTS = "requirements.txt", "requirements-dev.txt"


@pytest.fixture(scope="module")
def pyproject(project):
    return tomllib.loads((project / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def readme(project):
    return (project / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def contributing(project):
    return (project / "CONTRIBUTING.md").read_text("utf-8")


def commands(text, language):
    """The lines of all blocks of code in that language."""
    return re.findall(rf"^```{language}\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)


def pinned(file):
    lines = (line.split("#")[0].strip() for line in file.read_text("utf-8").splitlines())
    return [Requirement(line) for line in lines if line]


# The two commands

TESTS = "-m pytest -n 2"


def test_ci_runs_the_test_command_of_the_readme(project, readme):
    (command,) = [block for block in commands(readme, "sh") if block.endswith(TESTS)]
    assert command.startswith("python3 -m venv .venv && ")
    assert (project / ".ci" / "run").read_text("utf-8").splitlines()[-1] == command


@pytest.mark.parametrize("ending", [TESTS, "00_start_here.ipynb"])
def test_the_windows_command_is_the_same(readme, ending):
    command = next(block for block in commands(readme, "sh") if block.endswith(ending))
    (windows,) = [block for block in commands(readme, "bat") if block.endswith(f'{ending}"')]
    command = command.replace("python3 ", "python ").replace(".venv/bin/", ".venv\\Scripts\\")
    assert windows == f'cmd /c "{command.replace("notebooks/", "notebooks" + chr(92))}"'


@pytest.mark.slow
@posix
def test_ci_stops_at_a_failure(project, tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(project / ".ci" / "run", tmp_path / ".ci")
    # There are no lists of packages here, so pip fails; a chromium that is there keeps apt out of it.
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    variables = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", ".ci/run"], cwd=tmp_path, env=variables, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode != 0
    assert "requirements.txt" in done.stderr


# The lists of packages


def test_each_list_was_made_by_the_command_that_is_documented(project, contributing):
    documented = [line for block in commands(contributing, "sh") for line in block.splitlines()]
    for name in LISTS:
        made_by = (project / name).read_text("utf-8").splitlines()[1].removeprefix("#").strip()
        assert made_by in documented
        assert made_by.endswith(f"-o {name}")


@pytest.mark.parametrize("name", LISTS)
def test_every_package_is_pinned_and_comes_from_nowhere_special(project, name):
    text = (project / name).read_text("utf-8")
    assert "://" not in text and not re.search(r"^-", text, re.MULTILINE)
    assert [str(r) for r in pinned(project / name) if not re.fullmatch(r"==[\w.+!]+", str(r.specifier))] == []


def test_every_direct_dependency_has_a_pin_that_it_allows(project, pyproject):
    for name, direct in (
        ("requirements.txt", pyproject["project"]["dependencies"]),
        ("requirements.txt", pyproject["project"]["optional-dependencies"]["notebooks"]),
        ("requirements-dev.txt", pyproject["dependency-groups"]["dev"]),
    ):
        pins = {canonicalize_name(r.name): r for r in pinned(project / name)}
        for requirement in map(Requirement, direct):
            pin = pins[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(str(pin.specifier).removeprefix("==")), pin
            assert (pin.marker is None) == (requirement.marker is None), pin


def test_the_two_lists_agree(project):
    main, dev = ({(r.name, str(r.marker)): str(r.specifier) for r in pinned(project / name)} for name in LISTS)
    names = {name for name, _ in main}
    differing = {key: pin for key, pin in dev.items() if key in main and main[key] != pin}
    assert differing == {}
    assert names & {name for name, _ in dev} >= {"ipykernel", "traitlets"}  # the comparison compares something


@pytest.mark.parametrize(
    ("platform", "machine", "package"),
    [
        ("linux", "x86_64", "tensorflow-cpu"),
        ("linux", "aarch64", "tensorflow"),
        ("darwin", "arm64", "tensorflow"),
        ("win32", "AMD64", "tensorflow"),
    ],
)
def test_one_tensorflow_for_each_platform(project, platform, machine, package):
    machine = {"sys_platform": platform, "platform_machine": machine}
    listed = [r for r in pinned(project / "requirements.txt") if r.name.startswith("tensorflow")]
    assert [r.name for r in listed if r.marker.evaluate(machine)] == [package]


def test_the_tests_run_with_that_very_list(project):
    other = {}
    for requirement in (r for name in LISTS for r in pinned(project / name)):
        if requirement.marker is None or requirement.marker.evaluate():
            installed = metadata.version(requirement.name)
            if not requirement.specifier.contains(installed, prereleases=True):
                other[requirement.name] = installed, str(requirement.specifier)
    assert other == {}


def test_python_versions_are_the_same_everywhere(project, pyproject):
    allowed = SpecifierSet(pyproject["project"]["requires-python"])
    accepted = [minor for minor in range(30) if f"3.{minor}" in allowed]
    (_, first), (_, last) = environment.OLDEST, environment.NEWEST
    assert accepted == list(range(first, last + 1)) == [11, 12, 13]
    assert (project / "binder" / "runtime.txt").read_text("utf-8").strip() == f"python-3.{first}"


# What is installed


def test_setuptools_is_pinned_to_one_version(project, pyproject):
    (build,) = pyproject["build-system"]["requires"]
    assert build in map(str, pinned(project / "requirements.txt"))


@pytest.mark.slow
def test_wheel_has_the_code_and_the_checkpoints(project, tmp_path):
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-texts"):
        shutil.copy(project / name, tmp_path)
    shutil.copytree(project / "utils", tmp_path / "utils", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(project / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path / "wheel")]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(tmp_path)], check=True)
    (wheel,) = (tmp_path / "wheel").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        files = {name for name in archive.namelist() if ".dist-info/" not in name}
    # Everything in utils and nothing else.
    wanted = {f for f in (tmp_path / "utils").rglob("*") if f.is_file() and not f.name.startswith(".")}
    assert files == {f.relative_to(tmp_path).as_posix() for f in wanted}


@pytest.mark.exhaustive
def test_freezing_works_beside_a_tensorflow_of_ones_own():
    """Of the notebooks' packages it needs none."""
    code = """
import sys
for name in ("IPython", "PIL", "ipywidgets", "jupyterlab", "matplotlib", "mlxtend", "psutil", "skimage", "xgboost"):
    sys.modules[name] = None  # as if it weren't installed
import keras
from utils import ForgettingCallback, set_trainable, track_weights
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="low"), keras.layers.Dense(2, name="head")])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
set_trainable(model, ["head"])
x, y = keras.ops.ones((4, 2)), keras.ops.zeros((4,), "int32")
forgetting = ForgettingCallback(x, y)
with track_weights(model) as changes:
    history = model.fit(x, y, verbose=0, callbacks=[forgetting]).history
print(changes.changed, *history)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.startswith("('head',) ") and "forgetting" in done.stdout, done.stderr[-2000:]


# Binder


def test_binder_installs_the_same_packages(project):
    assert (project / "binder" / "requirements.txt").read_bytes() == (project / "requirements.txt").read_bytes()


@pytest.mark.slow
@posix
def test_repo2docker_takes_what_is_in_binder(project):
    options = ["--no-build", "--debug", "--user-id", "1000", "--user-name", "reader"]
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", *options, "."], cwd=project, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    dockerfile = done.stdout + done.stderr
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in dockerfile
    assert "RUN ./binder/postBuild" in dockerfile
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in dockerfile
    assert "for python=3.11" in dockerfile  # what runtime.txt asks for


@posix
def test_binder_start_limits_threads_and_hands_over(project):
    few = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}
    few |= {"TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"}
    variables = {name: value for name, value in os.environ.items() if name not in few}
    show = [sys.executable, "-c", "import os, sys; print(dict(os.environ)); sys.exit(3)"]
    done = subprocess.run(
        [project / "binder" / "start", *show], env={**variables, "OMP_NUM_THREADS": "1"}, capture_output=True
    )
    seen = eval(done.stdout)
    assert {name: seen[name] for name in few} == {**dict.fromkeys(few, "2"), "OMP_NUM_THREADS": "1"}
    assert done.returncode == 3


@posix
def test_binder_post_build_stops_at_a_failure(project, tmp_path):
    script = (project / "binder" / "postBuild").read_text("utf-8").splitlines()
    assert script[0] == "#!/usr/bin/env bash" and "set -e" in script
    assert os.access(project / "binder" / "postBuild", os.X_OK)
    calls = tmp_path / "calls"
    (tmp_path / "python").write_text(f'#!/bin/sh\necho "$@" >> {calls}\neval "exit $FAILING"\n')
    (tmp_path / "python").chmod(0o755)

    def build(failing):
        calls.write_text("")
        variables = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "FAILING": failing}
        code = subprocess.run([project / "binder" / "postBuild"], cwd=tmp_path, env=variables).returncode
        return code, calls.read_text().splitlines()

    install = "-m pip install --no-cache-dir --no-deps -e ."
    fetch = '-c from utils import load_pair; load_pair("digits-fashion")'
    others = [
        "-c from utils.text.uci import uci_sentences; uci_sentences()",
        "-c import keras; keras.applications.MobileNet(alpha=0.25, input_shape=(32, 32, 3), include_top=False)",
    ]
    done_without = [
        '-c from utils.tasks.photos import photo_folder; photo_folder("flowers")',
        '-c from utils.models.photo_networks import imagenet_classifier; imagenet_classifier("mobilenet_v2", 96)',
    ]
    assert build("0") == (0, [install, fetch, *others, *done_without])
    assert build("1") == (1, [install])
    last = "$(grep -c -e flowers -e mobilenet_v2 " + str(calls) + ")"  # fails from the flowers on
    assert build(last) == (0, [install, fetch, *others, *done_without])


# Colab


@pytest.mark.slow
@posix
@pytest.mark.parametrize("on_colab", [True, False])
def test_first_cell_fetches_the_project_on_colab_only(contributing, pyproject, tmp_path, on_colab):
    """The cell is run with git and pip that only write down what they are asked."""
    (cell,) = (block for block in commands(contributing, "python") if "google.colab" in block)
    for name in ("git", "pip"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/calls\n')
        (tmp_path / name).chmod(0o755)
    (tmp_path / "calls").touch()
    # IPython's "!" starts what PATH finds first.
    program = f"""
import sys, types
from IPython.core.interactiveshell import InteractiveShell
if {on_colab}:
    sys.modules["google.colab"] = types.ModuleType("google.colab")
InteractiveShell.instance().run_cell({cell!r}).raise_error()
print(sys.path[0])
"""
    variables = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "IPYTHONDIR": str(tmp_path / "ip")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=variables, capture_output=True, text=True, check=True
    )
    address = pyproject["project"]["urls"]["Repository"]
    folder = "/content/project"
    calls = (tmp_path / "calls").read_text().splitlines()
    if on_colab:
        assert calls == [
            f"git clone --quiet --depth 1 {address}.git {folder}",
            f"pip install --quiet --no-deps --editable {folder} mlxtend",
        ]
        assert done.stdout.splitlines()[-1] == folder
    else:
        assert calls == []
        assert done.stdout.splitlines()[-1] != folder


# README, licenses, citation


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "benchmarks/README.md"])
def test_links_lead_somewhere(project, name):
    page = project / name
    links = [link for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")) if "://" not in link]
    assert ("notebooks/00_start_here.ipynb" in links) == (name == "README.md")
    for file, _, heading in (link.partition("#") for link in links):
        target = page.parent / file if file else page
        assert target.exists(), file
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            assert heading in [text.lower().replace(" ", "-") for text in headings], heading


def test_the_table_has_every_notebook_once_with_its_title_and_minutes(project, readme):
    rows = re.findall(r"^\| \[(\d\d) (.+)\]\(notebooks/(.+)\) \| .+ \| ([\d to]+) \|$", readme, re.MULTILINE)
    paths = sorted((project / "notebooks").glob("[0-9]*.ipynb"))
    assert [(number, name) for number, _, name, _ in rows] == [(path.name[:2], path.name) for path in paths]
    for (_, title, _, minutes), path in zip(rows, paths, strict=True):
        text = path.read_text("utf-8")
        assert f'"# {title}' in text
        time = re.search(r"\*\*Time:\*\* (.+?),", text)[1].replace("an hour", "60 minutes")
        assert re.findall(r"\d+", time) == re.findall(r"\d+", minutes)


def test_the_address_is_one_and_the_same(project, readme, contributing, pyproject):
    address = pyproject["project"]["urls"]["Repository"]
    repository = address.removeprefix("https://github.com/")
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", repository)
    texts = [readme, contributing, (project / "CITATION.cff").read_text("utf-8")]
    texts += [path.read_text("utf-8") for path in (project / "notebooks").rglob("*.ipynb")]
    texts = [text.replace("github.com/keras-team/keras/issues", "") for text in texts]  # what is cited
    forms = r"(?:github\.com|mybinder\.org/v2/gh|colab\.research\.google\.com/github)/([\w.-]+/[\w-]+)"
    owners = [re.findall(forms, text) for text in texts]
    assert [len(found) for found in owners[:2]] == [2, 1]  # badges of Binder and Colab; the first cell
    assert {found for text in owners for found in text} == {repository}


def test_licenses(project, pyproject):
    assert pyproject["project"]["license"] == "MIT AND CC-BY-4.0"
    assert (project / "LICENSE").read_text("utf-8").startswith("MIT License\n")
    texts = (project / "LICENSE-texts").read_text("utf-8")
    assert "https://creativecommons.org/licenses/by/4.0/" in texts
    assert set(pyproject["project"]["license-files"]) == {"LICENSE", "LICENSE-texts"}


def test_citation(project, pyproject):
    citation = yaml.safe_load((project / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["title"] == "Freeze and Unfreeze"
    assert citation["authors"] == [{"name": "The Freeze and Unfreeze authors"}]
    assert str(citation["version"]) == pyproject["project"]["version"]
    assert citation["message"] and citation["license"] == "MIT"
