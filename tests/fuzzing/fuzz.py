"""Feed the package what nobody should: only documented errors may come out, in time, and no result from garbage.

    python tests/fuzzing/fuzz.py --cases 10000 --out tests/studies/fuzz.csv

Every case has a seed of its own, which a failure names: ``--only KIND:SEED`` runs one alone. A study that was stopped
goes on with the same command. The test suite runs a few.
"""

import argparse
import contextlib
import io
import json
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "studies"))
from keeping import Kept

import bayes_scaling as bs
import fuzzing.mutating as mutate
import fuzzing.outputs as outputs

FIXTURES = Path(__file__).parents[1] / "runs" / "importers" / "fixtures"
SECONDS = 30
DOCUMENTED = (ValueError, TypeError, FileNotFoundError, FileExistsError, IsADirectoryError)


class Hang(BaseException):
    """A case took too long; no handler of the package may swallow it."""


class Ground:
    """What cases start from: a fit, files, documents. Made once, in a folder."""

    def __init__(self, folder: Path) -> None:
        from prior_fits import prior_fit

        self.folder = folder
        self.runs = bs.load_dataset("cerebras_gpt")
        self.fit = prior_fit(bs.DirectLaw(), self.runs)
        self.fit.save(folder / "fit.nc")
        self.runs.save(folder / "runs.csv")
        forecast = bs.forecast(self.fit, bs.budgets(flops=1e23), 1)
        self.runs.save(folder / "runs.parquet")
        for name in ("nc", "csv", "json", "parquet"):
            bs.write_table(forecast, folder / f"forecast.{name}")
        (folder / "runs.json").write_text(self.runs.frame.head(10).to_json(orient="records"))
        self.bundle = bs.write_bundle(self.fit, folder / "bundle", flops=1e23, benchmark="piqa")
        [results] = (FIXTURES / "lm_eval" / "toy__ladder-2B").glob("results_*.json")
        [log] = (FIXTURES / "inspect").glob("*_often_*.json")
        self.documents = {
            "lm-eval": json.loads(results.read_text()),
            "inspect": json.loads(log.read_text()),
            **outputs.OUTPUT,
        }
        [samples] = (FIXTURES / "lm_eval" / "toy__ladder-2B").glob("samples_*.jsonl")
        self.samples = samples.read_bytes()
        self.eval_log = next((FIXTURES / "inspect").glob("*.eval")).read_bytes()


def a_table(ground: Ground, rng, folder: Path) -> str:
    """A changed table of runs."""
    frame = mutate.table(ground.runs.frame.drop(columns=["flops_source", "chance_source"]), rng)
    before = frame.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bs.EmptyScoresWarning)
        runs = bs.Runs(frame)
    assert len(runs) <= len(frame)  # rows without a score are left out
    pd.testing.assert_index_equal(frame.columns, before.columns)
    found = runs.frame
    if "accuracy" in found:
        assert found["accuracy"].dropna().between(0, 1).all()
    for name in ("flops", "params", "tokens"):
        known = found[name].dropna()
        assert (np.isfinite(known) & (known > 0)).all()
    assert bs.Runs(found).frame.equals(found)
    return "read"


def a_file(ground: Ground, rng, folder: Path) -> str:
    """A changed file of runs, of a forecast or of a fit."""
    source = mutate.pick(rng, [path for path in ground.folder.iterdir() if path.is_file()])
    path = folder / source.name
    path.write_bytes(mutate.content(source.read_bytes(), rng))
    if source.stem == "fit":
        bs.load_fit(path)
    elif source.stem == "runs":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", bs.EmptyScoresWarning)
            bs.read_runs(path)
    else:
        table = bs.read_forecast(path).table((0.9,))
        assert len(table)
    return f"read {source.name}"


def a_bundle(ground: Ground, rng, folder: Path) -> str:
    """A bundle of which a file was changed, or whose manifest was."""
    import shutil

    copy = shutil.copytree(ground.bundle, folder / "bundle")
    files = [path for path in copy.rglob("*") if path.is_file()]
    path = copy / "MANIFEST.json" if rng.random() < 0.5 else mutate.pick(rng, files)
    if path.suffix == ".json" and rng.random() < 0.7:
        path.write_text(json.dumps(mutate.document(json.loads(path.read_text()), rng)))
    else:
        path.write_bytes(mutate.content(path.read_bytes(), rng))
    bs.read_bundle(copy)
    return "read"


