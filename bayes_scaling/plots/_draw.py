"""Which figure a value has."""

from functools import singledispatch
from typing import TYPE_CHECKING, Any

from ..evaluation.backtest import Backtest
from ..evaluation.compounding import Compounding
from ..evaluation.simulation.ranks import Calibration
from ..planning.allocation import Allocation
from ..planning.continuing import Continuation
from ..planning.probabilities import TargetProbability
from ..planning.ranking import FamilyRanking
from ..planning.repeated_sampling import TrainOrSample
from ..planning.run_selection import Selection
from ..planning.targets import BudgetForTarget
from ._allocation import allocation
from ._calibration import calibration
from ._compounding import compounding
from ._continuation import continuation
from ._family_ranking import family_ranking
from ._ranks import rank_distributions
from ._selection import selection
from ._target_budget import target_budget
from ._target_probability import target_probability
from ._train_or_sample import train_or_sample

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@singledispatch
def draw(value: object, **options: Any) -> "Figure":  # noqa: ARG001  those of the figures below
    """Draw the figure of an answer to a planning question, a backtest, or what else has one figure of its own.

    Parameters
    ----------
    value : object
        What is to be drawn.
    **options
        Those of the figure.

    Returns
    -------
    Figure
        What the figure of such a value returns.

    Raises
    ------
    TypeError
        Where such a value has no figure of its own; a fit has several.
    """
    known = ", ".join(sorted(kind.__name__ for kind in draw.registry if kind is not object))
    raise TypeError(f"draw() got a {type(value).__name__}; expected one of {known}")


draw.register(Allocation, allocation)
draw.register(Backtest, calibration)
draw.register(BudgetForTarget, target_budget)
draw.register(Calibration, rank_distributions)
draw.register(Compounding, compounding)
draw.register(Continuation, continuation)
draw.register(FamilyRanking, family_ranking)
draw.register(Selection, selection)
draw.register(TargetProbability, target_probability)
draw.register(TrainOrSample, train_or_sample)
