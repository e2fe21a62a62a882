"""Which images make up which batch depends on the seed alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.training.batches import Batches, choose_images

sizes = st.tuples(st.integers(1, 40), st.integers(1, 60), st.integers(0, 2**31 - 1))


@pytest.mark.slow
@given(sizes, st.integers(1, 6))
def test_each_epoch_holds_each_image_once(size, epochs):
    images, batch_size, seed = size
    updates = -(-images * epochs // batch_size)
    flat = Batches(images, batch_size, seed).rows(0, updates).reshape(-1)
    for epoch in range(epochs):
        assert sorted(flat[epoch * images : (epoch + 1) * images]) == list(range(images))


@pytest.mark.slow
@given(sizes, st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_chunks_cut_the_same_batches(size, chunks):
    whole = Batches(*size).rows(0, sum(chunks))
    assert whole.shape == (sum(chunks), size[1]) and whole.dtype == np.int32
    batches, update = Batches(*size), 0
    for count in chunks:
        assert np.array_equal(batches.rows(update, count), whole[update : update + count])
        update += count


@given(sizes, st.integers(0, 300), st.integers(1, 5))
@settings(max_examples=30)
def test_the_batches_of_an_update_don_t_depend_on_what_was_asked_before(size, update, count):
    used = Batches(*size)
    for before in (0, 400, 7, 250, 90, 31, 160, 500, 75):
        used.rows(before, 3)
    assert np.array_equal(used.rows(update, count), Batches(*size).rows(update, count))


def test_seeds_and_epochs_differ():
    rows = [Batches(200, 200, seed).rows(0, 3) for seed in (0, 1, 2)]
    orders = {tuple(row) for each in rows for row in each}
    assert len(orders) == 9
    assert not np.array_equal(rows[0][0], np.arange(200))  # it is shuffled


LABELS = (
    np.random.default_rng(0).choice(10, 500, p=np.arange(1, 11) / 55).astype("int32")
)  # 7 to 95 of a class


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 2**31 - 1))
def test_a_smaller_choice_is_part_of_a_larger_one(a, b, seed):
    fewer, more = (choose_images(LABELS, count, seed) for count in sorted((a, b)))
    assert set(fewer) <= set(more)
    assert len(set(more)) == len(more) == max(a, b)


@given(st.integers(0, 500), st.integers(0, 2**31 - 1))
def test_a_choice_is_as_balanced_as_can_be(count, seed):
    there = np.bincount(LABELS, minlength=10)
    chosen = np.bincount(LABELS[choose_images(LABELS, count, seed)], minlength=10)
    unspent = chosen < there
    if unspent.any():  # who has fewer than another has no more to give
        assert chosen.max() - chosen[unspent].min() <= 1
    assert chosen.sum() == count


def test_which_images_are_chosen_depends_on_the_seed_and_is_apart_from_their_order():
    assert np.array_equal(choose_images(LABELS, 50, 3), choose_images(LABELS, 50, 3))
    assert set(choose_images(LABELS, 50, 3)) != set(choose_images(LABELS, 50, 4))
    first = [int(choose_images(LABELS, 1, seed)[0]) for seed in range(40)]
    assert len({LABELS[i] for i in first}) > 5  # the first class isn't always the first


@pytest.mark.parametrize("count", [1, 10, 55, 500])
def test_as_many_as_asked_for(count):
    assert choose_images(LABELS, count, 0).shape == (count,)
