"""What a report is made of: sections of blocks, without a word of how a page or a Markdown file writes them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .slider import Slider


@dataclass(frozen=True)
class Paragraph:
    """A sentence or more; `tone` says whether it is "plain", "strong" or an "alarm"."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Names and what stands for each."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class TableBlock:
    """A table of text with a caption; a long one is `folded` away until it is asked for."""

    caption: str
    cells: pd.DataFrame
    folded: bool = False


@dataclass(frozen=True)
class Swatch:
    """An entry of a legend: a colour and what it stands for."""

    colour: str
    label: str


@dataclass(frozen=True, eq=False)
class FigureBlock:
    """A figure: as a whole for files, and in panels for a page, where a reader may have a small screen.

    Attributes
    ----------
    name : str
        Of its file, without ending.
    title, caption : str
        What it shows, and how it is read.
    draw : callable
        Draws the whole.
    panels : tuple of (str, callable)
        Titles and functions that draw each panel; empty where the whole is one panel.
    swatches : tuple of Swatch
        What colours stand for.
    """

    name: str
    title: str
    caption: str
    draw: "Callable[[], Figure]"
    panels: "tuple[tuple[str, Callable[[], Figure]], ...]" = ()
    swatches: tuple[Swatch, ...] = ()


@dataclass(frozen=True, eq=False)
class SliderBlock:
    """Scores along budgets: in a page a slider, in a file a table of some of them."""

    slider: "Slider"


Block = Paragraph | Bullets | Facts | TableBlock | FigureBlock | SliderBlock


@dataclass(frozen=True)
class Section:
    """A heading and its blocks; `anchor` is its name in addresses."""

    title: str
    anchor: str
    blocks: tuple[Block, ...]
