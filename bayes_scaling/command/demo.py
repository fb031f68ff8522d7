"""The demonstration: published runs, the largest held out, a forecast of them, and what they really scored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..files.places import check_folder
from ..forecasting.forecast import Forecast
from ..forecasting.from_fit import forecast
from ..laws import LAWS
from ..posterior.fit import Fit
from ..report.cells import forecast_cells
from ..report.tables import write_table
from ..runs.planned import budgets
from ..runs.published import load_dataset
from ..runs.table import Runs
from ..wording import RATIO, bound_names, brief_number, percent
from .screen import Screen, fitting, show_compounding, show_fit, show_forecast

if TYPE_CHECKING:
    from ..evaluation.compounding import Compounding
    from ..evaluation.scoring import ForecastScores

_PROBS = (0.5, 0.8, 0.9)


@dataclass(frozen=True)
class Story:
    """On which published runs a law is shown, and what is asked of it.

    Attributes
    ----------
    title : str
        What the runs are.
    dataset : str
        Name of a table that ships.
    families : tuple of str
        Families of it that are fitted; all where there are none.
    largest : float
        Parameters above which runs are held out.
    columns : tuple of str
        What tells the points of a forecast apart.
    beyond : dict of str
        What is asked beyond the runs, as arguments of `budgets`; the FLOPs are multiples of the largest run's.
    words : str
        The same in words.
    figure : str
        Name of a figure of `plots` beside the curves; none where empty.
    draws : int
        Draws kept by each chain.
    """

    title: str
    dataset: str
    families: tuple[str, ...]
    largest: float
    columns: tuple[str, ...]
    beyond: Mapping[str, Any]
    words: str
    figure: str = ""
    draws: int = 1000

    def runs(self) -> Runs:
        """The runs, the held-out ones included."""
        runs = load_dataset(self.dataset)
        return runs.select(family=list(self.families)) if self.families else runs


_CEREBRAS = Story(
    title="Cerebras-GPT, published 0-shot scores",
    dataset="cerebras_gpt",
    families=(),
    largest=3e9,
    columns=("benchmark",),
    beyond={"flops": (10, 100)},
    words="One and two decades",
)

#: What each law is shown on.
STORIES = {
    "direct": _CEREBRAS,
    "ratio": Story(
        title="Cerebras-GPT, Pythia and OPT, published 0-shot scores",
        dataset="pile_suite",
        families=("Cerebras-GPT", "Pythia", "OPT"),
        largest=5e9,
        columns=("benchmark", RATIO),
        beyond={"flops": (10,), "ratio": (20, 200), "family": "Pythia"},
        words="One decade",
        figure="ratios",
    ),
    "pass-at-k": Story(
        title="Llama-2, Code-Llama and Code-Llama-Python, published pass rates",
        dataset="code_pass_at_k",
        families=("Llama-2", "Code-Llama", "Code-Llama-Python"),
        largest=5e10,
        columns=("benchmark", "k"),
        beyond={"flops": (10,), "k": (1, 10, 100), "family": "Llama-2"},
        words="One decade",
        figure="pass_at_k",
        draws=1500,
    ),
    "two-stage": replace(
        _CEREBRAS,
        title="Cerebras-GPT, published 0-shot scores and Pile losses",
        beyond={"flops": (10,)},
        words="One decade",
        figure="compounding",
    ),
    "broken-power": _CEREBRAS,
    "sigmoid": _CEREBRAS,
}


@dataclass(frozen=True)
class Demonstration:
    """What the demonstration found.

    Attributes
    ----------
    fit : Fit
        The law, fitted without the held-out runs.
    held_out : Forecast
        Forecast of the held-out runs.
    scores : ForecastScores
        How good that forecast was.
    ahead : Forecast
        Forecast above the largest run.
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
    law: str = "direct",
    *,
    overwrite: bool = False,
    draws: int | None = None,
    tune: int = 1000,
    chains: int = 4,
    random_seed: int = 1,
    progressbar: bool = True,
) -> Demonstration:
    """Fit published runs without the largest, forecast these and larger ones, print and save the results.

    Parameters
    ----------
    folder : str or Path
        Folder to write into; made where it does not exist.
    law : str
        Name of the law, one of `STORIES`.
    overwrite : bool
        Whether files in the folder may be replaced that are not of an earlier demonstration.
    draws, tune, chains : int
        Of the sampler, as in `fit`; by default as many draws as the law needs there.
    random_seed : int
        Seed of the fit and the forecasts.
    progressbar : bool
        Whether to show the sampler's progress.

    Returns
    -------
    Demonstration
        The fit, the forecasts, their scores and the files.

    Raises
    ------
    ValueError
        For another law.
    FileExistsError
        Where a file is in the folder that may not be replaced.
    """
    from ..sampling.fitting import fit

    if law not in STORIES:
        raise ValueError(f"law={law!r} has no demonstration; expected one of {', '.join(map(repr, STORIES))}")
    story, screen = STORIES[law], Screen()
    check_demonstration(Path(folder), story, overwrite=overwrite)
    runs = story.runs()
    train, held_out = runs.split(params=story.largest)
    screen.heading(story.title)
    screen.say(runs.summary().text)
    with fitting(screen, law, train):
        fitted = fit(
            LAWS[law](),
            train,
            draws=draws or story.draws,
            tune=tune,
            chains=chains,
            random_seed=random_seed,
            progressbar=progressbar,
        )
    return present(fitted, held_out, story, folder, overwrite=overwrite, random_seed=random_seed, screen=screen)


