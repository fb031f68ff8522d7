"""The public names, and what importing loads; import-linter holds the directions of the imports."""

import subprocess
import sys

import pytest

import bayes_scaling as bs

HEAVY = ("pymc", "pytensor", "arviz", "nutpie", "numba", "matplotlib", "pandas", "xarray", "numpy")


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, bayes_scaling; print([name for name in {HEAVY!r} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("name", bs.__all__)
def test_public_names_resolve(name):
    assert getattr(bs, name) is not None
    assert name in dir(bs)


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'fitt'"):
        _ = bs.fitt
