"""Figures of a fit, one function a figure; each returns a matplotlib Figure and leaves pyplot's state alone.

``curves``: scores against training FLOPs with their bands. ``linearised``: log(-log Q) against training FLOPs, in which
the law is a straight line. ``residuals``: what the fit leaves over, and the effects of runs. ``exponents``: exponents
and their population. ``save`` writes a figure as PNG and SVG. Matplotlib is loaded when the first figure is drawn.
"""

from ._curves import curves
from ._exponents import exponents
from ._linearised import linearised
from ._residuals import residuals
from ._saving import save

__all__ = ["curves", "exponents", "linearised", "residuals", "save"]
