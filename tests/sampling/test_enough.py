"""When a fit has enough draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.sampling.enough import MOST_DRAWS, Look, look_at


def draws(length=300, entries=3, seed=0):
    return np.random.default_rng(seed).normal(size=(4, length, entries))


def sticky(length=300, memory=0.9):
    walk = draws(length, 1)
    for t in range(1, length):
        walk[:, t] += memory * walk[:, t - 1]
    return walk


def test_independent_draws_are_enough_at_once():
    look = look_at([draws(), draws(seed=1)])
    assert look.enough
    assert look.draws == 300
    assert look.r_hat < 1.01
    assert 800 < look.ess < 1400


def test_chains_that_disagree_are_not_enough_however_many():
    apart = draws(1500) + np.array([0, 0, 0, 0.5])[:, None, None]
    look = look_at([apart])
    assert look.r_hat > 1.01
    assert not look.enough


def test_looking_ends_at_what_is_wanting():
    def parts():
        yield draws()
        yield sticky()
        raise AssertionError("it looked further")

    assert not look_at(parts()).enough


def test_entries_that_never_vary_do_not_count():
    still = np.concatenate([draws(), np.full((4, 300, 1), 0.5)], axis=-1)
    assert look_at([still]).enough


@pytest.mark.parametrize(
    ("look", "enough"),
    [
        (Look(300, 1.01, 800.0), True),
        (Look(300, 1.0101, 800.0), False),
        (Look(300, 1.0, 799.0), False),
        (Look(950, 1.0, 799.0), False),
        (Look(1000, 1.0, 400.0), True),  # from then on without room
        (Look(1000, 1.0, 399.0), False),
    ],
)
def test_with_room_until_the_draws_become_many(look, enough):
    assert look.enough is enough


@given(st.integers(1, MOST_DRAWS - 1), st.floats(0.9, 3), st.floats(0, 1e5))
def test_the_next_look_comes_later_in_steps_of_fifty_and_never_beyond_the_most(seen, r_hat, ess):
    after = Look(seen, r_hat, ess).next
    assert seen < after <= max(2 * seen + 50, seen + 50)
    assert after <= MOST_DRAWS
    assert after % 50 == 0


def test_it_is_said_in_words():
    assert str(Look(300, 1.0044, 640.2)) == "R-hat 1.004 (limit 1.01), ESS 640 of 800"
    assert str(Look(1200, 1.02, 380)) == "R-hat 1.020 (limit 1.01), ESS 380 of 400"


def test_a_few_divergent_draws_of_few_ask_for_more():
    few = Look(350, 1.004, 900.0, divergent=3 / 1400)
    assert not few.enough
    assert few.next == 550
    assert Look(1000, 1.004, 900.0, divergent=3 / 1400).enough  # what was drawn says it all by now
    assert Look(350, 1.004, 900.0, divergent=1 / 1400).enough
