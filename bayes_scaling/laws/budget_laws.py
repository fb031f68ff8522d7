"""The laws that lead from a budget, as parts of other laws."""

from typing import Literal

from .base import Law
from .direct import DirectLaw
from .ratio import RatioLaw
from .shown import Option

Inputs = Literal["compute", "ratio"]

#: By what they read: training FLOPs, or parameters and tokens. With default priors; made once.
BUDGET_LAWS: dict[str, Law] = {"compute": DirectLaw(), "ratio": RatioLaw()}
#: The option of a law that has one of them as a part.
INPUTS = Option("inputs", tuple(BUDGET_LAWS), "Budgets that scores, or losses, depend on", attribute="inputs_from")
