"""How often intervals held on published runs: every table, cutoff and law, by decades of extrapolation.

    python tests/studies/calibration_study.py --data FOLDER --keep FOLDER --out tests/studies

--data has tables in the columns of `bayes_scaling.runs.table`: olmo_ladder.csv (Bhagia et al., arXiv 2412.04403),
gadre_openlm.csv (Gadre et al., arXiv 2403.08540), dclm_openlm.csv (Li et al., arXiv 2406.11794), pythia_evals.csv
(Biderman et al., arXiv 2304.01373), obs_scaling.csv (Ruan et al., arXiv 2405.10938) and pythia_gsm8k_passk.csv
(Schaeffer et al., arXiv 2502.17578). Cerebras-GPT and its neighbours ship with the package. --keep takes one backtest a
table and law, so that the study goes on where it stopped. --out takes calibration.csv (coverage and scores by table,
law and decade), calibration_curve.csv (nominal against measured coverage), calibration_stacking.csv (stacked laws
beside each one) and calibration.png.
"""

import argparse
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import bayes_scaling as bs
from bayes_scaling.evaluation.backtest import Backtest
from bayes_scaling.evaluation.backtesting import named_laws
from bayes_scaling.laws.base import Law

GADRE = (
    *("arc_easy", "hellaswag", "hellaswag_zeroshot", "lambada_openai", "piqa", "bigbench_qa_wikidata", "coqa", "squad"),
    *("copa", "openbook_qa", "winograd", "bigbench_dyck_languages"),
)
DCLM = (
    *("arc_easy", "arc_challenge", "hellaswag", "lambada_openai", "piqa", "winograd", "bigbench_qa_wikidata", "boolq"),
    *("copa", "openbook_qa"),
)
LEADERBOARD = ("mmlu", "arc_challenge", "hellaswag", "winogrande", "gsm8k")
FAMILIES = ("BLOOM", "Falcon", "Llama", "Llama-2", "OPT", "Pythia", "Qwen1.5")  # with sizes on both sides
COMPUTE: tuple[Law, ...] = (bs.DirectLaw(), bs.BrokenPowerLaw(), bs.SigmoidLaw())
SEED = 1
PARTS = ("rows", "failures", "timings")
HEAD = "# Made by: python tests/studies/calibration_study.py --data FOLDER --keep FOLDER --out tests/studies\n"


@dataclass(frozen=True)
class Table:
    """A table of published runs, the laws that it can be fitted with, and where it is divided."""

    name: str
    read: Callable[[Path], bs.Runs]
    laws: tuple[Law, ...]
    cutoffs: tuple[float, ...] | None = None
    by: str = "flops"


def _read(folder: Path, file: str, query: str, **labels: list[str]) -> bs.Runs:
    frame = pd.read_csv(folder / file, low_memory=False)
    frame = frame.query(query) if query else frame
    return bs.Runs(frame.dropna(subset=["accuracy", "flops"])).select(**labels)


TABLES = (
    Table("Cerebras-GPT", lambda _: bs.load_dataset("cerebras_gpt"), (*COMPUTE, bs.TwoStageLaw())),
    Table("OLMo ladder at 20 tokens a parameter", lambda f: _read(
        f, "olmo_ladder.csv", "family == 'OLMo2-ladder' and chinchilla_multiplier == 1"),
        (*COMPUTE, bs.TwoStageLaw()), (3e19, 1.5e20), "flops"),
    Table("OLMo ladder", lambda f: _read(f, "olmo_ladder.csv", "family == 'OLMo2-ladder'"),
          (*COMPUTE, bs.RatioLaw(), bs.TwoStageLaw("ratio"))),
    Table("Pythia pass rates on GSM8K", lambda f: _read(
        f, "pythia_gsm8k_passk.csv", "params > 4e8 and tokens > 5e9 and k <= 128"),
        (bs.PassAtKLaw(inputs="ratio"), bs.PassAtKLaw()), (2e9, 5e9), "params"),
    Table("Open models on the leaderboard", lambda f: _read(
        f, "obs_scaling.csv", f"benchmark in {LEADERBOARD}", family=list(FAMILIES)), COMPUTE, (1e22, 3e22, 1e23)),
    Table("Pythia", lambda f: _read(
        f, "pythia_evals.csv", "shots == 0 and tokens > 2.99e11 and metric == 'acc'"), COMPUTE),
    Table("DCLM at 20 tokens a parameter", lambda f: _read(
        f, "dclm_openlm.csv", "chinchilla_multiplier == 1", benchmark=list(DCLM)), COMPUTE, (5e9,), "params"),
    Table("Pile suite", lambda _: bs.load_dataset("pile_suite"), (*COMPUTE, bs.RatioLaw())),
    Table("Gadre et al. at 20 tokens a parameter", lambda f: _read(
        f, "gadre_openlm.csv", "chinchilla_multiplier == 1", benchmark=list(GADRE)), (*COMPUTE, bs.TwoStageLaw())),
    Table("Gadre et al.", lambda f: _read(f, "gadre_openlm.csv", "", benchmark=list(GADRE)),
          (*COMPUTE, bs.RatioLaw(), bs.TwoStageLaw("ratio"))),
)  # fmt: skip


