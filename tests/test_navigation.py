"""What all notebooks share, as `python -m utils.navigation` writes it."""

import re

import nbformat
import pytest

from utils.collection_map import map_html
from utils.navigation import END, GLOSSARY, HINT, MAP, NOTEBOOKS, TOP, cells, write


@pytest.fixture(scope="module")
def by_name():
    return {path.relative_to(NOTEBOOKS).as_posix(): sources for path, sources in cells().items()}


@pytest.mark.parametrize("bar", [TOP, END])
def test_each_notebook_leads_to_the_next_and_back(by_name, bar):
    assert "[← Feature extraction](03_" in by_name["04_fine_tuning.ipynb"][bar]
    assert "[The freeze board →](05_freeze_board.ipynb)" in by_name["04_fine_tuning.ipynb"][bar]
    assert "](10_features_into_another_model.ipynb)" in by_name["07_learning_without_forgetting.ipynb"][bar]
    assert "(../04_fine_tuning.ipynb)" in by_name["solutions/04_fine_tuning.ipynb"][bar]


@pytest.mark.parametrize("bar", [TOP, END])
def test_each_notebook_leads_to_the_glossary_and_that_to_the_contents(by_name, bar):
    for name, sources in by_name.items():
        if name == GLOSSARY:
            assert "(00_start_here.ipynb)" in sources[bar] and HINT not in sources
        else:
            assert f"]({'../' * name.count('/')}{GLOSSARY})" in sources[bar]


def test_the_first_leads_to_all_in_words_and_on_the_map(by_name):
    numbered = sorted(path.name for path in NOTEBOOKS.glob("[0-9]*.ipynb"))
    assert re.findall(r"\]\((\w+\.ipynb)\)", by_name["00_start_here.ipynb"][END]) == [*numbered[1:], GLOSSARY]
    assert sorted(re.findall(r'href="([^"]+)"', by_name["00_start_here.ipynb"][MAP])) == numbered


def test_a_new_notebook_is_put_on_the_map_by_its_number():
    rows = map_html({f"{number:02}_x.ipynb": (str(number), "") for number in (0, 1, 9, 4, 8, 13)}).splitlines()[2:-1:2]
    assert [re.findall(r'href="(\d+)_', row) for row in rows] == [["00"], ["01", "04"], ["08", "09"], ["13"]]


def test_titles_are_no_html():
    (link,) = re.findall("<a .*?</a>", map_html({'00_a".ipynb': ("<b> & co", ": is <i> it?")}))
    assert 'href="00_a&quot;.ipynb"' in link
    assert "<b>00 &lt;b&gt; &amp; co</b><br><small>Is &lt;i&gt; it?</small>" in link


def test_cells_are_replaced_and_all_else_stays(tmp_path):
    path = tmp_path / "00.ipynb"
    given = [nbformat.v4.new_markdown_cell("# One"), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=given), path)
    for word in ("first", "second"):
        write(path, {TOP: f"{word} top", MAP: f"{word} map", HINT: f"{word} hint", END: f"{word} end"})
        found = nbformat.read(path, as_version=4).cells
        due = [f"{word} top", "# One", f"{word} map", f"{word} hint", "1 + 1", f"{word} end"]
        assert [cell.source for cell in found] == due
    assert [found[1].id, found[4].id] == [cell.id for cell in given]