def a_forecast(ground: Ground, rng, folder: Path) -> str:
    """A forecast at changed budgets."""
    names = ("flops", "params", "tokens", "ratio", "k", "benchmark", "family")
    asked = {name: mutate.number(rng) for name in names if rng.random() < 0.3}
    if rng.random() < 0.5:
        asked["flops"] = mutate.pick(rng, (1e22, [1e22, 1e23], 1e30, 1e5))
    budgets = bs.budgets(**asked)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bs.RatioWarning)
        table = bs.forecast(ground.fit, budgets, 1).table((0.9,))
    values = table[["median", "low_90", "high_90"]].to_numpy(float)
    assert np.isfinite(values).all()
    assert ((values >= 0) & (values <= 1)).all()
    return "forecast"


def a_log(ground: Ground, rng, folder: Path) -> str:
    """A changed evaluation log."""
    source = mutate.pick(rng, ("lm-eval", "inspect", "samples", "eval"))
    manifest = pd.DataFrame(
        {"model": ["ladder-2B", "ladder-200M", "ladder-50M", "ladder-800M"], "params": 1e9, "tokens": 2e10}
    )
    changed = mutate.document(ground.documents["inspect" if source == "inspect" else "lm-eval"], rng)
    chance = {"often": 0.0} if source in ("inspect", "eval") else {"toy": 0.25, "toy_sums": 0.0, "toy_code": 0.0}
    options = {"manifest": manifest, "chance": chance}
    if source == "eval":
        (folder / "2026_log.eval").write_bytes(mutate.content(ground.eval_log, rng))
    elif source == "samples":
        (folder / "results_2026-01-01T00-00-00.json").write_text(json.dumps(ground.documents["lm-eval"]))
        (folder / "samples_toy_code_2026-01-01T00-00-00.jsonl").write_bytes(mutate.content(ground.samples, rng))
    else:
        (folder / ("results_1.json" if source == "lm-eval" else "log.json")).write_text(json.dumps(changed))
    with warnings.catch_warnings():
        for said in (bs.SkippedWarning, bs.DoubtfulRunsWarning):
            warnings.simplefilter("ignore", said)
        runs = bs.import_runs("inspect" if source in ("inspect", "eval") else "lm-eval", folder, **options)
    assert runs.frame["accuracy"].between(0, 1).all()
    return "imported"


QUIET = (bs.SkippedWarning, bs.DoubtfulRunsWarning, bs.EmptyScoresWarning)


def an_output(ground: Ground, rng, folder: Path) -> str:
    """Changed output of another tool, read with options in any order."""
    source, path, options = outputs.changed_output(rng, folder)
    with warnings.catch_warnings():
        for said in QUIET:
            warnings.simplefilter("ignore", said)
        runs = bs.import_runs(source, path, **options)
    assert runs.frame["accuracy"].between(0, 1).all()
    return f"imported {source}"


def a_wide_table(ground: Ground, rng, folder: Path) -> str:
    """A changed table with a column a benchmark, of a spreadsheet or of W&B."""
    source, path, options = outputs.changed_wide_table(rng, folder)
    with warnings.catch_warnings():
        for said in QUIET:
            warnings.simplefilter("ignore", said)
        runs = bs.import_runs(source, path, **options)
    if "accuracy" in runs.frame:
        assert runs.frame["accuracy"].dropna().between(0, 1).all()
    return f"imported {source}"


COMMANDS = {
    "check": ("--help",),
    "forecast": (
        *("--flops", "--params", "--tokens", "--ratio", "--k", "--at", "--benchmark", "--family", "--probs", "--out"),
        *("--seed", "--average"),
    ),
    "report": ("--flops", "--out", "--held-out", "--backtest", "--target", "--probs", "--title", "--seed"),
    "import": ("--out", "--manifest", "--chance", "--metric", "--last", "--benchmark", "--column", "--percent"),
    "plan target": ("--benchmark", "--target", "--probability", "--at-most", "--out", "--family", "--seed"),
    "plan continue": ("--more-flops", "--wanted", "--out"),
    "plan rank": ("--flops", "--ratio", "--out"),
    "compounding": ("--direct", "--out"),
    "compare": ("--help",),
}  # fmt: skip


def a_command(ground: Ground, rng, folder: Path) -> str:
    """A command line of options in any order."""
    from typer.testing import CliRunner

    from bayes_scaling.command.main import app

    name = mutate.pick(rng, list(COMMANDS))
    files = [str(ground.folder / file) for file in ("fit.nc", "runs.csv", "forecast.json", "bundle", "nowhere")]
    line = name.split()
    if rng.random() < 0.9:
        line.append(mutate.pick(rng, files) if rng.random() < 0.8 else mutate.words(rng))
    for _ in range(rng.integers(0, 5)):
        line.append(str(mutate.pick(rng, COMMANDS[name])))
        if rng.random() < 0.9:
            line.append(mutate.pick(rng, files) if rng.random() < 0.3 else mutate.words(rng))
    with contextlib.chdir(folder):
        result = CliRunner().invoke(app, line)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in (0, 1, 2), f"exit code {result.exit_code} of {line}"
    assert "Traceback" not in result.output, line
    if result.exit_code:
        assert result.output.strip(), f"nothing said of {line}"
    return f"exit code {result.exit_code}"


