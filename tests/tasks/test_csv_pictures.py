"""Pictures from a CSV file: what is read, skipped and refused."""

import numpy as np
import pandas as pd
import pytest

from utils.tasks import pictures_from_csv


def test_a_csv_of_pixels(tmp_path):
    path = tmp_path / "pixels.csv"
    path.write_text("label,a,b,c,d\nsun,0,1,2,255\nmoon,5,6,7,8\nsun,9,9,9,256\nsun,1,x,1,1\n")
    read = pictures_from_csv(path)
    assert read.class_names == ("moon", "sun") and read.labels.tolist() == [1, 0]
    assert read.images[0, :, :, 0].tolist() == [[0, 1], [2, 255]]
    assert [name for name, _ in read.skipped] == ["line 4", "line 5"]
    assert pictures_from_csv(path, (1, 4)).images.shape == (2, 1, 4, 1)


@pytest.mark.parametrize("between", [";", "\t"])
def test_a_csv_of_a_spreadsheet_abroad(tmp_path, between):
    path = tmp_path / "pixels.csv"
    path.write_text("label,a,b,c,d\nsun,0,1,2,255\nmoon,5,6,7,8\n".replace(",", between))
    read = pictures_from_csv(path)
    assert read.class_names == ("moon", "sun") and read.images[0, :, :, 0].tolist() == [[0, 1], [2, 255]]


def test_classes_are_kept_as_they_are_written(tmp_path):
    """NA is Namibia, not a missing value; an empty cell is one. Numbers are in their order."""
    path = tmp_path / "pixels.csv"
    path.write_text("label,a\nNA,1\nnull,2\nDE,3\n,4\n")
    read = pictures_from_csv(path)
    assert read.class_names == ("DE", "NA", "null") and read.labels.tolist() == [1, 2, 0]
    assert [name for name, _ in read.skipped] == ["line 5"]
    path.write_text("label,a\n10,1\n9.0,2\n,4\n9,\n")
    read = pictures_from_csv(path)
    assert read.class_names == ("9", "10") and read.labels.tolist() == [1, 0]
    assert [name for name, _ in read.skipped] == ["line 4", "line 5"]


def test_a_saved_index_is_no_pixel(tmp_path):
    """Nor is a fraction with a decimal comma no number."""
    path = tmp_path / "pixels.csv"
    path.write_text(";label;p0;p1;p2;p3\n0;a;0;12,5;2;3\n1;b;4;5;6;7\n", encoding="utf-16")
    read = pictures_from_csv(path)
    assert read.images.reshape(2, 4).tolist() == [[0, 12, 2, 3], [4, 5, 6, 7]] and read.skipped == ()


TABLE = pd.DataFrame(np.arange(40).reshape(10, 4), columns=["a", "b", "c", "d"], index=[7, 3, 1, 0, 9, 4, 2, 8, 6, 5])
TABLE.insert(0, "label", ["moon", "sun"] * 5)


def saved_twice(path):
    TABLE.reset_index(drop=True).to_csv(path)
    pd.read_csv(path).sample(frac=1, random_state=0).sort_values("a").to_csv(path)


