"""Hierarchical Bayesian scaling laws for language-model benchmarks.

Importing the package loads nothing: each public name loads what it needs when it is first used, and only `fit` loads a
sampler.
"""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any


def _public_names(path: Path) -> dict[str, str]:
    """Read which module each name lives in off the stub, which type checkers read too: a name is listed once."""
    homes: dict[str, str] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            home = f".{node.module or ''}"
            starred = node.names[0].name == "*"  # of the laws, which a module of their own lists
            names = _public_names(path.parent.joinpath(*home.split(".")).with_suffix(".py")) if starred else None
            homes |= dict.fromkeys(names or [alias.name for alias in node.names], home)
    return homes


_HOMES = _public_names(Path(__file__).with_suffix(".pyi"))

__all__ = sorted([*_HOMES, "__version__"])


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("bayes-scaling")
    elif name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    elif _HOMES[name] == ".":
        value = import_module(f".{name}", __name__)
    else:
        value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
