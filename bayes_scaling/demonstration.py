"""The demonstration: published runs, the two largest held out, a forecast of them, and what they really scored."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from .budget_grid import budgets
from .datasets import load_dataset
from .forecast_files import bound_names
from .forecasting import Forecast, forecast
from .laws.direct import DirectLaw
from .posterior import Fit
from .runs import Runs
from .terminal import Screen, brief_number, fitting, forecast_cells, show_fit, show_forecast

if TYPE_CHECKING:
    from .evaluate.scoring import ForecastScores

_HELD_OUT = 2  # runs
_PROBS = (0.5, 0.8, 0.9)


@dataclass(frozen=True)
class Demonstration:
    """What the demonstration found.

    Attributes
    ----------
    fit : Fit
        The direct law, fitted without the held-out runs.
    held_out : Forecast
        Forecast of the held-out runs.
    scores : ForecastScores
        How good that forecast was.
    ahead : Forecast
        Forecast one and two decades above the largest run.
    files : tuple of Path
        The files written.
    """

    fit: Fit
    held_out: Forecast
    scores: "ForecastScores"
    ahead: Forecast
    files: tuple[Path, ...]


def demonstrate(
    folder: str | Path,
    *,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    random_seed: int = 1,
    progressbar: bool = True,
) -> Demonstration:
    """Fit Cerebras-GPT without its two largest runs, forecast these and larger ones, print and save the results.

    Parameters
    ----------
    folder : str or Path
        Folder to write into; made where it does not exist.
    draws, tune, chains : int
        Of the sampler, as in `fit`.
    random_seed : int
        Seed of the fit and the forecasts.
    progressbar : bool
        Whether to show the sampler's progress.

    Returns
    -------
    Demonstration
        The fit, the forecasts, their scores and the files.
    """
    from .sampling import fit

    screen = Screen()
    runs = load_dataset("cerebras_gpt")
    train, held_out = runs.split(flops=sorted(set(runs.frame["flops"]))[-_HELD_OUT - 1])
    screen.heading("Cerebras-GPT, published 0-shot scores")
    screen.say(runs.summary().text)
    with fitting(screen, DirectLaw.name, train):
        fitted = fit(
            DirectLaw(),
            train,
            draws=draws,
            tune=tune,
            chains=chains,
            random_seed=random_seed,
            progressbar=progressbar,
        )
    return present(fitted, held_out, folder, random_seed=random_seed, screen=screen)


def present(
    fitted: Fit, held_out: Runs, folder: str | Path, *, random_seed: int = 1, screen: Screen | None = None
) -> Demonstration:
    """Forecast runs that were held out of a fit, and larger ones; print the results beside the truth and save them.

    Parameters
    ----------
    fitted : Fit
        A fitted law.
    held_out : Runs
        Scored runs that were not fitted.
    folder : str or Path
        Folder to write into; made where it does not exist.
    random_seed : int
        Seed of the forecasts.
    screen : Screen, optional
        Where to print; the standard streams by default.

    Returns
    -------
    Demonstration
        The fit, the forecasts, their scores and the files.
    """
    from .evaluate.scoring import score_forecast

    screen = screen or Screen()
    frame = held_out.frame
    screen.heading("The fit")
    show_fit(screen, fitted)
    predicted = forecast(fitted, held_out, random_seed)
    scores = score_forecast(predicted, held_out)
    names = ", ".join(frame["run"].unique())
    screen.heading(f"{names}: forecast from the smaller runs, beside what was measured")
    screen.table(_beside_truth(predicted, frame["accuracy"]))
    screen.notes(predicted.notes)
    for line in _score_lines(scores):
        screen.say(line)
    largest = float(frame["flops"].max())
    ahead = forecast(fitted, budgets(flops=[10 * largest, 100 * largest]), random_seed)
    screen.heading(f"One and two decades above the largest run ({brief_number(largest)} FLOPs)")
    show_forecast(screen, ahead, ("benchmark", "flops", "decades_beyond"), _PROBS)
    with screen.stage("drawing and saving"):
        files = _save(Path(folder), fitted, held_out, ahead)
    screen.heading(f"Written into {folder}")
    for file in files:
        screen.say(f"  {file.name:<14}{_CONTENTS[file.name]}")
    screen.say(f"\nNext: bayes-scaling forecast {Path(folder) / 'fit.nc'} --flops 1e24")
    return Demonstration(fitted, predicted, scores, ahead, files)


_CONTENTS = {
    "curves.png": "scores against training FLOPs, with the held-out scores as stars",
    "curves.svg": "the same",
    "fit.nc": "the fit, for bayes-scaling forecast and bs.load_fit",
    "forecast.csv": "the forecast above the largest run, as a table",
    "forecast.md": "the same for a report",
}


def _beside_truth(predicted: Forecast, measured: pd.Series) -> pd.DataFrame:
    """Cells of the forecast, the measured score, and whether the 90% interval holds it."""
    low, high = (predicted.table((0.9,))[name] for name in bound_names(0.9))
    cells = forecast_cells(predicted, ("run", "benchmark"), (0.5, 0.9))
    held = ((low <= measured) & (measured <= high)).map({True: "yes", False: "NO"})
    return cells.assign(measured=measured.map("{:.3f}".format), **{"in 90%": held})


def _score_lines(scores: "ForecastScores") -> list[str]:
    """Measured coverage of each interval, with what so few runs allow to say of it, and the errors."""
    overall = scores.overall
    lines = []
    for prob in scores.probs:
        name = f"coverage_{100 * prob:g}"
        inside = round(overall[name] * overall["n"])
        range_ = f"{overall[f'{name}_low']:.0%} to {overall[f'{name}_high']:.0%}"
        lines.append(f"{prob:.0%} intervals hold {inside} of {overall['n']:.0f} scores: {overall[name]:.0%} ({range_})")
    errors = f"mean absolute error {overall['mae']:.3f}, mean CRPS {overall['crps']:.3f}, bias {overall['bias']:+.3f}"
    return [*lines, f"{errors}; in brackets, what {overall['runs']:.0f} runs can say of the coverage (90% interval)"]


def _save(folder: Path, fitted: Fit, held_out: Runs, ahead: Forecast) -> tuple[Path, ...]:
    from . import plots

    folder.mkdir(parents=True, exist_ok=True)
    figures = plots.save(plots.curves(fitted, held_out=held_out), folder / "curves")
    return (
        *figures,
        fitted.save(folder / "fit.nc"),
        ahead.to_csv(folder / "forecast.csv", _PROBS),
        ahead.to_markdown(folder / "forecast.md", _PROBS),
    )
