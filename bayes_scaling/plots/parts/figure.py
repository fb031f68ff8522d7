"""The figure class of the package; the only module that loads matplotlib when it is imported."""

from io import BytesIO
from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text

_DPI = 160
_SCREEN_DPI = 80


class PackageFigure(Figure):
    """A matplotlib Figure that notebooks display without pyplot.

    Jupyter shows a bare Figure only after pyplot has set up its inline backend; this one brings its own picture.
    """

    def draw(self, renderer: Any) -> None:
        """Draw, with names of data as they are: only ticks, which matplotlib writes itself, hold formulas."""
        for text in self.findobj(Text):
            if "$" in text.get_text() and "\\mathdefault" not in text.get_text():
                text.set_parse_math(False)
        super().draw(renderer)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=_DPI)
        width, height = self.get_size_inches()
        return buffer.getvalue(), {"width": round(width * _SCREEN_DPI), "height": round(height * _SCREEN_DPI)}
