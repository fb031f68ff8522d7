"""Which law takes a table: what a check passes, a fit takes."""

from __future__ import annotations

from ..laws import DEFAULT, LAWS
from ..runs.counts import counts_attempts
from ..runs.table import Runs
from .specification import specify

_ATTEMPTS = "pass-at-k"


def check_taken(runs: Runs) -> list[str]:
    """Say which law takes a table of scores where the default one does not.

    Parameters
    ----------
    runs : Runs
        Scored runs.

    Returns
    -------
    list of str
        A sentence without a full stop, where another law than the default takes the table or it is added up; else none.

    Raises
    ------
    ValueError
        Where no law takes the table.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> check_taken(bs.load_dataset("cerebras_gpt"))
    []
    >>> check_taken(bs.load_dataset("codex_humaneval"))[0].split(":")[0]
    'PassAtKLaw() takes this table, the default law does not'
    """
    default, attempts = LAWS[DEFAULT](), LAWS[_ATTEMPTS]()
    try:
        specify(default, runs)
    except ValueError as error:
        try:
            specify(attempts, runs)
        except ValueError:
            raise error from None
        return [f"{attempts!r} takes this table, the default law does not: {error}"]
    if counts_attempts(runs.frame):
        return [f"{default!r} adds the counts of problems up to one score a run and benchmark; {attempts!r} reads them"]
    return []
