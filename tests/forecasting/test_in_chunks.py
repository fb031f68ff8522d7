import numpy as np
import pytest

import bayes_scaling as bs

GRID = np.geomspace(1e19, 1e24, 40).tolist()


def test_it_is_the_table_of_a_forecast(cerebras_fit):
    chunked = bs.forecast_table(cerebras_fit, bs.budgets(GRID), draws=4000, chunk=33, random_seed=1)
    whole = bs.forecast(cerebras_fit, bs.budgets(GRID), 2).table()
    assert list(chunked) == list(whole)
    told = ["run", "benchmark", "flops", "decades_beyond"]
    assert chunked[told].equals(whole[told])
    for name in ("median", "low_90", "high_90"):
        assert np.abs(chunked[name] - whole[name]).max() < 0.03


def test_expected_scores_do_not_depend_on_chunks(cerebras_fit):
    """Only what lies between and beyond the fitted budgets is drawn anew."""
    runs = cerebras_fit.runs
    few, many = (
        bs.forecast_table(cerebras_fit, runs, of="expected", draws=4000, chunk=chunk, random_seed=1)
        for chunk in (5, 100)
    )
    np.testing.assert_allclose(few["median"], many["median"], atol=1e-12)


def test_fewer_draws(cerebras_fit):
    table = bs.forecast_table(cerebras_fit, bs.budgets([1e22]), draws=1, random_seed=1)
    assert (table["low_90"] == table["high_90"]).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"draws": 0}, "draws is 0; expected a whole number, at least 1"),
        ({"chunk": 2.5}, r"chunk is 2\.5; expected a whole number, at least 1"),
        ({"of": "loss"}, "of='loss'"),
        ({"probs": [2]}, "probs holds 2"),
    ],
)
def test_what_cannot_be(cerebras_fit, options, said):
    with pytest.raises(ValueError, match=said):
        bs.forecast_table(cerebras_fit, bs.budgets([1e22]), **options)


def test_labels_that_were_not_fitted(cerebras_fit):
    with pytest.raises(ValueError, match="mmlu"):
        bs.forecast_table(cerebras_fit, bs.budgets([1e22], benchmark="mmlu"))
