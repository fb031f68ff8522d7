"""Tables of text for readers: rounded, with units and intervals in words; for the terminal, reports and notebooks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ..runs.budget_columns import BUDGET_COLUMNS, BUDGETS
from ..runs.token_ratios import tokens_per_param
from ..wording import RATIO, bound_names, brief_number, percent

if TYPE_CHECKING:
    from ..evaluation.compounding import Compounding
    from ..forecasting.forecast import Forecast
    from ..posterior.fit import Fit
    from ..runs.table import RunsSummary


def numeric(cells: pd.Series) -> bool:
    """Whether a column of text holds numbers, intervals of them, or shares, which stand to the right."""
    return bool(cells.astype(str).str.fullmatch(r"[-+\d.,%–e ()]*").all())


def forecast_cells(
    forecast: "Forecast", columns: Sequence[str] = ("benchmark", "flops"), probs: Sequence[float] = (0.5, 0.8, 0.9)
) -> pd.DataFrame:
    """Text of a forecast's table of scores: what each point is, the median, and the intervals.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    columns : sequence of str
        Coordinates to show, among those of `Forecast.points` and "tokens/param", which follows from them; absent ones
        are left out, and so is a family that all points share.
    probs : sequence of float
        Probabilities of the intervals.

    Returns
    -------
    DataFrame
        Cells of text, one row a point.
    """
    table = forecast.table(probs)
    if (ratio := tokens_per_param(table)).notna().any():
        table[RATIO] = ratio
    shared = {"family"} if len(set(table.get("family", ()))) < 2 else set()
    shown = [name for name in columns if name in table and name not in shared]
    cells = {_TITLES.get(name, name): table[name].map(_FORMATS.get(name, str)) for name in shown}
    cells["median"] = table["median"].map("{:.3f}".format)
    for prob in probs:
        pairs = zip(*(table[name] for name in bound_names(prob)), strict=True)
        cells[f"{percent(prob)}% interval"] = pd.Series([f"{a:.3f}–{b:.3f}" for a, b in pairs], index=table.index)
    return pd.DataFrame(cells, dtype=str)


def recommendation_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Cells of the table of a recommendation."""
    cells = {"law": pd.Series(table.index.astype(str), table.index), "n": table["n"].map("{:.0f}".format)}
    cells |= {"90% held": table["coverage_90"].map("{:.0%}".format), "crps": table["crps"].map("{:.4f}".format)}
    cells["worse by"] = table["worse_by"].map("{:.4f}".format) + table["standard_error"].map(" ± {:.4f}".format)
    cells |= {"bias": table["bias"].map("{:+.4f}".format), "converged": table["converged"].map("{:.0%}".format)}
    return pd.DataFrame(cells)