@pytest.mark.parametrize(
    "save",
    [
        TABLE.to_csv,
        TABLE.set_index(np.arange(1, 11)).to_csv,
        TABLE.set_index(TABLE.index.map("{}.png".format)).to_csv,
        TABLE.set_index([np.arange(10) // 5, np.arange(10) % 5]).to_csv,
        saved_twice,
        lambda path: TABLE.assign(**{"Unnamed: 9": ""}).to_csv(path, index=False),
        lambda path: TABLE.to_csv(path, index_label=False),
    ],
    ids=["shuffled", "from 1", "texts", "two", "twice", "separators at the end", "as R does"],
)
def test_an_index_of_any_kind_is_no_pixel(tmp_path, save):
    save(tmp_path / "pixels.csv")
    read = pictures_from_csv(tmp_path / "pixels.csv")
    assert read.images.reshape(10, 4).tolist() == np.arange(40).reshape(10, 4).tolist() and read.skipped == ()


def test_a_column_that_is_no_pixel_is_named(tmp_path):
    path = tmp_path / "pixels.csv"
    TABLE.to_csv(path, index_label="id")
    with pytest.raises(ValueError, match="^shape=None .*5 pixels make no square.*remove .* 'id'.*index=False"):
        pictures_from_csv(path)
    with pytest.raises(ValueError, match=r"^shape=\(1, 4\) .*a row has 5 pixels.*remove .* 'id'"):
        pictures_from_csv(path, (1, 4))
    TABLE.assign(file=TABLE.index.map("{}.png".format), row=np.arange(10)).to_csv(path, index=False)
    with pytest.raises(ValueError, match="6 pixels make no square.*such as 'file', 'row'"):
        pictures_from_csv(path)
    TABLE.assign(file="x").drop(columns="a").to_csv(path, index=False)
    with pytest.raises(ValueError, match="none of its 10 rows .*line 2 has 'x' in the column 'file'.*no pixels"):
        pictures_from_csv(path)
    TABLE.drop(columns="a").to_csv(path, index=False)
    with pytest.raises(ValueError, match=r"3 pixels make no square; give \(height, width\)\.$"):
        pictures_from_csv(path)


def test_pixels_without_names_are_pixels(tmp_path):
    path = tmp_path / "pixels.csv"
    path.write_text(",,,,label\n1,2,3,4,sun\n5,6,7,8,moon\n")
    assert pictures_from_csv(path).images.reshape(2, 4).tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]


def test_decimal_commas_in_quotation_marks(tmp_path):
    """With three digits behind it, a comma may separate thousands."""
    path = tmp_path / "pixels.csv"
    path.write_text('label,a,b\nsun,"12,0"," 7,25"\nmoon,"3,0004",5\nsun,"1,000",6\n')
    read = pictures_from_csv(path, (1, 2))
    assert read.images.reshape(2, 2).tolist() == [[12, 7], [3, 5]]
    assert [line for line, _ in read.skipped] == ["line 4"]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;;;"])
def test_the_line_in_which_excel_is_told_the_separator(tmp_path, first):
    path = tmp_path / "pixels.csv"
    path.write_text(f"{first}\nlabel;a;b;c;d\nsun;0;1,5;2;255\nsun;x;6;7;8\nmoon;5;6;7;8\n")
    read = pictures_from_csv(path)
    assert read.images.reshape(2, 4).tolist() == [[0, 2, 2, 255], [5, 6, 7, 8]]
    assert [line for line, _ in read.skipped] == ["line 4"]


def test_a_csv_too_large_to_be_read_whole(tmp_path, monkeypatch):
    path = tmp_path / "pixels.csv"
    path.write_text("label,a\nx,1\ny,2\nz,3\n")
    monkeypatch.setattr("utils.tasks.csv_pictures.LARGEST_CSV", 10)
    with pytest.raises(ValueError, match=r"^path=.*larger than 0 MB.*most="):
        pictures_from_csv(path)
    assert len(pictures_from_csv(path, most=2)) == 2


def test_a_csv_without_names(tmp_path):
    path = tmp_path / "pixels.csv"
    path.write_text("1,2,3,4,5,6,7\n1,2,3,4,5,6,3\n")
    read = pictures_from_csv(path, (1, 2, 3), label=6)
    assert read.class_names == ("3", "7") and read.labels.tolist() == [1, 0]
    assert read.images[0].tolist() == [[[1, 2, 3], [4, 5, 6]]]


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        ("kind,a,b,c,d\n1,2,3,4,5\n", {}, "^label='label' .*'kind', 'a'.*position"),
        ("label,a,b,c\n1,2,3,4\n", {}, r"^shape=None .*\b3 pixels .*square"),
        ("label,a,b,c,d\n1,2,3,4,5\n", {"shape": (3, 3)}, r"^shape=\(3, 3\) .*\b4 pixels"),
        ("label,a,b,c,d\n1,2,3,4,5\n1,2,3,4,5\n", {}, r"^label='label' .*\b1 class, and"),
        ("label,a\n1,x\n2,5\n2,6\n", {}, r"^label='label' .*1 class in the rows that can be read \(not in line 2\)"),
        ("label,a\n1,x\n2,\n", {}, "^path=.*none of its 2 rows .*line 2 has 'x' in the column 'a'.*point"),
        ("label,a\n,1\n,5\n", {}, "^path=.*none of its 2 rows .*in line 2 the class is missing"),
        ("label,a,b,c,d\n", {}, "^path=.*no row below the first line"),
        ("label,a\n1,2\n1,2,3,4\n", {}, r"^path=.*\(line 3 has 4 cells, and 2 are expected\)\.$"),
        ("sep=,\nlabel,a\n1,2\n1,2,3\n", {}, r"^path=.*\(line 4 has 3 cells, and 2 are expected\)\.$"),
        ("", {}, "^path=.*it isn't a CSV file"),
        ("label,a\n1,0.5\n2,1\n", {}, r"^path=.*0 to 1\b.*0 to 255.*multiply"),
    ],
)
def test_what_is_no_csv_of_pixels_is_refused(tmp_path, text, given, message):
    path = tmp_path / "pixels.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        pictures_from_csv(path, **given)
    with pytest.raises(ValueError, match=r"^path=.*none\.csv' .*no such"):
        pictures_from_csv(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="^path=.*folder.*CSV"):
        pictures_from_csv(tmp_path)