def study(table: Table, data: Path, keep: Path) -> Backtest:
    """The backtest of a table, kept or made law by law; a fold has the same seed whatever the law."""
    name = table.name.replace(" ", "-")
    path = keep / f"{name}.parquet"
    if path.exists():
        return bs.read_backtest(path)
    runs = table.read(data)
    parts = []
    for label, law in named_laws(table.laws).items():
        part = keep / f"{name}-{label}.parquet"
        if not part.exists():
            options = {"cutoffs": table.cutoffs, "by": table.by, "random_seed": SEED, "progressbar": False}
            bs.backtest({label: law}, runs, **options).to_parquet(part)
        parts.append(bs.read_backtest(part))
    found = Backtest(*(pd.concat([getattr(part, of) for part in parts], ignore_index=True) for of in PARTS))
    found.to_parquet(path)
    print(f"{table.name}\n{found!r}\n{found.timings['seconds'].sum():.0f} s of fits", flush=True)
    return found


def together(results: Mapping[str, Backtest]) -> Backtest:
    """The backtests of all tables as one, with a column ``table``."""
    rows = pd.concat([result.rows.assign(table=name) for name, result in results.items()], ignore_index=True)
    rows["law"] = rows["law"].str.replace(r"PassAtKLaw\(.*\)", "pass-at-k", regex=True)
    failures, timings = (pd.concat([getattr(r, part) for r in results.values()]) for part in PARTS[1:])
    return Backtest(rows, failures, timings)


def stacked(name: str, result: Backtest) -> pd.DataFrame:
    """Mean CRPS of each law and of their mixture, with weights made on other runs than they are scored on."""
    laws = result.rows["law"].nunique()
    if laws < 2:
        return pd.DataFrame()
    found = bs.stack(result)
    table = found.scores.rename_axis("law").reset_index().assign(table=name, n=found.n, runs=found.runs)
    table["weight"] = table["law"].map(found.weights)
    return table[["table", "law", "weight", "crps", "crps_left_out", "n", "runs"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--data", "--keep", "--out"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # the column converged says so
    options.keep.mkdir(exist_ok=True)
    results = {table.name: study(table, options.data, options.keep) for table in TABLES}
    for name, result in results.items():
        for sentence in result.failed:
            print(f"{name}: {sentence}")
    every = together(results)
    parts = []
    for by in (["table", "law", "decades"], ["table", "law"], ["law", "decades"], ["law"], ["table"], ["decades"]):
        for averages in (False, True):
            found = every.table(by, averages=averages)
            parts.append(found.assign(of="averages" if averages else "scores"))
    summary = pd.concat(parts, ignore_index=True)
    labels = ["of", "table", "law", "decades"]
    summary[labels] = summary[labels].fillna("all")
    write(options.out / "calibration.csv", summary[[*labels, *[c for c in summary if c not in labels]]])
    curves = [every.calibration(["law", "decades"]), every.calibration("law"), every.calibration("decades")]
    curve = pd.concat(curves, ignore_index=True)
    curve[["law", "decades"]] = curve[["law", "decades"]].fillna("all")
    write(options.out / "calibration_curve.csv", curve)
    mixtures = pd.concat([stacked(name, result) for name, result in results.items()], ignore_index=True)
    write(options.out / "calibration_stacking.csv", mixtures)
    every.plot().savefig(options.out / "calibration.png", dpi=120)
    print(every.table("law").round(4).to_string(index=False))


def write(path: Path, frame: pd.DataFrame) -> None:
    """Write a table beside the command that makes it."""
    path.write_text(HEAD + frame.to_csv(index=False, float_format="%.4g"), encoding="utf-8")


if __name__ == "__main__":
    main()
