"""Training runs along their checkpoints."""

import numpy as np
import pandas as pd
import pytest
from drawn import bands, count, legend, lines, titles, values
from prior_fits import prior_fit

import bayes_scaling as bs

FRAME = bs.load_dataset("cerebras_gpt").select(benchmark=["hellaswag", "piqa"]).frame


def along(**columns):
    """Two runs of four checkpoints, the larger scored on piqa alone, among finished runs."""
    sized = FRAME[FRAME["run"].isin(["Cerebras-1.3B", "Cerebras-6.7B"])]
    early = [
        sized.assign(
            run=sized["run"] + f" at {share}",
            trajectory=sized["run"],
            flops=share * sized["flops"],
            tokens=share * sized["tokens"],
            accuracy=sized["accuracy"] * share**0.05,
        )
        for share in (0.125, 0.25, 0.5)
    ]
    every = pd.concat([*early, FRAME.assign(trajectory=FRAME["run"])], ignore_index=True)
    kept = every["trajectory"].ne("Cerebras-6.7B") | every["benchmark"].eq("piqa")
    return bs.Runs(every[kept].assign(**columns).reset_index(drop=True))


@pytest.fixture(scope="module")
def fit():
    return prior_fit(bs.GeneralLaw(), along(), draws=100)


@pytest.fixture(scope="module")
def figure(fit):
    return bs.plots.trajectories(fit)


def test_every_checkpoint_is_a_dot(figure):
    hellaswag, piqa, _ = figure.axes
    assert titles(figure)[:2] == ["hellaswag", "piqa"]
    assert (count(hellaswag, "scores"), count(piqa, "scores")) == (4, 8)
    frame = along().frame
    of_runs = frame[frame["trajectory"].isin(["Cerebras-1.3B", "Cerebras-6.7B"]) & frame["benchmark"].eq("piqa")]
    np.testing.assert_allclose(values(piqa, "scores"), np.sort(of_runs["accuracy"]))
    assert len(lines(piqa, "law")) == len(bands(piqa)) == 2


def test_the_law_is_the_forecast_of_a_new_run_of_that_size(fit, figure):
    hellaswag = figure.axes[0]
    [law] = lines(hellaswag, "law")
    first = FRAME.query("run == 'Cerebras-1.3B'").iloc[0]
    end = law.get_xdata()[-1]
    assert end == pytest.approx(4 * first["flops"])
    tokens = end / (first["flops"] / (first["params"] * first["tokens"]) * first["params"])
    at = bs.budgets(params=first["params"], tokens=tokens, benchmark="hellaswag")
    expected = np.median(bs.forecast(fit, at, random_seed=1).array("expected"))
    assert law.get_ydata()[-1] == pytest.approx(expected, abs=0.03)


def test_the_run_is_solid_to_its_last_checkpoint_and_dashed_beyond(figure):
    hellaswag = figure.axes[0]
    last = FRAME.query("run == 'Cerebras-1.3B'")["flops"].iloc[0]
    solid, dashed = (
        [line for line in hellaswag.get_lines() if line.get_linewidth() == 1.4 and line.get_linestyle() == style]
        for style in ("-", "--")
    )
    for [line], before in ((solid, True), (dashed, False)):
        x = line.get_xdata()[~np.isnan(line.get_ydata())]
        assert (x <= last * (1 + 1e-9)).all() if before else (x >= last * (1 - 1e-9)).all()
    assert legend(figure)[:3] == ["Cerebras-1.3B", "Cerebras-6.7B", "law alone"]


def test_a_lucky_run_stands_above_the_law():
    """Strong luck that stays, by a law whose every run has the same: the panel below shows it in points."""
    law = bs.GeneralLaw(run_sd=bs.LogNormal(0.3, 0.05), fading=0.01, law_noise=None)
    figure = bs.plots.trajectories(prior_fit(law, along(), draws=100), "Cerebras-1.3B")
    standing = figure.axes[-1]
    assert standing.get_title(loc="left") == "the runs above the law, mean over their benchmarks"
    [outline] = bands(standing)
    assert np.ptp(outline[:, 1]) > 3  # points


def test_learning_rates_go_as_asked_beyond_the_last_checkpoint():
    fit = prior_fit(bs.GeneralLaw(annealing=0.5), along(annealed=0.0), draws=100)
    kept, decayed = (bs.plots.trajectories(fit, "Cerebras-1.3B", annealed=kind) for kind in (None, True))
    [one], [other] = (lines(figure.axes[0], "law") for figure in (kept, decayed))
    last = FRAME.query("run == 'Cerebras-1.3B'")["flops"].iloc[0]
    before = one.get_xdata() <= last
    np.testing.assert_allclose(one.get_ydata()[before], other.get_ydata()[before])
    assert (other.get_ydata()[~before] > one.get_ydata()[~before] + 0.01).all()
    assert "Cerebras-1.3B, learning rate decayed beyond" in legend(decayed)
    assert "Cerebras-1.3B" in legend(kept)


def test_a_law_of_two_stages_goes_along_too():
    figure = bs.plots.trajectories(prior_fit(bs.TwoStageLaw(), along(), draws=50), benchmark="piqa", flops_to=1e23)
    assert lines(figure.axes[0], "law")[0].get_xdata()[-1] == pytest.approx(1e23)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"run": "Cerebras-13B"}, "run 'Cerebras-13B' has no fitted checkpoints; those that have are Cerebras-1.3B"),
        ({"flops_to": 1e20}, "flops_to is 1e\\+20; expected more than the last checkpoint of Cerebras-1.3B, 2.8e\\+20"),
        ({"benchmark": "mmlu"}, "benchmark 'mmlu' was not fitted"),
        ({"prob": 1.0}, "prob is 1.0; expected a probability"),
    ],
)
def test_what_cannot_be_drawn_is_refused(fit, options, message):
    with pytest.raises(ValueError, match=message):
        bs.plots.trajectories(fit, **options)


def test_a_table_without_checkpoints_has_no_such_figure(rates_fit):
    for fit in (prior_fit(bs.GeneralLaw(), bs.Runs(FRAME), draws=20), rates_fit):
        with pytest.raises(ValueError, match="no fitted training run has several checkpoints"):
            bs.plots.trajectories(fit)
