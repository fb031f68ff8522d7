"""The public names, and where they live; `__init__.py` reads them here."""

from . import plots as plots
from .evaluation.backtest import read_backtest as read_backtest
from .evaluation.backtesting import backtest as backtest
from .evaluation.comparing import compare as compare
from .evaluation.error_compounding import compounding as compounding
from .evaluation.prior_sensitivity import sensitivity as sensitivity
from .evaluation.recommending import recommend as recommend
from .evaluation.scoring import score_forecast as score_forecast
from .evaluation.simulation.simulated import simulate_runs as simulate_runs
from .evaluation.stacking import mix as mix
from .evaluation.stacking import stack as stack
from .forecasting.at_loss import forecast_at_loss as forecast_at_loss
from .forecasting.at_loss import plug_in as plug_in
from .forecasting.forecast import Forecast as Forecast
from .forecasting.forecast import read_forecast as read_forecast
from .forecasting.from_fit import forecast as forecast
from .forecasting.in_chunks import forecast_table as forecast_table
from .forecasting.prior import sample_prior as sample_prior
from .laws.known import *  # noqa: F403
from .laws.priors import Fixed as Fixed
from .laws.priors import LogNormal as LogNormal
from .laws.priors import Normal as Normal
from .laws.priors import between as between
from .model.ladder_notes import RatioWarning as RatioWarning
from .planning.allocation import allocate as allocate
from .planning.continuing import continue_run as continue_run
from .planning.cost import Cost as Cost
from .planning.probabilities import probability_of as probability_of
from .planning.ranking import rank_families as rank_families
from .planning.repeated_sampling import train_or_sample as train_or_sample
from .planning.run_selection import next_evaluation as next_evaluation
from .planning.run_selection import next_run as next_run
from .planning.targets import budget_for as budget_for
from .posterior.fit import ConvergenceWarning as ConvergenceWarning
from .posterior.fit import Fit as Fit
from .posterior.fit import load_fit as load_fit
from .report.bundle import BundleError as BundleError
from .report.bundle import read_bundle as read_bundle
from .report.moved import compare_reports as compare_reports
from .report.tables import write_table as write_table
from .report.writing import write_bundle as write_bundle
from .report.writing import write_report as write_report
from .runs.importers.importing import import_runs as import_runs
from .runs.importers.skipping import SkippedWarning as SkippedWarning
from .runs.pass_rates import pass_at_k as pass_at_k
from .runs.planned import budgets as budgets
from .runs.published import load_dataset as load_dataset
from .runs.table import Runs as Runs
from .runs.table import RunsError as RunsError
from .runs.table import read_runs as read_runs
from .sampling.fitting import ThinDataWarning as ThinDataWarning
from .sampling.fitting import fit as fit
from .sampling.sampler import SamplingError as SamplingError

__version__: str
