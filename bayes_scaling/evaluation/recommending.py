"""Which law to use on a table: from what the table has, and from a quick backtest."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..arrays import Floats
from ..files.html import as_html
from ..laws import LAWS
from ..laws.base import Law
from ..model.specification import specify
from ..runs.columns import counts_problems
from ..runs.table import Runs
from ..runs.token_ratios import drifting, ladders_in_words, tokens_per_param
from ..wording import listed, ratios_in_words
from .backtest import Backtest
from .backtesting import backtest, named_laws
from .default_law import HARDLY_WORSE, of_default, ratios_vary
from .executing import in_one_line
from .folds import SplitBy, default_cutoffs, parts_of_runs, training_budgets
from .scoring import clusters
from .stacking import common_rows

_TOO_FEW = ", which is too few: its intervals are too narrow on this table"
_QUICK = 2  # cutoffs
_HALF = 0.5  # of each run, where training runs are few
_COLUMNS = ("reason", "n", "runs", "crps", "worse_by", "standard_error", "coverage_90", "bias", "converged")


@dataclass(frozen=True, eq=False)
class Recommendation:
    """Which law to use on a table, and why; made by `recommend`.

    Attributes
    ----------
    law : Law
        The law.
    sentence : str
        Which law and why, in words; and whether the default law will do, and when it would not.
    table : DataFrame
        One row a law that was looked at, the simplest first: ``reason`` why it was not tried (empty where it was); of a
        quick backtest, on rows that all tried laws forecast, ``n`` scores of ``runs`` training runs, ``crps``, how much
        it is ``worse_by`` than the best one with its ``standard_error`` (rows of a training run belong together),
        ``coverage_90``, ``bias``, and the share of fits that ``converged``.
    backtest : Backtest or None
        The quick backtest; None where the table has too few budgets for one, or a single law fits it.
    """

    law: Law
    sentence: str
    table: pd.DataFrame
    backtest: Backtest | None

    def _repr_html_(self) -> str:
        tried = self.table[self.table["reason"] == ""] if self.backtest else self.table
        shown = tried.drop(columns="reason") if self.backtest else tried[["reason"]]
        counts = {name: shown[name].map("{:.0f}".format) for name in ("n", "runs") if name in shown}
        notes = [f"not tried: {name}: {reason}" for name, reason in self.table["reason"].items() if reason]
        return as_html(self.sentence, shown.assign(**counts).reset_index(names="law"), notes)

    def __repr__(self) -> str:
        shown = self.table.drop(columns="reason") if self.backtest else self.table[["reason"]]
        tried = shown[self.table["reason"] == ""] if self.backtest else shown
        lines = [self.sentence, tried.to_string(float_format="{:.4f}".format)] if len(tried) else [self.sentence]
        lines += [f"not tried: {name}: {reason}" for name, reason in self.table["reason"].items() if reason]
        return "\n".join(lines)


def recommend(
    runs: Runs,
    *,
    cutoffs: Sequence[float] | None = None,
    draws: int | None = None,
    tune: int | None = None,
    random_seed: int | None = None,
    executor: Executor | None = None,
    progressbar: bool = True,
) -> Recommendation:
    """Say which law to use on a table.

    Laws that the table cannot feed are left out with the reason. The others are backtested at two cutoffs, and the
    simplest is taken whose CRPS is within a standard error of the best one's. A law whose fits do not converge is taken
    only where none does; along a drift of tokens per parameter one that does not see it, where it is clearly better.

    Parameters
    ----------
    runs : Runs
        Scored runs.
    cutoffs : sequence of float, optional
        Largest fitted FLOPs of the quick backtest; by default two budgets of the table, or, of few training runs with
        checkpoints, the first half of each.
    draws, tune : int, optional
        Of every fit, as `fit` takes them.
    random_seed : int, optional
        Seed.
    executor, progressbar
        As of `backtest`.

    Returns
    -------
    Recommendation
        The law, the reason in words, and the table behind it.

    Raises
    ------
    ValueError
        Where no law can be fitted to the table, with the reason of each.
    """
    laws = named_laws(_candidates(runs))
    reasons = {name: _why_not(law, runs) for name, law in laws.items()}
    tried = {name: laws[name] for name, reason in reasons.items() if not reason}
    if not tried:
        why = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise ValueError(f"no law can be fitted to the table: {why}")
    table = pd.DataFrame({"reason": reasons}).rename_axis("law").reindex(columns=list(_COLUMNS))
    by, chosen = _quick(runs) if cutoffs is None else ("flops", list(cutoffs))
    if len(tried) == 1 or not chosen:
        return _untested(tried, table, runs)
    result = backtest(
        tried,
        runs,
        cutoffs=chosen,
        by=by,
        draws=draws,
        tune=tune,
        random_seed=random_seed,
        executor=executor,
        progressbar=progressbar,
    )
    failed = result.failures.drop_duplicates("law").set_index("law")["error"]
    table["reason"] = [failed.get(str(name), reason) for name, reason in table["reason"].items()]
    found = _scores(result)
    table.loc[found.index, found.columns] = found
    seeing = _that_see_the_drift(tried, runs)
    name = _simplest(list(tried), found, seeing)
    said = f"Use {tried[name]!r}: {_seen(tried[name], runs)}, and {_how(name, found, len(chosen), seeing)}"
    return Recommendation(tried[name], said + of_default(table["reason"], runs, found), table, result)


def _untested(tried: Mapping[str, Law], table: pd.DataFrame, runs: Runs) -> Recommendation:
    """Recommend the first law, where there is nothing to backtest."""
    law = next(iter(tried.values()))
    why = "no other law fits the table" if len(tried) == 1 else "the table has too few budgets for a backtest"
    said = f"Use {law!r}: {_seen(law, runs)}; {why}.{of_default(table['reason'], runs)}"
    return Recommendation(law, said, table, None)


def _candidates(runs: Runs) -> tuple[Law, ...]:
    """Laws for a table, the simplest first."""
    frame, vary = runs.frame, ratios_vary(runs)
    attempts = counts_problems(frame) or ("k" in frame and bool((frame["k"].fillna(1) > 1).any()))
    ordered = sorted(LAWS.values(), key=lambda law: law.simplicity)
    found = (law for kind in ordered for law in kind.candidates(sizes_vary=vary))
    return tuple(law for law in found if law.takes_attempts == attempts)


def _why_not(law: Law, runs: Runs) -> str:
    """Why a law cannot be fitted to a table; empty where it can."""
    try:
        spec = specify(law, runs)
    except ValueError as error:
        return in_one_line(error).removeprefix("ValueError: ")
    if law.reads_sizes and not ratios_vary(runs):
        return "params and tokens do not vary apart, so that their terms cannot be told from each other"
    budgets = len(np.unique(np.round(spec.rows.log_flops, 2)))
    if budgets < law.fewest_budgets:
        least = law.fewest_budgets
        return f"the runs have {budgets} distinct budgets, too few to see {law.shows}; expected {least}"
    return "; ".join(spec.unused)  # other laws read these scores, so that they cannot be compared


def _quick(runs: Runs) -> tuple[SplitBy, list[float]]:
    """Cutoffs at a third and at two thirds of the usual ones; none where there are too few budgets and checkpoints."""
    try:
        usual = default_cutoffs(training_budgets(runs.frame, "flops"))
    except ValueError:
        return "run", [_HALF] if parts_of_runs(runs.frame, _HALF)[1].any() else []
    return "flops", [usual[i] for i in sorted({(len(usual) * part) // (_QUICK + 1) for part in range(1, _QUICK + 1)})]


def _scores(result: Backtest) -> pd.DataFrame:
    """How each law did on the rows that all forecast."""
    laws = list(dict.fromkeys(result.rows["law"]))
    common = common_rows(result.single(), laws)
    crps = {law: rows["crps"].to_numpy(float) for law, rows in common.items()}
    best = min(laws, key=lambda law: crps[law].mean())
    run = clusters(common[best])
    rows = {
        law: {
            "n": len(run),
            "runs": len(np.unique(run)),
            "crps": crps[law].mean(),
            "worse_by": (crps[law] - crps[best]).mean(),
            "standard_error": _standard_error(crps[law] - crps[best], run),
            "coverage_90": common[law]["inside_90"].mean(),
            "bias": common[law]["error"].mean(),
            "converged": result.rows[result.rows["law"] == law].groupby("cutoff")["converged"].first().mean(),
        }
        for law in laws
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("law")


def _standard_error(differences: Floats, run: NDArray[np.int64]) -> float:
    """Standard error of a mean whose terms belong together in runs; infinite where there is one run."""
    if (n := int(run.max()) + 1) < 2:
        return np.inf
    totals = np.bincount(run, differences - differences.mean())
    return float(np.sqrt(n / (n - 1) * (totals**2).sum()) / len(differences))


def _that_see_the_drift(laws: Mapping[str, Law], runs: Runs) -> list[str]:
    """Laws that read params and tokens, where tokens per parameter drift; none elsewhere."""
    frame = runs.frame
    return [name for name, law in laws.items() if law.resolve(frame).reads_sizes] if drifting(frame) else []


def _simplest(names: Sequence[str], found: pd.DataFrame, seeing: Sequence[str] = ()) -> str:
    """The first law, of those that converge best, that is as good as the best of these.

    One that sees a drift comes before those that do not, unless it is clearly worse: what was held out lies on the same
    line, and says little of what they would miss elsewhere.
    """
    kept = found[found["converged"] == found["converged"].max()]
    worse = kept["crps"] - kept["crps"].min()
    within = kept["standard_error"].where(worse > 0, 0.0)
    good = kept.index[worse <= within]
    nearly = kept.index[worse <= np.maximum(within, HARDLY_WORSE * kept["crps"].min())]
    first = [name for name in names if name in nearly and name in seeing]
    return next(name for name in (*first, *names) if name in first or name in good)


def _seen(law: Law, runs: Runs) -> str:
    """What of a table speaks for a law."""
    frame = runs.frame
    law = law.resolve(frame)
    if law.takes_attempts:
        return "the table has attempts" if counts_problems(frame) else "the table has rates at several k"
    ratio = tokens_per_param(frame)
    if law.reads_sizes and not ratios_vary(runs):
        return "every run has its params and tokens"
    if law.reads_sizes:
        return f"tokens per parameter vary ({ratios_in_words(ratio.min(), ratio.max())})"
    missed = f", though the law does not see that {ladders_in_words(drift)}" if (drift := drifting(frame)) else ""
    return f"{'the runs have losses' if law.has_stages else 'every score has its FLOPs'}{missed}"


def _how(name: str, found: pd.DataFrame, cutoffs: int, seeing: Sequence[str]) -> str:
    """How the chosen law did beside the others, in words."""
    own = found.loc[name]
    best = str(found["crps"].idxmin())
    others = [
        f"{other} {row['crps']:.4f}" + ("" if row["converged"] == 1 else ", not converged everywhere")
        for other, row in found.drop(index=name).sort_values("crps").iterrows()
    ]
    sees = name in seeing and best not in seeing
    for_it = "sees how tokens per parameter move" if sees else "is simpler or converges better"
    how = "best" if best == name else f"about as well as {best}, and {for_it}"
    beside = f" (beside it: {listed(others, 4)})" if others else ""
    scores = f"{own['n']:.0f} held-out scores of {own['runs']:.0f} runs, at {cutoffs} cutoff{'s' * (cutoffs > 1)}"
    return (
        f"on {scores}, it forecast {how}: CRPS {own['crps']:.4f}{beside}; its 90% interval covered "
        f"{own['coverage_90']:.0%}{_TOO_FEW * bool(own['coverage_90'] <= 0.8)}."
    )
