"""What moved since an earlier report: forecasts of the same runs, side by side."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..forecasting.forecast import Forecast
from ..wording import counted, listed
from .blocks import Bullets, Paragraph, Section, TableBlock

if TYPE_CHECKING:
    from .contents import Contents

_KEYS = ("run", "family", "benchmark", "metric", "shots", "k")
_NUMBERS = ("flops", "median", "low_90", "high_90")
_EMBEDDED = re.compile(r'<script type="application/json" id="forecast-data">(.*?)</script>', re.DOTALL)
_SEEN = 0.0005  # accuracy from which a median has moved


@dataclass(frozen=True, eq=False)
class Moved:
    """What moved between two reports; made by `compare_reports`.

    Attributes
    ----------
    sentence : str
        What moved, in words.
    notes : tuple of str
        What is new, gone or not alike.
    """

    _table: pd.DataFrame
    sentence: str
    notes: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """One row a forecast that both have: medians and 90% intervals before and now, what moved most first.

        ``moved`` is the median now less that before (accuracy), ``inside`` whether it lies in the earlier interval,
        ``width`` how many times as wide the interval is.
        """
        return self._table.copy()

    def __repr__(self) -> str:
        shown = self._table.to_string(index=False, max_rows=24, float_format="{:.3f}".format)
        return "\n".join([self.sentence, shown, *(f"note: {note}" for note in self.notes)])


def embedded(forecast: Forecast, written: str, data_hash: str) -> dict[str, Any]:
    """What a page keeps of its forecast, for a later comparison: plain values."""
    table = forecast.table((0.9,))
    columns = [name for name in (*_KEYS, *_NUMBERS) if name in table]
    rows = json.loads(table[columns].to_json(orient="records"))
    return {"format": "bayes_scaling report 1", "written": written, "data": data_hash, "rows": rows}


def compare_reports(old: str | Path, new: str | Path) -> Moved:
    """Say what moved from one report to another.

    Parameters
    ----------
    old, new : str or Path
        Pages (.html) or bundles (folders) that `write_report` and `write_bundle` wrote.

    Returns
    -------
    Moved
        Of forecasts that both have, told apart by run, benchmark and budget.

    Raises
    ------
    FileNotFoundError
        Where there is no such file or folder.
    ValueError
        Where it is no such report.

    Examples
    --------
    >>> compare_reports("may.html", "june.html").sentence  # doctest: +SKIP
    """
    return what_moved(read_kept(Path(old)), read_kept(Path(new)))


def read_kept(path: Path) -> dict[str, Any]:
    """Read what a page or a bundle keeps of its forecast.

    Raises
    ------
    FileNotFoundError, ValueError
        As of `compare_reports`.
    """
    if path.is_dir():
        from .bundle import read_bundle  # which writes reports, and so stands above this

        bundle = read_bundle(path)
        made = bundle.manifest["provenance"]
        return embedded(bundle.forecast, str(made.get("written", "")), str(made.get("data_hash", "")))
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file; expected a report (.html) or the folder of a bundle")
    found = _EMBEDDED.search(path.read_text(encoding="utf-8", errors="replace"))
    if found is None:
        raise ValueError(
            f"{path} keeps no forecast; expected a page (.html) of this version, or the folder of a bundle"
        )
    try:
        kept = json.loads(found[1])
        pd.DataFrame(kept["rows"])[["run", "benchmark", *_NUMBERS]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {type(error).__name__}: {error}") from error
    return dict(kept)


def what_moved(old: dict[str, Any], new: dict[str, Any]) -> Moved:
    """Compare what two reports keep."""
    before, now = (_keyed(pd.DataFrame(kept["rows"])) for kept in (old, new))
    both = before.merge(now, on="key", suffixes=("_before", ""), sort=False)
    notes = _notes(old, new, before, now)
    if both.empty:
        return Moved(pd.DataFrame(), "The two reports forecast no run of the same budget on a same benchmark.", notes)
    moved = both["median"] - both["median_before"]
    inside = both["median"].between(both["low_90_before"], both["high_90_before"])
    width = (both["high_90"] - both["low_90"]) / (both["high_90_before"] - both["low_90_before"])
    kept = [name for name in ("run", "family", "benchmark", "k") if name in both]
    table = both[[*kept, "median_before", "low_90_before", "high_90_before", "median", "low_90", "high_90"]]
    table = table.assign(moved=moved, inside=inside, width=width)
    order = moved.abs().sort_values(ascending=False, kind="stable").index
    return Moved(table.loc[order].reset_index(drop=True), _sentence(table, moved, str(old.get("written", ""))), notes)


def _keyed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with a key of what they forecast; budgets in four digits, whatever a planned run is called."""
    parts = rows.reindex(columns=["family", "benchmark", "metric", "shots", "k"]).to_dict("records")
    keys = [
        "|".join([*map(str, part.values()), f"{flops:.4g}", _ratio_of(run)])
        for part, flops, run in zip(parts, rows["flops"], rows["run"], strict=True)
    ]
    return rows.assign(key=keys)


