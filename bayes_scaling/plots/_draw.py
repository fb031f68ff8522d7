"""Which figure a value has: each figure of one kind of value registers itself."""

from functools import singledispatch
from typing import TYPE_CHECKING, Any

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
