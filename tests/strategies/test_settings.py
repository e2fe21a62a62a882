"""Settings: what is refused and how it's said, and that texts and dicts give back what went in."""

import json
import math
import os
import re
from dataclasses import fields
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from utils.models import BACKBONES, fitting, layer_names
from utils.strategies import LOSSES, OPTIMIZERS, STRATEGIES, Settings, SettingsError
from utils.strategies.field_text import OPTIONS_OF_PAIRS
from utils.tasks import PAIRS, SHAPES, input_shape

WHOLE = {  # least, most
    "batch_size": (1, 1024),
    "updates": (1, 100_000),
    "warm_up": (0, 1000),  # the default number of updates
    "new_images": (1, 60_000),
    "evaluate_every": (1, 100_000),
    "patience": (0, 100_000),
    "rate_drops": (0, 10),
    "seed": (0, 2**31 - 1),
}
CHOICES = {"pair": PAIRS, "backbone": BACKBONES, "strategy": STRATEGIES, "optimizer": OPTIMIZERS}
NO_WHOLE = [True, False, 1.0, math.nan, math.inf, "7", "", None, [3], 3 + 0j, np.float32(3), np.bool_(True)]
NO_RATE = [
    True,
    0,
    0.0,
    -1e-3,
    math.nan,
    math.inf,
    -math.inf,
    10**400,
    "0.1",
    None,
    [0.1],
    1j,
    Fraction(1, 10**400),
    1e-31,
]


def error(**wrong) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings(**wrong)
    return str(caught.value)


def names(message: str, field: str, value, *remedies: str) -> bool:
    """Whether an error begins with the field and the value, and holds all of what would be right, in this order."""
    begins = f"{field}={value!r} "
    rest = message[len(begins) :]
    found = re.search(".*?".join(rf"(?<!\w){re.escape(remedy)}(?!\w)" for remedy in remedies), rest, re.DOTALL)
    return message.startswith(begins) and found is not None


def test_the_defaults_are_the_recommended_ones():
    settings = Settings()
    assert (settings.pair, settings.backbone, settings.strategy) == (
        "digits-drawings",
        "small_cnn",
        "fine-tuning",
    )
    assert (settings.batch_size, settings.optimizer, settings.learning_rate) == (32, "adam", 1e-3)


# What is refused


@pytest.mark.parametrize("field", WHOLE)
@pytest.mark.parametrize("value", NO_WHOLE, ids=repr)
def test_what_is_no_whole_number_is_refused(field, value):
    least, most = WHOLE[field]
    assert names(error(**{field: value}), field, value, "whole number", str(least), f"{most:,}")


@pytest.mark.parametrize("field", WHOLE)
def test_whole_numbers_end_where_it_is_said(field):
    least, most = WHOLE[field]
    for value in (least, most):
        assert getattr(Settings(**{field: value}), field) == value
    for value in (least - 1, most + 1, -(10**400), 10**400):
        assert names(error(**{field: value}), field, value)


@pytest.mark.parametrize("kind", [np.int8, np.uint16, np.int32, np.int64])
def test_numpy_s_whole_numbers_count(kind):
    settings = Settings(**{field: kind(9) for field in WHOLE})
    for field in WHOLE:
        assert type(getattr(settings, field)) is int and getattr(settings, field) == 9
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


def test_a_warm_up_is_part_of_the_budget():
    assert Settings(updates=50, warm_up=50).warm_up == 50
    assert names(error(updates=50, warm_up=51), "warm_up", 51, "0", "50", "updates")


@pytest.mark.parametrize("value", NO_RATE, ids=lambda v: repr(v)[:12])
def test_what_is_no_rate_is_refused(value):
    assert names(error(learning_rate=value), "learning_rate", value, "finite", "1e-30")
    if value is not None:  # the same as later
        assert names(error(warm_up_rate=value), "warm_up_rate", value, "finite", "1e-30")


@pytest.mark.parametrize("value", [1, 100, 1e-9, 1e38, np.float32(0.5), np.int64(2), Fraction(1, 4)], ids=repr)
def test_any_real_number_in_range_is_a_rate(value):
    settings = Settings(learning_rate=value)
    assert type(settings.learning_rate) is float and settings.learning_rate == float(value)


