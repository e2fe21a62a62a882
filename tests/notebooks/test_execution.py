"""Each notebook, run from top to bottom in a fresh kernel."""

import re

import pytest

from tests.notebooks.notebook import NOTEBOOKS, name


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_runs_from_top_to_bottom(path, execute):
    executed = execute(path)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert [output.evalue for output in outputs if output.output_type == "error"] == []
    # What a thread or a callback raises ends up on stderr and stops nothing.
    printed = [output.text for output in outputs if output.get("name") == "stderr"]
    assert [text for text in printed if re.search(r"^(Traceback|[\w.]+(Error|Warning)\b)", text, re.M)] == []
