"""Files: each kind, and what cannot be read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.runs.table import Runs, RunsError, read_runs

FRAME = pd.DataFrame(
    {
        "run": ["007", "1.10", "c"],
        "params": [1e9, 2e9, 1 / 3 * 1e10],
        "tokens": [20_000_000_000, 40_000_000_000, 60_000_000_000],
        "benchmark": ["piqa", "piqa", "piqa"],
        "accuracy": [0.6000000000000001, 0.7, 0.75],
        "n_items": [1838, np.nan, 1838],
        "lr": [1e-3, 2e-3, 3e-3],
        "arch": ["x", "y", None],
    }
)


def write(frame: pd.DataFrame, path: Path) -> Path:
    match path.suffix:
        case ".csv":
            frame.to_csv(path, index=False)
        case ".tsv":
            frame.to_csv(path, index=False, sep="\t")
        case ".parquet":
            frame.to_parquet(path)
        case ".json":
            path.write_text(json.dumps(frame.astype(object).where(frame.notna(), None).to_dict("records")))
        case ".jsonl" | ".ndjson":
            records = frame.astype(object).where(frame.notna(), None).to_dict("records")
            path.write_text("\n".join(json.dumps(record) for record in records) + "\n\n")
    return path


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet", ".json", ".jsonl", ".ndjson", ".CSV"])
def test_each_kind_of_file_holds_the_same_runs(tmp_path: Path, ending: str) -> None:
    path = write(FRAME, tmp_path / f"runs{ending.lower()}")
    path = path.rename(path.with_suffix(ending))
    read = read_runs(path).frame
    expected = Runs(FRAME).frame
    pd.testing.assert_frame_equal(read, expected, check_exact=True)
    assert read_runs(str(path)) == read_runs(path)


def test_json_may_be_columns_or_lines(tmp_path: Path) -> None:
    path = tmp_path / "columns.json"
    path.write_text(FRAME.drop(columns=["n_items", "arch"]).to_json(orient="columns", double_precision=15))
    assert len(read_runs(path)) == 3
    lines = write(FRAME, tmp_path / "lines.jsonl").rename(tmp_path / "lines.json")
    assert read_runs(lines) == Runs(FRAME)


def test_a_saved_frame_is_read_back(tmp_path: Path) -> None:
    runs = Runs(FRAME)
    for ending in (".csv", ".parquet", ".jsonl"):
        assert read_runs(write(runs.frame, tmp_path / f"again{ending}")) == runs


def test_a_byte_order_mark_is_no_part_of_a_header(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes(b"\xef\xbb\xbf" + FRAME.to_csv(index=False).encode())
    assert read_runs(path) == Runs(FRAME)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.csv: there is no such file of runs"):
        read_runs(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("name", ["runs", "runs.csv.gz"])
def test_an_unknown_ending_lists_the_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunsError, match=rf"{name}: .*ending.*one of \.csv, \.tsv, \.parquet, \.json, \.jsonl"):
        read_runs(tmp_path / name)


def test_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "runs.csv"
    folder.mkdir()
    with pytest.raises(RunsError, match=r"runs\.csv.*not a file"):
        read_runs(folder)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "cannot be read"),
        ("ragged.csv", b"run,benchmark\na,b\na,b,c,d\n", "cannot be read"),
        ("shifted.csv", b"run,benchmark\na,b,c\nd,e,f\n", "more cells than the header"),
        ("bytes.csv", b"run,benchmark\n\xff\xfe,b\n", "cannot be read"),
        ("one.csv", b"a,b|c\n".replace(b",", b""), "benchmark: there is no such column"),
        ("excel.csv", b"PK\x03\x04 and so on", "this is an Excel file"),
        ("comma.tsv", b"run,benchmark,accuracy\na,b,0.5\n", "only one column"),
        ("twice.csv", b"run,params,benchmark,params\na,1e9,piqa,2e9\n", "2 columns have this header"),
        ("broken.json", b"[{", "cannot be read"),
        ("text.json", b'"hello"', "not a table"),
        ("numbers.json", b"[1, 2]", "not a table"),
        ("broken.jsonl", b'{"run": "a"}\n{"run"\n', "line 2 is not JSON"),
        ("numbers.jsonl", b"1\n2\n", "not a table"),
        ("fake.parquet", b"PAR1 not really", "cannot be read"),
    ],
)
def test_content_that_cannot_be_read_names_the_file(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RunsError, match=message) as caught:
        read_runs(path)
    assert name in str(caught.value)
    assert caught.value.problems


def test_problems_of_a_table_name_the_file(tmp_path: Path) -> None:
    path = write(FRAME.assign(accuracy=[60, 70, 75]), tmp_path / "percent.csv")
    with pytest.raises(RunsError, match=r"percent\.csv: 1 problem in a table of 3 rows"):
        read_runs(path)


TEXT = "run,N,D,benchmark,acc\nä,1e8,2e9,piqa,0.6\nb,2e8,4e9,piqa,0.65\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_text_in_several_encodings(tmp_path: Path, encoding: str) -> None:
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    (tmp_path / "runs.csv").write_bytes(mark + TEXT.encode(encoding))
    assert read_runs(tmp_path / "runs.csv").frame["run"].tolist() == ["ä", "b"]


def test_semicolons_with_decimal_commas(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(
        "run;params (B);tokens (B);benchmark;acc\na;0,1;2;piqa;0,6\nb;1,5;30;piqa;61,5%\n"
    )
    frame = read_runs(tmp_path / "runs.csv").frame
    assert frame["params"].tolist() == [1e8, 1.5e9]
    assert frame["accuracy"].tolist() == pytest.approx([0.6, 0.615])


def test_tabs_under_the_ending_csv(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(TEXT.replace(",", "\t"))
    assert len(read_runs(tmp_path / "runs.csv")) == 2


def test_the_first_sheet_of_a_workbook(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "runs.xlsx") as book:
        FRAME.drop(columns="arch").to_excel(book, sheet_name="scores", index=False)
        pd.DataFrame({"x": [1]}).to_excel(book, sheet_name="notes")
    read = read_runs(tmp_path / "runs.xlsx").frame
    assert read["accuracy"].tolist() == FRAME["accuracy"].tolist()
    assert read["run"].tolist() == ["007", "1.10", "c"]


def test_a_workbook_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FRAME.to_excel(tmp_path / "runs.xlsx", index=False)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(RunsError, match=r"bayes-scaling\[excel\]"):
        read_runs(tmp_path / "runs.xlsx")
