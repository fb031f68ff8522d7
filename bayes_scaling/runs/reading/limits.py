"""Budgets outside of which no run is: what lies there is a unit that was not said."""

#: The smallest published checkpoints with scores have 1e7 parameters, 2e6 tokens and 1e14 FLOPs.
LIMITS = {"params": (1e5, 1e14), "tokens": (1e6, 1e17), "flops": (1e11, 1e32)}
