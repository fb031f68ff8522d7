"""Whether probabilities that decisions rest on come true, on published runs.

    python tests/studies/decisions_study.py --data FOLDER --keep FOLDER --out tests/studies

--keep has the backtests that calibration_study.py kept, --data dclm_openlm.csv (Li et al., arXiv 2406.11794). --out
takes reliability.csv, the stated probability of reaching a target against the observed frequency, with brier.csv beside
it; and rankings.csv: for each pair of recipes of DCLM the probability that one beats the other at 6.9B
parameters, by a fit to the smaller sizes, what the smaller sizes say, and what was measured. That fit is kept too, so
that the study goes on where it stopped.
"""

import argparse
import warnings
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from calibration_study import TABLES, study, together

import bayes_scaling as bs
from bayes_scaling.evaluation.backtest import Backtest

HEAD = "# Made by: python tests/studies/decisions_study.py --data FOLDER --keep FOLDER --out tests/studies\n"
MAIN = ("direct", "ratio", "two-stage", "pass-at-k")  # the laws of the package; the others are there to be compared
DCLM = "DCLM at 20 tokens a parameter"


def reliability(every: Backtest) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Reliability and Brier scores by law, and of the laws of the package together."""
    main = every.rows[every.rows["law"].isin(MAIN)].assign(law="direct, ratio, two-stage and pass@k")
    together = Backtest(main, every.failures, every.timings)
    parts = [(result, averages) for result in (together, every) for averages in (False, True)]
    tables = [r.reliability(averages=a).assign(of="averages" if a else "scores") for r, a in parts]
    scores = [r.brier(averages=a).assign(of="averages" if a else "scores") for r, a in parts]
    return pd.concat(tables, ignore_index=True), pd.concat(scores, ignore_index=True)


def rankings(data: Path, keep: Path) -> pd.DataFrame:
    """Pairs of recipes: forecast from the smaller sizes, as the smaller sizes say, and as measured at the largest."""
    table = next(t for t in TABLES if t.name == DCLM)
    runs = table.read(data)
    small, large = runs.split(params=5e9)
    shared = sorted(set(small.frame["family"]) & set(large.frame["family"]))
    path = keep / "rankings.nc"
    if not path.exists():
        bs.fit(bs.DirectLaw(), small, random_seed=1, progressbar=False).save(path)
    fit = bs.load_fit(path)
    at = float(large.frame["flops"].median())
    found = bs.rank_families(fit, bs.budgets(flops=at, family=shared), of="score")
    ranked = found.table().set_index("family")
    measured = large.frame.groupby("family")["accuracy"].mean()
    rows = [
        (a, b, found.beats.loc[a, b], ranked["small_scale"][a] > ranked["small_scale"][b], measured[a] > measured[b])
        for a, b in combinations(shared, 2)
    ]
    return pd.DataFrame(rows, columns=["family", "other", "probability", "small_scale", "measured"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--data", "--keep", "--out"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    kept = {t.name: study(t, options.data, options.keep) for t in TABLES}
    table, scores = reliability(together(kept))
    pairs = rankings(options.data, options.keep)
    for name, frame in (("reliability", table), ("brier", scores), ("rankings", pairs)):
        text = frame.to_csv(index=False, float_format="%.4g")
        (options.out / f"{name}.csv").write_text(HEAD + text, encoding="utf-8")
    told = table.query("of == 'scores' and n >= 100 and runs >= 10")
    off = (told["stated"] - told["observed"]).abs()
    print(off.groupby(told["law"], sort=False).max().round(3).to_string())
    print(scores.round(4).to_string(index=False))
    reached = pairs["measured"].astype(float)
    for name, stated in (("forecast", pairs["probability"]), ("small runs", pairs["small_scale"].astype(float))):
        right, brier = np.mean((stated > 0.5) == pairs["measured"]), ((stated - reached) ** 2).mean()
        print(f"{name}: {right:.0%} of {len(pairs)} pairs in the right order, Brier {brier:.3f}")
    told_apart = pairs[(pairs["probability"] - 0.5).abs() > 0.3]
    print(
        f"{len(told_apart)} pairs stated with 80% or more: "
        f"{np.mean((told_apart['probability'] > 0.5) == told_apart['measured']):.0%} in the right order"
    )


if __name__ == "__main__":
    main()
