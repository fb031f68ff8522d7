"""The demonstration: published runs, the largest held out, a forecast of them, and what they really scored."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from .. import plots
from ..files.places import check_folder
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import quiet_forecast
from ..laws import DEFAULT, LAWS
from ..laws.shown import Story
from ..posterior.fit import Fit
from ..report.cells import forecast_cells
from ..report.tables import write_table
from ..runs.planned import budgets
from ..runs.published import load_dataset
from ..runs.table import Runs
from ..wording import RATIO, bound_names, brief_number, percent
from .screen import Screen, fitting, show_compounding, show_fit, show_forecast

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..evaluation.compounding import Compounding
    from ..evaluation.scoring import ForecastScores

_PROBS = (0.5, 0.8, 0.9)
_FIGURES = {
    "curves": "scores against training FLOPs, with the held-out scores as stars",
    "ratios": "scores against training FLOPs at several ratios of tokens to parameters",
    "pass_at_k": "pass rates against the number of attempts at several budgets",
    "compounding": "how the errors of both stages compound",
}
_TABLES = {
    "fit.nc": "the fit, for bayes-scaling forecast and bs.load_fit",
    "forecast.csv": "the forecast above the largest run, as a table",
    "forecast.md": "the same for a report",
}


@dataclass(frozen=True)
class Demonstration:
    """What was found: the fit without the held-out runs, forecasts of these and of larger ones, and the files."""

    fit: Fit
    held_out: Forecast
    scores: "ForecastScores"
    ahead: Forecast
    files: tuple[Path, ...]


def demonstrate(
    folder: str | Path,
    law: str = DEFAULT,
    *,
    overwrite: bool = False,
    draws: int | None = None,
    tune: int | None = None,
    chains: int = 4,
    random_seed: int = 1,
    progressbar: bool = True,
) -> Demonstration:
    """Fit published runs without the largest, forecast these and larger ones, print and save the results.

    Raises
    ------
    ValueError
        For another law.
    FileExistsError
        Where a file is in the folder that may not be replaced.
    """
    from ..evaluation.scoring import score_forecast
    from ..sampling.fitting import fit

    if law not in LAWS:
        raise ValueError(f"law={law!r} has no demonstration; expected one of {', '.join(map(repr, LAWS))}")
    folder, story, screen = Path(folder), LAWS[law].story, Screen()
    check_demonstration(folder, law, overwrite=overwrite)
    runs = story_runs(story)
    train, held_out = runs.split(params=story.largest)
    screen.heading(story.title)
    screen.say(runs.summary().text)
    with fitting(screen, law, train):
        fitted = fit(
            LAWS[law](),
            train,
            draws=draws,
            tune=tune,
            chains=chains,
            random_seed=random_seed,
            progressbar=progressbar,
        )
    screen.heading("The fit")
    show_fit(screen, fitted)
    predicted = quiet_forecast(fitted, held_out, random_seed)
    scores = score_forecast(predicted, held_out)
    _show_held_out(screen, predicted, scores, held_out, story)
    ahead = _show_ahead(screen, fitted, held_out, story, random_seed)
    stages = _show_stages(screen, fitted, held_out) if story.figure == "compounding" else None
    with screen.stage("drawing and saving"):
        files = _save(folder, fitted, ahead, _figures(fitted, held_out, story, stages), overwrite=overwrite)
    _show_files(screen, folder, files)
    screen.say(f"\nNext: bayes-scaling forecast {folder / 'fit.nc'} {_options(story, ahead)}")
    return Demonstration(fitted, predicted, scores, ahead, files)


def story_runs(story: Story) -> Runs:
    """Return the published runs of a story, the held-out ones included."""
    runs = load_dataset(story.dataset)
    return runs.select(family=list(story.families)) if story.families else runs


def _columns(story: Story) -> tuple[str, ...]:
    """What tells the points of a forecast apart."""
    told = {"ratio": RATIO, "k": "k"}
    return ("benchmark", *(column for name, column in told.items() if name in story.beyond))


def check_demonstration(folder: Path, law: str, *, overwrite: bool = False, remedy: str = "overwrite=True") -> None:
    """Refuse a folder that holds other files under the names of a demonstration's."""
    kinds = {f"{name}{ending}": "figure" for name in _names(LAWS[law].story) for ending in (".png", ".svg")}
    kinds |= {name: Path(name).stem for name in _TABLES}
    check_folder(folder, kinds, overwrite=overwrite, remedy=remedy)


def _names(story: Story) -> list[str]:
    """Figures of a demonstration."""
    return [name for name in ("curves", story.figure) if name]


