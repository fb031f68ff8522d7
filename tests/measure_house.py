"""Measure the house: rooms, arrows between them, circles, long files and functions, laws known outside their place.

    python tests/measure_house.py                        # of this checkout
    python tests/measure_house.py ../old/bayes_scaling   # of another package folder, such as an earlier checkout's
    python tests/measure_house.py --list                 # what is counted, by name

An arrow runs from a file that imports to the file that is imported, wherever in a file the import stands; imports for
type checking alone do not count. It runs up where the layers contract in the pyproject.toml beside the package puts the
imported folder above, or beside; a folder that the contract does not name (none here, a test sees to it) has no place.
"""

import argparse
import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONG_FILE, LONG_FUNCTION = 300, 40
#: The one import that may run up: the ground's Drawable calls the figures.
ALLOWED = (("drawable", "plots"),)
#: Where kinds of law and of observation may be told apart by name or type.
_LAW_NAMES = re.compile(
    r"isinstance\([^()]*\b\w*Law\b|\.observes\s*(==|!=|in\b)|law\.name\s*(==|!=)|\"params\" (not )?in \w*\.?law\.needs"
)


@dataclass
class House:
    """What was measured.

    Attributes
    ----------
    rooms : list of str
        Folders and files at the top, without ``__init__``.
    lines : dict of str to int
        Lines of each file.
    functions : dict of str to int
        Lines of each function, by file and name.
    arrows : dict of (str, str) to list of str
        Imports between rooms, with the lines that import.
    file_arrows : set of (str, str)
        Imports between files of different rooms.
    laws_by_type : list of str
        Lines outside laws/ that tell a law by type or name.
    """

    rooms: list[str] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    functions: dict[str, int] = field(default_factory=dict)
    arrows: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    file_arrows: set[tuple[str, str]] = field(default_factory=set)
    laws_by_type: list[str] = field(default_factory=list)

    @property
    def long_files(self) -> dict[str, int]:
        """Files of more than 300 lines."""
        return {name: n for name, n in self.lines.items() if n > LONG_FILE}

    @property
    def long_functions(self) -> dict[str, int]:
        """Functions of more than 40 lines, their docstrings left out; those of the command, whose options are many."""
        return {name: n for name, n in self.functions.items() if n > LONG_FUNCTION and not name.startswith("command/")}

    def circles(self) -> list[list[str]]:
        """Rooms that import each other, whatever the way."""
        return _circles(set(self.arrows) - set(ALLOWED))

    def file_circles(self) -> list[list[str]]:
        """Files of several rooms that import each other."""
        arrows = {(a, b) for a, b in self.file_arrows if (_room(a), _room(b)) not in ALLOWED}
        return [names for names in _circles(arrows) if len({_room(name) for name in names}) > 1]

    def arrows_up(self, layers: list[set[str]]) -> list[str]:
        """Arrows from a lower layer to a higher one, or between rooms of one layer."""
        floor = {room: len(layers) - number for number, layer in enumerate(layers) for room in layer}
        return [
            f"{a} -> {b}: {', '.join(where)}"
            for (a, b), where in self.arrows.items()
            if (a, b) not in ALLOWED and a in floor and b in floor and floor[b] >= floor[a]
        ]


def measure(package: Path) -> House:
    """Measure a package.

    Parameters
    ----------
    package : Path
        Its folder.
    """
    house = House()
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        house.lines[name] = len(text.splitlines())
        for function, size in _functions(tree):
            house.functions[f"{name}:{function}"] = size
        for line, target in _imports(tree, path, package):
            if _room(name) != _room(target) and "__init__" not in (_room(name), _room(target)):
                house.arrows[_room(name), _room(target)].append(f"{name}:{line}")
            house.file_arrows.add((name, target))
        if not name.startswith("laws/"):
            house.laws_by_type += [
                f"{name}:{number}: {line.strip()}"
                for number, line in enumerate(text.splitlines(), start=1)
                if _LAW_NAMES.search(line)
            ]
    house.rooms = sorted({_room(name) for name in house.lines} - {"__init__"})
    return house


def layers_of(pyproject: Path) -> list[set[str]]:
    """The layers of the contract, highest first."""
    contracts = tomllib.loads(pyproject.read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [{part.strip().strip("()").split(".")[-1] for part in re.split(r"[|:]", layer)} for layer in layers]


def _room(name: str) -> str:
    return name.split("/")[0].removesuffix(".py")


def _functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions and methods with their lines, without the docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str)
            docstring = first.end_lineno - first.lineno + 1 if documented and first.end_lineno else 0
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


def _imports(tree: ast.Module, path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Files of the package that a file imports, each with the line; not those for type checking alone."""
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        modules: list[tuple[str, tuple[str, ...]]]
        if isinstance(node, ast.Import):
            modules = [(alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [(_absolute(node, path, package), tuple(alias.name for alias in node.names))]
        else:
            continue
        for module, names in modules:
            if module.split(".")[0] != package.name:
                continue
            for target in _files_of(module, names, package):
                yield node.lineno, target


def _absolute(node: ast.ImportFrom, path: Path, package: Path) -> str:
    if not node.level:
        return node.module or ""
    base = path.parent
    for _ in range(node.level - 1):
        base = base.parent
    parts = [package.name, *base.relative_to(package).parts]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _files_of(module: str, names: tuple[str, ...], package: Path) -> set[str]:
    """Files that an import reads: of a folder the modules that are named, or else its ``__init__``."""
    place = package.joinpath(*module.split(".")[1:])
    if place.with_suffix(".py").is_file():
        return {place.with_suffix(".py").relative_to(package).as_posix()}
    found = set()
    for name in names or ("",):
        inner = place / f"{name}.py"
        folder = place / name / "__init__.py"
        chosen = inner if name and inner.is_file() else folder if name and folder.is_file() else place / "__init__.py"
        found.add(chosen.relative_to(package).as_posix())
    return found


def _circles(arrows: set[tuple[str, str]]) -> list[list[str]]:
    """Strongly connected components of more than one node (Tarjan)."""
    follows = defaultdict(set)
    for a, b in arrows:
        follows[a].add(b)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(follows[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            members = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(members) > 1:
                found.append(sorted(members))

    for node in sorted(follows):
        if node not in index:
            visit(node)
    return found


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, nargs="?", default=ROOT / "bayes_scaling")
    parser.add_argument("--list", action="store_true", help="name what is counted")
    asked = parser.parse_args()
    sys.setrecursionlimit(10_000)
    house = measure(asked.package)
    up = house.arrows_up(layers_of(asked.package.resolve().parent / "pyproject.toml"))
    long = [f"{name} {n}" for name, n in sorted(house.long_files.items(), key=lambda pair: -pair[1])]
    functions = [f"{name} {n}" for name, n in sorted(house.long_functions.items(), key=lambda pair: -pair[1])]
    counted = {
        "rooms at the top": house.rooms,
        "files": list(house.lines),
        f"files above {LONG_FILE} lines": long,
        f"functions above {LONG_FUNCTION} lines, outside the command": functions,
        "arrows between rooms": [f"{a} -> {b}" for a, b in sorted(house.arrows)],
        "circles of rooms": [" <-> ".join(names) for names in house.circles()],
        "circles of files of several rooms": [" <-> ".join(names) for names in house.file_circles()],
        "arrows up": up,
        "laws told by type or name, outside laws/": house.laws_by_type,
    }
    for what, names in counted.items():
        print(f"{len(names):6d}  {what}")
        if asked.list and what not in ("files",):
            for name in names:
                print(f"          {name}")
    print(f"{sum(house.lines.values()):6d}  lines")


if __name__ == "__main__":
    main()