@pytest.mark.parametrize("value", [True, -1e-9, math.nan, math.inf, "0.1", None, [0.1]], ids=repr)
def test_what_is_no_penalty_is_refused(value):
    assert names(error(head_l2=value), "head_l2", value, "number", "0")


@pytest.mark.parametrize("value", [0, 1, "True", "yes", math.nan, [True]], ids=repr)
def test_what_is_neither_true_nor_false_is_refused(value):
    assert names(error(standardize=value), "standardize", value, "True", "False")


def test_features_are_standardized_where_the_head_is_to_converge_on_a_still_backbone():
    head, tune = (Settings(strategy=name) for name in ("feature extraction", "fine-tuning"))
    assert (head.standardizes, tune.standardizes) == (False, False)
    assert (head.until_converged().standardizes, tune.until_converged().standardizes) == (True, False)
    assert head.until_converged().replace(strategy="fine-tuning") == tune.until_converged()
    assert not head.until_converged(standardize=False).standardizes
    assert tune.replace(standardize=np.bool_(True)).standardizes
    assert not tune.until_converged(trained_layers=["dense", "new_head"]).standardizes
    assert Settings(strategy="network expansion").until_converged().standardizes


def test_until_converged_says_how_long_it_waits():
    settings = Settings(learning_rate=0.01, seed=3).until_converged(updates=500)
    assert settings == Settings(learning_rate=0.01, seed=3, updates=500, evaluate_every=50, patience=10)


@pytest.mark.parametrize("value", [True, -0.1, 1.1, math.nan, math.inf, "0.5", [0.5]], ids=repr)
def test_what_is_no_dissimilarity_is_refused(value):
    assert names(error(pair_options={"dissimilarity": value}), "dissimilarity", value, "number", "0", "1")


def test_dissimilarity_belongs_to_one_pair():
    message = error(pair="digits-halves", pair_options={"dissimilarity": 0.5})
    assert names(message, "dissimilarity", 0.5, "digits-drawings", "digits-halves")


@pytest.mark.parametrize("value", [1, np.float32(0.25), np.float64(0.5), Fraction(1, 2)], ids=repr)
def test_an_dissimilarity_is_kept_as_a_plain_number(value):
    settings = Settings(pair_options={"dissimilarity": value})
    kept = dict(settings.pair_options or {"dissimilarity": 1.0})["dissimilarity"]  # 1 is the default
    assert type(kept) is float and kept == float(value)
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings
    assert Settings.from_text(settings.to_text()) == settings


@pytest.mark.parametrize("field", CHOICES)
@pytest.mark.parametrize("value", ["", "nothing like it", None, True, 5, math.nan, ["adam"], {}], ids=repr)
def test_a_choice_names_what_there_is(field, value):
    if (field, value) == ("backbone", None):
        return  # the pair's own: see below
    assert names(error(**{field: value}), field, value, *map(repr, CHOICES[field]))


def test_a_backbone_takes_the_pair_s_inputs():
    assert Settings(pair="plane").backbone == "small_mlp" and Settings(backbone=None) == Settings()
    for pair, backbone, fit in (
        ("plane", "small_cnn", {"small_mlp"}),
        ("digits-drawings", "small_mlp", {"small_cnn", "small_resnet"}),
    ):
        message = error(pair=pair, backbone=backbone)
        assert names(message, "backbone", backbone, repr(pair), "take")
        assert str(input_shape(pair)) in message
        assert set(re.findall(r"'(\w+)'", message.partition("take")[2])) == fit
    with pytest.raises(SettingsError, match="^backbone='small_cnn' .*'plane'"):
        Settings().replace(pair="plane")


def test_the_options_of_the_plane():
    given = {"noise": np.float32(0.25), "new_shape": "spirals", "distance": 1, "old_shape": "moons"}
    settings = Settings(pair="plane", pair_options=given)
    assert settings.pair_options == (("new_shape", "spirals"), ("noise", 0.25), ("distance", 1.0))
    assert [type(value) for _, value in settings.pair_options] == [str, float, float]
    assert Settings(pair="plane").pair_options is None
    assert Settings(pair_options={"dissimilarity": 0}).pair_options == (("dissimilarity", 0.0),)
    assert settings.to_text() == (
        "pair=plane; strategy=fine-tuning; backbone=small_mlp; new_shape=spirals; noise=0.25; distance=1.0"
    )