def check_demonstration(folder: Path, story: Story, *, overwrite: bool = False, remedy: str = "overwrite=True") -> None:
    """Refuse a folder that holds other files under the names of a demonstration's."""
    check_folder(folder, {name: _kind(name) for name in _files(story)}, overwrite=overwrite, remedy=remedy)


def present(
    fitted: Fit,
    held_out: Runs,
    story: Story,
    folder: str | Path,
    *,
    overwrite: bool = False,
    random_seed: int = 1,
    screen: Screen | None = None,
) -> Demonstration:
    """Forecast runs that were held out of a fit, and larger ones; print the results beside the truth and save them.

    Parameters
    ----------
    fitted : Fit
        A fitted law.
    held_out : Runs
        Scored runs that were not fitted.
    story : Story
        What is asked beyond them.
    folder : str or Path
        Folder to write into; made where it does not exist.
    overwrite : bool
        Whether files in the folder may be replaced that are not of an earlier demonstration.
    random_seed : int
        Seed of the forecasts.
    screen : Screen, optional
        Where to print; the standard streams by default.

    Returns
    -------
    Demonstration
        The fit, the forecasts, their scores and the files.
    """
    from ..evaluation.error_compounding import compounding
    from ..evaluation.scoring import score_forecast

    screen = screen or Screen()
    frame = held_out.frame
    screen.heading("The fit")
    show_fit(screen, fitted)
    predicted = forecast(fitted, held_out, random_seed)
    scores = score_forecast(predicted, held_out)
    names = ", ".join(frame["run"].unique())
    screen.heading(f"{names}: forecast from the smaller runs, beside what was measured")
    screen.table(_beside_truth(predicted, frame["accuracy"], story.columns))
    screen.notes(predicted.notes)
    for line in _score_lines(scores):
        screen.say(line)
    own = frame[frame["family"] == story.beyond.get("family", frame["family"].iloc[0])]
    largest = own.loc[own["flops"].idxmax()]
    flops = [factor * float(largest["flops"]) for factor in story.beyond["flops"]]
    ahead = forecast(fitted, budgets(**{**story.beyond, "flops": flops}), random_seed)
    screen.heading(f"{story.words} above {largest['run']} ({brief_number(largest['flops'])} FLOPs)")
    show_forecast(screen, ahead, (*story.columns, "flops", "decades_beyond"), _PROBS)
    result = None
    if story.figure == "compounding":
        result = compounding(fitted, held_out)
        screen.heading("How the errors of both stages compound")
        show_compounding(screen, result)
    with screen.stage("drawing and saving"):
        files = _save(Path(folder), fitted, held_out, story, ahead, result, overwrite=overwrite)
    screen.heading(f"Written into {folder}")
    width = max(len(file.name) for file in files) + 2
    for file in files:
        screen.say(f"  {file.name:<{width}}{_CONTENTS[file.name]}")
    screen.say(f"\nNext: bayes-scaling forecast {Path(folder) / 'fit.nc'} {_options(story, flops[-1])}")
    return Demonstration(fitted, predicted, scores, ahead, files)


_CONTENTS = {
    "curves.png": "scores against training FLOPs, with the held-out scores as stars",
    "curves.svg": "the same",
    "ratios.png": "scores against training FLOPs at several ratios of tokens to parameters",
    "ratios.svg": "the same",
    "pass_at_k.png": "pass rates against the number of attempts at several budgets",
    "pass_at_k.svg": "the same",
    "compounding.png": "how the errors of both stages compound",
    "compounding.svg": "the same",
    "fit.nc": "the fit, for bayes-scaling forecast and bs.load_fit",
    "forecast.csv": "the forecast above the largest run, as a table",
    "forecast.md": "the same for a report",
}


def _files(story: Story) -> list[str]:
    """Names of the files of a demonstration."""
    figures = [name for name in ("curves", story.figure) if name]
    return [name for name in _CONTENTS if Path(name).stem in (*figures, "fit", "forecast")]


def _kind(name: str) -> str:
    return {"fit": "fit", "forecast": "forecast"}.get(Path(name).stem, "figure")


def _options(story: Story, flops: float) -> str:
    """Options of the command that ask for the same."""
    given = {name: story.beyond[name] for name in ("ratio", "k") if name in story.beyond}
    return " ".join(
        [f"--flops {brief_number(flops)}", *(f"--{name} {','.join(map(str, v))}" for name, v in given.items())]
    )


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


def _save(
    folder: Path,
    fitted: Fit,
    held_out: Runs,
    story: Story,
    ahead: Forecast,
    result: "Compounding | None",
    *,
    overwrite: bool,
) -> tuple[Path, ...]:
    from .. import plots

    folder.mkdir(parents=True, exist_ok=True)
    figures = {"curves": plots.curves(fitted, held_out=held_out)}
    if result is not None:
        figures[story.figure] = result.plot()
    elif story.figure:
        figures[story.figure] = getattr(plots, story.figure)(fitted, held_out=held_out, family=story.beyond["family"])
    return (
        *(file for name, figure in figures.items() for file in plots.save(figure, folder / name, overwrite=overwrite)),
        fitted.save(folder / "fit.nc", overwrite=overwrite),
        ahead.to_csv(folder / "forecast.csv", _PROBS, overwrite=overwrite),
        write_table(ahead, folder / "forecast.md", _PROBS, overwrite=overwrite),
    )
