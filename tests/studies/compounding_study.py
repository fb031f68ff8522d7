"""Two stages beside one on published runs: coverage, width, CRPS and variance shares.

    python tests/studies/compounding_study.py --data FOLDER --out tests/studies/compounding.csv

FOLDER has two tables in the columns of `bayes_scaling.runs.table`, with a column loss: olmo_ladder.csv (Bhagia et al.,
arXiv 2412.04403) and gadre_openlm.csv (Gadre et al., arXiv 2403.08540). Cerebras-GPT ships with the package. Each split
fits the runs at or below a budget and forecasts those above it; runs at many ratios of tokens to parameters are fitted
with the laws of both. The study goes on where it stopped.
"""

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import bayes_scaling as bs
from bayes_scaling.evaluation.compounding import AVERAGE, SOURCES

GADRE = (
    *("arc_easy", "hellaswag", "hellaswag_zeroshot", "lambada_openai", "piqa", "bigbench_qa_wikidata", "coqa", "squad"),
    *("copa", "openbook_qa", "winograd", "bigbench_dyck_languages"),
)
CUTOFFS = (3e19, 1e20, 3e20)
SEED = 1


@dataclass(frozen=True)
class Split:
    """Runs to fit and to hold out, and what the loss and the scores are to follow from."""

    name: str
    train: bs.Runs
    held_out: bs.Runs
    inputs: str

    @property
    def one_stage(self) -> bs.DirectLaw | bs.RatioLaw:
        """The law of one stage."""
        return bs.RatioLaw() if self.inputs == "ratio" else bs.DirectLaw()


def splits(folder: Path) -> Iterator[Split]:
    """The splits of the study, one after the other."""
    train, held_out = bs.load_dataset("cerebras_gpt").split(params=3e9)
    yield Split("cerebras", train, held_out, "compute")
    olmo = bs.read_runs(folder / "olmo_ladder.csv").select(family="OLMo2-ladder")
    gadre = bs.read_runs(folder / "gadre_openlm.csv").select(benchmark=list(GADRE))
    for name, runs in (("olmo", olmo), ("gadre", gadre)):
        for cutoff in CUTOFFS:
            train, held_out = runs.split(flops=cutoff)
            known = held_out.select(family=list(train.families), benchmark=list(train.benchmarks))
            yield Split(f"{name} to {cutoff:.0e}".replace("e+", "e"), train, known, "ratio")


def study(split: Split) -> pd.DataFrame:
    """One row a method, and of the two stages the mean total shares of their sources."""
    options = {"random_seed": SEED, "progressbar": False}
    direct = bs.fit(split.one_stage, split.train, **options)
    rows = []
    for form in ("logistic", "gompertz"):
        fit = bs.fit(bs.TwoStageLaw(split.inputs, form), split.train, **options)
        found = bs.compounding(fit, split.held_out, direct=direct, random_seed=SEED)
        table = found.table()
        one = table["method"] == direct.law.name
        if form != "logistic":
            table, one = table[~one], one[~one]
        table = table.assign(
            split=split.name,
            method=table["method"].where(one, table["method"] + f", {form}"),
            runs=found.errors["run"].nunique(),
            converged=(one & direct.converged) | (~one & fit.converged),
        )
        totals = found.shares.query(f"benchmark != {AVERAGE!r}").groupby("source")["total"].mean()
        parts = found.error_table(()).iloc[0]
        cut = table["method"] == f"two-stage, {form}"
        extra = {f"total {source}": totals[source] for source in SOURCES}
        extra |= {name: parts[name] for name in ("mse", "loss_square", "map_square", "cross")}
        for name, value in extra.items():
            table[name] = pd.Series(value, table.index).where(cut)
        rows.append(table)
    frame = pd.concat(rows, ignore_index=True)
    return frame[["split", "method", "n", "runs", *[c for c in frame if c not in ("split", "method", "n", "runs")]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the published tables")
    parser.add_argument("--out", type=Path, required=True, help="CSV with one row a split and method")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # the column converged says so
    done = set(pd.read_csv(options.out, comment="#")["split"]) if options.out.exists() else set()
    for split in splits(options.data):
        if split.name in done:
            continue
        found = study(split)
        print(found.iloc[:, :10].round(3).to_string(index=False), flush=True)
        new = not options.out.exists()
        head = (
            "# Made by: python tests/studies/compounding_study.py --data FOLDER --out compounding.csv\n" if new else ""
        )
        with options.out.open("a", encoding="utf-8") as file:
            file.write(head + found.to_csv(index=False, header=new, float_format="%.5g"))


if __name__ == "__main__":
    main()
