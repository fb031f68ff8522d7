"""The budgets of a training run, as columns of a table: one row of this table a budget, read by all that list them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

COUNT_UNITS: dict[str, float] = {
    **dict.fromkeys(("count", "units", "total"), 1.0),
    **dict.fromkeys(("k", "thousand", "thousands"), 1e3),
    **dict.fromkeys(("m", "mn", "mil", "million", "millions"), 1e6),
    **dict.fromkeys(("b", "bn", "billion", "billions"), 1e9),
    **dict.fromkeys(("t", "tn", "trillion", "trillions"), 1e12),
}
_PREFIXES = {"": 0, "k": 3, "m": 6, "g": 9, "t": 12, "p": 15, "e": 18, "z": 21, "y": 24}
_LONG_PREFIXES = {"mega": 6, "giga": 9, "tera": 12, "peta": 15, "exa": 18, "zetta": 21, "yotta": 24}
FLOP_UNITS: dict[str, float] = {
    **{f"{p}{word}": 10.0**n for p, n in (_PREFIXES | _LONG_PREFIXES).items() for word in ("flop", "flops")},
    **dict.fromkeys(("pfday", "pfdays", "pfsdays", "pflopsdays", "petaflopsdays", "petaflopdays"), 8.64e19),
}


@dataclass(frozen=True)
class BudgetColumn:
    """One budget.

    Attributes
    ----------
    name : str
        The column of `Runs.frame`, the argument of `budgets`, and the option of the command.
    letter : str
        Its capital in the literature, a header by itself.
    headers : tuple of str
        Squeezed headers that mean it, plainest first: those of a later rank count only where no earlier one is there.
    units : dict of str to float
        What a unit in a header multiplies by.
    common_units : tuple of str
        Units that a message names.
    limits : (float, float)
        Outside of them is no run, but a unit that was not said. The smallest published checkpoints with scores have 1e7
        parameters, 2e6 tokens and 1e14 FLOPs.
    plain, planned : str
        What is expected of a cell, and of a planned run.
    mistaken : str
        In which unit too small a number looks to be.
    formula : str
        How it follows from the other two.
    title : str
        Its heading in tables for readers.
    help : str
        Of the option of the command.
    """

    name: str
    letter: str
    headers: tuple[str, ...]
    units: Mapping[str, float] = field(repr=False)
    common_units: tuple[str, ...]
    limits: tuple[float, float]
    plain: str
    planned: str
    mistaken: str
    formula: str
    title: str
    help: str

    @property
    def metavar(self) -> str:
        """What the command shows in place of the option's value."""
        return f"{self.letter},..."


_PARAMS = BudgetColumn(
    name="params",
    letter="N",
    headers=(
        "params nparams numparams parameters nparameters numparameters modelparams modelparameters "
        "paramcount parametercount numberofparameters",
        "modelsize size",
        "totalparams totalparameters",
    ),
    units=COUNT_UNITS,
    common_units=("K", "M", "B", "T"),
    limits=(1e5, 1e14),
    plain="a plain count such as 1.3e9, or a unit in the header such as 'params (B)'",
    planned="a plain count such as 7e10",
    mistaken="millions or billions",
    formula="flops / (6 * tokens)",
    title="params",
    help="Parameters; in pairs with --tokens.",
)
_TOKENS = BudgetColumn(
    name="tokens",
    letter="D",
    headers=(
        "tokens ntokens numtokens trainingtokens traintokens ntrainingtokens ntraintokens numtrainingtokens "
        "numtraintokens pretrainingtokens tokensseen tokencount numberoftokens",
    ),
    units=COUNT_UNITS,
    common_units=("K", "M", "B", "T"),
    limits=(1e6, 1e17),
    plain="a plain count such as 3e11, or a unit in the header such as 'tokens (B)'",
    planned="a plain count such as 2e12",
    mistaken="millions or billions",
    formula="flops / (6 * params)",
    title="tokens",
    help="Training tokens; in pairs with --params.",
)
_FLOPS = BudgetColumn(
    name="flops",
    letter="C",
    headers=(
        "flops flop nflops trainingflops trainingflop trainflops totalflops pretrainingflops "
        "trainingcompute traincompute computeflops",
        "compute",
    ),
    units=FLOP_UNITS,
    common_units=("FLOPs", "PFLOPs", "EFLOPs", "1e21", "PF-days"),
    limits=(1e11, 1e32),
    plain="plain FLOPs such as 2.6e18, or a unit in the header such as 'compute (EFLOPs)'",
    planned="plain FLOPs such as 1e23",
    mistaken="units of 1e18, or as a logarithm",
    formula="6 * params * tokens",
    title="FLOPs",
    help="Training FLOPs, with commas or repeated.",
)

BUDGET_COLUMNS: dict[str, BudgetColumn] = {column.name: column for column in (_PARAMS, _TOKENS, _FLOPS)}
"""The budgets by name, in the order of `Runs.frame`."""

BUDGETS: tuple[str, ...] = tuple(BUDGET_COLUMNS)
#: The two that make up the FLOPs; their ratio is the tokens per parameter.
SIZES: tuple[str, str] = (_PARAMS.name, _TOKENS.name)
#: What is said of the learning rate of a checkpoint: whether it was decayed, and its rate over the peak.
DECAY: tuple[str, str] = ("annealed", "lr_fraction")
#: Columns of `Runs.frame` that say what a run is; those that a table lacks are left out where they are used.
OF_RUNS: tuple[str, ...] = ("run", "trajectory", "family", *BUDGETS, "flops_source", *DECAY)
