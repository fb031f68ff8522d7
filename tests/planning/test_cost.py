import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.planning.cost import with_costs


def test_hours_days_and_money_follow_from_flops():
    cost = bs.Cost(1e15, utilisation=0.4, price_per_hour=2.5, accelerators=1000)
    found = cost.of(np.array([1.44e24, 1.44e22]))
    assert found["hours"] == pytest.approx([1e6, 1e4])
    assert found["days"] == pytest.approx([1e3 / 24, 10 / 24])
    assert found["money"] == pytest.approx([2.5e6, 2.5e4])
    assert cost.in_words(1.44e24) == "1,000,000 accelerator hours, 41.7 days on 1,000, 2,500,000 in money"


def test_what_is_unknown_is_left_out():
    assert list(bs.Cost(1e15).of(1e20)) == ["hours"]
    table = pd.DataFrame({"flops": [1e20]})
    assert with_costs(table, None) is table
    assert list(with_costs(table, bs.Cost(1e15))) == ["flops", "hours"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"flops_per_second": 0}, "flops_per_second is 0; expected a positive number"),
        ({"flops_per_second": 1e15, "utilisation": 1.2}, r"utilisation is 1\.2; expected a share of the peak"),
        ({"flops_per_second": 1e15, "price_per_hour": -1}, "price_per_hour is -1; expected a positive number"),
        ({"flops_per_second": 1e15, "accelerators": 0}, "accelerators is 0; expected a positive number"),
    ],
)
def test_wrong_numbers_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        bs.Cost(**arguments)
