"""One law a file: its equation as one pure function, its coefficients and their priors."""

import json

from .base import Law, priors_from_json
from .broken_power import BrokenPowerLaw
from .direct import DirectLaw
from .loss import LossLaw
from .pass_at_k import PassAtKLaw
from .ratio import RatioLaw
from .sigmoid import SigmoidLaw
from .two_stage import TwoStageLaw

#: The laws that a table is fitted with, by name.
LAWS: dict[str, type[Law]] = {
    law.name: law for law in (DirectLaw, RatioLaw, PassAtKLaw, TwoStageLaw, BrokenPowerLaw, SigmoidLaw)
}
_PARTS: dict[str, type[Law]] = {LossLaw.name: LossLaw}


def law_from_json(text: str) -> Law:
    """Return the law of its JSON form, as `Law.to_json` writes it.

    Examples
    --------
    >>> law_from_json(DirectLaw(ceiling=None).to_json())
    DirectLaw(ceiling=Fixed(value=0.0))
    """
    plain = json.loads(text)
    if plain["law"] not in LAWS | _PARTS:
        raise ValueError(
            f"the law {plain['law']!r} is unknown to this version of the package; known are {', '.join(LAWS)}"
        )
    law = (LAWS | _PARTS)[plain["law"]]
    return law(**plain.get("options", {}), **priors_from_json(plain["priors"]))
