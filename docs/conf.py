"""Settings of the documentation's site; `sphinx-build -W docs build/docs` builds it."""

project = "bayes-scaling"
author = "The founders of bayes-scaling"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "numpydoc"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["make_gallery.py"]
source_suffix = {".md": "markdown"}
default_role = "code"
html_theme = "furo"
html_title = "bayes-scaling"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
autosummary_generate = False
