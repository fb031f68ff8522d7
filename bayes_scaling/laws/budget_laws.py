"""The laws that lead from a budget, as parts of other laws."""

from typing import Any, Literal

from .base import Law
from .direct import DirectLaw
from .ratio import RatioLaw

Inputs = Literal["compute", "ratio"]

#: By what they read: training FLOPs, or parameters and tokens. With default priors; made once.
BUDGET_LAWS: dict[str, Law] = {"compute": DirectLaw(), "ratio": RatioLaw()}


def check_option(name: str, value: object, known: tuple[str, ...]) -> None:
    """Refuse an option of a law that is none of the known ones.

    Raises
    ------
    ValueError
        Naming the option, its value and what is known.

    Examples
    --------
    >>> check_option("inputs", "compute", ("compute", "ratio"))
    """
    if value not in known:
        raise ValueError(f"{name}={value!r}; expected {' or '.join(map(repr, known))}")


def law_reading(inputs: Inputs, law: Law) -> Law:
    """Return the law that describes the same from training FLOPs alone, or from parameters and tokens.

    Parameters
    ----------
    inputs : {"compute", "ratio"}
        What it is to read.
    law : Law
        The law in whose stead it stands.

    Returns
    -------
    Law
        The same law where it reads that; else the nearest that does, with its other options and default priors.
    """
    if inputs == ("ratio" if "params" in law.needs else "compute"):
        return law
    options: dict[str, Any] = {**law.options, "inputs": inputs}
    return type(law)(**options) if "inputs" in law.options else BUDGET_LAWS[inputs]
