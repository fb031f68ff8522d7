"""Hierarchical Bayesian scaling laws for language-model benchmarks.

Importing the package loads nothing: each public name loads what it needs when it is first used, and only `fit` loads a
sampler.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import plots as plots
    from .evaluation.backtest import Backtest as Backtest
    from .evaluation.backtest import read_backtest as read_backtest
    from .evaluation.backtesting import backtest as backtest
    from .evaluation.comparing import compare as compare
    from .evaluation.compounding import Compounding as Compounding
    from .evaluation.error_compounding import compounding as compounding
    from .evaluation.prior_sensitivity import Sensitivity as Sensitivity
    from .evaluation.prior_sensitivity import sensitivity as sensitivity
    from .evaluation.recommending import Recommendation as Recommendation
    from .evaluation.recommending import recommend as recommend
    from .evaluation.scoring import ForecastScores as ForecastScores
    from .evaluation.scoring import score_forecast as score_forecast
    from .evaluation.simulation.simulated import SimulatedRuns as SimulatedRuns
    from .evaluation.simulation.simulated import simulate_runs as simulate_runs
    from .evaluation.stacking import Stacking as Stacking
    from .evaluation.stacking import mix as mix
    from .evaluation.stacking import stack as stack
    from .forecasting.at_loss import forecast_at_loss as forecast_at_loss
    from .forecasting.at_loss import plug_in as plug_in
    from .forecasting.forecast import Forecast as Forecast
    from .forecasting.forecast import read_forecast as read_forecast
    from .forecasting.from_fit import RatioWarning as RatioWarning
    from .forecasting.from_fit import forecast as forecast
    from .forecasting.in_chunks import forecast_table as forecast_table
    from .forecasting.prior import sample_prior as sample_prior
    from .laws.broken_power import BrokenPowerLaw as BrokenPowerLaw
    from .laws.direct import DirectLaw as DirectLaw
    from .laws.pass_at_k import PassAtKLaw as PassAtKLaw
    from .laws.priors import Fixed as Fixed
    from .laws.priors import LogNormal as LogNormal
    from .laws.priors import Normal as Normal
    from .laws.priors import between as between
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
    from .posterior.fit import ConvergenceWarning as ConvergenceWarning
    from .posterior.fit import Fit as Fit
    from .posterior.fit import load_fit as load_fit
    from .report.bundle import Bundle as Bundle
    from .report.bundle import BundleError as BundleError
    from .report.bundle import read_bundle as read_bundle
    from .report.writing import write_bundle as write_bundle
    from .report.writing import write_report as write_report
    from .runs.importers import SkippedWarning as SkippedWarning
    from .runs.importers import import_runs as import_runs
    from .runs.pass_rates import pass_at_k as pass_at_k
    from .runs.planned import Budgets as Budgets
    from .runs.planned import budgets as budgets
    from .runs.published import load_dataset as load_dataset
    from .runs.table import Runs as Runs
    from .runs.table import RunsError as RunsError
    from .runs.table import read_runs as read_runs
    from .sampling.fitting import ThinDataWarning as ThinDataWarning
    from .sampling.fitting import fit as fit
    from .sampling.sampler import SamplingError as SamplingError

__version__ = "0.1.0"

_HOMES = {
    "Runs": "runs.table",
    "RunsError": "runs.table",
    "read_runs": "runs.table",
    "import_runs": "runs.importers",
    "SkippedWarning": "runs.importers",
    "pass_at_k": "runs.pass_rates",
    "load_dataset": "runs.published",
    "SimulatedRuns": "evaluation.simulation.simulated",
    "simulate_runs": "evaluation.simulation.simulated",
    "DirectLaw": "laws.direct",
    "RatioLaw": "laws.ratio",
    "PassAtKLaw": "laws.pass_at_k",
    "TwoStageLaw": "laws.two_stage",
    "BrokenPowerLaw": "laws.broken_power",
    "SigmoidLaw": "laws.sigmoid",
    "Normal": "laws.priors",
    "LogNormal": "laws.priors",
    "Fixed": "laws.priors",
    "between": "laws.priors",
    "fit": "sampling.fitting",
    "sample_prior": "forecasting.prior",
    "SamplingError": "sampling.sampler",
    "ThinDataWarning": "sampling.fitting",
    "Fit": "posterior.fit",
    "load_fit": "posterior.fit",
    "ConvergenceWarning": "posterior.fit",
    "Budgets": "runs.planned",
    "budgets": "runs.planned",
    "Forecast": "forecasting.forecast",
    "forecast": "forecasting.from_fit",
    "read_forecast": "forecasting.forecast",
    "RatioWarning": "forecasting.from_fit",
    "forecast_table": "forecasting.in_chunks",
    "forecast_at_loss": "forecasting.at_loss",
    "plug_in": "forecasting.at_loss",
    "Backtest": "evaluation.backtest",
    "backtest": "evaluation.backtesting",
    "read_backtest": "evaluation.backtest",
    "compare": "evaluation.comparing",
    "Stacking": "evaluation.stacking",
    "stack": "evaluation.stacking",
    "mix": "evaluation.stacking",
    "Recommendation": "evaluation.recommending",
    "recommend": "evaluation.recommending",
    "Sensitivity": "evaluation.prior_sensitivity",
    "sensitivity": "evaluation.prior_sensitivity",
    "Compounding": "evaluation.compounding",
    "compounding": "evaluation.error_compounding",
    "ForecastScores": "evaluation.scoring",
    "score_forecast": "evaluation.scoring",
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
    "Bundle": "report.bundle",
    "BundleError": "report.bundle",
    "read_bundle": "report.bundle",
    "write_bundle": "report.writing",
    "write_report": "report.writing",
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
