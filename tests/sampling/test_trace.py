"""nutpie's trace, read as arrays."""

import numpy as np
import nutpie
import pytest

import bayes_scaling as bs
from bayes_scaling.model.specification import specify
from bayes_scaling.sampling.compiling import compile_model
from bayes_scaling.sampling.trace import as_tree


@pytest.mark.parametrize("save_warmup", [False, True])
def test_a_trace_is_what_nutpie_makes_of_it(cerebras_train, save_warmup):
    compiled, _ = compile_model(specify(bs.DirectLaw(), cerebras_train))
    options = {"draws": 40, "tune": 60, "chains": 2, "seed": 1, "progress_bar": False, "save_warmup": save_warmup}
    ours = as_tree(nutpie.sample(compiled, return_raw_trace=True, **options))
    theirs = nutpie.sample(compiled, **options)
    assert set(ours["posterior"].data_vars) == set(theirs["posterior"].data_vars)
    assert {"diverging", "energy"} < set(ours["sample_stats"].data_vars)
    for group in ("posterior", "sample_stats"):
        assert ours[group].sizes["draw"] == 40
        for name, values in ours[group].data_vars.items():
            assert values.dtype == theirs[group][name].dtype
            np.testing.assert_array_equal(values, theirs[group][name])