@pytest.mark.parametrize(
    ("pair", "field", "value", "remedies"),
    [
        ("plane", "old_shape", "ring", [repr(shape) for shape in SHAPES]),
        ("plane", "noise", 0.6, ["0", "0.5"]),
        ("plane", "noise", True, ["0", "0.5"]),
        ("plane", "distance", math.nan, ["0", "3"]),
        ("plane", "dissimilarity", 1, ["only 'digits-drawings'", "'plane'"]),
        ("digits-drawings", "distance", 1, ["only 'plane'", "'digits-drawings'"]),
        ("digits-drawings", "dissimilarty", 1, ["no pair"]),
    ],
)
def test_wrong_options_are_named(pair, field, value, remedies):
    assert names(error(pair=pair, pair_options={field: value}), field, value, *remedies)


@pytest.mark.parametrize("field", CHOICES)
def test_the_nearest_choice_is_suggested(field):
    for right in CHOICES[field]:
        typed = right[:-1] + "?"
        assert f"mean {right!r}?" in error(**{field: typed})
    assert "mean" not in error(**{field: "zzzzzzzz"})


# Trained layers


def test_trained_layers_stand_in_the_network_s_order():
    settings = Settings(trained_layers=["new_head", "conv1", "dense"])
    assert settings.trained_layers == settings.layers == ("conv1", "dense", "new_head")
    assert Settings(trained_layers={"new_head", "conv1", "dense"}) == settings
    assert Settings(trained_layers=(n for n in ("dense", "conv1", "new_head"))) == settings


def test_a_layer_twice_is_refused():
    twice = ["conv1", "new_head", "conv1"]
    assert names(error(trained_layers=twice), "trained_layers", twice, "'conv1'", "twice")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"lr": 0.1}, "'lr' .*'learning_rate'"),
        ({"learning_rat": 0.1}, "'learning_rat' .*mean 'learning_rate'"),
        ({"epochs": 3}, "'epochs' .*'updates'"),
        ({"dissimilarity": 0.5}, r"dissimilarity=0\.5 .*pair_options={'dissimilarity': 0\.5}"),
    ],
)
def test_a_misspelt_field_is_named_with_the_one_that_was_meant(given, meant):
    with pytest.raises(SettingsError, match=meant):
        Settings(**given)


def test_an_unknown_layer_is_named_with_the_nearest():
    message = error(trained_layers=["new_head", "conv_2"])
    assert names(message, "trained_layers", "conv_2", *map(repr, layer_names(BACKBONES["small_cnn"])), "mean 'conv2'")
    assert names(error(trained_layers=["stage1"]), "trained_layers", "stage1")
    assert Settings(backbone="small_resnet", trained_layers=["stage1"]).layers == ("stage1",)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nothing_trained_is_refused_with_the_reason(strategy):
    message = error(trained_layers=[], strategy=strategy)
    assert names(message, "trained_layers", [], "frozen", *STRATEGIES[strategy].reached("small_cnn"))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_old_head_alone_trains_only_where_a_loss_reaches_it(strategy):
    if {LOSSES["old task"], LOSSES["distillation"]} & set(STRATEGIES[strategy].losses):
        assert Settings(trained_layers=["old_head"], strategy=strategy).layers == ("old_head",)
    else:
        message = error(trained_layers=["old_head"], strategy=strategy)
        assert names(message, "trained_layers", ["old_head"], f"no loss of {strategy}", "old_head")


def test_the_old_head_may_stand_beside_what_does_train():
    assert Settings(trained_layers=["old_head", "conv1"]).layers == ("conv1", "old_head")


@pytest.mark.parametrize("value", ["conv1", "", 5, 0, 1.5, True, False, b"conv1", ["conv1", 5], [["conv1"]], [None]])
def test_what_is_no_list_of_names_is_refused(value):
    message = error(trained_layers=value)
    inner = value[-1] if isinstance(value, list) else value  # what of it is wrong
    assert message.startswith("trained_layers=") and repr(inner) in message


