"""One law a file: its equation as one pure function, its coefficients, their priors, and all else known of it."""

import json
from typing import Any

from . import known
from .base import Law, priors_from_json
from .budget_laws import Inputs
from .loss import LossLaw
from .priors import Fixed
from .shown import Template

#: The laws that a table is fitted with, by name.
LAWS: dict[str, type[Law]] = {
    law.name: law for law in vars(known).values() if isinstance(law, type) and issubclass(law, Law)
}
#: Name of the law that is taken where none is chosen, and advised where a law misses params and tokens.
DEFAULT = "general"
_PARTS: dict[str, type[Law]] = {LossLaw.name: LossLaw}
#: Of a part that a law did not have when it was saved, and whose size may not be 0: none, to the last bit.
_ABSENT = 1e-300


def law_from_json(text: str) -> Law:
    """Return the law of its JSON form, as `Law.to_json` writes it.

    Examples
    --------
    >>> law_from_json(known.DirectLaw(ceiling=None).to_json())
    DirectLaw(ceiling=Fixed(value=0.0))
    """
    plain = json.loads(text)
    if plain["law"] not in LAWS | _PARTS:
        raise ValueError(
            f"the law {plain['law']!r} is unknown to this version of the package; known are {', '.join(LAWS)}"
        )
    law, options = (LAWS | _PARTS)[plain["law"]], plain.get("options", {})
    # What a law had no prior of when it was saved, it did not have.
    absent = {
        slot.name: Fixed(_ABSENT if slot.positive and not slot.may_vanish else 0.0)
        for slot in law(**options).slots()
        if slot.name not in plain["priors"]
    }
    return law(**options, **absent, **priors_from_json(plain["priors"]))


def templates() -> dict[str, tuple[type[Law], Template]]:
    """Return the tables on which the inference of each law is tested by simulation, by name, with the law.

    Examples
    --------
    >>> templates()["pass-at-k-counts"][0].__name__
    'PassAtKLaw'
    """
    return {
        f"{name}-{template.kind}" if template.kind else name: (law, template)
        for name, law in LAWS.items()
        for template in law.templates
    }


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
        The same law where it reads that; with its other options and default priors where it has the option; else its
        `counterpart`.

    Examples
    --------
    >>> law_reading("ratio", known.SigmoidLaw())
    GeneralLaw(inputs='ratio')
    """
    if law.reads_sizes == (inputs == "ratio"):
        return law
    other = law if "inputs" in law.chosen else LAWS[law.counterpart]()
    chosen: dict[str, Any] = {**other.chosen, **({"inputs": inputs} if "inputs" in other.chosen else {})}
    return type(other)(**chosen)
