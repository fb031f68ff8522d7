"""Tokens per parameter of budgets of FLOPs alone, for laws that read both: those of a family that keeps one ratio."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..laws.base import Law
from ..runs.planned import Budgets
from ..runs.token_ratios import ladders, ladders_in_words
from ..wording import listed, ratio_in_words

_MOST_NAMED = 8
_WAYS = "give ratio= (tokens per parameter) with flops=, or params= with tokens="


def usual_ratios(law: Law, fitted: pd.DataFrame, at: Budgets) -> dict[str, float]:
    """Return the tokens per parameter at which budgets of FLOPs alone are taken, by family.

    Parameters
    ----------
    law : Law
        The fitted law.
    fitted : DataFrame
        Fitted rows in the columns of `Runs.frame`.
    at : Budgets
        The budgets.

    Returns
    -------
    dict of str to float
        Of the families that were asked for and whose fitted runs keep one ratio, within a factor 2; none where the law
        reads FLOPs alone or all budgets have sizes.

    Raises
    ------
    ValueError
        Where a family that was asked for has no one ratio: only who asks can say which.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> runs = bs.load_dataset("pile_suite").select(family=["Cerebras-GPT", "Pythia"]).frame
    >>> usual_ratios(bs.RatioLaw(), runs, bs.budgets(flops=1e23, family="Cerebras-GPT"))
    {'Cerebras-GPT': 19.9}
    >>> usual_ratios(bs.DirectLaw(), runs, bs.budgets(flops=1e23))
    {}
    >>> usual_ratios(bs.RatioLaw(), runs, bs.budgets(flops=1e23, family="Pythia"))
    Traceback (most recent call last):
    ValueError: budgets have FLOPs alone, and the fit of RatioLaw reads params and tokens too: give ratio= (tokens per
    parameter) with flops=, or params= with tokens=; tokens per parameter fall from 4280 to 25 along Pythia, so that
    none can stand for all
    """
    if not law.reads_sizes or not (np.isnan(at.ratio) & np.isnan(at.params)).any():
        return {}
    asked = [one for one in ladders(fitted) if at.family is None or one.family in at.family]
    if moving := [one for one in asked if one.kind != "one ratio"]:
        raise ValueError(
            f"budgets have FLOPs alone, and the fit of {type(law).__name__} reads params and tokens too: {_WAYS}; "
            f"{ladders_in_words(moving)}, so that none can stand for all"
        )
    return {one.family: float(f"{np.sqrt(one.first * one.last):.3g}") for one in asked}


def usual_notes(ratios: Mapping[str, float]) -> list[str]:
    """Say at which tokens per parameter budgets of FLOPs alone were taken.

    Examples
    --------
    >>> usual_notes({"Cerebras-GPT": 20.0})
    ['budgets of FLOPs alone are taken at the tokens per parameter of the fitted runs: 20 along Cerebras-GPT']
    """
    if not ratios:
        return []
    named = listed((f"{ratio_in_words(ratio)} along {family}" for family, ratio in ratios.items()), _MOST_NAMED)
    return [f"budgets of FLOPs alone are taken at the tokens per parameter of the fitted runs: {named}"]
