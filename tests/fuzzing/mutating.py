"""Mutations: of tables, of bytes, of JSON, of numbers and of command lines, each from a seeded generator."""

import json
import string

import numpy as np
import pandas as pd

#: What stands in cells that people and programs leave behind.
GARBAGE = (
    *(
        None,
        np.nan,
        np.inf,
        -np.inf,
        0,
        -1,
        1e308,
        -1e-300,
        1e400,
        10**400,
        1 + 2j,
        True,
        b"x",
        "",
        " ",
        "nan",
        "NA",
        "-",
    ),
    *("1,5", "12%", "1e9B", "0x10", "∞", "½", "=1+1", "<b>", "a\nb", "\x00", "é" * 40, [], {}, [1, 2], pd.NaT, pd.NA),
    *(pd.Timestamp("2024-01-01"), object(), float, 2.5, 101, 1e-9, 3e15, 5e40),
)
HEADERS = (
    "",
    " ",
    "accuracy (%)",
    "score",
    "N",
    "D",
    "C",
    "params (B)",
    "tokens (parsecs)",
    "run",
    "benchmark",
    "k",
    0,
    None,
)


def pick(rng, values):
    """One of some values."""
    return values[rng.integers(len(values))]


def table(frame: pd.DataFrame, rng) -> pd.DataFrame:
    """Change a table in one to four ways."""
    for _ in range(rng.integers(1, 5)):
        frame = pick(rng, _TABLES)(frame.copy(), rng)
    return frame


def _cells(frame, rng):
    if frame.empty or not frame.shape[1]:
        return frame
    column = int(rng.integers(frame.shape[1]))
    cells = list(frame.iloc[:, column])
    for row in rng.integers(0, len(cells), rng.integers(1, 4)):
        cells[row] = pick(rng, GARBAGE)
    parts = [frame.iloc[:, i] for i in range(frame.shape[1])]
    parts[column] = pd.Series(cells, index=frame.index, dtype=object, name=frame.columns[column])
    return pd.concat(parts, axis=1)


def _drop_column(frame, rng):
    return frame.iloc[:, np.arange(frame.shape[1]) != rng.integers(max(frame.shape[1], 1))]


def _rename(frame, rng):
    names = list(frame.columns)
    if names:
        names[rng.integers(len(names))] = pick(rng, HEADERS)
    return frame.set_axis(names, axis=1)


def _repeat(frame, rng):
    return pd.concat([frame, frame.iloc[rng.integers(0, max(len(frame), 1), 3) if len(frame) else []]])


def _few(frame, rng):
    return frame.iloc[: rng.integers(0, 4)]


def _scale(frame, rng):
    numbers = list(frame.select_dtypes("number").columns)
    if numbers:
        name = pick(rng, numbers)
        if list(frame.columns).count(name) == 1:
            frame[name] = frame[name] * float(pick(rng, (100, 1e-9, 1e9, -1, 0, 1e300)))
    return frame


def _as_text(frame, rng):
    return frame.astype(str)


def _more(frame, rng):
    name = pick(
        rng, ("k", "n_samples", "n_correct", "problem", "shots", "stderr", "chance", "tokens", "loss", "family")
    )
    return frame.assign(**{name: pick(rng, GARBAGE[:20])})


_TABLES = (_cells, _cells, _cells, _drop_column, _rename, _repeat, _few, _scale, _as_text, _more)


def content(data: bytes, rng) -> bytes:
    """Change bytes: flip, cut, insert, repeat."""
    buffer = bytearray(data)
    for _ in range(rng.integers(1, 6)):
        kind = rng.integers(4)
        place = int(rng.integers(len(buffer) + 1))
        if kind == 0 and buffer:
            buffer[min(place, len(buffer) - 1)] = int(rng.integers(256))
        elif kind == 1:
            del buffer[place : place + int(rng.integers(1, 400))]
        elif kind == 2:
            buffer[place:place] = bytes(rng.integers(0, 256, rng.integers(1, 20), dtype=np.uint8))
        else:
            buffer[place:place] = buffer[: int(rng.integers(1, 200))]
    return bytes(buffer)


def document(value, rng):
    """Change a JSON document somewhere."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.integers(1, 4)):
        holder, key = _somewhere(value, rng)
        if holder is None:
            return pick(rng, (None, [], 3, "x", {}))
        kind = rng.integers(3)
        if kind == 0:
            del holder[key]
        elif kind == 1:
            holder[key] = pick(rng, (None, [], {}, -1, 1e308, "x", True, [None], {"a": 1}, "N/A", 2))
        elif isinstance(holder, dict):
            holder[str(pick(rng, ("", "x", "acc,none", "groups", "results")))] = holder[key]
    return value


def _somewhere(value, rng):
    holder, key = None, None
    for _ in range(rng.integers(1, 7)):
        if isinstance(value, dict) and value:
            holder, key = value, pick(rng, list(value))
        elif isinstance(value, list) and value:
            holder, key = value, int(rng.integers(len(value)))
        else:
            break
        value = holder[key]
    return holder, key


def number(rng):
    """A number, or something else."""
    return pick(
        rng, (*GARBAGE[:12], 1e22, 3e23, [1e22, 1e23], [], "1e23", np.array([1e22, np.nan]), 20, 0.5, 10**30, (1e22,))
    )


def words(rng) -> str:
    """A word of a command line."""
    usual = (
        "1e23",
        "1e22,1e24",
        "piqa",
        "mmlu",
        "0.7",
        "-1",
        "nan",
        "inf",
        "",
        ",",
        "1e23,",
        "x.csv",
        "out.html",
        "20",
        "1e400",
        "no/where",
    )
    if rng.random() < 0.8:
        return pick(rng, usual)
    return "".join(pick(rng, list(string.printable[:95])) for _ in range(rng.integers(0, 9)))
