"""What every law knows of its kin: the law that reads other budgets in its stead."""

import re

import numpy as np
import pandas as pd
import pytest
from attempt_tables import rates_runs
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.laws import LAWS, law_reading
from bayes_scaling.laws.loss import LossLaw
from bayes_scaling.model.ladder_notes import seeing_sizes
from bayes_scaling.model.specification import specify
from bayes_scaling.model.thin_data import thin_data

SIZED = pd.DataFrame({"params": [1e9], "tokens": [2e10], "flops": [1.2e20]})
EVERY = [law() for law in LAWS.values()]
OF_COMPUTE = [
    *(law for law in EVERY if not law.resolve(SIZED).reads_sizes),
    bs.GeneralLaw("compute"),
    *(
        bs.PassAtKLaw("log-linear", "compute"),
        bs.TwoStageLaw(stage_two="linear", loss="loss_c4"),
        bs.DirectLaw(ceiling=None),
    ),
]
OF_SIZES = [
    *(law for law in EVERY if law.reads_sizes),
    *(bs.TwoStageLaw("ratio"), bs.TwoStageLaw("ratio", loss="loss_c4", loss_split=0.0)),
]


def table(law, ratio=20.0):
    """A table that the law can be fitted to, whose runs have one ratio of tokens to parameters."""
    if law.takes_attempts:
        frame = rates_runs().frame
    else:
        frame = bs.load_dataset("cerebras_gpt").select(benchmark=["piqa", "hellaswag"]).frame
        frame = frame.rename(columns={"loss": getattr(law, "loss", "loss")})
    params = np.sqrt(frame["flops"] / (6 * ratio))
    return bs.Runs(frame.assign(params=params, tokens=ratio * params, flops_source="given"))


def advised(sentence, verb):
    """The law that a sentence names before a verb, constructed."""
    [words] = re.findall(rf"(\w+Law\([^()]*\)) {verb}", sentence)
    return eval(words, {name: getattr(bs, name) for name in ("GeneralLaw", "DirectLaw", "PassAtKLaw", "TwoStageLaw")})


@pytest.mark.parametrize("law", OF_COMPUTE, ids=repr)
def test_the_law_of_sizes_that_a_forecast_advises_fits_the_same_table(law):
    runs = table(law)
    fit = prior_fit(law, runs, draws=20)
    with pytest.warns(bs.RatioWarning, match="reads FLOPs alone") as caught:
        bs.forecast(fit, bs.budgets(1e22, ratio=500, k=1 if law.takes_attempts else None), 1)
    other = advised(str(caught[0].message), "reads params and tokens")
    assert other == seeing_sizes(law)
    assert other.resolve(runs.frame).reads_sizes
    assert other.observes == law.observes
    assert {**law_reading("ratio", law).chosen, "inputs": ""} == {**other.chosen, "inputs": ""}
    assert specify(other, runs).rows is not None


@pytest.mark.parametrize("law", OF_SIZES, ids=repr)
def test_the_law_of_compute_that_a_thin_table_advises_fits_it(law):
    runs = table(law)
    [sentence] = thin_data(specify(law, runs))
    other = advised(sentence, "reads FLOPs alone")
    assert other == law_reading("compute", law)
    assert other.needs == ("flops",)
    assert other.observes == law.observes
    assert {**other.chosen, "inputs": "ratio"} == {**law.chosen, "inputs": "ratio"}
    assert thin_data(specify(other, runs)) == []


@pytest.mark.parametrize("law", [bs.GeneralLaw("ratio"), bs.PassAtKLaw("tail", "ratio")], ids=repr)
def test_laws_that_read_what_the_table_has_say_nothing_of_one_ratio(law):
    assert thin_data(specify(law, table(law))) == []


@pytest.mark.parametrize("law", [*OF_COMPUTE, *OF_SIZES, LossLaw(), LossLaw("ratio")], ids=repr)
def test_a_law_that_reads_what_is_asked_for_is_its_own_kin(law):
    reads, other = ("ratio", "compute") if "params" in law.needs else ("compute", "ratio")
    assert law_reading(reads, law) is law
    assert ("params" in law_reading(other, law).needs) == (other == "ratio")
