"""How a law is chosen, tried and shown: its options, the tables it is simulated on, the runs it is demonstrated on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Option:
    """A choice that a law is made with beside its priors: a keyword of its constructor.

    Attributes
    ----------
    name : str
        The keyword.
    choices : tuple of str
        What it may be; any text where there are none.
    help : str
        What it decides, for the command's help; empty where the command does not take it.
    attribute : str
        Where the law keeps it; by default under the keyword.
    by_table : bool
        Whether None leaves the choice to the table.
    metavar : str
        What stands for its value in the command's help.
    """

    name: str
    choices: tuple[str, ...] = ()
    help: str = ""
    attribute: str = ""
    by_table: bool = False
    metavar: str = ""

    @property
    def kept_as(self) -> str:
        """Name of the law's attribute."""
        return self.attribute or self.name

    def check(self, value: object) -> None:
        """Refuse what the option cannot be.

        Raises
        ------
        TypeError
            For what is no text, where any text will do.
        ValueError
            For none of the choices; naming the option, its value and what is known.

        Examples
        --------
        >>> Option("inputs", ("compute", "ratio")).check("compute")
        """
        if self.by_table and value is None:
            return
        if self.choices and value not in self.choices:
            raise ValueError(f"{self.name}={value!r}; expected {' or '.join(map(repr, self.choices))}")
        if not isinstance(value, str):
            raise TypeError(f"{self.name}={value!r}; expected the name of a column, such as {self.name!r}")


@dataclass(frozen=True)
class Template:
    """A kind of table on which the inference of a law is tested by simulation.

    Attributes
    ----------
    table : mapping
        Arguments of `simulate_runs`. Small tables: what holds for any table holds for these.
    first_seed : int
        Simulations have seeds of their own from it on.
    kind : str
        What tells it from others of the same law; empty for its first.
    """

    table: Mapping[str, Any] = field(
        default_factory=lambda: {"n_benchmarks": 4, "n_runs": 16, "n_families": 2},
    )
    first_seed: int = 100_000
    kind: str = ""


@dataclass(frozen=True)
class Story:
    """On which published runs a law is shown, and what is asked of it.

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
    beyond : dict of str
        What is asked beyond the runs, as arguments of `budgets`; the FLOPs are multiples of the largest run's.
    words : str
        The same in words.
    figure : str
        Name of a figure of `plots` beside the curves; none where empty.
    """

    title: str = "Cerebras-GPT, published 0-shot scores"
    dataset: str = "cerebras_gpt"
    families: tuple[str, ...] = ()
    largest: float = 3e9
    beyond: Mapping[str, Any] = field(default_factory=lambda: {"flops": (10, 100)})
    words: str = "One and two decades"
    figure: str = ""
