"""From FLOPs to accelerator hours, days and money."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..arrays import Floats
from ..forecasting.forecast import Forecast
from ..wording import flops_in_words


@dataclass(frozen=True)
class Cost:
    """What FLOPs cost in time and money.

    Parameters
    ----------
    flops_per_second : float
        Peak of one accelerator: 9.89e14 of an H100 in bfloat16.
    utilisation : float
        Share of the peak that a training reaches, in (0, 1].
    price_per_hour : float, optional
        Of one accelerator, in any currency.
    accelerators : int, optional
        How many work side by side, for the days that a run takes.

    Raises
    ------
    ValueError
        For a number that is not positive, or a utilisation above 1.

    Examples
    --------
    >>> cost = Cost(1e15, utilisation=0.5, price_per_hour=2.0, accelerators=100)
    >>> {name: round(float(value), 3) for name, value in cost.of(1.8e21).items()}
    {'hours': 1000.0, 'days': 0.417, 'money': 2000.0}
    """

    flops_per_second: float
    utilisation: float = 0.4
    price_per_hour: float | None = None
    accelerators: int | None = None

    def __post_init__(self) -> None:
        given = {"flops_per_second": self.flops_per_second, "utilisation": self.utilisation}
        optional = {"price_per_hour": self.price_per_hour, "accelerators": self.accelerators}
        given |= {name: value for name, value in optional.items() if value is not None}
        for name, value in given.items():
            if not (np.isfinite(value) and value > 0):
                raise ValueError(f"{name} is {value!r}; expected a positive number")
        if self.utilisation > 1:
            raise ValueError(f"utilisation is {self.utilisation!r}; expected a share of the peak, such as 0.4")

    def of(self, flops: float | Floats) -> dict[str, Floats]:
        """Return ``hours`` of one accelerator, and where they are known ``days`` of all of them and ``money``."""
        hours = np.asarray(flops, float) / (self.flops_per_second * self.utilisation * 3600)
        found = {"hours": hours}
        if self.accelerators is not None:
            found["days"] = hours / self.accelerators / 24
        if self.price_per_hour is not None:
            found["money"] = hours * self.price_per_hour
        return found

    def in_words(self, flops: float) -> str:
        """Say it: "1,000 accelerator hours, 0.42 days on 100, 2,000 in money".

        Examples
        --------
        >>> Cost(1e15, 0.5, price_per_hour=2.0).in_words(1.8e21)
        '1,000 accelerator hours, 2,000 in money'
        """
        found = self.of(flops)
        parts = [f"{_grouped(found['hours'])} accelerator hours"]
        if "days" in found:
            parts.append(f"{_grouped(found['days'])} days on {self.accelerators:,}")
        if "money" in found:
            parts.append(f"{_grouped(found['money'])} in money")
        return ", ".join(parts)


def _grouped(value: Floats) -> str:
    """Three digits, thousands apart.

    Examples
    --------
    >>> _grouped(np.array(123456.0)), _grouped(np.array(0.01234))
    ('123,000', '0.0123')
    """
    number = float(f"{float(value):.3g}")
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def with_costs(table: pd.DataFrame, cost: Cost | None, flops: str = "flops") -> pd.DataFrame:
    """A table with what the FLOPs of one of its columns cost; as it is without a cost."""
    return table if cost is None else table.assign(**cost.of(table[flops].to_numpy(float)))


def priced(cost: Cost | None, flops: float) -> str:
    """The cost in brackets, to stand behind FLOPs in a sentence; nothing without a cost."""
    return "" if cost is None else f" ({cost.in_words(flops)})"


def with_cost_notes(forecast: Forecast, cost: Cost | None) -> Forecast:
    """A forecast with what each of its runs costs among its notes; as it is without a cost.

    Examples
    --------
    >>> import bayes_scaling as bs
    >>> prior = bs.sample_prior(bs.DirectLaw(), bs.load_dataset("cerebras_gpt"), draws=10, random_seed=1)
    >>> with_cost_notes(prior, Cost(1e15)).notes[-1]
    'a run of 2.3e22 FLOPs takes 16,000 accelerator hours'
    """
    if cost is None:
        return forecast
    budgets = sorted(set(forecast.points["flops"].dropna()))
    said = [f"a run of {flops_in_words(flops)} FLOPs takes {cost.in_words(flops)}" for flops in budgets]
    return replace(forecast, notes=(*forecast.notes, *said))
