"""A report as Markdown, with its figures in files beside it."""

from collections.abc import Mapping

import pandas as pd

from ..wording import brief_number
from .blocks import Block, Bullets, Facts, FigureBlock, Paragraph, SliderBlock, TableBlock
from .contents import Contents
from .markdown_text import CONVERGED, NOT_CONVERGED, markdown_text, pipe_cells
from .slider import Slider

_COLUMNS = 5  # budgets that a table of them has, about


def markdown_page(contents: Contents, figures: Mapping[str, str]) -> str:
    """Write a report as Markdown.

    Parameters
    ----------
    contents : Contents
        The report.
    figures : mapping of str to str
        Where the file of each figure is, as the Markdown file names it.

    Returns
    -------
    str
        Text in which every label of the data stays text.
    """
    lines = [f"# {markdown_text(contents.title)}", "", markdown_text(contents.question), ""]
    lines += [f"**{markdown_text(sentence)}**\n" for sentence in contents.answer]
    beside = (contents.headline.record, contents.headline.costs, contents.headline.step)
    lines += [f"{markdown_text(sentence)}\n" for sentence in beside if sentence]
    lines += [CONVERGED if contents.converged else NOT_CONVERGED, ""]
    for section in contents.sections:
        lines += [f"## {section.title}", ""]
        for block in section.blocks:
            lines += [*_lines(block, figures), ""]
    return "\n".join(lines)


def _lines(block: Block, figures: Mapping[str, str]) -> list[str]:
    if isinstance(block, Paragraph):
        text = markdown_text(block.text)
        return [text if block.tone == "plain" else f"**{text}**"]
    if isinstance(block, Bullets):
        return [f"- {markdown_text(item)}" for item in block.items]
    if isinstance(block, Facts):
        return [f"- {markdown_text(name)}: {markdown_text(value)}" for name, value in block.pairs]
    if isinstance(block, TableBlock):
        return [f"**{markdown_text(block.caption)}**", "", pipe_cells(block.cells.astype(str))]
    if isinstance(block, SliderBlock):
        return _budget_lines(block.slider)
    return _figure_lines(block, figures[block.name])


def _figure_lines(block: FigureBlock, path: str) -> list[str]:
    title = markdown_text(block.title)
    return [f"![{title}]({path})", "", f"*{title}.* {markdown_text(block.caption)}"]


def _budget_lines(slider: Slider) -> list[str]:
    """Some budgets of a slider, a column each."""
    every = range(0, len(slider.flops), max(len(slider.flops) // _COLUMNS, 1))
    cells = {"benchmark": [f"{row.family} {row.label}".strip() for row in slider.rows]}
    for at in every:
        cells[f"{brief_number(float(f'{slider.flops[at]:.2g}'))} FLOPs"] = [row.at(at)["score"] for row in slider.rows]
    return ["**Scores to be expected along budgets**", "", pipe_cells(pd.DataFrame(cells, dtype=str))]