def score_cells(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Cells of a table of scores."""
    cells = {name: table[name].astype(str) for name in [*by, "n", "runs"]}
    cells |= {f"{p}% held": table[f"coverage_{p}"].map("{:.0%}".format) for p in (50, 80, 90)}
    cells |= {name: table[name].map("{:.4f}".format) for name in ("crps", "mae")}
    return pd.DataFrame(cells | {"bias": table["bias"].map("{:+.4f}".format)})


def comparison_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Cells of a comparison of fits: left-out rows, then left-out runs."""
    cells = {"fit": table.index.to_series().astype(str)}
    for suffix, words in (("", ""), ("_run", ", runs")):
        cells[f"elpd{words}"] = table[f"elpd{suffix}"].map("{:.1f}".format)
        pairs = zip(table[f"difference{suffix}"], table[f"difference_se{suffix}"], strict=True)
        cells[f"difference{words}"] = pd.Series([f"{d:.1f} ({se:.1f})" for d, se in pairs], table.index)
        cells[f"bad k{words}"] = table[f"bad_k{suffix}"].map(str)
    return pd.DataFrame(cells).assign(converged=table["converged"].map({True: "yes", False: "NO"}))


def exponent_cells(fit: "Fit", prob: float = 0.9) -> pd.DataFrame:
    """Text of what a fit says of its curves: the exponents of each, of a typical benchmark, and where they bend in k.

    Parameters
    ----------
    fit : Fit
        A fitted law.
    prob : float
        Probability of the equal-tailed intervals.

    Returns
    -------
    DataFrame
        Cells of text, one row a curve and one for the population. Of the ratio law with the exponents of params and
        tokens, of a law of pass@k with the attempts at which curves bend, or the gain with log k.
    """
    summary = fit.summary(prob)
    rows = summary[summary["quantity"].isin(["exponent", "exponent_population"])]
    benchmark = rows["benchmark"].where(rows["quantity"] == "exponent", "(a typical one)")
    cells = {"family": rows["family"], "benchmark": benchmark, "exponent": rows["median"].map("{:.3f}".format)}
    cells[f"{percent(prob)}% interval"] = _intervals(rows, prob, "{:.3f}")
    frame = pd.DataFrame(cells, dtype=str)
    for quantity, heading in fit.law.headline.items():
        # The population's parameter is a typical benchmark's; what is derived has none.
        own = summary[summary["quantity"].isin([quantity, f"{quantity}_population"])]
        if len(own):
            text = own["median"].map("{:.3g}".format) + " (" + _intervals(own, prob, "{:.3g}") + ")"
            frame[heading] = text.tolist() + [""] * (len(frame) - len(own))
    return frame if len(fit.reference.families) > 1 else frame.drop(columns="family")


def _intervals(rows: pd.DataFrame, prob: float, form: str) -> pd.Series:
    low, high = (rows[name].map(form.format) for name in bound_names(prob))
    return low + "–" + high


def benchmark_cells(summary: "RunsSummary") -> pd.DataFrame:
    """Text of what a table of runs holds, benchmark by benchmark.

    Parameters
    ----------
    summary : RunsSummary
        What was understood of the table.

    Returns
    -------
    DataFrame
        Cells of text, one row a benchmark, metric and number of shots.
    """
    table = summary.table()
    cells = {name: table[name].map(_FORMATS.get(name, str)) for name in ("benchmark", "metric", "shots", "runs")}
    if not summary.planned:
        bounds = zip(table["accuracy_low"], table["accuracy_high"], strict=True)
        cells["accuracy"] = pd.Series([f"{low:.3f}–{high:.3f}" for low, high in bounds])
    cells |= {name: table[name].map(_FORMATS.get(name, str)) for name in ("chance", "chance_source", "n_items")}
    frame = pd.DataFrame(cells, dtype=str)
    return frame.loc[:, (frame != "").any()]


def _decades(value: float) -> str:
    return f"{value:+.1f}" if value else "0"


def _whole(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.0f}"


_TITLES = {name: column.title for name, column in BUDGET_COLUMNS.items()} | {"decades_beyond": "decades beyond"}
_FORMATS = {
    "k": _whole,
    RATIO: brief_number,
    **dict.fromkeys(BUDGETS, brief_number),
    "shots": brief_number,
    "chance": brief_number,
    "n_items": _whole,
    "decades_beyond": _decades,
}


def compounding_cells(result: "Compounding") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Text of what was found of a two-stage forecast's errors: the methods side by side, and the parts of the error."""
    methods = result.table()
    forms = dict.fromkeys(("coverage_50", "coverage_80", "coverage_90"), "{:.0%}")
    forms |= {"n": "{}", "width_90": "{:.3f}", "crps": "{:.4f}", "mae": "{:.4f}", "bias": "{:+.4f}"}
    errors = result.error_table()
    parts = {name: errors[name].map("{:+.3f}".format) for name in ("error", "from_loss", "from_map")}
    return (
        methods.assign(**{name: methods[name].map(form.format) for name, form in forms.items()}).astype(str),
        pd.DataFrame({"benchmark": errors["benchmark"], "n": errors["n"].map(str), **parts}),
    )
