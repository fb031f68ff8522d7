"""Figures of a fit, one function a figure; each returns a matplotlib Figure and leaves pyplot's state alone.

Of every law:

``curves``
    scores against training FLOPs with their bands
``linearised``
    log(-log Q) against training FLOPs, in which the law is a straight line
``residuals``
    what the fit leaves over, and the effects of runs
``exponents``
    exponents and their population

Of forecasts:

``forecast_intervals``
    intervals of forecast scores side by side
``prior_predictive``
    what a law expects before it sees scores

Of simulation-based calibration:

``rank_distributions``
    ranks of truths among the draws of their posteriors

Of laws that read parameters and tokens:

``isoflop``
    scores against parameters at fixed training FLOPs, and which size is best
``ratios``
    scores against training FLOPs at several ratios of tokens to parameters

Of laws of attempts:

``pass_at_k``
    pass@k against k at several budgets
``pass_rates``
    pass@k against training FLOPs at several k
``pass_contours``
    the expected pass rate over training FLOPs and k

Of two-stage laws:

``compounding``
    shares of a forecast's variance against training FLOPs, and what each stage adds to its errors

Of backtests:

``calibration``
    nominal against measured coverage, and coverage by distance of the extrapolation

Of planning answers:

``target_probability``
    how probable a target is, against training FLOPs
``target_budget``
    the same of one target, with the budget that it needs and where the expected curves pass it

``allocation``
    the best parameters and tokens against FLOPs

``family_ranking``
    how probable it is that one family beats another
``train_or_sample``
    the pass rate over training FLOPs and k, and what each k costs or reaches
``selection``
    what measuring each candidate would tell, against its cost
``continuation``
    the gain of continuing a run

``draw`` draws the figure of a value that has one of its own, as its ``.plot()`` does; ``save`` writes a figure as PNG
and SVG. Matplotlib is loaded when the first figure is drawn.
"""

from ..files.figures import save
from ._allocation import allocation
from ._calibration import calibration
from ._compounding import compounding
from ._continuation import continuation
from ._curves import curves
from ._draw import draw
from ._exponents import exponents
from ._family_ranking import family_ranking
from ._forecast import forecast_intervals
from ._isoflop import isoflop
from ._linearised import linearised
from ._pass_at_k import pass_at_k
from ._pass_contours import pass_contours
from ._pass_rates import pass_rates
from ._prior_predictive import prior_predictive
from ._ranks import rank_distributions
from ._ratios import ratios
from ._residuals import residuals
from ._selection import selection
from ._target_budget import target_budget
from ._target_probability import target_probability
from ._train_or_sample import train_or_sample

__all__ = [
    "allocation",
    "calibration",
    "compounding",
    "continuation",
    "curves",
    "draw",
    "exponents",
    "family_ranking",
    "forecast_intervals",
    "isoflop",
    "linearised",
    "pass_at_k",
    "pass_contours",
    "pass_rates",
    "prior_predictive",
    "rank_distributions",
    "ratios",
    "residuals",
    "save",
    "selection",
    "target_budget",
    "target_probability",
    "train_or_sample",
]
