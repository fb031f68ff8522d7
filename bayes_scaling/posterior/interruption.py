"""What an interrupted fit kept, in words."""

from collections.abc import Mapping
from typing import Any


def interruption(provenance: Mapping[str, Any], chains: int, draws: int) -> str:
    """Say that a fit was interrupted, how much of it was kept, and what was left out; empty where it was not.

    Examples
    --------
    >>> asked = {"chains": 4, "draws": 1000}
    >>> interruption({"interrupted": True, "asked": asked, "left_out": "2 chains without draws"}, 2, 700)
    'interrupted: kept 700 of 1000 draws of 2 of 4 chains (left out: 2 chains without draws)'
    >>> interruption({"interrupted": True, "asked": asked | {"draws": None}}, 4, 700)  # as many as were enough
    'interrupted: kept 700 draws of 4 of 4 chains'
    >>> interruption({}, 4, 1000)
    ''
    """
    if not provenance.get("interrupted"):
        return ""
    asked = provenance.get("asked")
    if asked is None:  # saved by an earlier version
        return f"interrupted: kept {draws} draws of {chains} chains"
    left_out = f" (left out: {provenance['left_out']})" if provenance.get("left_out") else ""
    of_asked = "" if asked["draws"] is None else f" of {asked['draws']}"
    return f"interrupted: kept {draws}{of_asked} draws of {chains} of {asked['chains']} chains{left_out}"
