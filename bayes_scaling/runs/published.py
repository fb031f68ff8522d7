"""Small published tables that ship with the package.

"cerebras_gpt" and "pile_suite" come from the 0-shot tables of Cerebras-GPT (Dey et al. 2023, arXiv 2304.03208,
and the model card of cerebras/Cerebras-GPT-13B, Apache-2.0): accuracies to three digits, training FLOPs and the
loss on the Pile's test set as published. "codex_humaneval" and "code_pass_at_k" are the pass rates of Codex (Chen et
al. 2021, arXiv 2107.03374) and of Code Llama (Roziere et al. 2023, arXiv 2308.12950) with the models beside them.
The head of each CSV file says what each column is and what is odd in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

import pandas as pd

from .budget_columns import BUDGETS
from .table import Runs

__all__ = ["available", "load_dataset"]

_COLUMNS = ["run", "family", *BUDGETS, "loss"]


@dataclass(frozen=True)
class _Dataset:
    """A table that ships: what it is, and how it is read."""

    sentence: str
    read: Callable[[], pd.DataFrame]


def load_dataset(name: str) -> Runs:
    """Load a table of published training runs that ships with the package.

    Parameters
    ----------
    name : str
        "cerebras_gpt": seven Cerebras-GPT models at 20 tokens a parameter. "pile_suite": these and
        Cerebras-GPT-muP, Pythia, Pythia-deduped, GPT-NeoX, GPT-J and OPT. "codex_humaneval": eight Codex models.
        "code_pass_at_k": these and GPT-Neo, GPT-J, Llama-2, Code-Llama and Code-Llama-Python. `available` lists them.

    Returns
    -------
    Runs
        Of the first two: 0-shot accuracies on seven benchmarks, with published FLOPs, the loss on the Pile's test
        set (not for OPT), and the number of questions of each benchmark. Where the source gives no tokens (NeoX,
        GPT-J, OPT) they follow from the FLOPs and are rough. Of the last two: pass@1, pass@10 and pass@100 on
        HumanEval, and for the Llamas on MBPP, with FLOPs from parameters and tokens. pass@1 of a model was sampled at
        another temperature than its pass@100.

    Raises
    ------
    ValueError
        There is no such table; the message lists those that are.

    Examples
    --------
    >>> runs = load_dataset("cerebras_gpt")
    >>> len(runs), runs.benchmarks[:3]
    (49, ('hellaswag', 'piqa', 'winogrande'))
    >>> load_dataset("codex_humaneval").select(run="Codex-12B").frame[["k", "accuracy"]]
           k  accuracy
    0    1.0    0.2881
    1   10.0    0.4681
    2  100.0    0.7231
    """
    if name not in _DATASETS:
        raise ValueError(f"there is no data set {name!r}; known are {', '.join(map(repr, _DATASETS))}")
    return Runs(_DATASETS[name].read())


def available() -> dict[str, str]:
    """List the tables that `load_dataset` knows, with a sentence on each.

    Examples
    --------
    >>> sorted(available())
    ['cerebras_gpt', 'code_pass_at_k', 'codex_humaneval', 'pile_suite']
    """
    return {name: dataset.sentence for name, dataset in _DATASETS.items()}


def _pile_suite() -> pd.DataFrame:
    """Read the wide file, one row a run, into one row a score."""
    wide = _read("pile_suite.csv")
    benchmarks = _read("pile_suite_benchmarks.csv")
    long = wide.melt(id_vars=_COLUMNS, var_name="benchmark", value_name="accuracy", ignore_index=False)
    long = long.sort_index(kind="stable").merge(benchmarks, on="benchmark", how="left", validate="many_to_one")
    return long.assign(metric="acc", shots=0)


def _cerebras_gpt() -> pd.DataFrame:
    suite = _pile_suite()
    return suite[suite["family"] == "Cerebras-GPT"]


def _code_pass_at_k() -> pd.DataFrame:
    return _read("code_pass_at_k.csv")


def _codex_humaneval() -> pd.DataFrame:
    rates = _code_pass_at_k()
    return rates[rates["family"] == "Codex"]


def _read(file: str) -> pd.DataFrame:
    with files("bayes_scaling.runs").joinpath(file).open(encoding="utf-8") as lines:
        return pd.read_csv(lines, comment="#")


_DATASETS = {
    "cerebras_gpt": _Dataset(
        "Cerebras-GPT: 7 sizes from 111M to 13B at 20 tokens a parameter, 7 benchmarks, 0-shot, Pile loss.",
        _cerebras_gpt,
    ),
    "pile_suite": _Dataset(
        "Cerebras-GPT, Cerebras-GPT-muP, Pythia, Pythia-deduped, GPT-NeoX, GPT-J and OPT: 36 models from "
        "70M to 20B on the same 7 benchmarks, 0-shot.",
        _pile_suite,
    ),
    "codex_humaneval": _Dataset(
        "Codex: 8 sizes from 12M to 12B fine-tuned on 100B tokens of code, pass@1, pass@10 and pass@100 on HumanEval.",
        _codex_humaneval,
    ),
    "code_pass_at_k": _Dataset(
        "Codex, GPT-Neo, GPT-J, Llama-2, Code-Llama and Code-Llama-Python: 24 models from 12M to 70B, pass@1, pass@10 "
        "and pass@100 on HumanEval, and for the last three families on MBPP.",
        _code_pass_at_k,
    ),
}
