"""Hierarchical Bayesian scaling laws for language-model benchmarks.

Importing the package loads nothing: each public name loads what it needs when it is first used, and only `fit` loads a
sampler.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import plots as plots
    from .attempts import pass_at_k as pass_at_k
    from .budget_grid import Budgets as Budgets
    from .budget_grid import budgets as budgets
    from .datasets import load_dataset as load_dataset
    from .datasets.simulated import SimulatedRuns as SimulatedRuns
    from .datasets.simulated import simulate_runs as simulate_runs
    from .evaluate.backtesting import Backtest as Backtest
    from .evaluate.backtesting import backtest as backtest
    from .evaluate.backtesting import read_backtest as read_backtest
    from .evaluate.comparing import compare as compare
    from .evaluate.error_compounding import Compounding as Compounding
    from .evaluate.error_compounding import compounding as compounding
    from .evaluate.prior_sensitivity import Sensitivity as Sensitivity
    from .evaluate.prior_sensitivity import sensitivity as sensitivity
    from .evaluate.recommending import Recommendation as Recommendation
    from .evaluate.recommending import recommend as recommend
    from .evaluate.scoring import ForecastScores as ForecastScores
    from .evaluate.scoring import score_forecast as score_forecast
    from .evaluate.stacking import Stacking as Stacking
    from .evaluate.stacking import mix as mix
    from .evaluate.stacking import stack as stack
    from .forecasting import Forecast as Forecast
    from .forecasting import RatioWarning as RatioWarning
    from .forecasting import forecast as forecast
    from .forecasting import read_forecast as read_forecast
    from .forecasting_at_loss import forecast_at_loss as forecast_at_loss
    from .forecasting_at_loss import plug_in as plug_in
    from .forecasting_in_chunks import forecast_table as forecast_table
    from .importers import SkippedWarning as SkippedWarning
    from .importers import import_runs as import_runs
    from .laws.broken_power import BrokenPowerLaw as BrokenPowerLaw
    from .laws.direct import DirectLaw as DirectLaw
    from .laws.pass_at_k import PassAtKLaw as PassAtKLaw
    from .laws.ratio import RatioLaw as RatioLaw
    from .laws.sigmoid import SigmoidLaw as SigmoidLaw
    from .laws.two_stage import TwoStageLaw as TwoStageLaw
    from .planning.allocation import Allocation as Allocation
    from .planning.allocation import allocate as allocate
    from .planning.continuing import Continuation as Continuation
    from .planning.continuing import continue_run as continue_run
    from .planning.cost import Cost as Cost
    from .planning.probabilities import TargetProbability as TargetProbability
    from .planning.probabilities import probability_of as probability_of
    from .planning.ranking import FamilyRanking as FamilyRanking
    from .planning.ranking import rank_families as rank_families
    from .planning.repeated_sampling import TrainOrSample as TrainOrSample
    from .planning.repeated_sampling import train_or_sample as train_or_sample
    from .planning.run_selection import Selection as Selection
    from .planning.run_selection import next_evaluation as next_evaluation
    from .planning.run_selection import next_run as next_run
    from .planning.targets import BudgetForTarget as BudgetForTarget
    from .planning.targets import budget_for as budget_for
    from .posterior import ConvergenceWarning as ConvergenceWarning
    from .posterior import Fit as Fit
    from .posterior import load_fit as load_fit
    from .priors import Fixed as Fixed
    from .priors import LogNormal as LogNormal
    from .priors import Normal as Normal
    from .priors import between as between
    from .report import Bundle as Bundle
    from .report import BundleError as BundleError
    from .report import read_bundle as read_bundle
    from .report import write_bundle as write_bundle
    from .report import write_report as write_report
    from .runs import Runs as Runs
    from .runs import RunsError as RunsError
    from .runs import read_runs as read_runs
    from .sampling import SamplingError as SamplingError
    from .sampling import ThinDataWarning as ThinDataWarning
    from .sampling import fit as fit
    from .sampling import sample_prior as sample_prior

__version__ = "0.1.0"

_HOMES = {
    "Runs": "runs",
    "RunsError": "runs",
    "read_runs": "runs",
    "import_runs": "importers",
    "SkippedWarning": "importers",
    "pass_at_k": "attempts",
    "load_dataset": "datasets",
    "SimulatedRuns": "datasets.simulated",
    "simulate_runs": "datasets.simulated",
    "DirectLaw": "laws.direct",
    "RatioLaw": "laws.ratio",
    "PassAtKLaw": "laws.pass_at_k",
    "TwoStageLaw": "laws.two_stage",
    "BrokenPowerLaw": "laws.broken_power",
    "SigmoidLaw": "laws.sigmoid",
    "Normal": "priors",
    "LogNormal": "priors",
    "Fixed": "priors",
    "between": "priors",
    "fit": "sampling",
    "sample_prior": "sampling",
    "SamplingError": "sampling",
    "ThinDataWarning": "sampling",
    "Fit": "posterior",
    "load_fit": "posterior",
    "ConvergenceWarning": "posterior",
    "Budgets": "budget_grid",
    "budgets": "budget_grid",
    "Forecast": "forecasting",
    "forecast": "forecasting",
    "read_forecast": "forecasting",
    "RatioWarning": "forecasting",
    "forecast_table": "forecasting_in_chunks",
    "forecast_at_loss": "forecasting_at_loss",
    "plug_in": "forecasting_at_loss",
    "Backtest": "evaluate.backtesting",
    "backtest": "evaluate.backtesting",
    "read_backtest": "evaluate.backtesting",
    "compare": "evaluate.comparing",
    "Stacking": "evaluate.stacking",
    "stack": "evaluate.stacking",
    "mix": "evaluate.stacking",
    "Recommendation": "evaluate.recommending",
    "recommend": "evaluate.recommending",
    "Sensitivity": "evaluate.prior_sensitivity",
    "sensitivity": "evaluate.prior_sensitivity",
    "Compounding": "evaluate.error_compounding",
    "compounding": "evaluate.error_compounding",
    "ForecastScores": "evaluate.scoring",
    "score_forecast": "evaluate.scoring",
    "Cost": "planning.cost",
    "FamilyRanking": "planning.ranking",
    "rank_families": "planning.ranking",
    "Allocation": "planning.allocation",
    "allocate": "planning.allocation",
    "TargetProbability": "planning.probabilities",
    "probability_of": "planning.probabilities",
    "Continuation": "planning.continuing",
    "continue_run": "planning.continuing",
    "TrainOrSample": "planning.repeated_sampling",
    "train_or_sample": "planning.repeated_sampling",
    "Selection": "planning.run_selection",
    "next_run": "planning.run_selection",
    "next_evaluation": "planning.run_selection",
    "BudgetForTarget": "planning.targets",
    "budget_for": "planning.targets",
    "Bundle": "report",
    "BundleError": "report",
    "read_bundle": "report",
    "write_bundle": "report",
    "write_report": "report",
}
_MODULES = ("plots",)

__all__ = sorted([*_HOMES, *_MODULES, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