def test_strategies_say_what_trains():
    head, tune = (Settings(strategy=name) for name in ("feature extraction", "fine-tuning"))
    assert head.layers == ("new_head",)
    assert tune.layers == ("conv1", "conv2", "conv3", "dense", "new_head")
    assert tune.replace(backbone="small_resnet").layers == ("stem", "stage1", "stage2", "stage3", "new_head")
    assert (head.label, tune.label) == ("feature extraction", "fine-tuning")
    assert tune.replace(trained_layers=tune.layers).label == "fine-tuning"
    assert tune.replace(trained_layers=["new_head", "conv3"]).label == "fine-tuning, only conv3 + new_head"
    assert tune.replace(trained_layers=["old_head", "conv3"]).label == "fine-tuning, only conv3"


def test_settings_are_frozen_and_hashable():
    settings = Settings()
    with pytest.raises(AttributeError):
        settings.seed = 3
    assert {Settings(seed=3), Settings(seed=3), Settings()} == {settings, settings.replace(seed=3)}


def test_replacing_checks_anew():
    with pytest.raises(SettingsError, match="warm_up=20"):
        Settings(updates=50, warm_up=20).replace(updates=10)
    with pytest.raises(SettingsError, match="trained_layers='conv1'"):
        Settings(trained_layers=["conv1"]).replace(backbone="small_resnet")


# There and back

layers_of = {name: layer_names(backbone) for name, backbone in BACKBONES.items()}
rates = st.floats(1e-30, 1e38) | st.integers(1, 100)


@st.composite
def all_settings(draw):
    pair, strategy = draw(st.sampled_from(list(PAIRS))), draw(st.sampled_from(list(STRATEGIES)))
    backbone = draw(st.sampled_from(fitting(input_shape(pair))))
    shapes = st.none() | st.sampled_from(SHAPES)
    options = {
        "digits-drawings": {"dissimilarity": st.none() | st.floats(0, 1)},
        "plane": {"old_shape": shapes, "new_shape": shapes, "noise": st.floats(0, 0.5), "distance": st.floats(0, 3)},
    }
    reached = STRATEGIES[strategy].reached(backbone)
    some = st.lists(st.sampled_from(layers_of[backbone]), unique=True).filter(lambda names: set(names) & set(reached))
    updates = draw(st.integers(1, 100_000))
    return Settings(
        pair=pair,
        backbone=backbone,
        strategy=strategy,
        trained_layers=draw(st.none() | some),
        learning_rate=draw(rates),
        optimizer=draw(st.sampled_from(OPTIMIZERS)),
        batch_size=draw(st.integers(1, 1024)),
        updates=updates,
        warm_up=draw(st.integers(0, updates)),
        warm_up_rate=draw(st.none() | rates),
        new_images=draw(st.integers(1, 60_000)),
        pair_options={name: draw(values) for name, values in options.get(pair, {}).items()},
        evaluate_every=draw(st.integers(1, 100_000)),
        patience=draw(st.integers(0, 100)),
        rate_drops=draw(st.integers(0, 10)),
        standardize=draw(st.sampled_from([None, True, False])),
        head_l2=draw(st.floats(0, 1e6)),
        seed=draw(st.integers(0, 2**31 - 1)),
    )


@given(all_settings())
def test_a_dict_through_json_gives_the_settings_back(settings):
    back = Settings.from_dict(json.loads(json.dumps(settings.to_dict(), allow_nan=False)))
    assert back == settings and hash(back) == hash(settings)
    assert set(settings.to_dict()) == {field.name for field in fields(Settings)}


@pytest.mark.slow
@given(all_settings())
def test_a_text_gives_the_settings_back(settings):
    text = settings.to_text()
    assert "\n" not in text
    assert Settings.from_text(text) == settings
    assert Settings.from_text(text.replace("; ", "\n")) == settings
    assert Settings.from_text("  " + text.replace("=", " = ") + " ;; ") == settings


def test_an_option_of_a_pair_is_no_field_of_the_settings():
    """In a text it stands like a field: choose another name for the option."""
    assert set(OPTIONS_OF_PAIRS) & {field.name for field in fields(Settings)} == set()


