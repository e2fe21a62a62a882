"""The pairs by name."""


import numpy as np
import pytest

from utils.tasks import DEFAULT_PAIR, PAIRS, DownloadError, input_shape, load_pair, needs_network

NAMES = {
    "digits-drawings": ("digits", "drawings"),
    "digits-halves": ("digits 0-4", "digits 5-9"),
    "digits-fashion": ("digits", "fashion"),
    "fashion-digits": ("fashion", "digits"),
    "plane": ("moons", "new rings"),
}


def test_the_names_and_the_default():
    assert list(PAIRS) == list(NAMES)
    assert DEFAULT_PAIR == "digits-drawings"
    assert all(line and "\n" not in line and len(line) < 100 for line in PAIRS.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_pair(pair, name):
    loaded = pair(name)
    assert loaded.name == name
    assert (loaded.old.name, loaded.new.name) == NAMES[name]
    assert loaded.description.startswith(PAIRS[name])
    for task in (loaded.old, loaded.new):
        assert task.input_shape == input_shape(name) == ((2,) if name == "plane" else (28, 28, 1))
        assert task.classes == {"digits-halves": 5, "plane": 2}.get(name, 10)
        for part in ("train", "validation", "test"):
            y = getattr(task, f"y_{part}")
            assert np.bincount(y).tolist() == [len(y) // task.classes] * task.classes


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_example_is_twice_in_a_pair(pair, name, fingerprints):
    loaded = pair(name)
    prints = []
    for task in (loaded.old, loaded.new):
        for part in ("train", "validation", "test"):
            prints += fingerprints(getattr(task, f"x_{part}"))
    assert len(set(prints)) == len(prints)


@pytest.mark.slow
@pytest.mark.parametrize("dissimilarity", [0.0, pytest.param(0.3, marks=pytest.mark.exhaustive)])
def test_no_drawing_is_twice_at_another_dissimilarity(dissimilarity, fingerprints):
    new = load_pair("digits-drawings", dissimilarity=dissimilarity).new
    prints = [f for part in ("train", "validation", "test") for f in fingerprints(getattr(new, f"x_{part}"))]
    assert len(set(prints)) == len(prints) == 7000


@pytest.mark.slow
def test_a_pair_is_loaded_once():
    start = load_pair("digits-drawings")
    assert load_pair() is load_pair(dissimilarity=1) is load_pair("digits-drawings", dissimilarity=1.0) is start
    assert load_pair(dissimilarity=0.5) is load_pair("digits-drawings", dissimilarity=np.float32(0.5)) is not start


@pytest.mark.slow
def test_old_tasks_of_one_name_are_the_same_arrays(pair):
    assert pair("digits-drawings").old is pair("digits-fashion").old is pair("fashion-digits").new
    assert pair("digits-drawings", dissimilarity=0.2).old is pair("digits-drawings").old


@pytest.mark.slow
def test_loading_anew_gives_the_same(forget_loaded):
    first = load_pair("digits-drawings", dissimilarity=0.4)
    forget_loaded()
    second = load_pair("digits-drawings", dissimilarity=0.4)
    assert second is not first
    assert np.array_equal(first.new.x_train, second.new.x_train)
    assert np.array_equal(first.new.y_test, second.new.y_test)
    assert first.new.name == "drawings 0.4" and "dissimilarity 0.4" in first.description


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("digit-drawings", "digits-drawings"),
        ("fashion", "fashion-digits"),
        ("Digits-Halves", "digits-halves"),
        ("plain nonsense", ""),
        (None, ""),
        (3.5, ""),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, hint):
    for ask in (load_pair, needs_network):
        with pytest.raises(ValueError) as caught:
            ask(name)
        message = str(caught.value)
        assert message.startswith(f"pair={name!r} ") and ", ".join(map(repr, PAIRS)) in message
        assert message.rpartition("mean")[2].strip(" '?") == hint if hint else "mean" not in message


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan"), True, "high"])
def test_a_wrong_dissimilarity_is_refused(value):
    with pytest.raises(ValueError, match=rf"^dissimilarity={value!r} .*\b0 .*\b1\b"):
        load_pair("digits-drawings", dissimilarity=value)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "digits-drawings"])
def test_only_one_pair_has_an_dissimilarity(name):
    with pytest.raises(ValueError, match=rf"^dissimilarity=0\.5 .*only 'digits-drawings' .*{name!r}"):
        load_pair(name, dissimilarity=0.5)


@pytest.mark.slow
def test_without_a_network_the_error_names_what_works(empty_home, no_network, capsys):
    works = [name for name in PAIRS if not needs_network(name)]
    assert works == ["digits-drawings", "digits-halves", "plane"]
    for name in works:
        assert load_pair(name).name == name

    with pytest.raises(DownloadError) as caught:
        load_pair("digits-fashion")
    message = str(caught.value)
    assert "Fashion-MNIST (30 MB)" in message and "Name or service not known" in message
    assert all(name in message for name in works[:2]) and "digits-fashion" not in message
    assert list(empty_home.rglob("*.gz")) == []
    assert "Fashion-MNIST, 30 MB, once, from https://storage" in capsys.readouterr().out
