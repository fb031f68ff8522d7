"""Colours of data on a dark page: those too dark to be seen there get a lighter one."""

import re
from collections.abc import Iterable, Mapping

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_DARK_PAPER = "#16181b"
_SEEN = 3.5  # contrast with the paper; graphics need 3 (WCAG 2.2, 1.4.11)
_STEPS = 20


def theme_colours(texts: Iterable[str]) -> dict[str, str]:
    """Find the colours of figures that a dark page hides, and what stands for each there.

    Examples
    --------
    >>> theme_colours(["fill: #440154; stroke: #e69f00"])
    {'#440154': '#8f6798'}
    """
    found = {colour for text in texts for colour in _COLOUR.findall(text)}
    return {colour: lightened(colour) for colour in sorted(found) if contrast(colour, _DARK_PAPER) < _SEEN}


def with_theme(text: str, colours: Mapping[str, str]) -> str:
    """Write colours that have two forms as names of the page's style."""
    return _COLOUR.sub(lambda match: f"var({_name(match[0])})" if match[0] in colours else match[0], text)


def dark_style(colours: Mapping[str, str]) -> str:
    """Style that gives each name its colour: as drawn, and lighter on a dark screen."""
    if not colours:
        return ""
    light = " ".join(f"{_name(colour)}: {colour};" for colour in colours)
    dark = " ".join(f"{_name(colour)}: {other};" for colour, other in colours.items())
    return f":root {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def lightened(colour: str) -> str:
    """Mix a colour with white until it is seen on dark paper."""
    parts = _parts(colour)
    for step in range(_STEPS + 1):
        mixed = [round(part + (255 - part) * step / _STEPS) for part in parts]
        text = "#" + "".join(f"{part:02x}" for part in mixed)
        if contrast(text, _DARK_PAPER) >= _SEEN:
            return text
    return "#ffffff"


def contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG 2 has it, 1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 3), round(contrast("#777777", "#ffffff"), 2)
    (21.0, 4.48)
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    shares = [part / 255 for part in _parts(colour)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _name(colour: str) -> str:
    return f"--c{colour[1:]}"
