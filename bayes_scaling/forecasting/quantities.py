"""What a forecast holds of a score: the score as it is measured, or what is expected of it."""

from typing import Literal

Quantity = Literal["score", "expected"]


def check_quantity(of: str) -> None:
    """Refuse what is no quantity of a forecast.

    Examples
    --------
    >>> check_quantity("score")
    """
    if of not in ("score", "expected"):
        raise ValueError(f"of={of!r}; expected 'score' or 'expected'")
