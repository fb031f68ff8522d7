"""ARCHITECTURE.md holds the tree, and the house keeps its measures."""

import re
from pathlib import Path

import pytest
from measure_house import ROOT, layers_of, measure

PACKAGE = ROOT / "bayes_scaling"
BESIDE_LAYERS = ("__init__.py", "__init__.pyi", "py.typed")


@pytest.fixture(scope="module")
def house():
    return measure(PACKAGE)


def listed() -> dict[str, str]:
    """Names of the listing of ARCHITECTURE.md, and what it says of each."""
    block = (ROOT / "ARCHITECTURE.md").read_text().split("```text\n", 1)[1].split("```", 1)[0]
    return dict(re.findall(r"^  (\S+)\s{2,}(\S.*)$", block, flags=re.MULTILINE))


def test_the_listing_is_the_tree():
    there = {f"{path.name}/" if path.is_dir() else path.name for path in PACKAGE.iterdir()}
    assert set(listed()) == there - {"__pycache__/"}


def test_the_listing_follows_the_layers():
    order = [name.strip("/").removesuffix(".py") for name in listed() if name not in BESIDE_LAYERS]
    floor = {room: number for number, layer in enumerate(layers_of(ROOT / "pyproject.toml")) for room in layer}
    assert [floor[name] for name in order] == sorted(floor[name] for name in order)


@pytest.mark.parametrize("name", re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", (ROOT / "ARCHITECTURE.md").read_text()))
def test_files_that_are_named_exist(name):
    assert (PACKAGE / name).exists() or (ROOT / name).exists()


def test_folders_inside_are_named(house):
    inner = {Path(name).parent.as_posix() for name in house.lines if name.count("/") > 1}
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert not [name for name in inner if f"{Path(name).name}/" not in text]


def test_the_house_keeps_its_measures(house):
    assert len(house.rooms) <= 18
    assert house.circles() == []
    assert house.file_circles() == []
    assert house.arrows_up(layers_of(ROOT / "pyproject.toml")) == []
    assert house.laws_by_type == []
    assert house.long_functions == {}
    assert len(house.long_files) <= 6


def test_the_measures_are_those_of_a_small_house(tmp_path):
    """Circles, arrows and lengths of a package of five files."""
    package = tmp_path / "house"
    files = {
        "__init__.py": "from .low import a\n",
        "low.py": "def a():\n    from .high.top import b\n    return b\n",
        "high/__init__.py": "",
        "high/top.py": "import typing\nfrom ..low import a\nif typing.TYPE_CHECKING:\n    import house.other\n",
        "other.py": "def long(law):\n" + "    x = 1\n" * 45 + "    return isinstance(law, SomeLaw)\n" + "\n" * 300,
    }
    for name, text in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    house = measure(package)
    assert house.rooms == ["high", "low", "other"]
    assert set(house.arrows) == {("low", "high"), ("high", "low")}
    assert house.circles() == [["high", "low"]]
    assert house.file_circles() == [["high/top.py", "low.py"]]
    assert house.arrows_up([{"high"}, {"low", "other"}]) == ["low -> high: low.py:2"]
    assert house.long_files == {"other.py": 347}
    assert house.long_functions == {"other.py:long": 47}
    assert len(house.laws_by_type) == 1