def _ratio_of(run: object) -> str:
    """What else tells a planned run apart: its tokens per parameter."""
    found = re.search(r", (\S+) tokens/param", str(run))
    return found[1] if found else ""


def _sentence(table: pd.DataFrame, moved: pd.Series, since: str) -> str:
    count = int((moved.abs() >= _SEEN).sum())
    when = f" since {since[:10]}" if since else ""
    if count == 0:
        return f"Nothing moved{when}: all {counted(len(table), 'forecast')} have the median they had."
    worst = table.iloc[int(moved.abs().to_numpy().argmax())]
    said = (
        f"{count} of {counted(len(table), 'forecast')} moved{when}, most {worst['benchmark']} "
        f"({worst['run']}): from {worst['median_before']:.1%} to {worst['median']:.1%}"
    )
    left = table[~table["inside"]]
    if left.empty:
        return f"{said}; every median lies in its earlier 90% interval."
    names = listed(dict.fromkeys(left["benchmark"].astype(str)), 6)
    return f"{said}; {len(left)} left their earlier 90% interval: {names}."


def _notes(old: dict[str, Any], new: dict[str, Any], before: pd.DataFrame, now: pd.DataFrame) -> tuple[str, ...]:
    notes = []
    if old.get("data") != new.get("data"):
        notes.append("the fitted table is another than it was")
    for words, one, other in (("new", now, before), ("gone", before, now)):
        lacking = one[~one["key"].isin(other["key"])]
        if len(lacking):
            pairs = (f"{row['benchmark']} ({row['run']})" for row in lacking.to_dict("records"))
            notes.append(f"{words}: {listed(pairs, 6)}")
    return tuple(notes)


def with_what_moved(contents: "Contents", since: Path) -> "Contents":
    """The same report with a section of what moved since an earlier one."""
    provenance = contents.provenance
    now = embedded(contents.forecast, str(provenance["written"]), str(provenance["data_hash"]))
    moved = what_moved(read_kept(since), now)
    table = moved.table()
    blocks: list[Any] = [Paragraph(moved.sentence, "strong")]
    if len(table):
        blocks.append(TableBlock("Before and now", moved_cells(table), folded=len(table) > 30))
    if moved.notes:
        blocks.append(Bullets(moved.notes))
    section = Section("What moved since the last report", "moved", tuple(blocks))
    return replace(contents, sections=(*contents.sections[:1], section, *contents.sections[1:]))


def moved_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Text of the table of what moved."""
    cells = {name: table[name].astype(str) for name in ("run", "family", "benchmark", "k") if name in table}
    if len(set(table.get("family", ("",)))) < 2:
        cells.pop("family", None)
    for words, end in (("before", "_before"), ("now", "")):
        low, high = (table[f"{name}{end}"].map("{:.3f}".format) for name in ("low_90", "high_90"))
        cells[f"{words}, 90% interval"] = table[f"median{end}"].map("{:.3f}".format) + " (" + low + "–" + high + ")"
    cells["moved"] = table["moved"].map("{:+.3f}".format)
    cells["in the earlier interval"] = table["inside"].map({True: "yes", False: "no"})
    cells["interval as wide"] = table["width"].map("{:.2g} times".format)
    return pd.DataFrame(cells)
