"""Values as notebooks show them: a heading, a table and notes in HTML, with every label escaped."""

import html
from collections.abc import Sequence

import pandas as pd

_MOST_ROWS = 24


def as_html(title: str, table: pd.DataFrame, notes: Sequence[str] = (), *, alarm: str = "") -> str:
    """Write a value for a notebook.

    Parameters
    ----------
    title : str
        What it is, in words.
    table : DataFrame
        Its numbers; the index is not shown.
    notes : sequence of str
        What a reader must know.
    alarm : str
        A warning above the table; none where it is empty.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> as_html("a < b", pd.DataFrame(), ["c"])
    '<p><b>a &lt; b</b></p><ul><li>c</li></ul>'
    """
    warning = f'<p style="color: #b00020"><b>{html.escape(alarm)}</b></p>' if alarm else ""
    shown = ""
    if len(table.columns):
        shown = table.to_html(index=False, border=0, na_rep="", max_rows=_MOST_ROWS, float_format="{:.4g}".format)
    items = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    return f"<p><b>{html.escape(title)}</b></p>{warning}{shown}" + (f"<ul>{items}</ul>" if items else "")
