"""Numbers, names and lists in words, as messages and tables say them."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Heading of tokens per parameter in a table that is shown.
RATIO = "tokens/param"
#: How the record of past forecasts begins.
RECORD = "past 90% intervals"
_MOST_ROWS = 5


def listed(names: Iterable[str], most: int) -> str:
    """Return the first names, and how many more there are.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


def counted(count: int, noun: str) -> str:
    """Return a count and its noun, in the plural where it is not 1.

    Examples
    --------
    >>> counted(1, "chain"), counted(0, "draw"), counted(1200, "draw")
    ('1 chain', '0 draws', '1200 draws')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def ranges_in_words(values: NDArray[np.float64], edges: Sequence[float]) -> NDArray[np.str_]:
    """Return the ranges between edges that values lie in; a value at or below the first edge is in the first range.

    Examples
    --------
    >>> ranges_in_words(np.array([0.1, 1.0, 7.0]), [0.0, 1.0, 2.0]).tolist()
    ['0 to 1', '0 to 1', 'above 2']
    """
    names = [f"{low:g} to {high:g}" for low, high in pairwise(edges)] + [f"above {edges[-1]:g}"]
    return np.array(names)[np.searchsorted(edges[1:], values)]


def rows_in_words(chosen: NDArray[np.bool_]) -> str:
    """Return the numbers of chosen rows, counted from 1.

    Examples
    --------
    >>> rows_in_words(np.array([True, False, True]))
    'row 1, 3'
    """
    return f"row {listed(map(str, np.flatnonzero(chosen) + 1), _MOST_ROWS)}"


def percent(prob: float) -> str:
    """Probability in percent, as the columns of tables have it.

    Examples
    --------
    >>> percent(0.9), percent(0.995)
    ('90', '99.5')
    """
    return f"{100 * prob:.10g}"


def bound_names(prob: float) -> tuple[str, str]:
    """Columns of an interval's bounds.

    Examples
    --------
    >>> bound_names(0.9), bound_names(0.995)
    (('low_90', 'high_90'), ('low_99.5', 'high_99.5'))
    """
    return f"low_{percent(prob)}", f"high_{percent(prob)}"


def flops_in_words(flops: float) -> str:
    """Write a budget in three digits.

    Examples
    --------
    >>> flops_in_words(4.4123e22)
    '4.41e22'
    """
    return f"{flops:.3g}".replace("e+", "e")


def brief_number(value: float) -> str:
    """Write a budget in few digits.

    Examples
    --------
    >>> brief_number(2.3e22), brief_number(float("nan"))
    ('2.3e22', '')
    """
    return "" if pd.isna(value) else brief(float(f"{value:.3g}"))


def brief(number: float) -> str:
    """Write a number in few digits: 0.25, 1.3e9, 2.6e18.

    Examples
    --------
    >>> brief(2.6e18), brief(0.25), brief(10042.0), brief(float("inf"))
    ('2.6e18', '0.25', '10042', 'inf')
    """
    text = f"{number:.7g}"
    if "e" not in text and (0 < abs(number) < 1e-4 or 1e6 <= abs(number) < np.inf):
        text = f"{number:.6e}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def ratio_in_words(ratio: float) -> str:
    """Write a ratio in few digits.

    Examples
    --------
    >>> ratio_in_words(19.634), ratio_in_words(4284.2)
    ('19.6', '4280')
    """
    return brief(float(f"{ratio:.3g}"))


def ratios_in_words(low: float, high: float) -> str:
    """Write the ends of a range of ratios in few digits; one number where they are the same.

    Examples
    --------
    >>> ratios_in_words(25.0, 4284.2), ratios_in_words(20.0, 20.0)
    ('25 to 4280', '20')
    """
    return " to ".join(dict.fromkeys(map(ratio_in_words, (low, high))))


def times_in_words(decades: float) -> str:
    """Write a distance in powers of ten as a multiple, in two digits.

    Examples
    --------
    >>> times_in_words(1.1), times_in_words(2.95), times_in_words(0.3), times_in_words(3.3)
    ('13 times', '890 times', '2 times', '2,000 times')
    """
    times = float(f"{10.0**decades:.2g}")
    return f"{times:,.0f} times" if times >= 10 else f"{times:.2g} times"


def chance_in_words(probability: float, draws: int) -> str:
    """Write a probability that was counted from draws in percent; none is quite 0 or 1.

    Examples
    --------
    >>> chance_in_words(0.493, 4000), chance_in_words(0.0, 4000), chance_in_words(1.0, 4000), chance_in_words(0.0, 200)
    ('49%', 'below 0.1%', 'above 99.9%', 'below 2%')
    >>> chance_in_words(0.004, 4000), chance_in_words(0.997, 4000)
    ('0.4%', '99.7%')
    """
    least = max(3 / draws, 0.001)
    edge = f"{100 * least:.1g}"
    if probability < least:
        return f"below {edge}%"
    if probability > 1 - least:
        return f"above {100 - float(edge):g}%"
    close = min(probability, 1 - probability) < 0.0095
    return f"{probability:.1%}" if close else f"{probability:.0%}"


def known_flops(flops: float, relative_error: float) -> str:
    """Write a budget in as many digits, one to three, as its relative standard error leaves.

    Examples
    --------
    >>> known_flops(7.02e25, 0.1), known_flops(7.02e25, 0.02), known_flops(7.02e25, 0.001)
    ('7e25', '7e25', '7.02e25')
    >>> known_flops(1.84e23, 0.02), known_flops(1.84e23, float("inf"))
    ('1.8e23', '2e23')
    """
    leading = flops / 10 ** np.floor(np.log10(flops))
    known = [digits for digits in (2, 3) if 10.0 ** (1 - digits) / leading >= relative_error]
    return brief(float(f"{flops:.{max(known, default=1)}g}"))


def closest(name: str, known: Iterable[str]) -> str:
    """Return a question for the known name that was probably meant, to stand behind a message; else nothing.

    Examples
    --------
    >>> closest("gsm8k", ["GSM8K", "MMLU"]), closest("x", ["GSM8K"])
    ("; did you mean 'GSM8K'?", '')
    """
    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.75)
    return f"; did you mean {by_lower[found[0]]!r}?" if found else ""
