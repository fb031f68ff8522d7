import warnings

import numpy as np
import pytest
from attempt_tables import rates_runs
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.evaluation.comparing import _training_runs


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


@pytest.mark.parametrize("law", [bs.DirectLaw(), bs.PassAtKLaw()], ids=["scores", "attempts"])
def test_checkpoints_of_a_training_run_are_left_out_together(law):
    """Also by a law of attempts, for which each is a run of its own."""
    if law.takes_attempts:
        frame = rates_runs().frame
    else:
        frame = bs.load_dataset("cerebras_gpt").frame.drop(columns="trajectory")
    names = list(dict.fromkeys(frame["run"]))
    paired = frame.assign(trajectory=frame["run"].map(lambda run: f"t{names.index(run) // 2}"))
    fit = prior_fit(law, bs.Runs(paired), draws=20)
    code = _training_runs(fit)
    assert len(np.unique(code)) == (len(names) + 1) // 2
    assert len(code) == len(fit.rows)
    alone = prior_fit(law, bs.Runs(frame.drop(columns="trajectory", errors="ignore")), draws=20)
    assert len(np.unique(_training_runs(alone))) == len(names)


def test_fits_of_other_rows_are_refused(cerebras_fit, families_fit, rates_fit):
    with pytest.raises(ValueError, match="fit 'families' has other rows than 'one'"):
        bs.compare({"one": cerebras_fit, "families": families_fit})
    with pytest.raises(ValueError, match="fit 'rates' has other rows than 'one'"):
        bs.compare({"one": cerebras_fit, "rates": rates_fit})
    with pytest.raises(ValueError, match=r"compare\(\) got 1 fits; expected two or more"):
        bs.compare({"one": cerebras_fit})
