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


def with_laws(text):
    """Return a page with every law in the place of its line ``% laws``, read off the package."""
    from bayes_scaling.laws import LAWS

    lines = [f"- `{law.__name__}()`, `--law {name}`: {law.about}." for name, law in LAWS.items()]
    blocks = [
        f".. autoclass:: bayes_scaling.{law.__name__}\n   :members:\n   :inherited-members:" for law in LAWS.values()
    ]
    found = "\n".join([*lines, "", "```{eval-rst}", *blocks, "```"])
    return text.replace("% laws\n", f"{found}\n")


def setup(app):
    """Put what follows from the package into the pages before they are read."""

    def fill(_app, _page, source):
        source[0] = with_laws(source[0])

    app.connect("source-read", fill)
