"""Reports of a forecast: a page of HTML, Markdown with figures, and bundles for machines and archives.

A report needs a fit and what to forecast; it never loads a sampler.
"""

from .bundle import Bundle, BundleError, read_bundle
from .writing import Asked, write_bundle, write_report

__all__ = ["Asked", "Bundle", "BundleError", "read_bundle", "write_bundle", "write_report"]
