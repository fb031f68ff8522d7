"""The option ``budgets_only``: runs whose training budget is not known are left out, by name."""

import numpy as np
import pandas as pd

from ..budget_columns import BUDGETS
from ..reading.cells import read_numbers
from ..reading.columns import find_columns
from ..reading.problems import Findings
from .skipping import Skips


def with_budgets(frame: pd.DataFrame, skips: Skips) -> pd.DataFrame:
    """Leave out rows of which neither FLOPs nor both params and tokens are known.

    Parameters
    ----------
    frame : DataFrame
        Scores as a source gave them.
    skips : Skips
        Gets the runs that are left out.
    """
    sources = find_columns(frame, Findings(len(frame)))
    known = {
        name: ~np.isnan(read_numbers(frame[sources[name].header], name)[0])
        if name in sources
        else np.zeros(len(frame), bool)
        for name in BUDGETS
    }
    has = known["flops"] | (known["params"] & known["tokens"])
    if "run" in sources:
        for name in dict.fromkeys(frame.loc[~has, sources["run"].header]):
            skips.add(str(name), "", "no training budget")
    return frame[has].reset_index(drop=True) if has.any() else frame
