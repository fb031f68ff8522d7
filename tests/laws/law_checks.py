"""What every law must pass, those of the package and one that a user adds: each check takes a law put on a table."""

import pickle
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytensor
import pytest
from attempt_tables import rates_runs
from matplotlib import pyplot
from prior_fits import prior_fit
from typer.testing import CliRunner

import bayes_scaling as bs
from bayes_scaling.command.demo import story_runs
from bayes_scaling.command.main import app
from bayes_scaling.evaluation.backtesting import _specification as specification_of_fold
from bayes_scaling.evaluation.backtesting import _task
from bayes_scaling.evaluation.folds import make_folds
from bayes_scaling.evaluation.recommending import _candidates, _why_not
from bayes_scaling.evaluation.simulation.calibration import _draw, _quantities, _specification
from bayes_scaling.forecasting.from_fit import quiet_forecast
from bayes_scaling.laws import LAWS, law_from_json, law_reading, templates
from bayes_scaling.laws.base import Law
from bayes_scaling.model.pooling import prior_vectors, unpack
from bayes_scaling.model.specification import Specification, specify
from bayes_scaling.report.cells import exponent_cells
from bayes_scaling.sampling.graph import build_model


@dataclass(frozen=True)
class OnTable:
    """A law and a small table that it can be fitted to."""

    law: Law

    @cached_property
    def runs(self) -> bs.Runs:
        if self.law.takes_attempts:
            return rates_runs()
        names = {"family": ["Cerebras-GPT", "Pythia"], "benchmark": ["piqa", "hellaswag"]}
        found = bs.load_dataset("pile_suite").select(**names)
        return bs.load_dataset("cerebras_gpt").select(benchmark=["piqa", "hellaswag"]) if self.law.has_stages else found

    @cached_property
    def spec(self) -> Specification:
        return specify(self.law, self.runs)

    @cached_property
    def fit(self) -> bs.Fit:
        return prior_fit(self.law, self.runs, draws=20)

    def forecast(self, fit: bs.Fit) -> bs.Forecast:
        asked = {"ratio": 20} if fit.law.reads_sizes else {}
        return quiet_forecast(fit, bs.budgets(1e23, k=[1, 4] if fit.law.takes_attempts else None, **asked), 1)


def the_graph_equals_numpy(on: OnTable, tmp_path: Path) -> None:
    """The log likelihood that is sampled is the one that draws are given."""
    for spec in filter(None, (on.spec, on.spec.stage_one)):
        rng = np.random.default_rng(5)
        vectors = {name: value[0] for name, value in _drawn(spec, rng).items()}
        named = unpack(spec.law, spec.reference, spec.layout, {name: value[None] for name, value in vectors.items()})
        expected = spec.observed.log_likelihood(spec.reference, spec.rows, named).sum()
        model = build_model(spec)
        point = {name: np.log(value) if name == "fold" else value for name, value in vectors.items()}
        inputs = {model.rvs_to_values[model[name]]: value for name, value in point.items()}
        likelihood = model.logp(vars=model.observed_RVs)
        compiled = pytensor.function(list(inputs), likelihood, mode="FAST_COMPILE", on_unused_input="ignore")
        assert compiled(*inputs.values()) == pytest.approx(expected, rel=1e-8)


def _drawn(spec: Specification, rng: np.random.Generator) -> dict[str, np.ndarray]:
    return prior_vectors(spec.law, spec.layout, spec.reference, rng, 1)


def priors_are_listed_with_their_meaning(on: OnTable, tmp_path: Path) -> None:
    table = on.law.priors
    assert table.index.is_unique
    assert list(table.index) == [slot.name for slot in on.law.slots()]
    assert table["meaning"].str.len().min() > 10
    assert {coefficient.name for coefficient in on.law.coefficients} <= set(table.index)


def a_fit_is_saved_and_forecasts_the_same(on: OnTable, tmp_path: Path) -> None:
    again = bs.load_fit(on.fit.save(tmp_path / "fit.nc"))
    assert again.law == on.fit.law == on.spec.law
    assert repr(again.law) == repr(on.spec.law)
    pd.testing.assert_frame_equal(on.forecast(again).table(), on.forecast(on.fit).table())


def a_forecast_is_of_scores(on: OnTable, tmp_path: Path) -> None:
    found = on.forecast(on.fit)
    for name in ("expected", "score"):
        values = found.array(name)
        assert values.shape == (40, len(found))
        assert ((values >= 0) & (values <= 1)).all()
        assert np.ptp(values, axis=0).min() > 0
    prior = bs.sample_prior(on.law, on.runs, draws=5, random_seed=1)
    assert len(prior) == len(on.runs)


