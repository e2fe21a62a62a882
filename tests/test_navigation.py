"""The links at the end of each notebook, as `python -m utils.navigation` writes them."""

import re

import nbformat

from utils.navigation import NOTEBOOKS, bars, write


def test_each_notebook_leads_to_the_next_and_the_first_to_all():
    by_name = {path.relative_to(NOTEBOOKS).as_posix(): bar for path, bar in bars().items()}
    assert "[← Feature extraction](03_" in by_name["04_fine_tuning.ipynb"]
    assert "[The freeze board →](05_freeze_board.ipynb)" in by_name["04_fine_tuning.ipynb"]
    assert "](10_features_into_another_model.ipynb)" in by_name["07_learning_without_forgetting.ipynb"]
    assert "(../04_fine_tuning.ipynb)" in by_name["solutions/04_fine_tuning.ipynb"]
    numbered = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
    assert re.findall(r"\]\((\w+\.ipynb)\)", by_name["00_start_here.ipynb"]) == numbered[1:]


def test_a_bar_is_replaced_and_all_else_stays(tmp_path):
    path = tmp_path / "00.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# One"), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    for bar in ("first", "second"):
        write(path, bar)
        found = nbformat.read(path, as_version=4).cells
        assert [cell.source for cell in found] == ["# One", "1 + 1", bar]
    assert [cell.id for cell in found[:2]] == [cell.id for cell in cells]
