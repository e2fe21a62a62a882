"""Pictures from a folder and from a CSV file: what is read, converted, skipped and refused."""

import io
import re
import shutil
import struct

import keras
import numpy as np
import pytest
from PIL import Image

from utils.tasks.folder import pictures_from_csv, pictures_from_folder
from utils.tasks.picture import read_picture


@pytest.fixture
def folder(tmp_path):
    for name, colour in (("cat", (200, 10, 30)), ("ant", (10, 90, 40))):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("RGB", (20, 10), colour).save(tmp_path / name / f"{number}.png")
    return tmp_path


def test_classes_are_folders_as_in_keras(folder):
    read = pictures_from_folder(folder, (8, 6))
    theirs = keras.utils.image_dataset_from_directory(folder, image_size=(8, 6), shuffle=False, verbose=0)
    images, labels = next(iter(theirs.unbatch().batch(100)))
    assert list(read.class_names) == theirs.class_names == ["ant", "cat"]
    assert read.images.dtype == np.uint8 and read.images.shape == (6, 8, 6, 3)
    np.testing.assert_array_equal(read.images, images.numpy().astype(np.uint8))
    np.testing.assert_array_equal(read.labels, labels.numpy())
    assert not read.skipped


def test_grey_transparent_deep_and_large_pictures_are_converted(folder):
    Image.new("L", (7, 7), 77).save(folder / "ant" / "grey.png")
    Image.new("RGBA", (7, 7), (255, 0, 0, 0)).save(folder / "ant" / "through.png")
    Image.fromarray(np.full((7, 7), 257 * 50, np.uint16)).save(folder / "ant" / "sixteen.png")
    (folder / "ant" / "more").mkdir()
    Image.new("P", (400, 300), 3).save(folder / "ant" / "more" / "z.GIF")
    read = pictures_from_folder(folder, (4, 4))
    assert len(read) == 10 and not read.skipped
    grey, through, sixteen = (read.images[i] for i in (3, 6, 5))
    assert (grey == 77).all() and (through == 255).all() and (sixteen == 50).all()
    one_channel = pictures_from_folder(folder, (4, 4), channels=1)
    assert one_channel.images.shape == (10, 4, 4, 1)
    assert one_channel.images[7, 0, 0, 0] == round(0.299 * 200 + 0.587 * 10 + 0.114 * 30)


def test_cropping_keeps_the_shape_of_what_is_seen(tmp_path):
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 255
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.fromarray(wide).save(tmp_path / name / "wide.png")
    assert (pictures_from_folder(tmp_path, (10, 10), crop_to_aspect_ratio=True).images == 255).all()
    assert (pictures_from_folder(tmp_path, (10, 10)).images == 0).any()


def test_what_cannot_be_read_is_skipped_named_and_counted(folder):
    whole = (folder / "cat" / "0.png").read_bytes()
    (folder / "cat" / "cut.png").write_bytes(whole[:40])
    (folder / "cat" / "text.jpg").write_text("no picture")
    (folder / "cat" / ".hidden.png").write_text("not looked at")
    (folder / "cat" / "notes.txt").write_text("not looked at")
    read = pictures_from_folder(folder, (8, 8))
    assert len(read) == 6
    assert [name for name, _ in read.skipped] == ["cat/cut.png", "cat/text.jpg"]
    assert re.search(r"6 pictures of 8 × 8 × 3: .*ant 3, cat 3\b.*\b2 skipped: .*cat/cut\.png \(", repr(read))
    assert f"cat/text.jpg ({read.skipped[1][1]})" in repr(read) and "damaged" in read.skipped[1][1]


def test_kinds_that_cameras_and_browsers_save(folder):
    for ending, kind in ((".webp", "WEBP"), (".tif", "TIFF"), (".jfif", "JPEG")):
        Image.new("RGB", (20, 20), "red").save(folder / "ant" / f"other{ending}", format=kind)
    (folder / "cat" / "phone.HEIC").write_bytes(b"ftypheic")
    read = pictures_from_folder(folder, (8, 8))
    assert len(read) == 9 and read.skipped == (("cat/phone.HEIC", read.skipped[0][1]),)
    assert "jpg or png" in read.skipped[0][1]


