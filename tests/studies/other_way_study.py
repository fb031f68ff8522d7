"""Whether intervals of pass@k hold beyond the fitted k and beyond the fitted budgets at once.

    python tests/studies/other_way_study.py --data FOLDER --out tests/studies

--data has pythia_gsm8k_passk.csv and pythia_math_passk.csv (Schaeffer et al., arXiv 2502.17578) in the columns of
`bayes_scaling.runs.table`; the rates of HumanEval and MBPP ship with the package. Of each table the rates at small k of
the runs up to a cutoff are fitted, and those at larger k are forecast, of these runs and of runs up to ten times
larger. --out takes other_way_rows.csv, one row a forecast, with which the study goes on where it stopped, other_way.csv
(coverage by table, k and decades beyond the fitted budgets) and other_way.png.
"""

import argparse
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from keeping import Kept

import bayes_scaling as bs

LEVELS = (0.5, 0.8, 0.9)
DECADES = (-1.0, 0.0, 0.5, 1.01)  # bins of the distance: fitted budgets, up to half a decade beyond, up to one
NAMES = ("fitted budgets", "up to half a decade beyond", "half to one decade beyond")
COLUMNS = ("table", "cutoff", "run", "benchmark", "k", "decades", "accuracy", "median", "crps", *(
    f"{end}_{100 * level:g}" for level in LEVELS for end in ("low", "high")
), "converged")  # fmt: skip
HEAD = "# Made by: python tests/studies/other_way_study.py --data FOLDER --out tests/studies\n"


@dataclass(frozen=True)
class Table:
    """A table, the largest k that is fitted, the k that are forecast, and up to how many FLOPs runs are fitted."""

    name: str
    read: Callable[[Path], pd.DataFrame]
    largest_k: float
    asked: tuple[float, ...]
    cutoffs: tuple[float, ...]


def _pythia(file: str) -> Callable[[Path], pd.DataFrame]:
    return lambda folder: pd.read_csv(folder / file).query("params > 4e8 and tokens > 5e9 and k <= 128")


TABLES = (
    Table("GSM8K", _pythia("pythia_gsm8k_passk.csv"), 16, (64, 128), (5e20, 2e21)),
    Table("MATH", _pythia("pythia_math_passk.csv"), 16, (64, 128), (5e20, 2e21)),
    Table("HumanEval and MBPP", lambda _: bs.load_dataset("code_pass_at_k").frame, 10, (100,), (1e23, 5e23)),
)


def rows_of(table: Table, frame: pd.DataFrame, cutoff: float, **sampling: int) -> list[tuple[object, ...]]:
    """Forecasts at larger k of runs up to a cutoff, which were fitted, and of runs up to ten times larger."""
    inside, near = frame["flops"] <= cutoff, frame["flops"] <= 10 * cutoff
    train = bs.Runs(frame[inside & (frame["k"] <= table.largest_k)].reset_index(drop=True))
    known = set(zip(train.frame["family"], train.frame["benchmark"], strict=True))
    of_known = np.array([pair in known for pair in zip(frame["family"], frame["benchmark"], strict=True)])
    held = frame[near & frame["k"].isin(table.asked) & of_known].reset_index(drop=True)
    fit = bs.fit(bs.PassAtKLaw(), train, random_seed=1, progressbar=False, **sampling)
    planned = bs.Runs(held.drop(columns=["accuracy", "stderr", "n_correct_total"], errors="ignore"))
    found = bs.forecast(fit, planned, random_seed=2)
    draws = found.array("score")
    bounds = [np.quantile(draws, q, axis=0) for level in LEVELS for q in ((1 - level) / 2, (1 + level) / 2)]
    facts = (held["run"], held["benchmark"], held["k"], found.points["decades_beyond"], held["accuracy"])
    scores = (np.median(draws, axis=0), _crps(draws, held["accuracy"].to_numpy()))
    parts = zip(*facts, *scores, *bounds, strict=True)
    return [(table.name, f"{cutoff:.0e}", *row, fit.converged) for row in parts]


def _crps(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    from bayes_scaling.evaluation.proper_scores import crps

    return crps(draws, observed)


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Coverage, bias of the median and CRPS by table, k and distance, and by each alone."""
    rows = rows.assign(distance=pd.cut(rows["decades"], DECADES, labels=NAMES).astype(str))
    for level in LEVELS:
        name = f"{100 * level:g}"
        rows[f"c{name}"] = rows["accuracy"].between(rows[f"low_{name}"] - 1e-12, rows[f"high_{name}"] + 1e-12)
    rows["bias"], rows["width_90"] = rows["median"] - rows["accuracy"], rows["high_90"] - rows["low_90"]
    parts = []
    for by in (["table", "k", "distance"], ["k"], ["distance"], ["table"], []):
        grouped = rows.groupby(by, sort=False) if by else [((), rows)]
        for key, group in grouped:
            labels = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
            means = group[["c50", "c80", "c90", "width_90", "bias", "crps"]].mean()
            parts.append({"table": "all", "k": "all", "distance": "all", **labels, "n": len(group), **means})
    return pd.DataFrame(parts)


def draw(table: pd.DataFrame, path: Path) -> None:
    """Coverage of 90% intervals by distance, a line a table and k."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 3.6), layout="constrained")
    shown = table[(table["table"] != "all") & (table["k"] != "all") & (table["distance"] != "all")]
    for (name, k), group in shown.groupby(["table", "k"], sort=False):
        group = group.set_index("distance").reindex(list(NAMES)).dropna(subset="c90")
        axes.plot([NAMES.index(at) for at in group.index], group["c90"], marker="o", label=f"{name}, k = {float(k):g}")
    axes.axhline(0.9, color="0.6", linewidth=0.8)
    axes.set_xticks(range(len(NAMES)), NAMES, fontsize=8)
    axes.set_ylim(0, 1.02)
    axes.set_xlim(-0.3, len(NAMES) - 0.7)
    axes.set_title("share of rates inside the 90% interval, forecast from smaller k", fontsize=9, loc="left")
    axes.legend(fontsize=8, frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study from the command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # the column converged says so
    kept = Kept(COLUMNS, 2, options.out / "other_way_rows.csv", HEAD)
    for table in TABLES:
        for cutoff in table.cutoffs:
            if not kept.has(table.name, f"{cutoff:.0e}"):
                for row in rows_of(table, table.read(options.data), cutoff):
                    kept.add(*row)
    found = summarise(kept.table())
    (options.out / "other_way.csv").write_text(HEAD + found.to_csv(index=False, float_format="%.4g"), encoding="utf-8")
    draw(found, options.out / "other_way.png")
    print(found.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
