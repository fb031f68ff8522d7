"""A report as one page of HTML: everything inside, nothing loaded from anywhere."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from .blocks import FigureBlock
from .cells import numeric
from .contents import Contents
from .glossary import explained
from .inline_svg import inline_svg
from .moved import embedded
from .themes import dark_style, theme_colours, with_theme

if TYPE_CHECKING:
    from jinja2 import Template


def html_page(contents: Contents) -> str:
    """Write a report as HTML.

    Parameters
    ----------
    contents : Contents
        The report.

    Returns
    -------
    str
        A page in UTF-8 that needs no network. Every label of the data is escaped.
    """
    from markupsafe import Markup

    drawn = {block.name: _svgs(number, block) for number, block in enumerate(contents.figures)}
    colours = theme_colours(text for texts in drawn.values() for text in texts)
    svgs = {name: [Markup(with_theme(text, colours)) for text in texts] for name, texts in drawn.items()}
    return _template().render(
        contents=contents,
        svgs=svgs,
        kind_of=lambda block: type(block).__name__,
        numeric=_numeric,
        zip=zip,
        explained=explained,
        style=Markup(_text("page.css") + _text("slider.css") + dark_style(colours)),
        script=Markup(_text("page.js") + _text("slider.js")),
        embedded=Markup(_as_data(_kept(contents))),
        slider_data=lambda slider: Markup(_as_data(slider.data())),
    )


def _kept(contents: Contents) -> dict[str, Any]:
    """What a later report is compared with."""
    provenance = contents.provenance
    return embedded(contents.forecast, str(provenance["written"]), str(provenance["data_hash"]))


def _as_data(value: object) -> str:
    """JSON that can stand in a page: nothing in it ends the element or is taken for another."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _svgs(number: int, block: FigureBlock) -> list[str]:
    """Draw each panel of a figure, or the whole where it is one."""
    panels = block.panels or ((block.title, block.draw),)
    return [
        inline_svg(draw(), f"f{number}p{panel}", ": ".join(dict.fromkeys(filter(None, (block.title, title)))))
        for panel, (title, draw) in enumerate(panels)
    ]


def _numeric(cells: pd.DataFrame) -> set[str]:
    """Columns that hold numbers and stand to the right."""
    return {str(name) for name in cells if numeric(cells[name])}


def _text(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    return environment.from_string(_text("page.html.j2"))
