import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.checks import checked_probs
from bayes_scaling.forecasting.files import bound_names, stored_probs

TABLES = ("csv", "parquet", "json")
AWKWARD = ["007", "NA", "a | b", 'say "hi", twice', "größe", "back\\slash", "1e5", "=1+1"]


def save(forecast, folder, ending, **options):
    saver = forecast.to_netcdf if ending == "nc" else getattr(forecast, f"to_{ending}")
    return saver(folder / f"forecast.{ending}", **options)


@pytest.fixture(scope="module")
def awkward():
    """Points with missing metrics and shots, labels that trip parsers, and notes of every kind."""
    rng = np.random.default_rng(1)
    size = len(AWKWARD)
    points = pd.DataFrame(
        {
            "run": pd.Series(AWKWARD, dtype="str"),
            "family": pd.Series(["true"] * size, dtype="str"),
            "benchmark": pd.Series(AWKWARD[::-1], dtype="str"),
            "metric": pd.Series(["acc", np.nan] * (size // 2), dtype="str"),
            "shots": [0.0, np.nan] * (size // 2),
            "params": rng.lognormal(22, 1, size),
            "flops": rng.lognormal(50, 2, size),
            "decades_beyond": rng.normal(size=size),
            "n_items": [np.nan, 1838.0] * (size // 2),
        }
    )
    values = {name: (("sample", "point"), rng.uniform(size=(40, size))) for name in ("expected", "score")}
    notes = ("one, with a comma", 'a "quoted" one', "a | b and größer", "- a dash")
    return bs.Forecast(points, notes, False, xr.Dataset(values))


@pytest.fixture(scope="module")
def of_attempts(rates_runs_of_five):
    """Pass rates at several k and ratios of tokens to parameters, from draws of the prior."""
    fit = prior_fit(bs.PassAtKLaw(), rates_runs_of_five, draws=50)
    return bs.forecast(fit, bs.budgets([1e21, 3e22], ratio=[20, 33.3333], k=[1, 10, 1000]), random_seed=1)


@pytest.fixture(scope="module", params=["real", "average", "awkward", "attempts", "average of attempts"])
def forecast(request, awkward, of_attempts):
    if request.param == "awkward":
        return awkward
    if "attempts" in request.param:
        return of_attempts.average() if "average" in request.param else of_attempts
    fit, held_out = request.getfixturevalue("cerebras_fit"), request.getfixturevalue("cerebras_held_out")
    made = bs.forecast(fit, held_out, random_seed=2)
    return made.average() if request.param == "average" else made


# Round trips ----------------------------------------------------------------------------------------------------------


def test_netcdf_restores_everything(forecast, tmp_path):
    again = bs.read_forecast(save(forecast, tmp_path, "nc"))
    assert again.draws.equals(forecast.draws)
    for quantity in ("score", "expected"):
        assert again.draws[quantity].to_numpy().tobytes() == forecast.draws[quantity].to_numpy().tobytes()
        pd.testing.assert_frame_equal(
            again.table([0.123, 0.9], quantity), forecast.table([0.123, 0.9], quantity), check_exact=True
        )
    pd.testing.assert_frame_equal(again.points, forecast.points, check_exact=True)
    assert (again.notes, again.converged) == (forecast.notes, forecast.converged)
    assert repr(again) == repr(forecast)


def test_netcdf_is_readable_without_this_package(forecast, tmp_path):
    with xr.open_dataset(save(forecast, tmp_path, "nc"), engine="h5netcdf") as opened:
        assert opened["score"].dims == ("sample", "point")
        assert opened["benchmark"].to_numpy().tolist() == forecast.points["benchmark"].tolist()
        assert all(isinstance(value, str) for value in opened.attrs.values())


def test_netcdf_holds_notes_of_any_length(awkward, tmp_path):
    long = bs.Forecast(awkward.points, ("x" * 200_000,), True, awkward.draws)
    assert bs.read_forecast(save(long, tmp_path, "nc")).notes == long.notes


@pytest.mark.parametrize("ending", TABLES)
def test_tables_are_restored_to_the_last_bit(forecast, tmp_path, ending):
    again = bs.read_forecast(save(forecast, tmp_path, ending))
    for quantity in ("score", "expected"):
        pd.testing.assert_frame_equal(again.table(of=quantity), forecast.table(of=quantity), check_exact=True)
    pd.testing.assert_frame_equal(again.points, forecast.points, check_exact=True)
    assert (again.notes, again.converged) == (forecast.notes, forecast.converged)


@pytest.mark.parametrize("ending", TABLES)
def test_a_table_that_was_read_can_be_saved_again(awkward, tmp_path, ending):
    first = bs.read_forecast(save(awkward, tmp_path, ending, probs=[0.5, 0.995]))
    for other in TABLES:
        folder = tmp_path / other
        folder.mkdir()
        second = bs.read_forecast(save(first, folder, other, probs=[0.5, 0.995]))
        pd.testing.assert_frame_equal(second.table([0.995]), first.table([0.995]), check_exact=True)


_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=12
)


@given(label=_TEXT, scores=st.lists(st.floats(0, 1), min_size=3, max_size=3), ending=st.sampled_from(TABLES))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_label_and_number_survive(tmp_path, label, scores, ending):
    points = pd.DataFrame({"run": [label], "family": [label], "benchmark": [label], "flops": [1e20]})
    points = points.astype(dict.fromkeys(("run", "family", "benchmark"), "str"))
    values = {name: (("sample", "point"), np.array(scores)[:, None]) for name in ("expected", "score")}
    forecast = bs.Forecast(points, (label,), True, xr.Dataset(values))
    again = bs.read_forecast(save(forecast, tmp_path, ending))
    pd.testing.assert_frame_equal(again.table(), forecast.table(), check_exact=True)
    assert again.notes == (label,)


@pytest.mark.parametrize("ending", [*TABLES, "nc"])
def test_attempts_are_kept(of_attempts, tmp_path, ending):
    for made in (of_attempts, of_attempts.average()):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        again = bs.read_forecast(save(made, folder, ending))
        assert again.points["k"].tolist() == [1.0, 10.0, 1000.0] * (len(made) // 3)
        assert ("n_samples" in again.points) == (made is of_attempts)
        assert list(again.points) == list(made.points)
    assert of_attempts.points["n_samples"].tolist() == [32.0, 32.0, 1000.0] * 8


# What stands in the files ---------------------------------------------------------------------------------------------


def test_csv_is_one_tidy_table(forecast, tmp_path):
    table = pd.read_csv(save(forecast, tmp_path, "csv"))
    assert table["of"].tolist() == ["score"] * len(forecast) + ["expected"] * len(forecast)
    assert (table["converged"] == forecast.converged).all()
    assert json.loads(table["notes"].iloc[-1]) == list(forecast.notes)


def test_csv_survives_a_spreadsheet(awkward, tmp_path):
    """Spreadsheets write TRUE and FALSE, a byte order mark, and numbers in their own digits."""
    path = save(awkward, tmp_path, "csv")
    text = path.read_text("utf-8").replace(",False,", ",FALSE,").replace("0.0,", "0,")
    path.write_text(text, encoding="utf-8-sig")
    again = bs.read_forecast(path)
    assert again.converged is False
    assert again.points["run"].tolist() == AWKWARD
    np.testing.assert_allclose(again.table()["mean"], awkward.table()["mean"])


def test_json_is_one_object(forecast, tmp_path):
    document = json.loads(save(forecast, tmp_path, "json").read_text("utf-8"))
    assert document["converged"] is forecast.converged
    assert document["notes"] == list(forecast.notes)
    assert document["probs"] == [0.5, 0.8, 0.9]
    assert len(document["table"]) == 2 * len(forecast)
    assert document["table"][0]["of"] == "score"


@pytest.mark.parametrize("ending", [*TABLES, "nc"])
def test_the_mark_of_a_fit_that_did_not_converge_stays(awkward, tmp_path, ending):
    again = bs.read_forecast(save(awkward, tmp_path, ending))
    assert again.converged is False
    assert not again.table()["converged"].any()
    assert "NOT CONVERGED" in repr(again)


# What a stored table cannot give --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", TABLES)
def test_other_probabilities_are_refused_with_the_stored_ones(awkward, tmp_path, ending):
    again = bs.read_forecast(save(awkward, tmp_path, ending, probs=[0.5, 0.995]))
    assert len(again.table([0.995])) == len(awkward)
    with pytest.raises(ValueError, match=r"probs holds 0\.9, which this stored table lacks; it has 0\.5, 0\.995\."):
        again.table([0.5, 0.9])


def test_draws_of_a_table_say_that_there_are_none(awkward, tmp_path):
    again = bs.read_forecast(save(awkward, tmp_path, "csv"))
    assert not again.has_draws
    assert awkward.has_draws
    for ask in (lambda: again.draws, again.average, lambda: again.to_netcdf(tmp_path / "again.nc")):
        with pytest.raises(ValueError, match=r"read from a table, which holds no draws; save it as \.nc"):
            ask()


@pytest.mark.parametrize("probs", [[], [0.5]])
def test_reprs_show_what_was_stored(awkward, tmp_path, probs):
    again = bs.read_forecast(save(awkward, tmp_path, "json", probs=probs))
    for text in (repr(again), again._repr_html_()):
        assert "table only" in text
        assert ("low_50" in text) == (probs == [0.5])
        assert "low_90" not in text


# Paths ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["txt", "CSV.gz", "xlsx"])
def test_unknown_endings_list_the_known(awkward, tmp_path, ending):
    path = tmp_path / f"forecast.{ending}"
    with pytest.raises(ValueError, match=r"expected one of \.nc, \.csv, \.parquet, \.json$"):
        bs.read_forecast(path)
    with pytest.raises(ValueError, match=r"expected one of \.nc, \.csv, \.parquet, \.json, \.md, \.markdown, \.tex$"):
        bs.write_table(awkward, path)


@pytest.mark.parametrize("ending", [*TABLES, "nc"])
def test_savers_expect_their_ending(awkward, tmp_path, ending):
    saver = awkward.to_netcdf if ending == "nc" else getattr(awkward, f"to_{ending}")
    with pytest.raises(ValueError, match=rf"ends in '\.txt'; expected \.{ending}"):
        saver(tmp_path / "forecast.txt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [*TABLES, "nc"])
def test_savers_make_no_folders(awkward, tmp_path, ending):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere; make it before saving forecast\."):
        save(awkward, tmp_path / "nowhere", ending)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [*TABLES, "nc"])
def test_the_ending_chooses_the_form(awkward, tmp_path, ending):
    path = bs.write_table(awkward, tmp_path / f"forecast.{ending.upper()}", probs=[0.5])
    assert bs.read_forecast(str(path)).table([0.5]).shape == awkward.table([0.5]).shape


@pytest.mark.parametrize("ending", [*TABLES, "nc"])
def test_a_missing_file_is_said(tmp_path, ending):
    with pytest.raises(FileNotFoundError, match="no such file; expected a forecast that was saved"):
        bs.read_forecast(tmp_path / f"forecast.{ending}")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("runs.csv", "run,benchmark,accuracy\na,piqa,0.7\n"),
        ("empty.csv", ""),
        ("other.json", '{"a": 1}'),
        ("list.json", "[1, 2]"),
        ("broken.json", "{"),
        ("fake.nc", "not HDF5"),
        ("fake.parquet", "not Parquet"),
    ],
)
def test_other_files_are_no_forecasts(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ValueError, match=f"{name} is not a forecast that was saved"):
        bs.read_forecast(path)


def test_a_saved_fit_is_no_forecast(cerebras_fit, tmp_path):
    with pytest.raises(ValueError, match="is not a forecast that was saved: its format is None"):
        bs.read_forecast(cerebras_fit.save(tmp_path / "fit.nc"))


def test_a_number_that_was_spoilt_is_refused(awkward, tmp_path):
    path = save(awkward, tmp_path, "csv")
    path.write_text(path.read_text("utf-8").replace(",1838.0,", ",many,"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"is not a forecast that was saved: .*many"):
        bs.read_forecast(path)


@given(st.lists(st.integers(1, 9999), min_size=1, max_size=5, unique=True))
def test_names_of_bounds_give_the_probabilities_back(ten_thousandths):
    probs = checked_probs([value / 10_000 for value in ten_thousandths])
    columns = [name for prob in probs for name in bound_names(prob)]
    assert len(set(columns)) == 2 * len(probs)
    assert stored_probs(pd.DataFrame(columns=columns)) == pytest.approx(probs, rel=1e-12)
