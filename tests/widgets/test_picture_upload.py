"""The upload button: what is uploaded isn't trusted, and what can be read is shown to the network."""

import datetime
import html
import io
import os

import keras
import numpy as np
import pytest
from PIL import Image

from utils.models.photo_networks import shipped_photo_net
from utils.tasks.patches import patches
from utils.widgets import picture_upload as module
from utils.widgets.picture_upload import PictureUpload

TASK = patches("old")


@pytest.fixture(scope="module")
def model():
    return shipped_photo_net()


@pytest.fixture
def panel(model):
    return PictureUpload(model, TASK.class_names)


def encoded(pixels, kind="PNG", mode=None):
    file = io.BytesIO()
    picture = Image.fromarray(pixels.astype(np.uint8))
    (picture.convert(mode) if mode else picture).save(file, kind)
    return file.getvalue()


def upload(panel, content, name="mine.png"):
    now = datetime.datetime.now(datetime.UTC)
    file = {"name": name, "type": "image/png", "size": len(content), "last_modified": now, "content": content}
    panel._upload.value = (file,)
    return panel._status.value


@pytest.mark.slow
def test_it_says_what_the_model_says(panel, model):
    answers = panel.ask(io.BytesIO(encoded(TASK.x_test[0])))
    logits = model.predict(np.round(TASK.x_test[:1]), verbose=0)[0]
    assert next(iter(answers)) == TASK.class_names[logits.argmax()]
    assert sum(answers.values()) == pytest.approx(1, abs=1e-5)
    assert list(answers.values()) == sorted(answers.values(), reverse=True)
    wanted = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert answers[TASK.class_names[0]] == pytest.approx(wanted[0], abs=0.05)


def test_an_uploaded_picture_is_shown_and_named(panel):
    bricks = TASK.x_test[TASK.y_test == 0][3]
    assert "bricks" in upload(panel, encoded(bricks))
    assert panel._image.layout.display is None
    shown = np.asarray(Image.open(io.BytesIO(panel._image.value)))
    assert shown.shape == (64, 64, 3) and np.abs(shown - bricks).max() <= 1


@pytest.mark.parametrize(("mode", "kind", "name"), [("L", "PNG", "a.png"), ("RGBA", "PNG", "a.PNG"),
                                                    (None, "JPEG", "a.jpeg"), ("P", "GIF", "a.gif")])  # fmt: skip
def test_other_kinds_of_pictures(panel, mode, kind, name):
    large = np.kron(TASK.x_test[TASK.y_test == 1][0], np.ones((3, 4, 1)))
    assert "always chooses one of them" in upload(panel, encoded(large, kind, mode), name)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"no picture", "a.png", "no picture"),
        (encoded(TASK.x_test[0])[:200], "a.png", "damaged"),
        (b"import os", "a.py", "by its name"),
        (b"\x80\x04.", "model.pkl", "by its name"),
        (b"<b>x</b>", "<b>x.txt", "by its name"),
    ],
)
def test_what_is_no_picture_is_refused_and_the_panel_goes_on(panel, content, name, message):
    assert message in upload(panel, content, name) and "<b>x" not in panel._status.value
    assert panel._image.layout.display == "none"
    assert "always chooses" in upload(panel, encoded(TASK.x_test[0]))


def announce(panel, *files):
    """What the browser sends before the files' contents."""
    panel._announced.value = [{"name": name, "size": size, "type": "", "content": {}} for name, size in files]
    return panel._status.value


def is_shown(panel):
    return panel._image.layout.display is None


def test_a_new_choice_takes_the_verdict_on_the_one_before_away(panel):
    upload(panel, encoded(TASK.x_test[0]))
    assert is_shown(panel)
    said = announce(panel, ("<b>next</b>.png", 1_500_000))
    assert not is_shown(panel) and "&lt;b&gt;next&lt;/b&gt;.png" in said and "1.5 MB" in said
    assert "always chooses" in upload(panel, encoded(TASK.x_test[1]), "<b>next</b>.png") and is_shown(panel)
    nothing = announce(panel)  # none anymore
    assert not is_shown(panel) and "No picture yet" in nothing
    upload(panel, encoded(TASK.x_test[2]))
    panel._upload.value = ()
    assert not is_shown(panel) and panel._status.value == nothing
    upload(panel, encoded(TASK.x_test[0]))
    with pytest.raises(ValueError):
        panel.ask(io.BytesIO(b"no picture"))
    assert not is_shown(panel)


