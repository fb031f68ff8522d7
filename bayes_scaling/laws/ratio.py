"""The ratio law: from parameters and training tokens to downstream accuracy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .base import Law
from .coefficients import EXPONENT, EXPONENT_SCALES, LEVEL, LEVEL_SLOTS, Coefficient, Slot, slots_of
from .numerics import np
from .priors import LogNormal, Normal
from .shown import Story, Template
from .surroundings import SHARED_CURVE_SLOTS

SPLIT = Coefficient("split", positive=False, pooled=("benchmark",))
TILT = Coefficient("tilt", positive=False, pooled=("benchmark",))
#: Priors of level and exponent of laws of params and tokens.
LEVEL_AND_EXPONENT_SLOTS = (
    *LEVEL_SLOTS,
    *slots_of(
        EXPONENT,
        LogNormal(0.18, 0.4),
        EXPONENT_SCALES,
        "exponent of compute of a typical benchmark, at a fixed ratio of tokens to parameters",
    ),
)


def ratio_log_error(
    x_params: Any, x_tokens: Any, level: Any, params_slope: Any, tokens_slope: Any, params_share: Any
) -> Any:
    r"""Log error of the ratio law, :math:`\eta = level + \log(w e^{-a x_N} + (1 - w) e^{-b x_D})`.

    Parameters
    ----------
    x_params, x_tokens : array
        Log parameters and log tokens, less the benchmark's reference.
    level : array
        Log error at the reference budgets.
    params_slope, tokens_slope : array
        Exponents :math:`a` of the parameters and :math:`b` of the tokens, far from the ceiling.
    params_share : array
        :math:`w` in (0, 1), the parameters' share of the error at the reference budgets.

    Returns
    -------
    array
        Log error, of the broadcast shape.

    Notes
    -----
    :math:`-\log Q = A / N^{\alpha} + B / D^{\beta}` of Krajewski et al., arXiv 2512.08894, in logarithms, with
    :math:`A = w e^{level} N_{ref}^{\alpha}` and :math:`B = (1 - w) e^{level} D_{ref}^{\beta}`.

    Examples
    --------
    >>> float(ratio_log_error(0.0, 0.0, 0.5, 0.3, 0.4, 0.2))
    0.5
    """
    share = params_share
    return level + np.log(share * np.exp(-params_slope * x_params) + (1 - share) * np.exp(-tokens_slope * x_tokens))


def size_exponents(slope: Any, split: Any, tilt: Any) -> dict[str, Any]:
    """Return ``params_exponent``, ``tokens_exponent`` and ``params_share`` of the error from what is sampled.

    Parameters
    ----------
    slope : array
        Exponent of compute at a fixed ratio of tokens to parameters, far from the ceiling.
    split, tilt : array
        Log ratio of the slopes in log parameters and in log tokens, and half the log ratio of the two exponents.

    Examples
    --------
    >>> {name: float(value) for name, value in size_exponents(0.2, 0.0, 0.0).items()}
    {'params_exponent': 0.4, 'tokens_exponent': 0.4, 'params_share': 0.5}
    """
    of_params = 1 / (1 + np.exp(-split))  # share of the slope
    share = 1 / (1 + np.exp(2 * tilt - split))  # share of the error
    return {
        "params_exponent": 2 * slope * of_params / share,
        "tokens_exponent": 2 * slope * (1 - of_params) / (1 - share),
        "params_share": share,
    }


@dataclass(frozen=True, init=False, repr=False)
class RatioLaw(Law):
    r"""The ratio law :math:`-\log Q = A / N^{\alpha} + B / D^{\beta}`, with benchmark-specific levels and exponents.

    It tells a larger model from a longer training at the same compute. Around the law stand the same floor, ceiling,
    effect of the run and noise as around the direct law, and a deviation in log N and log D.

    Parameters
    ----------
    **priors : Prior, Between, float or None
        Changes to the priors by name; ``RatioLaw().priors`` lists them. A number fixes a parameter, None leaves its
        part out.

    Notes
    -----
    Krajewski et al., "Revisiting the Scaling Properties of Downstream Metrics in Large Language Model Training",
    arXiv 2512.08894. What is sampled is what a table shows well, and apart from what it hardly shows: ``exponent``,
    that of compute at a fixed ratio D/N and the same as the direct law's; ``split``, the log ratio of the error's
    slopes in log N and log D, all at the reference budgets; and ``tilt``, half of :math:`\log(\alpha / \beta)`, to
    which only the bend of the curves speaks. `derived` has :math:`\alpha` and :math:`\beta`.

    Examples
    --------
    >>> RatioLaw(tilt=0.0).priors.loc["tilt", "prior"]
    'Fixed(value=0.0)'
    """

    name = "ratio"
    about = "from parameters and training tokens to accuracy in one step"
    counterpart = "direct"
    simplicity = 1
    headline: ClassVar[Mapping[str, str]] = {"params_exponent": "of params", "tokens_exponent": "of tokens"}
    trades_sizes = True
    templates = (Template(first_seed=200_000),)
    story = Story(
        title="Cerebras-GPT, Pythia and OPT, published 0-shot scores",
        dataset="pile_suite",
        families=("Cerebras-GPT", "Pythia", "OPT"),
        largest=5e9,
        beyond={"flops": (10,), "ratio": (20, 200), "family": "Pythia"},
        words="One decade",
        figure="ratios",
    )
    target_accept = 0.95  # exponents of families that differ in both params and tokens mix slowly with longer steps
    needs = ("params", "tokens", "flops")
    deviates_in = ("params", "tokens")
    curve_slots = SHARED_CURVE_SLOTS
    coefficients: tuple[Coefficient, ...] = (LEVEL, EXPONENT, SPLIT, TILT)
    coefficient_slots: tuple[Slot, ...] = (
        *LEVEL_AND_EXPONENT_SLOTS,
        *slots_of(
            SPLIT,
            Normal(0.0, 1.0),
            {"benchmark": LogNormal(0.3, 0.5)},
            "log ratio of the slopes of the log error in log parameters and in log tokens",
        ),
        *slots_of(
            TILT,
            Normal(0.0, 0.1),
            {"benchmark": LogNormal(0.03, 0.5)},
            "half the log ratio of the two exponents, parameters over tokens",
        ),
    )

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        """Return ``x_params`` and ``x_tokens``, logs less the benchmark's references, shape (rows,)."""
        return {
            "x_params": rows.log_params - reference.centre_of("params", rows.benchmark),
            "x_tokens": rows.log_tokens - reference.centre_of("tokens", rows.benchmark),
        }

    def log_error(self, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Any:
        """Return `ratio_log_error` of inputs and terms that share a shape."""
        return ratio_log_error(
            inputs["x_params"],
            inputs["x_tokens"],
            terms["level"],
            terms["params_exponent"],
            terms["tokens_exponent"],
            terms["params_share"],
        )

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``params_exponent`` and ``tokens_exponent``, far from the ceiling, and ``params_share``."""
        slope = coefficients["exponent"] / (1 - coefficients["share"])
        return size_exponents(slope, coefficients["split"], coefficients["tilt"])
