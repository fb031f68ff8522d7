"""What the package advises in Python's words, in those of the shell."""

import re

_CALL = r"(\w+Law)\(((?:\w+='[^']*'(?:, )?)*)\)"  # a law with its options, and without priors
_FIT = re.compile(rf"bs\.fit\(bs\.{_CALL}, runs\)")
_ADVISED = re.compile(rf"\b{_CALL}(?= reads params and tokens)|(?<=The default, ){_CALL}")
_OPTION = re.compile(r"(\w+)='([^']*)'")
_CALLS = {
    "continue_run() got": "plan continue got",
    "allocate() got": "plan allocate got",
    "ratio= (tokens per parameter) with flops=, or params= with tokens=": (
        "--ratio (tokens per parameter) with --flops, or --params with --tokens"
    ),
    "give flops=": "give --flops",
    "annealed=True": "--annealed",
    "annealed= ": "--annealed ",
    "have them widened (recalibrate)": "have them widened (--recalibrate)",
    "was not looked at (a backtest says it)": "was not looked at (--backtest make does it)",
    "train_or_sample() got": "plan train-or-sample got",
    "most_attempts searches more": "--most-attempts searches more",
    'new_groups="sample" draws it from the population': "--new-groups sample draws it from the population",
    "(draws=4000, tune=3000)": "(--draws 4000 --tune 3000)",
    "compare() got": "compare got",
    "overwrite=True replaces it": "--overwrite replaces it",
    "at_most is ": "--at-most is ",
    "most_params is ": "--most-params is ",
}


def in_shell(text: str) -> str:
    """Say what is advised as the command takes it: laws to fit, and calls.

    Parameters
    ----------
    text : str
        A sentence of the package. A law with changed priors, which the command does not take, stays as it is.

    Examples
    --------
    >>> in_shell("DirectLaw reads FLOPs alone; PassAtKLaw(inputs='ratio') reads params and tokens")
    'DirectLaw reads FLOPs alone; --law pass-at-k --inputs ratio reads params and tokens'
    >>> in_shell("Fit a law that reads them: bs.fit(bs.GeneralLaw(), runs); or give flops=")
    'Fit a law that reads them: bayes-scaling fit RUNS --law general --out FIT; or give --flops'
    >>> in_shell("give ratio= (tokens per parameter) with flops=, or params= with tokens=")
    'give --ratio (tokens per parameter) with --flops, or --params with --tokens'
    """
    if "Law(" in text:
        text = _FIT.sub(lambda found: f"bayes-scaling fit RUNS {_options(found[1], found[2])} --out FIT", text)
        text = _ADVISED.sub(lambda found: _options(found[1] or found[3], found[2] or found[4] or ""), text)
    for call, words in _CALLS.items():
        text = text.replace(call, words)
    return text


def _options(law: str, chosen: str) -> str:
    """Options of the command for a law of this name; for one that it does not know the call."""
    from ..laws import LAWS

    names = {kind.__name__: name for name, kind in LAWS.items()}
    if law not in names:
        return f"{law}({chosen})"
    given = (f"--{name.replace('_', '-')} {value}" for name, value in _OPTION.findall(chosen))
    return " ".join([f"--law {names[law]}", *given])
