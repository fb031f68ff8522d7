"""Coefficients of the pass@k law in k, and the priors of all that it has beside the law at k = 1."""

from dataclasses import replace

from .coefficients import Coefficient, Slot, slots_of
from .priors import Fixed, LogNormal, Normal, Prior
from .surroundings import CURVE_SLOTS

BEND = Coefficient("bend", positive=True)
BEND_SLOPE = Coefficient("bend_slope", positive=False, pooled=("benchmark",))
CURVATURE = Coefficient("curvature", positive=True, pooled=("benchmark",))
GAIN = Coefficient("gain", positive=True)
INTERACTION = Coefficient("interaction", positive=False, pooled=("benchmark",))
#: Change of the log bend with the log error between benchmarks: hard problems need many attempts before any is lucky
#: twice. Seen from GSM8K at rates of .001 to that of strong models at .4, and on HumanEval.
USUAL_BEND_SLOPE = 1.5
TAIL_SLOTS: tuple[Slot, ...] = (
    *slots_of(
        BEND,
        LogNormal(1.5, 1.5),
        {"benchmark": LogNormal(0.7, 0.5), "family": LogNormal(0.2, 0.7), "interaction": LogNormal(0.2, 0.7)},
        "attempts at which pass@k bends, of a benchmark whose level is 0; 4.5 times as many for each unit of level",
    ),
    *slots_of(
        BEND_SLOPE,
        Normal(1.5, 0.8),
        {"benchmark": LogNormal(0.3, 0.5)},
        "change of log bend with the log error at k = 1",
        "per unit of log error",
    ),
    *slots_of(
        CURVATURE,
        LogNormal(1.0, 0.15),
        {"benchmark": LogNormal(0.05, 0.5)},
        "1 for difficulties that are gamma-distributed; above 1 some problems stay unsolved",
    ),
)
LINEAR_SLOTS: tuple[Slot, ...] = (
    *slots_of(
        GAIN,
        LogNormal(0.25, 0.7),
        {"benchmark": LogNormal(0.3, 0.5), "family": LogNormal(0.1, 0.7), "interaction": LogNormal(0.1, 0.7)},
        "fall of the log error per log attempt, at the reference budget",
    ),
    *slots_of(
        INTERACTION,
        Normal(0.0, 0.05),
        {"benchmark": LogNormal(0.02, 0.5)},
        "change of the gain with log compute",
        "log error per log attempt and log FLOPs",
    ),
)
NOISE_SLOTS: tuple[Slot, ...] = (
    Slot("set_sd", LogNormal(0.05, 0.7), True, "scatter of a run's pass@1 on one benchmark about the law (log error)"),
    Slot(
        "sampling_shift",
        Normal(-0.2, 0.3),
        False,
        "how much higher rates are that were sampled in another way, as at another temperature, than the run's rate at "
        "the smallest k, than the curve through that (log(-log(1 - rate)))",
    ),
    Slot("sampling_sd", LogNormal(0.1, 0.6), True, "how much that differs over runs and benchmarks"),
    Slot(
        "attempts_dispersion",
        LogNormal(1.0, 0.1),
        True,
        "sd of the sampling of attempts as a multiple of the binomial's",
        may_vanish=False,
    ),
    Slot(
        "problems_dispersion",
        LogNormal(0.6, 0.35),
        True,
        "sd of what runs differ by in their problems, as a multiple of fresh problems for each run",
        may_vanish=False,
    ),
)
TAIL_SCATTER = Slot("bend_sd", LogNormal(0.25, 0.6), True, "scatter of a run's bend on one benchmark (log scale)")
LINEAR_SCATTER = Slot("gain_sd", LogNormal(0.1, 0.7), True, "scatter of a run's gain on one benchmark (log scale)")
#: Priors of the law at k = 1 that are others for generated answers: exponents of compute are .1 on GSM8K and MATH by
#: Pythia, .1 to .2 on HumanEval and MBPP by Codex and Llama.
FIRST_PRIORS = {"exponent": LogNormal(0.14, 0.6)}
#: Of luck that the benchmarks of a run share; left out where there is one benchmark.
SHARED_LUCK = next(slot.default for slot in CURVE_SLOTS if slot.name == "run_sd")
#: What stands around the law at k = 1. It deviates in the log hazard; a deviation of the log error is left out.
_AROUND_SLOTS: tuple[Slot, ...] = (
    *(
        replace(slot, default=Fixed(0.0)) if slot.name.endswith("_amplitude") else slot
        for slot in CURVE_SLOTS
        if slot.name != "ceiling"
    ),
    Slot(
        "ceiling",
        LogNormal(0.15, 0.5),
        True,
        "scale of the irreducible part E of -log pass@1 over benchmarks, of one whose error at the reference is 1 nat",
        population=True,
    ),
    Slot(
        "ceiling_power",
        Fixed(2.0),
        True,
        "power of the error at the reference to which that scale is proportional: low rates may level off early",
    ),
    Slot(
        "hazard_benchmark_amplitude",
        LogNormal(0.06, 0.6),
        True,
        "smooth deviation from the law that all families share, of log(-log(1 - pass@1)) per (log FLOPs)^1.5",
    ),
    Slot(
        "hazard_curve_amplitude",
        LogNormal(0.03, 0.6),
        True,
        "the same of each curve of its own; with several families",
    ),
)


def _drift_slots(what: str, shared: float, own: float, in_k: Prior) -> tuple[Slot, ...]:
    return (
        Slot(
            "drift_benchmark_amplitude",
            LogNormal(shared, 0.6),
            True,
            f"smooth drift of the log {what} with the budget that all families share, per (log FLOPs)^1.5",
        ),
        Slot(
            "drift_curve_amplitude",
            LogNormal(own, 0.6),
            True,
            "the same of each curve of its own; with several families",
        ),
        Slot(
            "k_amplitude",
            in_k,
            True,
            "smooth deviation from the curve in k that runs of a benchmark share, of the log hazard, or in the "
            "log-linear form of the log error, per (log k)^1.5",
        ),
    )


#: By form. What the tail form misses in k its curvature says; the log-linear form, which real curves do not keep to,
#: gets a deviation of its own.
CURVE_SLOTS_OF = {
    "tail": (*_AROUND_SLOTS, *_drift_slots("bend", 0.08, 0.03, Fixed(0.0))),
    "log-linear": (*_AROUND_SLOTS, *_drift_slots("gain", 0.03, 0.01, LogNormal(0.1, 0.5))),
}
