"""Reports of a forecast: a page of HTML, Markdown with figures, and bundles for machines and archives.

A report needs a fit and what to forecast; it never loads a sampler.
"""