def test_a_file_that_is_announced_and_never_comes(panel):
    waiting = announce(panel, ("a.png", 9_000_000))
    awaited = panel._awaited
    panel._give_up(awaited)
    assert panel._status.value != waiting and "'a.png' (9.0 MB) hasn't arrived" in html.unescape(panel._status.value)
    assert "path" in panel._status.value
    announce(panel, ("b.png", 100))
    second = panel._status.value
    panel._give_up(awaited)  # the first one's patience ends
    assert panel._status.value == second
    verdict = upload(panel, encoded(TASK.x_test[0]), "b.png")
    panel._give_up(("b.png", 100))
    assert panel._status.value == verdict


def test_an_announcement_may_come_after_its_file(panel):
    """Messages of two widgets may be handled in either order, and in two threads."""
    content = encoded(TASK.x_test[0])
    verdict = upload(panel, content, "a.png")
    assert announce(panel, ("a.png", len(content))) == verdict and is_shown(panel) and panel._awaited is None
    assert announce(panel, ("a.png", len(content) + 1)) != verdict and not is_shown(panel)


def test_a_file_that_is_too_large_is_named_before_it_comes(panel):
    said = html.unescape(announce(panel, ("\u202egnp." + "x" * 200 + ".png", 23_000_000)))
    assert "23.0 MB" in said and "10 MB" in said and "path" in said and panel._awaited is None
    assert "\u202e" not in said and "x" * 70 not in said


@pytest.mark.parametrize("value", [None, 3, [{}], [{"name": "a.png", "size": "large"}], {"a.png": {}}])
def test_an_announcement_of_another_form_changes_nothing(panel, value):
    verdict = upload(panel, encoded(TASK.x_test[0]))
    panel._announced.value = value
    assert panel._status.value == verdict and is_shown(panel)


def test_the_browser_links_the_announcement(panel):
    assert panel._link.source == (panel._upload, "value")
    assert panel._link.target == (panel._announced, "value")


def type_path(panel, path):
    panel._path.value = str(path)
    return html.unescape(panel._status.value)


def test_a_path_in_place_of_an_upload(panel, tmp_path, monkeypatch):
    (tmp_path / "Ümläut – 図.png").write_bytes(encoded(TASK.x_test[0]))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for path in (tmp_path / "Ümläut – 図.png", "~/Ümläut – 図.png", ' "Ümläut – 図.png" '):
        assert "always chooses" in type_path(panel, path) and is_shown(panel)
        assert "No picture yet" in type_path(panel, " ") and not is_shown(panel)


def test_paths_of_no_picture(panel, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    cases = {"text.png": "no picture", "<img src=x>.png": "no file", ".": "a folder", "a\0b.png": "null"}
    cases["x" * 300] = "long"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")  # opening it would wait for ever
        cases["pipe.png"] = "not an ordinary file"
    for name, word in cases.items():
        upload(panel, encoded(TASK.x_test[0]))
        said = type_path(panel, f"{tmp_path}/{name}")
        assert word in said and not is_shown(panel), name
        assert "<img src" not in panel._status.value
    type_path(panel, f"{tmp_path}/\udcff.png").encode()  # what no message could carry


def test_too_large_a_file_is_not_decoded(panel, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    assert "is larger than" in upload(panel, encoded(TASK.x_test[0]))


def test_the_older_form_of_an_upload(panel):
    content = encoded(TASK.x_test[0])
    old = {"mine.png": {"metadata": {"name": "mine.png"}, "content": content}}  # ipywidgets 7
    assert module._content(old).read() == content


def test_a_model_that_does_not_fit(model):
    with pytest.raises(ValueError, match=r"\b3 class_names"):
        PictureUpload(model, ["a", "b", "c"])
    flat = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="one logit for each"):
        PictureUpload(flat, ["a", "b"])


def test_only_the_source_of_what_is_shown_is_named(panel, tmp_path):
    (tmp_path / "b.png").write_bytes(encoded(TASK.x_test[1]))
    upload(panel, encoded(TASK.x_test[0]), "a.png")
    panel._path.value = str(tmp_path / "b.png")
    shown = panel._image.value
    assert panel._upload.value == () and is_shown(panel)
    announce(panel)  # as the browser does then
    assert is_shown(panel)
    upload(panel, encoded(TASK.x_test[0]), "a.png")
    assert panel._path.value == "" and is_shown(panel) and panel._image.value != shown
