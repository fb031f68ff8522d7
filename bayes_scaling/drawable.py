"""Values that have a figure of their own."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Drawable:
    """A value that one of the figures in `plots` draws.

    Figures stand above the values that they draw, and values know none of them. Only here an import runs up, when the
    first figure is drawn: whoever has a value expects it to draw itself, as those of pandas and xarray do.
    """

    def plot(self, **options: Any) -> "Figure":
        """Draw the value, as `plots.draw` does; the options are those of its figure."""
        from .plots import draw

        return draw(self, **options)
