"""On which published runs a law is shown, and what is asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..runs.published import load_dataset
from ..runs.table import Runs
from ..wording import RATIO


@dataclass(frozen=True)
class Story:
    """Published runs, the largest of them held out, and a question beyond them.

    Attributes
    ----------
    title : str
        What the runs are.
    dataset : str
        Name of a table that ships.
    families : tuple of str
        Families of it that are fitted; all where there are none.
    largest : float
        Parameters above which runs are held out.
    columns : tuple of str
        What tells the points of a forecast apart.
    beyond : dict of str
        What is asked beyond the runs, as arguments of `budgets`; the FLOPs are multiples of the largest run's.
    words : str
        The same in words.
    figure : str
        Name of a figure of `plots` beside the curves; none where empty.
    draws : int
        Draws kept by each chain.
    """

    title: str = "Cerebras-GPT, published 0-shot scores"
    dataset: str = "cerebras_gpt"
    families: tuple[str, ...] = ()
    largest: float = 3e9
    columns: tuple[str, ...] = ("benchmark",)
    beyond: Mapping[str, Any] = field(default_factory=lambda: {"flops": (10, 100)})
    words: str = "One and two decades"
    figure: str = ""
    draws: int = 1000

    def runs(self) -> Runs:
        """The runs, the held-out ones included."""
        runs = load_dataset(self.dataset)
        return runs.select(family=list(self.families)) if self.families else runs


_USUAL = Story()
_A_DECADE = replace(_USUAL, words="One decade", beyond={"flops": (10,)})
#: Laws that are shown on other runs, or asked something else, than the usual.
_OTHERS = {
    "ratio": replace(
        _A_DECADE,
        title="Cerebras-GPT, Pythia and OPT, published 0-shot scores",
        dataset="pile_suite",
        families=("Cerebras-GPT", "Pythia", "OPT"),
        largest=5e9,
        columns=("benchmark", RATIO),
        beyond={"flops": (10,), "ratio": (20, 200), "family": "Pythia"},
        figure="ratios",
    ),
    "pass-at-k": replace(
        _A_DECADE,
        title="Llama-2, Code-Llama and Code-Llama-Python, published pass rates",
        dataset="code_pass_at_k",
        families=("Llama-2", "Code-Llama", "Code-Llama-Python"),
        largest=5e10,
        columns=("benchmark", "k"),
        beyond={"flops": (10,), "k": (1, 10, 100), "family": "Llama-2"},
        figure="pass_at_k",
        draws=1500,
    ),
    "two-stage": replace(
        _A_DECADE, title="Cerebras-GPT, published 0-shot scores and Pile losses", figure="compounding"
    ),
}


def story_of(law: str) -> Story:
    """What a law is shown on, by its name."""
    return _OTHERS.get(law, _USUAL)