def test_names_of_the_first_edition_are_read():
    assert Settings.from_text("pair=digits-drawings; unlikeness=0.5") == Settings(pair_options={"dissimilarity": 0.5})
    assert Settings.from_dict({"unlikeness": 0.5, "noise": None}) == Settings(pair_options={"dissimilarity": 0.5})


def test_a_text_is_short_and_readable():
    assert Settings().to_text() == "pair=digits-drawings; strategy=fine-tuning"
    settings = Settings(strategy="feature extraction", trained_layers=["new_head", "dense"], seed=4, warm_up=10)
    assert settings.to_text() == (
        "pair=digits-drawings; strategy=feature extraction; trained_layers=dense+new_head; warm_up=10; seed=4"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed", "'seed' .*field=value"),
        ("", "^settings='' .*field=value"),
        (" \n", r"^settings=' \\n' .*field=value"),
        ("sed=3", "^field='sed' .*mean 'seed'"),
        ("seed=3; seed=4", "seed .*twice"),
        ("seed=three", "^seed='three' .*whole number"),
        ("seed=1e3", "^seed='1e3' .*whole number"),
        ("seed=", "^seed='' "),
        ("seed=None", "^seed=None "),
        ("seed=-1", "^seed=-1 "),
        ("learning_rate=fast", "^learning_rate='fast' .*number"),
        ("learning_rate=nan", "^learning_rate=nan "),
        ("learning_rate=inf", "^learning_rate=inf "),
        ("standardize=true", "^standardize='true' .*True .*False"),
        ("head_l2=-1", "^head_l2=-1.0 "),
        ("dissimilarity=2", "^dissimilarity=2.0 "),
        ("trained_layers=", "^trained_layers='' "),
        ("trained_layers=conv1+", "^trained_layers='' "),
        ("trained_layers=conv1, new_head", "^trained_layers='conv1, new_head' "),
        ("strategy=fine tuning", "^strategy='fine tuning' .*mean 'fine-tuning'"),
        ("pair=None", "^pair=None "),
        (f"seed={'9' * 5000}", "^seed='9999"),
    ],
    ids=lambda value: value[:24],
)
def test_a_wrong_text_says_what_is_wrong(text, message):
    with pytest.raises(SettingsError, match=message):
        Settings.from_text(text)


@pytest.mark.slow
@given(st.text(max_size=60) | st.from_regex(r"\A[a-z_]{0,14}=[^;]{0,20}(;[a-z_]{0,14}=[^;]{0,20})?\Z"))
def test_any_text_gives_settings_or_a_settings_error(text):
    try:
        settings = Settings.from_text(text)
    except SettingsError as caught:
        assert str(caught)
    else:
        assert Settings.from_text(settings.to_text()) == settings


plain = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
fields_ = st.sampled_from([field.name for field in fields(Settings)]) | st.text(max_size=8)


@given(st.dictionaries(fields_, plain, min_size=1, max_size=3) | plain)
@example({"trained_layers": 5})
@example({"trained_layers": [["conv1"]]})
@example({"learning_rate": 10**400})
def test_any_dict_gives_settings_or_a_settings_error(values):
    try:
        settings = Settings.from_dict(values)
    except SettingsError as caught:
        assert str(caught)
    else:
        assert Settings.from_dict(settings.to_dict()) == settings


def test_an_unknown_field_is_named():
    with pytest.raises(SettingsError, match="^field='learningrate' .*mean 'learning_rate'"):
        Settings.from_dict({"learningrate": 0.1})


def test_nothing_in_a_text_or_dict_is_executed(tmp_path):
    trace = tmp_path / "executed"
    evil = f"__import__('os').mkdir({str(trace)!r})"
    for field in (field.name for field in fields(Settings)):
        for value in (evil, f"{{{evil}}}", f"({evil} or 3)", f"!!python/object/apply:os.mkdir [{trace}]"):
            with pytest.raises(SettingsError):
                Settings.from_text(f"{field}={value}")
            with pytest.raises(SettingsError):
                Settings.from_dict({field: value})
    assert not os.path.exists(trace)
