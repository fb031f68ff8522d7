"""Tables at the edge of what can be fitted: a sensible answer that says what it is worth, or a clear refusal."""

import warnings

import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs

BENCHMARKS = ("arc_easy", "piqa")


def table(score, n_runs=6, benchmarks=BENCHMARKS, flops=None, chance=0.25, **columns):
    """Rows of runs whose scores follow from (run, benchmark)."""
    rng = np.random.default_rng(1)
    flops = np.geomspace(1e19, 1e22, n_runs) if flops is None else np.asarray(flops, float)
    rows = [
        {"run": f"r{i}", "benchmark": name, "flops": c, "accuracy": score(i, j, rng), "n_items": 1000, "chance": chance}
        for i, c in enumerate(flops)
        for j, name in enumerate(benchmarks)
    ]
    return pd.DataFrame(rows).assign(**columns)


def rising(i, j, rng):
    return 0.35 + 0.07 * i + 0.03 * j + rng.normal(0, 0.004)


def with_copies():
    return pd.concat([table(rising), table(rising).assign(run=lambda frame: frame["run"] + "b")])


def with_a_lone_family():
    lone = table(rising, 1, flops=[1e21], family="B").assign(run="x")
    return pd.concat([table(rising, family="A"), lone])


def over_decades():
    return table(lambda *given: 0.25 + 0.05 * given[0], 13, flops=np.geomspace(1e12, 1e24, 13))


#: Each with the lowest and highest width of the 90% interval at 1e24 FLOPs, and where its median is to lie.
CASES = {
    "one run of one benchmark": (lambda: table(rising, 1, ["arc_easy"]), (0.3, 1.0), (0.3, 0.95)),
    "equal budgets": (lambda: table(lambda *_: 0.5, flops=[1e21] * 6), (0.1, 0.9), (0.4, 0.95)),
    "all at chance": (lambda: table(lambda *given: 0.25 + given[2].normal(0, 0.012)), (0.01, 0.6), (0.22, 0.45)),
    "scores of exactly 0": (lambda: table(lambda *_: 0.0, chance=0.0), (0.0, 0.7), (0.0, 0.3)),
    "scores of exactly 1": (lambda: table(lambda *_: 1.0), (0.0, 0.3), (0.9, 1.0)),
    "twelve decades": (over_decades, (0.01, 0.4), (0.7, 0.95)),
    "the same runs twice": (with_copies, (0.02, 0.6), (0.55, 0.95)),
    "one outlier": (lambda: table(lambda i, j, rng: rising(i, j, rng) - 0.25 * (i == 4), 8), (0.05, 0.8), (0.5, 0.98)),
    "a family of one run": (with_a_lone_family, (0.02, 0.8), (0.4, 0.98)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_answer_is_sensible(case):
    make, widths, medians = CASES[case]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bs.ConvergenceWarning)
        warnings.simplefilter("ignore", bs.ThinDataWarning)
        fit = bs.fit(bs.DirectLaw(), bs.Runs(make()), draws=300, tune=500, chains=2, random_seed=1, progressbar=False)
    found = bs.forecast(fit, bs.budgets(1e24), 1).table((0.9,))
    values = found[["low_90", "median", "high_90"]].to_numpy()
    assert np.isfinite(values).all()
    assert ((values >= 0) & (values <= 1)).all()
    width = found["high_90"] - found["low_90"]
    assert width.between(*widths).all(), found.to_string()
    assert found["median"].between(*medians).all(), found.to_string()


@pytest.fixture(scope="module")
def clean_and_spoilt():
    """Fits of runs, and of the same with one run or one score far too low, by what is spoilt and the noise."""
    made = bs.simulate_runs(bs.DirectLaw(), n_benchmarks=4, n_runs=12, random_seed=4)
    frame = made.runs.frame
    run = frame["run"] == frame.sort_values("flops")["run"].unique()[-2]
    bad = {"nothing": run & False, "run": run, "score": run & (frame["benchmark"] == frame["benchmark"].iloc[0])}
    fits = {}
    for spoilt, rows in bad.items():
        runs = bs.Runs(frame.assign(accuracy=(frame["accuracy"] - 0.15 * rows).clip(0, 1)))
        for df in (None, 4.0):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", bs.ConvergenceWarning)
                fits[spoilt, df] = bs.fit(
                    bs.DirectLaw(degrees_of_freedom=df),
                    runs,
                    draws=300,
                    tune=400,
                    chains=2,
                    random_seed=1,
                    progressbar=False,
                    reuse=True,
                )
    return fits, frame.loc[run, "run"].iloc[0]


@pytest.mark.parametrize(("spoilt", "scale"), [("run", "run_sd"), ("score", "law_noise_population")])
def test_student_t_noise_lets_an_outlier_lie(clean_and_spoilt, spoilt, scale):
    """One bad run, or one bad score, moves a law of normal noise; a Student-t leaves it where it lies."""
    fits, bad_run = clean_and_spoilt

    def moved(df):
        medians = [
            bs.forecast(fits[of, df], bs.budgets(flops=[1e23, 1e24]), random_seed=1).draws["expected"].median("sample")
            for of in ("nothing", spoilt)
        ]
        return float(abs(medians[1] - medians[0]).mean())

    assert moved(4.0) < 0.6 * moved(None)
    # Of a score near chance a benchmark's own jitter takes a part.
    assert fits[spoilt, 4.0].posterior[scale].median() < 0.85 * fits[spoilt, None].posterior[scale].median()
    if spoilt == "run":
        precision = fits[spoilt, 4.0].posterior["run_precision"].median(("chain", "draw")).to_series()
        assert precision.idxmin() == bad_run
        assert precision.min() < 0.2


def test_loss_that_is_missing_in_part():
    runs = bs.load_dataset("cerebras_gpt").frame
    runs.loc[runs["run"] == "Cerebras-590M", "loss"] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bs.ConvergenceWarning)
        with pytest.warns(bs.ThinDataWarning, match="Cerebras-590M"):
            bs.fit(bs.TwoStageLaw(), bs.Runs(runs), draws=100, tune=200, chains=2, random_seed=1, progressbar=False)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: table(rising).iloc[:0], "the table has no rows"),
        (lambda: pd.concat([table(rising)] * 2), "rows with the same key"),
        (lambda: table(rising).drop(columns="flops"), "flops"),
    ],
)
def test_what_is_no_table_is_refused(make, said):
    with pytest.raises(bs.RunsError, match=said):
        bs.Runs(make())
