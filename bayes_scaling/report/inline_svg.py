"""A matplotlib figure as SVG inside a page: colours that follow the page's theme, words on pointing at a marker."""

import re
from io import StringIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from ..plots.parts.hover import marked_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_LINK = "http://www.w3.org/1999/xlink"
#: Colours of the figures' frames and what the page's theme calls them; those of data stay.
_THEMED = {
    "#000000": "var(--ink)",
    "#ffffff": "var(--paper)",
    "#eeeeee": "var(--line)",
    "#f4f4f4": "var(--shade)",
    "#e8e8e8": "var(--shade)",
    "#666666": "var(--quiet)",
    "#b00020": "var(--alarm)",
}
_STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "bayes_scaling", "savefig.facecolor": "none"}
_PLACES = ("d", "x", "y", "transform")
_NUMBER = re.compile(r"-?\d+\.\d{3,}")


def inline_svg(figure: "Figure", prefix: str, label: str) -> str:
    """Write a figure as an SVG element.

    Parameters
    ----------
    figure : Figure
        The figure; it is closed for good.
    prefix : str
        Put before every name inside, so that several figures stand in one page.
    label : str
        What it shows, for readers who do not see it.

    Returns
    -------
    str
        The element, without a fixed size; each marker has a title in words.
    """
    import matplotlib as mpl

    texts = {}
    for number, (line, said) in enumerate(marked_lines(figure)):
        line.set_gid(f"marked-{number}")
        texts[f"marked-{number}"] = said
    buffer = StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ET.fromstring(buffer.getvalue())
    for parent in list(root.iter()):
        for element in list(parent):
            if element.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):  # a style would hold for the whole page
                parent.remove(element)
    for group in root.iter(f"{{{_SVG}}}g"):
        said = texts.get(group.get("id", ""), [])
        for mark, text in zip(group.iter(f"{{{_SVG}}}use"), said, strict=False):
            ET.SubElement(mark, f"{{{_SVG}}}title").text = text
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-label", label)
    _rename(root, prefix)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _LINK)
    return _themed(ET.tostring(root, encoding="unicode"))


def _rename(root: ET.Element, prefix: str) -> None:
    """Put a prefix before every identifier and every reference to one, and round places to what a screen can show."""
    link = f"{{{_LINK}}}href"
    for element in root.iter():
        if "id" in element.attrib:
            element.set("id", f"{prefix}-{element.get('id')}")
        if element.get(link, "").startswith("#"):
            element.set("href", f"#{prefix}-{element.attrib.pop(link)[1:]}")
        for name, value in element.attrib.items():
            if "url(#" in value:
                element.set(name, value.replace("url(#", f"url(#{prefix}-"))
            elif name in _PLACES:
                element.set(name, _NUMBER.sub(lambda match: f"{float(match[0]):.2f}", value))


def _themed(svg: str) -> str:
    """Let colours of frames follow the page's theme, and letters the page's font."""
    svg = re.sub(r"#[0-9a-fA-F]{6}", lambda match: _THEMED.get(match[0].lower(), match[0]), svg)
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
    return re.sub(r"; font-family: [^;\"]*", "", svg)
