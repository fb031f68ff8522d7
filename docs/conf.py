"""Settings of the documentation's site; `sphinx-build -W docs build/docs` builds it."""

import doctest
import inspect

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


def with_questions(text):
    """Return a page with every planning question and its answer in the place of its line ``% planning questions``."""
    import bayes_scaling

    names = [name for name, home in bayes_scaling._HOMES.items() if home.startswith(".planning.")]
    questions = [one for name in names if inspect.isfunction(one := getattr(bayes_scaling, name))]
    blocks = []
    for one in questions:
        answer = inspect.signature(one, eval_str=True).return_annotation
        shown = f".. autoclass:: {answer.__module__}.{answer.__name__}\n   :members:\n   :inherited-members:"
        blocks += [f".. autofunction:: bayes_scaling.{one.__name__}", *([shown] if shown not in blocks else [])]
    return text.replace("% planning questions\n", "\n".join(["```{eval-rst}", *blocks, "```", ""]))


def figures():
    """Return the figures that the gallery shows, and the call of each: the last of its docstring's examples."""
    from bayes_scaling import plots

    shown = {name: getattr(plots, name) for name in plots.__all__ if name not in ("draw", "save")}
    examples = {name: doctest.DocTestParser().get_examples(inspect.getdoc(one)) for name, one in shown.items()}
    return {name: each[-1].source.split("  #")[0].strip() for name, each in examples.items()}


def filled(text):
    """Return a page with what follows from the package."""
    return with_questions(with_laws(text))


def setup(app):
    """Fill the pages before they are read."""

    def fill(_app, _page, source):
        source[0] = filled(source[0])

    app.connect("source-read", fill)
