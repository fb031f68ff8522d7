"""Tables in files: one form for every kind, refused where the ending or the place is another."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from bayes_scaling.files.places import check_folder
from bayes_scaling.files.tables import with_notes, write_csv, write_json, write_parquet

TABLE = pd.DataFrame({"run": ["=1+1", "b"], "score": [np.nan, np.inf]})


def test_csv_cells_are_no_formulas(tmp_path):
    path = write_csv(tmp_path / "a.csv", TABLE, "answer", overwrite=False)
    assert path.read_text() == "run,score\n'=1+1,\nb,inf\n"


def test_parquet_keeps_the_table_and_texts_beside_it(tmp_path):
    path = write_parquet(tmp_path / "a.parquet", TABLE, "answer", overwrite=False, parts={"format": "mine 1"})
    assert pd.read_parquet(path).equals(TABLE)
    assert pq.read_schema(path).metadata[b"format"] == b"mine 1"


def test_json_has_neither_nan_nor_infinity(tmp_path):
    path = write_json(tmp_path / "a.json", {"format": "mine 1"}, TABLE, "answer", overwrite=False)
    rows = [{"run": "=1+1", "score": None}, {"run": "b", "score": "inf"}]
    assert json.loads(path.read_text()) == {"format": "mine 1", "table": rows}


@pytest.mark.parametrize(("write", "more"), [(write_csv, ()), (write_parquet, ()), (write_json, ({},))])
def test_another_ending_is_refused_with_the_reason(tmp_path, write, more):
    with pytest.raises(ValueError, match=r"a\.txt ends in '\.txt'; expected \.\w+, as readers know$"):
        write(tmp_path / "a.txt", *more, TABLE, "answer", overwrite=False, why=", as readers know")
    assert not list(tmp_path.iterdir())


def test_notes_stand_in_every_row():
    table = with_notes(TABLE, ["größer", "b"], converged=False)
    assert list(table) == ["run", "score", "converged", "notes"]
    assert {tuple(json.loads(notes)) for notes in table["notes"]} == {("größer", "b")}
    assert not table["converged"].any()


def test_a_folder_is_free_where_nothing_else_is_under_the_names(tmp_path):
    check_folder(tmp_path / "new", {"a.csv": "answer"})
    (tmp_path / "beside.txt").write_text("mine")
    check_folder(tmp_path, {"a.csv": "answer"})
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(FileExistsError, match=r"a\.csv exists and is not an answer .*; --overwrite replaces it"):
        check_folder(tmp_path, {"a.csv": "answer"}, remedy="--overwrite")
    check_folder(tmp_path, {"a.csv": "answer"}, overwrite=True)
    with pytest.raises(FileExistsError, match="is a file; expected the name of a folder"):
        check_folder(tmp_path / "a.csv", {})
