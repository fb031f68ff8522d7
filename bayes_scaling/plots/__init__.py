"""Figures of fits, forecasts, backtests and answers: one function a figure, in a file of its own.

Each returns a matplotlib Figure and leaves pyplot's state alone; ``draw`` draws the figure of a value that has one of
its own, as its ``.plot()`` does; ``save`` writes a figure as PNG and SVG. Matplotlib is loaded when the first figure is
drawn.
"""

from ..files.figures import save as save
from ._allocation import allocation as allocation
from ._calibration import calibration as calibration
from ._compounding import compounding as compounding
from ._continuation import continuation as continuation
from ._curves import curves as curves
from ._draw import draw as draw
from ._exponents import exponents as exponents
from ._family_ranking import family_ranking as family_ranking
from ._forecast import forecast_intervals as forecast_intervals
from ._isoflop import isoflop as isoflop
from ._linearised import linearised as linearised
from ._pass_at_k import pass_at_k as pass_at_k
from ._pass_contours import pass_contours as pass_contours
from ._pass_rates import pass_rates as pass_rates
from ._prior_predictive import prior_predictive as prior_predictive
from ._ranks import rank_distributions as rank_distributions
from ._ratios import ratios as ratios
from ._residuals import residuals as residuals
from ._selection import selection as selection
from ._target_budget import target_budget as target_budget
from ._target_probability import target_probability as target_probability
from ._train_or_sample import train_or_sample as train_or_sample
from ._trajectories import trajectories as trajectories

__all__ = [name for name, value in list(globals().items()) if callable(value) and not name.startswith("_")]
