"""Tables of runs out of other tools' files, one module a source.

Each reads the real format, keeps counts and standard errors where they are given, and says what it left out and why
(`SkippedWarning`). What a source takes is read off its function ``read`` without loading it, so that the command line
can tell.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

#: Sources and the modules that read them.
SOURCES = {
    "lm-eval": "lm_eval",
    "inspect": "inspect_logs",
    "lighteval": "lighteval",
    "llm-foundry": "llm_foundry",
    "dclm": "dclm",
    "pass-at-k": "pass_at_k",
    "wandb": "wandb_runs",
    "olmo-ladder": "olmo_ladder",
    "released": "released",
    "epoch": "epoch_hub",
    "wide": "wide",
    "long": "long",
}

Kind = Literal["flag", "number", "path", "texts", "pairs", "text"]
#: What a keyword argument is, by the first of these that its annotation names.
_KINDS: dict[str, Kind] = {"bool": "flag", "int": "number", "Path": "path", "Sequence": "texts", "Mapping": "pairs"}


@dataclass(frozen=True)
class Option:
    """A keyword argument of a reader.

    Attributes
    ----------
    name : str
        Its name.
    kind : {"flag", "number", "path", "texts", "pairs", "text"}
        What it takes; "texts" and "pairs" may be several.
    about : str
        The first clause of what the docstring says of it.
    """

    name: str
    kind: Kind
    about: str


@cache
def options_of(source: str) -> dict[str, Option]:
    """Options that a source takes, by name: the keyword arguments of its reader.

    Raises
    ------
    ValueError
        The source is not known.

    Examples
    --------
    >>> list(options_of("lm-eval"))
    ['manifest', 'metric', 'groups', 'samples', 'exclude', 'means']
    >>> options_of("olmo-ladder")["last"]
    Option(name='last', kind='number', about='How many of the last evaluated checkpoints to average')
    """
    if source not in SOURCES:
        raise ValueError(f"source={source!r}; expected one of {', '.join(SOURCES)}")
    module = ast.parse(Path(__file__).with_name(f"{SOURCES[source]}.py").read_text(encoding="utf-8"))
    reader = next(node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "read")
    return {one.arg: _option(one, ast.get_docstring(reader) or "") for one in reader.args.kwonlyargs}


def _option(argument: ast.arg, docstring: str) -> Option:
    named = ast.unparse(argument.annotation) if argument.annotation else ""
    kind: Kind = next((kind for part, kind in _KINDS.items() if part in named), "text")
    said = re.search(rf"^{argument.arg} : .*\n((?: {{4}}.*(?:\n|$))+)", docstring, re.MULTILINE)
    first = re.split(r"[.;:](?: |$)", " ".join(said[1].split()))[0] if said else ""
    return Option(argument.arg, kind, first.replace("`", ""))
