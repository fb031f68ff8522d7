import warnings

import numpy as np
import pytest

import bayes_scaling as bs


def test_leave_one_out_is_that_of_arviz(cerebras_fit, two_stage_fit):
    import arviz as az

    table = bs.compare({"direct": cerebras_fit, "two-stage": two_stage_fit})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = az.loo(cerebras_fit.tree)
    assert table.loc["direct", "elpd"] == pytest.approx(own.elpd)
    assert table.loc["direct", "se"] == pytest.approx(own.se, rel=0.05)
    assert table["elpd"].is_monotonic_decreasing
    best = table.index[0]
    assert table.loc[best, "difference"] == 0
    other = table.index[1]
    assert table.loc[other, "difference"] == pytest.approx(table.loc[other, "elpd"] - table.loc[best, "elpd"])
    assert table["converged"].to_dict() == {"direct": True, "two-stage": False}


def test_leaving_out_runs_takes_all_their_rows(cerebras_fit, two_stage_fit):
    table = bs.compare({"one": cerebras_fit, "same": cerebras_fit})
    assert table["elpd_run"].nunique() == 1
    assert (table["difference_se_run"] == 0).all()
    in_sample = float(cerebras_fit.tree["log_likelihood"]["accuracy"].mean(("chain", "draw")).sum())
    assert np.isfinite(table["elpd_run"]).all()
    assert table["elpd_run"].max() < in_sample


def test_fits_of_other_rows_are_refused(cerebras_fit, families_fit, rates_fit):
    with pytest.raises(ValueError, match="fit 'families' has other rows than 'one'"):
        bs.compare({"one": cerebras_fit, "families": families_fit})
    with pytest.raises(ValueError, match="fit 'rates' has other rows than 'one'"):
        bs.compare({"one": cerebras_fit, "rates": rates_fit})
    with pytest.raises(ValueError, match=r"compare\(\) got 1 fits; expected two or more"):
        bs.compare({"one": cerebras_fit})
