"""Each notebook, run from top to bottom: the numbered ones in fresh kernels, the solutions where Python is warm."""

import re

import nbformat
import pytest

from tests.notebooks.notebook import COMPLAINT, NUMBERED, RUNNABLE, name, output_text

SOLUTIONS = [path for path in RUNNABLE if path.parent.name == "solutions"]
VIEW = "application/vnd.jupyter.widget-view+json"
VERDICT = re.compile(r"✔ Right\.|✘ Not yet\.")  # as `utils.exercises.verdict` prints them


def test_there_is_no_other_folder():
    assert len(NUMBERED) >= 11 and sorted(NUMBERED + SOLUTIONS) == RUNNABLE


@pytest.mark.slow
@pytest.mark.parametrize("path", NUMBERED, ids=name)
def test_runs_from_top_to_bottom(path, execute):
    executed = execute(path)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert [output.evalue for output in outputs if output.output_type == "error"] == []
    assert [output.text for output in outputs if output.get("name") == "stderr" and COMPLAINT.search(output.text)] == []
    # A panel's last state can be seen where no kernel runs.
    panels = [output.data for output in outputs if VIEW in output.get("data", {})]
    assert [set(data) for data in panels if "text/plain" not in data] == []
    if name(path) == "05_freeze_board.ipynb":
        assert any("image/png" in data for data in panels)


@pytest.mark.slow
@pytest.mark.parametrize("path", SOLUTIONS, ids=name)
def test_solutions_run_and_are_right(path, execute_here):
    """Each check that is shown says so. What a solution tries on the way, and may fail, it shows no verdict of."""
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    checks = {check for cell in code for check in re.findall(r"\bcheck_\w+", cell.source)}
    saved = VERDICT.findall("\n".join(map(output_text, code)))
    assert len(saved) >= len(checks) > 0 and set(saved) == {"✔ Right."}
    text, errors = execute_here(path)
    assert VERDICT.findall(text) == saved, text
    assert not COMPLAINT.search(errors), errors