def the_law_that_notes_advise_can_be_fitted(on: OnTable, tmp_path: Path) -> None:
    law = on.spec.law
    other = law_reading("compute" if law.reads_sizes else "ratio", law)
    assert other.reads_sizes is not law.reads_sizes
    assert other.observes == law.observes
    constructed = eval(repr(other), {kind.__name__: kind for kind in LAWS.values()})
    assert constructed == other
    assert prior_fit(constructed, on.runs, draws=5).law == other.resolve(on.runs.frame)


def a_summary_has_what_curves_are_told_by(on: OnTable, tmp_path: Path) -> None:
    summary = on.fit.summary()
    quantities = set(summary["quantity"])
    assert {coefficient.name for coefficient in on.law.coefficients} <= quantities
    assert np.isfinite(summary[["median", "low_90", "high_90"]]).all(axis=None)
    headings = {heading for name, heading in on.spec.law.headline.items() if name in quantities}
    assert headings <= set(exponent_cells(on.fit))
    assert bool(headings) == bool(on.spec.law.headline)


def figures_are_drawn(on: OnTable, tmp_path: Path) -> None:
    for draw in (bs.plots.curves, bs.plots.exponents):
        figure = draw(on.fit)
        assert figure.axes
        pyplot.close(figure)


def simulations_rank_its_truths(on: OnTable, tmp_path: Path) -> None:
    """Of each template: a truth is drawn and measured, and its numbers are the ones that draws are ranked by."""
    own = [name for name, (kind, _) in templates().items() if kind is type(on.law)]
    assert len(own) == len(on.law.templates) > 0
    for name in own:
        spec = _specification(name)
        truth, measured = _draw(spec, np.random.default_rng(1))
        found = _quantities(measured, truth)
        assert {"level_population", "forecast score"} <= set(found)
        assert all(np.isfinite(values).all() for values in found.values())


def a_backtest_reaches_another_process(on: OnTable, tmp_path: Path) -> None:
    fold = make_folds(on.runs, "flops", [float(on.runs.frame["flops"].median())])[0]
    task = pickle.loads(pickle.dumps(_task("law", on.law, fold, 1, {})))
    assert law_from_json(task.law) == on.law
    assert specification_of_fold(task) is not None


def it_is_tried_where_a_law_is_recommended(on: OnTable, tmp_path: Path) -> None:
    tried = [law for law in _candidates(on.runs) if type(law) is type(on.law)]
    assert tried
    assert all(isinstance(_why_not(law, on.runs), str) for law in tried)


def it_is_demonstrated_on_published_runs(on: OnTable, tmp_path: Path) -> None:
    train, held_out = story_runs(on.law.story).split(params=on.law.story.largest)
    assert len(held_out)
    assert specify(on.law, train).law.observes == on.law.observes


def the_command_takes_it_with_its_options(on: OnTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = CliRunner().invoke(app, ["fit", "--help"]).stdout
    assert on.law.name in "".join(page.split())
    taken = [option for option in on.law.options if option.help]
    values = {option.name: option.choices[-1] if option.choices else getattr(on.law, option.name) for option in taken}
    words = [word for name, value in values.items() for word in (f"--{name.replace('_', '-')}", value)]
    for option in taken:
        assert f"--{option.name.replace('_', '-')}" in page
        assert option.help.split()[0] in page
    asked = []

    def fit(law: Law, runs: bs.Runs, **_: object) -> bs.Fit:
        asked.append(law)
        return prior_fit(law, runs, draws=10)

    monkeypatch.setattr("bayes_scaling.sampling.fitting.fit", fit)
    on.runs.frame.to_csv(tmp_path / "runs.csv", index=False)
    out = tmp_path / "fit.nc"
    command = ["fit", str(tmp_path / "runs.csv"), "--out", str(out), "--law", on.law.name, *words]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert asked == [type(on.law)(**values)]
    assert type(bs.load_fit(out).law) is type(on.law)


def it_is_said_what_it_is(on: OnTable, tmp_path: Path) -> None:
    assert 20 < len(on.law.about) < 120
    assert "\n" not in on.law.about
    assert on.law.about.startswith("from ")
    assert type(on.law).__doc__


CHECKS = [
    the_graph_equals_numpy,
    priors_are_listed_with_their_meaning,
    a_fit_is_saved_and_forecasts_the_same,
    a_forecast_is_of_scores,
    the_law_that_notes_advise_can_be_fitted,
    a_summary_has_what_curves_are_told_by,
    figures_are_drawn,
    simulations_rank_its_truths,
    a_backtest_reaches_another_process,
    it_is_tried_where_a_law_is_recommended,
    it_is_demonstrated_on_published_runs,
    it_is_said_what_it_is,
]
