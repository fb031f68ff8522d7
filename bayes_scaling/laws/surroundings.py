"""What all laws share around their equation: deviation, noise and ceilings, with their priors."""

from dataclasses import replace

from .coefficients import Slot
from .priors import Fixed, LogNormal

#: Groups of rows that may share a smooth deviation from a law, each with an amplitude.
DEVIATES_BY = ("table", "benchmark", "family", "curve")
#: Priors of what stands around every law.
CURVE_SLOTS: tuple[Slot, ...] = (
    Slot(
        "ceiling",
        LogNormal(0.15, 0.25),
        True,
        "scale of the irreducible part E of -log Q over benchmarks (nats)",
        population=True,
    ),
    Slot(
        "benchmark_amplitude",
        LogNormal(0.025, 0.5),
        True,
        "smooth deviation from the law that all families share, per (log FLOPs)^1.5",
    ),
    Slot(
        "table_amplitude",
        Fixed(0.0),
        True,
        "smooth deviation that all benchmarks and families share, per (log FLOPs)^1.5; with several of both",
    ),
    Slot(
        "family_amplitude",
        Fixed(0.0),
        True,
        "smooth deviation that all benchmarks of a family share, per (log FLOPs)^1.5; with several benchmarks",
    ),
    Slot(
        "curve_amplitude",
        LogNormal(0.01, 0.5),
        True,
        "smooth deviation of each curve of its own, per (log FLOPs)^1.5; with several families",
    ),
    Slot("run_sd", LogNormal(0.03, 0.6), True, "luck of a run that all its benchmarks share (log error)"),
)
_SHARED = {"table_amplitude": LogNormal(0.02, 0.5), "family_amplitude": LogNormal(0.008, 0.5)}
#: The same of laws that lead from a budget to scores: what these miss, they miss for all benchmarks of a run.
SHARED_CURVE_SLOTS = tuple(replace(slot, default=_SHARED.get(slot.name, slot.default)) for slot in CURVE_SLOTS)
#: Priors of what checkpoints of one training run share, and of what decaying the learning rate does to a score: a
#: cooldown takes some 3% off a loss (Hägele et al., arXiv 2405.18392); exponents of scores are three times a loss's.
CHECKPOINT_SLOTS: tuple[Slot, ...] = (
    Slot(
        "fading",
        LogNormal(1.0, 0.5),
        True,
        "luck of a run that fades as it is trained on, as a multiple of that which stays; with checkpoints",
    ),
    Slot(
        "persistence",
        LogNormal(1.0, 0.5),
        True,
        "scatter of a score that a run keeps along its checkpoints, as a multiple of that which is new at each",
    ),
    Slot(
        "annealing",
        LogNormal(0.1, 0.7),
        True,
        "fall of the log error of a typical benchmark as the learning rate is decayed from its peak",
        population=True,
    ),
    Slot(
        "annealing_spread",
        LogNormal(0.4, 0.5),
        True,
        "how much that differs over benchmarks (log scale)",
    ),
)
#: Priors of the number of items where a table does not give it.
ITEM_SLOTS: tuple[Slot, ...] = (
    Slot(
        "items",
        LogNormal(1000.0, 0.7),
        True,
        "effective number of items where n_items is unknown",
        may_vanish=False,
        population=True,
    ),
    Slot(
        "items_spread",
        LogNormal(0.8, 0.3),
        True,
        "how much that number differs over benchmarks (log scale)",
        may_vanish=False,
    ),
)
#: Name of the parameter; a law that leaves it out has normal noise.
DEGREES_OF_FREEDOM = "degrees_of_freedom"
#: Priors of the noise of single scores.
SCORE_SLOTS: tuple[Slot, ...] = (
    Slot(
        "law_noise",
        LogNormal(0.04, 0.7),
        True,
        "typical scatter of single scores about the law (log error)",
        population=True,
    ),
    Slot(
        "law_noise_spread",
        LogNormal(0.3, 0.5),
        True,
        "how much that scatter differs over benchmarks (log scale)",
        may_vanish=False,
    ),
    Slot(
        "chance_jitter",
        LogNormal(0.008, 0.7),
        True,
        "typical extra scatter of a score near chance (accuracy)",
        population=True,
    ),
    Slot(
        "chance_jitter_spread",
        LogNormal(0.3, 0.5),
        True,
        "how much the scatter near chance differs over benchmarks (log scale)",
    ),
    Slot(
        "dispersion",
        LogNormal(0.9, 0.2),
        True,
        "sd of item sampling as a multiple of the binomial's",
        may_vanish=False,
    ),
    Slot(
        DEGREES_OF_FREEDOM,
        Fixed(0.0),
        True,
        "degrees of freedom of a Student-t noise of scores and runs, such as 4; left out, they are normal",
    ),
)
