import numpy as np
import pytest
from scipy import stats

import bayes_scaling as bs
from bayes_scaling.evaluation.prior_sensitivity import LIKELIHOOD, TOGETHER, Sensitivity, log_priors


@pytest.fixture(scope="module")
def found(cerebras_fit):
    return bs.sensitivity(cerebras_fit)


def test_every_benchmark_at_ten_times_the_fitted_budgets(found, cerebras_fit):
    table = found.table()
    assert table["benchmark"].tolist() == list(cerebras_fit.reference.labels)
    assert table["flops"].unique().tolist() == pytest.approx([10 * cerebras_fit.runs.frame["flops"].max()])
    assert {"exponent", "benchmark_amplitude", TOGETHER, LIKELIHOOD} <= set(table)
    assert table.drop(columns=["family", "benchmark", "flops"]).notna().all(axis=None)


def test_the_data_speak_louder_than_any_prior(found):
    rows = found.rows.set_index("prior")["sensitivity"]
    assert rows[LIKELIHOOD].median() > rows.drop([LIKELIHOOD, TOGETHER]).max()


def test_farther_forecasts_lean_more_on_the_deviation(cerebras_fit):
    rows = bs.sensitivity(cerebras_fit, bs.budgets(flops=[2e21, 1e27]), of="expected").rows
    leaning = rows[rows["prior"] == "benchmark_amplitude"].groupby("flops")["sensitivity"].mean()
    assert leaning.iloc[1] > 1.3 * leaning.iloc[0]


def test_it_is_said_what_leans(found):
    leaning = Sensitivity(found.rows.assign(sensitivity=0.3), "score")
    assert leaning.sentence.startswith("7 of 7 forecasts lean on a prior")
    assert "none of 7 forecasts" in Sensitivity(found.rows.assign(sensitivity=0.01), "score").sentence


def test_log_priors_are_scipys(cerebras_fit):
    found = log_priors(cerebras_fit.law, cerebras_fit.posterior, "")
    posterior = cerebras_fit.posterior
    exponent, level = cerebras_fit.law.prior("exponent"), cerebras_fit.law.prior("level")
    expected = {
        "exponent": stats.norm(np.log(exponent.median), exponent.log_sd).logpdf(
            np.log(posterior["exponent_population"])
        ),
        "level": stats.norm(level.mean, level.sd).logpdf(posterior["level_population"]),
    }
    for name, values in expected.items():
        ours = found[name].to_numpy()
        np.testing.assert_allclose(ours - ours.mean(), values - values.mean(), atol=1e-9)
    assert "items" not in found


def test_both_stages(two_stage_fit):
    assert {"exponent", "loss_exponent"} <= set(bs.sensitivity(two_stage_fit).rows["prior"])


def test_another_quantity(cerebras_fit):
    with pytest.raises(ValueError, match="of='loss'"):
        bs.sensitivity(cerebras_fit, of="loss")