KINDS: dict[str, tuple[Callable[[Ground, np.random.Generator, Path], str], float]] = {
    "table": (a_table, 0.3),
    "file": (a_file, 0.1),
    "bundle": (a_bundle, 0.05),
    "forecast": (a_forecast, 0.05),
    "log": (a_log, 0.1),
    "output": (an_output, 0.2),
    "wide": (a_wide_table, 0.1),
    "command": (a_command, 0.1),
}


def run_case(kind: str, seed: int, ground: Ground) -> tuple[str, str]:
    """Run one case: how it ended, and what is wrong with that, or nothing."""

    def too_long(*_: object) -> None:
        raise Hang

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(SECONDS)
    try:
        with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            with contextlib.redirect_stderr(io.StringIO()):
                return KINDS[kind][0](ground, np.random.default_rng([seed, list(KINDS).index(kind)]), Path(name)), ""
    except Hang:
        return "hang", f"more than {SECONDS} s"
    except DOCUMENTED as error:
        outcome = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)
        said = "bayes_scaling" in frames[-1].filename and "raise" in (frames[-1].line or "raise")
        ours = said or "typer" in frames[-1].filename
        return (
            (outcome, "")
            if ours
            else (outcome, f"raised by {frames[-1].filename.rsplit('site-packages/')[-1]}: {error}")
        )
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return type(
            error
        ).__name__, f"{type(error).__name__}: {str(error)[:300]} ({Path(where.filename).name}:{where.lineno})"
    finally:
        signal.alarm(0)


def run(cases: int, first: int, ground: Ground) -> tuple[Counter, list[str]]:
    """Run many cases: how many ended how, and the faults."""
    rng = np.random.default_rng(first)
    kinds = rng.choice(list(KINDS), cases, p=[share for _, share in KINDS.values()])
    counts: Counter = Counter()
    faults = []
    for number, kind in enumerate(kinds):
        outcome, fault = run_case(str(kind), first + number, ground)
        counts[str(kind), outcome] += 1
        if fault:
            faults.append(f"{kind}:{first + number}: {fault}")
    return counts, faults


PART = 500  # cases that are kept together, so that a study goes on where it stopped


def in_parts(cases: int, first: int, ground: Ground, out: Path | None) -> tuple[Counter, list[str]]:
    """Run cases part by part; parts that are in the file beside the study are not run again."""
    path = None if out is None else out.with_suffix(".parts.csv")
    kept = Kept(("first", "kind", "outcome", "cases", "fault"), 1, path)
    for start in range(first, first + cases, PART):
        if not kept.has(start):
            counts, faults = run(min(PART, first + cases - start), start, ground)
            for (kind, outcome), n in sorted(counts.items()):
                kept.add(start, kind, outcome, n, "")
            for fault in faults:
                kept.add(start, fault.partition(":")[0], "fault", 0, fault)
    table = kept.table()
    counts = Counter()
    for row in table[table["cases"].astype(int) > 0].itertuples(index=False):
        counts[str(row.kind), str(row.outcome)] += int(row.cases)
    return counts, [str(fault) for fault in table["fault"].fillna("") if fault]


def main() -> int:
    """Run cases and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--only", metavar="KIND:SEED")
    parser.add_argument("--out", type=Path, help="CSV of the counts")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        ground = Ground(Path(name))
        if asked.only:
            kind, _, seed = asked.only.partition(":")
            print(*run_case(kind, int(seed), ground), sep="\n")
            return 0
        counts, faults = in_parts(asked.cases, asked.first, ground, asked.out)
    table = pd.DataFrame([(*key, n) for key, n in sorted(counts.items())], columns=["kind", "outcome", "cases"])
    print(table.to_string(index=False))
    print(*faults[:60], sep="\n")
    print(f"{asked.cases} cases, {len(faults)} faults")
    if asked.out is not None:
        asked.out.with_suffix(".parts.csv").unlink(missing_ok=True)
        command = f"python tests/fuzzing/fuzz.py --cases {asked.cases} --first {asked.first} --out {asked.out.name}"
        asked.out.write_text(f"# Made by: {command}\n{table.to_csv(index=False)}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
