"""Words of the field that a page explains on pointing at them."""

import re
from functools import lru_cache

_WORDS = {
    "90% interval": "Nine of ten such intervals should hold what is then measured.",
    "80% interval": "Eight of ten such intervals should hold what is then measured.",
    "50% interval": "One of two such intervals should hold what is then measured.",
    "90% intervals": "Nine of ten such intervals should hold what is then measured.",
    "50% intervals": "One of two such intervals should hold what is then measured.",
    "FLOPs": "Floating-point operations of a training run: what it costs in computing.",
    "median": "The middle of the forecast: as likely too high as too low.",
    "R-hat": "Whether the chains of the sampler agree: 1 where they do, at most 1.01.",
    "ESS": "How many independent draws the sampler's draws are worth; at least 400.",
    "crps": "Mean distance between forecast and measurement in accuracy, spread counted; smaller is better.",
    "mae": "Mean distance of the median from the measurement, in accuracy.",
    "bias": "Mean of median less measurement: positive where forecasts were too high.",
    "exponent": "How fast errors fall with computing: 0.3 means by half for ten times as much.",
    "expected curve": "What runs of a budget score on average, without the luck of one run.",
    "E-BFMI": "How well the sampler moves; at least 0.3.",
    "tokens per parameter": "Training tokens for each parameter of the model.",
    "tokens/param": "Training tokens for each parameter of the model.",
    "decades": "Powers of ten: one decade is ten times, two are a hundred.",
    "n_items": "Number of questions of a benchmark.",
}


def explained(text: str) -> str:
    """Write a text as HTML whose words of the field say what they mean, each once.

    Examples
    --------
    >>> print(explained("median < 1, median"))
    <abbr title="The middle of the forecast: as likely too high as too low.">median</abbr> &lt; 1, median
    """
    from markupsafe import Markup, escape

    seen: set[str] = set()
    parts: list[str] = []
    place = 0
    for match in _pattern().finditer(text):
        if match[0] in seen:
            continue
        seen.add(match[0])
        parts += [
            escape(text[place : match.start()]),
            Markup('<abbr title="{}">{}</abbr>').format(_WORDS[match[0]], match[0]),
        ]
        place = match.end()
    return Markup("").join([*parts, escape(text[place:])])


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_WORDS, key=len, reverse=True)
    return re.compile(r"(?<![\w/-])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w/-])")
