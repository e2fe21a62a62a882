"""Pictures from a folder: what is read, converted, skipped and refused."""

import io
import re
import shutil
import struct

import keras
import numpy as np
import pytest
from PIL import Image

from utils.tasks.folder import pictures_from_folder
from utils.tasks.picture import read_picture


@pytest.fixture
def folder(tmp_path):
    for name, color in (("cat", (200, 10, 30)), ("ant", (10, 90, 40))):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("RGB", (20, 10), color).save(tmp_path / name / f"{number}.png")
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


def test_gray_transparent_deep_and_large_pictures_are_converted(folder):
    Image.new("L", (7, 7), 77).save(folder / "ant" / "gray.png")
    Image.new("RGBA", (7, 7), (255, 0, 0, 0)).save(folder / "ant" / "through.png")
    Image.fromarray(np.full((7, 7), 257 * 50, np.uint16)).save(folder / "ant" / "sixteen.png")
    (folder / "ant" / "more").mkdir()
    Image.new("P", (400, 300), 3).save(folder / "ant" / "more" / "z.GIF")
    read = pictures_from_folder(folder, (4, 4))
    assert len(read) == 10 and not read.skipped
    gray, through, sixteen = (read.images[i] for i in (3, 6, 5))
    assert (gray == 77).all() and (through == 255).all() and (sixteen == 50).all()
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
    for other in (None, "extra", "__MACOSX"):
        if other:
            shutil.copytree(folder, root / other)
        with pytest.raises(ValueError, match="^folder=.*: Val, train are parts rather than classes.*'.*train'"):
            pictures_from_folder(root, (8, 8))


def test_parts_without_classes_are_no_classes_and_a_train_alone_is_one(folder):
    (folder / "ant").rename(folder / "train")
    assert pictures_from_folder(folder, (8, 8)).class_names == ("cat", "train")
    (folder / "cat").rename(folder / "TEST")
    with pytest.raises(ValueError, match="TEST, train are parts rather than classes. Give a folder with a folder for"):
        pictures_from_folder(folder, (8, 8))


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