def _show_held_out(screen: Screen, predicted: Forecast, scores: "ForecastScores", runs: Runs, story: Story) -> None:
    """Print the forecast beside what was measured, and how many scores the intervals hold."""
    frame = runs.frame
    names = ", ".join(frame["run"].unique())
    screen.heading(f"{names}: forecast from the smaller runs, beside what was measured")
    screen.table(_beside_truth(predicted, frame["accuracy"], _columns(story)))
    screen.notes(predicted.notes)
    for line in _score_lines(scores):
        screen.say(line)


def _beside_truth(predicted: Forecast, measured: pd.Series, columns: tuple[str, ...]) -> pd.DataFrame:
    """Cells of the forecast, the measured score, and whether the 90% interval holds it."""
    low, high = (predicted.table((0.9,))[name] for name in bound_names(0.9))
    cells = forecast_cells(predicted, ("run", *columns), (0.5, 0.9))
    held = ((low <= measured) & (measured <= high)).map({True: "yes", False: "NO"})
    return cells.assign(measured=measured.map("{:.3f}".format), **{"in 90%": held})


def _score_lines(scores: "ForecastScores") -> list[str]:
    """Measured coverage of each interval, with what so few runs allow to say of it, and the errors."""
    overall = scores.overall
    lines = []
    for prob in scores.probs:
        name = f"coverage_{percent(prob)}"
        inside = round(overall[name] * overall["n"])
        range_ = f"{overall[f'{name}_low']:.0%} to {overall[f'{name}_high']:.0%}"
        lines.append(f"{prob:.0%} intervals hold {inside} of {overall['n']:.0f} scores: {overall[name]:.0%} ({range_})")
    errors = f"mean absolute error {overall['mae']:.3f}, mean CRPS {overall['crps']:.3f}, bias {overall['bias']:+.3f}"
    return [*lines, f"{errors}; in brackets, what {overall['runs']:.0f} runs can say of the coverage (90% interval)"]


def _show_ahead(screen: Screen, fitted: Fit, held_out: Runs, story: Story, random_seed: int) -> Forecast:
    """Forecast beyond the largest run, and print it."""
    frame = held_out.frame
    own = frame[frame["family"] == story.beyond.get("family", frame["family"].iloc[0])]
    largest = own.loc[own["flops"].idxmax()]
    flops = [factor * float(largest["flops"]) for factor in story.beyond["flops"]]
    ahead = quiet_forecast(fitted, budgets(**{**story.beyond, "flops": flops}), random_seed)
    screen.heading(f"{story.words} above {largest['run']} ({brief_number(largest['flops'])} FLOPs)")
    show_forecast(screen, ahead, (*_columns(story), "flops", "decades_beyond"), _PROBS)
    return ahead


def _show_stages(screen: Screen, fitted: Fit, held_out: Runs) -> "Compounding":
    """Find and print how the errors of two stages compound."""
    from ..evaluation.error_compounding import compounding

    result = compounding(fitted, held_out)
    screen.heading("How the errors of both stages compound")
    show_compounding(screen, result)
    return result


def _figures(fitted: Fit, held_out: Runs, story: Story, stages: "Compounding | None") -> "dict[str, Figure]":
    """Draw the curves, and the figure that belongs to the law."""
    figures = {"curves": plots.curves(fitted, held_out=held_out)}
    if stages is not None:
        figures[story.figure] = stages.plot()
    elif story.figure:
        figures[story.figure] = getattr(plots, story.figure)(fitted, held_out=held_out, family=story.beyond["family"])
    return figures


def _save(
    folder: Path, fitted: Fit, ahead: Forecast, figures: "dict[str, Figure]", *, overwrite: bool
) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [
        file for name, figure in figures.items() for file in plots.save(figure, folder / name, overwrite=overwrite)
    ]
    fit_file, *tables = (folder / name for name in _TABLES)
    saved = fitted.save(fit_file, overwrite=overwrite)
    return (*drawn, saved, *(write_table(ahead, file, _PROBS, overwrite=overwrite) for file in tables))


def _show_files(screen: Screen, folder: Path, files: tuple[Path, ...]) -> None:
    screen.heading(f"Written into {folder}")
    width = max(len(file.name) for file in files) + 2
    for file in files:
        said = "the same" if file.suffix == ".svg" else _TABLES.get(file.name) or _FIGURES[file.stem]
        screen.say(f"  {file.name:<{width}}{said}")


def _options(story: Story, ahead: Forecast) -> str:
    """Options of the command that ask for the same."""
    given = {name: story.beyond[name] for name in ("ratio", "k") if name in story.beyond}
    flops = f"--flops {brief_number(ahead.points['flops'].max())}"
    return " ".join([flops, *(f"--{name} {','.join(map(str, values))}" for name, values in given.items())])
