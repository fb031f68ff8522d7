import numpy as np
import pandas as pd
import pytest
from serial_executor import SerialExecutor

import bayes_scaling as bs
from bayes_scaling.evaluation.backtest import LEVELS, Backtest
from bayes_scaling.evaluation.backtesting import _task, _with_reuse
from bayes_scaling.evaluation.folds import make_folds

SHORT = {"draws": 60, "tune": 150, "chains": 2, "random_seed": 1, "progressbar": False}
RUNS = bs.load_dataset("cerebras_gpt").select(benchmark=["hellaswag", "piqa", "arc_easy"])
CUTOFFS = [1.2e21, 7e21]


@pytest.fixture(scope="module")
def result():
    laws = {"direct": bs.DirectLaw(), "needs k": bs.PassAtKLaw()}  # the second fails: scores are no attempts
    return bs.backtest(laws, RUNS, cutoffs=CUTOFFS, executor=SerialExecutor(), **SHORT)


def test_every_held_out_score_is_there(result):
    single = result.single()
    assert (single["law"] == "direct").all()
    assert single.groupby("cutoff").size().to_dict() == {1.2e21: 6, 7e21: 3}
    merged = single.merge(RUNS.frame, on=["run", "benchmark"], suffixes=("", "_measured"))
    assert (merged["accuracy"] == merged["accuracy_measured"]).all()
    assert (single["flops"] > single["cutoff"]).all()


def test_scores_are_those_of_a_forecast(result):
    train, held_out = RUNS.split(flops=7e21)
    seeds = np.random.SeedSequence(1).generate_state(2)
    options = {**SHORT, "random_seed": int(seeds[1])}
    with pytest.warns(bs.ConvergenceWarning):
        fit = bs.fit(bs.DirectLaw(), train, **options)
    scores = bs.score_forecast(bs.forecast(fit, held_out, int(seeds[1])), held_out)
    own = result.single().query("cutoff == 7e21")
    for name in ("median", "crps", "pit", "inside_90"):
        assert own[name].tolist() == scores.rows[name].tolist()
    np.testing.assert_allclose(np.stack(own["quantiles"]), np.quantile(scores.draws, LEVELS, axis=0).T)


def test_folds_of_one_shape_reuse_a_model_where_they_are_many():
    frame = RUNS.frame.query("flops < 1e21")
    several = bs.Runs(pd.concat([frame.assign(family=f"recipe {i}", run=frame["run"] + str(i)) for i in range(7)]))
    options = {"draws": 4, "tune": 1, "chains": 2}
    seven, six = (several, several.select('family != "recipe 0" and family != "recipe 1"'))
    for runs, reused in ((seven, True), (six, False)):
        folds = make_folds(runs, "family")
        tasks = [
            _task(name, law, fold, 1, options)
            for fold in folds
            for name, law in (("direct", bs.DirectLaw()), ("k", bs.PassAtKLaw()))
        ]
        found = _with_reuse(tasks)
        assert {task.label: task.reuse for task in found} == {"direct": reused, "k": False}


def test_many_folds_of_several_sizes_are_filled_up_to_one():
    options = {"draws": 60, "tune": 150, "chains": 2}
    several = make_folds(RUNS, "flops", None, keep_from=(3e18,))
    assert len({len(fold.train) for fold in several}) > 2
    tasks = [_task("direct", bs.DirectLaw(), fold, 1, options) for fold in several]
    assert len(tasks) >= 6
    found = _with_reuse(tasks)
    [size] = {task.size for task in found}
    assert size.rows == max(len(fold.train) for fold in several)
    assert all(task.reuse for task in found)
    assert not any(task.reuse or task.size for task in _with_reuse(tasks[:5]))


def test_timings_tell_compiling_from_sampling(result):
    timings = result.timings
    assert len(timings) == 2
    assert (timings["compile_seconds"] > 0).all()
    assert (timings["compile_seconds"] + timings["sample_seconds"] <= timings["seconds"]).all()
    assert not timings["reused"].any()
    assert timings["rows"].tolist() == [15, 18]


def test_averages_have_their_own_draws(result):
    averages = result.averages()
    assert len(averages) == 3
    for _, row in averages.iterrows():
        own = result.single().query("run == @row.run and cutoff == @row.cutoff")
        assert row["accuracy"] == pytest.approx(own["accuracy"].mean())
        assert row["median"] == pytest.approx(own["median"].mean(), abs=0.02)
        widths = [np.diff(np.quantile(q, [0.05, 0.95]))[0] for q in own["quantiles"]]
        assert np.diff(np.quantile(row["quantiles"], [0.05, 0.95]))[0] < np.mean(widths)
    assert (result.table(averages=True)["n"] == 3).all()


def test_a_law_that_cannot_be_fitted_is_a_row(result):
    assert result.failures["law"].tolist() == ["needs k"] * 2
    assert result.failures["error"].str.contains("PassAtKLaw describes generated answers").all()
    assert "failed: needs k at cutoff 1.2e+21: ValueError: " in repr(result)
    with pytest.raises(ValueError, match="every fit of the backtest failed: ValueError: PassAtKLaw describes"):
        bs.backtest(bs.PassAtKLaw(), RUNS, cutoffs=[7e21], executor=SerialExecutor(), **SHORT)


def test_tables_count_what_held(result):
    table = result.table(["law", "benchmark"])
    assert table["n"].tolist() == [3, 3, 3]
    assert table["coverage_90"].mean() == pytest.approx(result.single()["inside_90"].mean())
    calibration = result.calibration(probs=(0.5, 0.9))
    assert calibration["nominal"].tolist() == [0.5, 0.9]
    assert ((calibration["low"] <= calibration["measured"]) & (calibration["measured"] <= calibration["high"])).all()
    assert calibration["measured"].iloc[1] == pytest.approx(table["coverage_90"].mean())
    with pytest.raises(ValueError, match=r"by='colour'; expected columns of rows: law, cutoff"):
        result.table("colour")


