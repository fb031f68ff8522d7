"""Every law that a table is fitted with, in the order of lists: a law is known from one line here."""

# ruff: noqa: I001
from .general import GeneralLaw as GeneralLaw
from .direct import DirectLaw as DirectLaw
from .ratio import RatioLaw as RatioLaw
from .pass_at_k import PassAtKLaw as PassAtKLaw
from .two_stage import TwoStageLaw as TwoStageLaw
from .broken_power import BrokenPowerLaw as BrokenPowerLaw
from .sigmoid import SigmoidLaw as SigmoidLaw