def test_parts_are_no_classes(folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("parts")
    for part in ("train", "Val"):
        shutil.copytree(folder, root / part)
    with pytest.raises(ValueError, match="Val, train are parts rather than classes.*'.*Val'"):
        pictures_from_folder(root, (8, 8))


def test_a_picture_with_too_many_pixels_is_skipped(folder, monkeypatch):
    monkeypatch.setattr("utils.tasks.picture.LARGEST_PICTURE", 300)
    Image.new("RGB", (20, 20)).save(folder / "ant" / "huge.png")
    ((name, why),) = pictures_from_folder(folder, (8, 8)).skipped
    assert name == "ant/huge.png" and "20 × 20 pixels" in why


@pytest.mark.parametrize("kind", ["PCX", "EPS", "PPM"])
def test_the_content_must_be_of_a_known_kind_whatever_the_ending_says(folder, kind):
    Image.new("RGB", (20, 20)).save(folder / "ant" / "other.png", format=kind)
    read = pictures_from_folder(folder, (8, 8))
    assert len(read) == 6 and [name for name, _ in read.skipped] == ["ant/other.png"]
    assert "damaged" in read.skipped[0][1]


def test_a_large_file_is_not_read_open_or_not(folder, monkeypatch):
    path = folder / "ant" / "0.png"
    assert read_picture(io.BytesIO(path.read_bytes()), (8, 8)).shape == (8, 8, 3)
    monkeypatch.setattr("utils.tasks.picture.LARGEST_FILE", path.stat().st_size - 1)
    for source in (path, io.BytesIO(path.read_bytes())):
        with pytest.raises(ValueError, match="larger than"):
            read_picture(source, (8, 8))


def test_at_most_so_many_a_class_spread_over_all(folder):
    read = pictures_from_folder(folder, (8, 8), most_per_class=2)
    assert np.bincount(read.labels).tolist() == [2, 2]


@pytest.mark.parametrize(
    ("spoil", "given", "message"),
    [
        (lambda at: (at / "bee").mkdir(), {}, "class 'bee' has no picture .*remove"),
        (lambda at: ((at / "bee").mkdir(), (at / "bee/x.png").write_text("")), {}, r"class 'bee' .*\b1 .*bee/x\.png"),
        (lambda at: [path.unlink() for path in at.glob("cat/*")] + [(at / "cat").rmdir()], {}, "folder=.*only 'ant'"),
        (None, {"folder": "nowhere"}, "^folder='nowhere' .*no such"),
        (None, {"size": (0, 4)}, r"^size=\(0, 4\) "),
        (None, {"channels": 4}, r"^channels=4 .*\b1\b.*\b3\b"),
        (None, {"most_per_class": 0}, "^most_per_class=0 "),
        (None, {"size": (9000, 9000)}, "6 pictures of 9000 × 9000 × 3 .*1,458 MB.*fewer"),
    ],
)
def test_what_is_no_collection_is_refused(folder, spoil, given, message):
    if spoil:
        spoil(folder)
    with pytest.raises(ValueError, match=message):
        pictures_from_folder(**({"folder": folder} | given))


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


def test_a_csv_too_large_to_be_read_whole(tmp_path, monkeypatch):
    path = tmp_path / "pixels.csv"
    path.write_text("label,a\nx,1\ny,2\nz,3\n")
    monkeypatch.setattr("utils.tasks.folder.LARGEST_CSV", 10)
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
        ("label,a,b,c,d\n1,2,3,4,5\n1,2,3,4,5\n", {}, r"^label='label' .*\b1 class\b"),
        ("", {}, "^path=.*no CSV file"),
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


def test_an_odd_tag_does_not_stop_a_folder(tmp_path, monkeypatch):
    """A picture that is whole, whose camera wrote something that Pillow can't write again when it turns it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x0128] = 6, 2
    file = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(file, "JPEG", exif=exif)
    data = file.getvalue().replace(b"\x01\x28\x00\x03", b"\x01\x28\x00\x02").replace(
        b"\x28\x01\x03\x00", b"\x28\x01\x02\x00"
    )
    assert data != file.getvalue()  # the tag's kind is now text
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.jpg").write_bytes(data)
    found = pictures_from_folder(tmp_path, (20, 20))
    assert len(found) == 2 and found.skipped == () and found.images[..., 0].min() > 200


def test_whatever_a_decoder_raises_is_a_damaged_file(monkeypatch):
    def broken(picture):
        raise struct.error("unpack requires a buffer of 4 bytes")

    file = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(file, "PNG")
    monkeypatch.setattr("PIL.ImageOps.exif_transpose", broken)
    assert read_picture(io.BytesIO(file.getvalue()), (20, 20)).shape == (20, 20, 3)
    monkeypatch.setattr("utils.tasks.picture._without_transparency", broken)
    with pytest.raises(ValueError, match="damaged: unpack requires"):
        read_picture(io.BytesIO(file.getvalue()), (20, 20))


def test_a_small_file_that_unfolds_is_refused(tmp_path):
    file = io.BytesIO()
    Image.new("P", (5100, 5000)).save(file, "PNG")
    assert len(file.getvalue()) < 100_000
    with pytest.raises(ValueError, match="pixels are too many"):
        read_picture(io.BytesIO(file.getvalue()), (20, 20))


def test_a_large_photograph_is_read_at_a_fraction():
    """48 million pixels, as a telephone's camera takes them."""
    file = io.BytesIO()
    Image.new("RGB", (8000, 6000), (10, 200, 30)).save(file, "JPEG")
    assert np.abs(read_picture(io.BytesIO(file.getvalue()), (96, 96)).mean(axis=(0, 1)) - (10, 200, 30)).max() < 3