def test_forecasts_move_with_the_cutoff(result):
    table = result.sensitivity("piqa")
    assert table["run"].tolist() == ["Cerebras-6.7B", "Cerebras-13B"]
    assert np.isnan(table.loc[0, "7e+21"])
    assert table.loc[1, "range"] == pytest.approx(abs(table.loc[1, "7e+21"] - table.loc[1, "1.2e+21"]))
    with pytest.raises(ValueError, match="benchmark='boolq'; expected one of hellaswag, piqa, arc_easy, average"):
        result.sensitivity("boolq")


def test_the_audit_says_how_often_intervals_held(result):
    share = result.single()["inside_90"].mean()
    assert result.audit() == result.audit("direct")
    assert f"on past extrapolations the 90% interval covered {share:.0%} (n = 9 scores of 2 runs; " in result.audit()
    assert "past extrapolations of 1 to 2 decades" in result.audit(decades=(1, 2))
    assert result.audit(decades=(5, 6)).startswith("no past extrapolation is as long as this one")
    with pytest.raises(ValueError, match="law='ratio'; expected one of 'direct'"):
        result.audit("ratio")


def test_it_is_read_as_it_was_saved(result, tmp_path):
    again = bs.read_backtest(result.to_parquet(tmp_path / "backtest.parquet"))
    assert again.table().equals(result.table())
    pd.testing.assert_frame_equal(again.failures, result.failures, check_dtype=False)
    assert repr(again) == repr(result)
    plain = pd.read_parquet(tmp_path / "backtest.parquet")
    assert len(plain) == len(result.rows)
    with pytest.raises(ValueError, match=r"ends in '\.csv'; expected \.parquet"):
        result.to_parquet(tmp_path / "backtest.csv")
    plain.to_parquet(tmp_path / "other.parquet")
    with pytest.raises(ValueError, match="is not a backtest; its format is None, expected"):
        bs.read_backtest(tmp_path / "other.parquet")
    with pytest.raises(FileNotFoundError, match="no such file"):
        bs.read_backtest(tmp_path / "none.parquet")


def test_the_figure_has_a_line_a_law(result):
    figure = result.plot()
    left, right = figure.axes
    assert left.get_legend_handles_labels()[1] == ["direct"]
    assert right.get_xticklabels()


def test_families_are_left_out_and_drawn_from_the_population():
    runs = bs.load_dataset("pile_suite").select(family=["Cerebras-GPT", "Pythia"], benchmark=["hellaswag", "piqa"])
    found = bs.backtest(bs.DirectLaw(), runs, by="family", executor=SerialExecutor(), **SHORT)
    assert set(found.rows["left_out"]) == {"Cerebras-GPT", "Pythia"}
    assert (found.rows["left_out"] == found.rows["family"]).all()
    assert found.rows["cutoff"].isna().all()


@pytest.fixture(scope="module")
def along():
    """Two runs of four checkpoints and a finished one: the first half of each fitted, the rest forecast."""
    frame = RUNS.frame.query("run in ['Cerebras-1.3B', 'Cerebras-6.7B']")
    early = [
        frame.assign(
            run=frame["run"] + f" at {share}",
            flops=share * frame["flops"],
            tokens=share * frame["tokens"],
            accuracy=frame["accuracy"] * share**0.05,
        )
        for share in (0.125, 0.25, 0.5)
    ]
    runs = pd.concat([one.assign(trajectory=frame["run"]) for one in (*early, frame)])
    finished = RUNS.frame.query("run == 'Cerebras-2.7B'").assign(trajectory="Cerebras-2.7B")
    every = bs.Runs(pd.concat([runs, finished], ignore_index=True))
    return bs.backtest(bs.DirectLaw(), every, by="run", cutoffs=[0.25, 0.5], executor=SerialExecutor(), **SHORT)


def test_the_rest_of_runs_is_forecast_from_where_they_stand(along):
    single = along.single()
    assert (single["left_out"] == "rest of each run").all()
    assert single.groupby("cutoff").size().to_dict() == {0.25: 12, 0.5: 6}
    last = single["cutoff"] * single["trajectory"].map(RUNS.frame.drop_duplicates("run").set_index("run")["flops"])
    np.testing.assert_allclose(single["decades_beyond"], np.log10(single["flops"] / last))
    assert set(single["trajectory"]) == {"Cerebras-1.3B", "Cerebras-6.7B"}
    assert along.table()["runs"].tolist() == [2]


def test_a_backtest_along_runs_says_so(along, result, tmp_path):
    assert along.along_runs
    assert not result.along_runs
    assert along.distance == "decades beyond the last fitted checkpoint"
    assert result.distance == "decades beyond the fitted budgets"
    assert along.audit().startswith("on past forecasts of the rest of runs the 90% interval covered")
    assert "of 2 runs" in along.audit()
    assert bs.read_backtest(along.to_parquet(tmp_path / "along.parquet")).along_runs
    assert along.plot().axes[1].get_xlabel() == along.distance
    failed = along.rows.iloc[:1].assign(error="broke")[["law", "cutoff", "keep_from", "left_out", "error"]]
    assert Backtest(along.rows, failed, along.timings).failed == ["failed: direct at 0.25 of each run: broke"]


def test_what_is_no_law_is_refused():
    with pytest.raises(TypeError, match="laws holds 'direct'; expected laws"):
        bs.backtest({"a": "direct"}, RUNS)
    with pytest.raises(ValueError, match="laws is empty"):
        bs.backtest([], RUNS)
