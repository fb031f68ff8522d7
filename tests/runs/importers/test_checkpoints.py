"""Budgets: sizes from the log, checkpoints from names, runs without a budget."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from logs import harness, manifest

import bayes_scaling as bs
from bayes_scaling.runs.importers.checkpoints import checkpoint_of
from bayes_scaling.runs.importers.names import ModelName


@pytest.mark.parametrize(
    ("name", "revision", "trajectory", "step", "tokens"),
    [
        ("EleutherAI/pythia-70m", "step1000", "EleutherAI/pythia-70m", 1000, None),
        ("allenai/OLMo-1B", "step1000-tokens4B", "allenai/OLMo-1B", 1000, 4e9),
        ("lab/x", "stage1-step10000-tokens21B", "lab/x", 10_000, 2.1e10),
        ("out/toy-410m_step2000", "", "out/toy-410m", 2000, None),
        ("toy-410m-step2000-hf", "", "toy-410m-hf", 2000, None),
        ("runs/toy/checkpoint-500", "", "runs/toy", 500, None),
        ("runs/toy/global_step340500", "", "runs/toy", 340_500, None),
        ("toy-step5k", "", "toy", 5000, None),
    ],
)
def test_names_of_checkpoints(name, revision, trajectory, step, tokens):
    found = checkpoint_of(ModelName(name, revision))
    assert (found.trajectory, found.step) == (trajectory, step)
    assert found.tokens == tokens if tokens else found.tokens != found.tokens


@pytest.mark.parametrize("name", ["lab/toy-1b", "stepfun/Step-3", "lab/footsteps-7b", "iteration"])
def test_names_of_models(name):
    assert checkpoint_of(ModelName(name)) is None


@given(st.text(), st.text())
def test_any_name_has_an_answer(name, revision):
    found = checkpoint_of(ModelName(name, revision))
    assert found is None or isinstance(found.trajectory, str)


def checkpoints(folder, **config):
    for model in ("lab/toy-160m", "lab/toy-410m"):
        for step in (1000, 33000):
            harness(
                folder,
                {"piqa": {"acc,none": 0.5 + step * 1e-6}},
                model=model,
                name=f"{step}.json",
                config={"model_args": f"pretrained={model},revision=step{step}", **config},
            )
    return folder


def said(folder, known):
    with pytest.warns(bs.SkippedWarning) as caught:
        runs = bs.import_runs("lm-eval", folder, manifest=known)
    return runs.frame, str(caught[0].message)


class TestTrajectory:
    def test_rows_of_the_manifest_with_their_revision(self, tmp_path):
        rows = [(m, f"step{s}", 1e8, s * 2e6) for m in ("lab/toy-160m", "lab/toy-410m") for s in (1000, 33000)]
        known = pd.DataFrame(rows, columns=["model", "revision", "params", "tokens"])
        frame, message = said(checkpoints(tmp_path), known)
        assert frame["trajectory"].unique().tolist() == ["lab/toy-160m", "lab/toy-410m"]
        assert "4 checkpoints of 2 training runs" in message

    def test_one_row_a_training_run_and_the_tokens_of_a_step(self, tmp_path):
        known = manifest("lab/toy-160m", "lab/toy-410m", tokens_per_step=2e6)
        frame, _ = said(checkpoints(tmp_path), known)
        assert frame["tokens"].tolist() == [2e9, 6.6e10, 2e9, 6.6e10]
        assert frame["run"].tolist()[0] == "lab/toy-160m@step1000"

    def test_flops_of_the_finished_run_are_not_the_checkpoints(self, tmp_path):
        known = manifest("lab/toy-160m", "lab/toy-410m", tokens_per_step=2e6, flops=1e21)
        frame, _ = said(checkpoints(tmp_path), known)
        assert frame["flops"].tolist() == pytest.approx((6 * frame["params"] * frame["tokens"]).tolist())

    def test_without_either_it_is_said_what_is_missing(self, tmp_path):
        with pytest.raises(bs.RunsError, match="tokens_per_step"):
            bs.import_runs("lm-eval", checkpoints(tmp_path), manifest=manifest("lab/toy-160m", "lab/toy-410m"))

    def test_a_trajectory_of_the_manifest_stays(self, tmp_path):
        known = manifest("lab/toy-160m", "lab/toy-410m", tokens_per_step=2e6, trajectory="mine")
        frame = bs.import_runs("lm-eval", checkpoints(tmp_path), manifest=known).frame
        assert set(frame["trajectory"]) == {"mine"}


class TestSizes:
    def test_params_from_the_log_where_the_manifest_lacks_them(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.6}}, config={"model_num_parameters": 1_050_000_000})
        frame, message = said(tmp_path, manifest("lab/toy-1b").drop(columns="params"))
        assert frame["params"].tolist() == [1.05e9]
        assert "params of 1 model from the logs" in message

    def test_those_of_the_manifest_win(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.6}}, config={"model_num_parameters": 1_050_000_000})
        frame = bs.import_runs("lm-eval", tmp_path, manifest=manifest("lab/toy-1b")).frame
        assert frame["params"].tolist() == [1e9]

    def test_in_the_unit_of_the_header(self, tmp_path):
        harness(tmp_path, {"piqa": {"acc,none": 0.6}}, config={"model_num_parameters": 1_050_000_000})
        known = pd.DataFrame([("lab/toy-1b", None, 20.0)], columns=["model", "params (B)", "tokens (B)"])
        frame, _ = said(tmp_path, known)
        assert frame["params"].tolist() == pytest.approx([1.05e9])


class TestExperts:
    TABLE = pd.DataFrame(
        {
            "run": ["moe-a", "moe-b", "dense"],
            "total_params (B)": [7.0, 30.0, 3.0],
            "active_params (B)": [1.0, 3.0, None],
            "tokens (B)": 2000.0,
            "benchmark": "mmlu",
            "accuracy": [0.4, 0.5, 0.45],
        }
    )

    def test_flops_come_from_active_params_and_both_are_kept(self):
        frame = bs.Runs(self.TABLE).frame
        assert frame["params"].tolist() == [1e9, 3e9, 3e9]
        assert frame["total_params"].tolist() == [7e9, 3e10, 3e9]
        assert frame["flops"].tolist() == pytest.approx([1.2e22, 3.6e22, 3.6e22])

    def test_a_table_that_was_read_is_read_again(self, tmp_path):
        runs = bs.Runs(self.TABLE)
        assert bs.read_runs(runs.save(tmp_path / "runs.csv")) == runs

    @pytest.mark.parametrize(
        "header", ["active params", "Activated Parameters (B)", "params_active_precise", "n_active_params"]
    )
    def test_spellings(self, header):
        scale = 1.0 if "(B)" in header else 1e9
        table = self.TABLE.rename(columns={"active_params (B)": header, "total_params (B)": "params (B)"})
        table[header] = table[header] * scale
        assert bs.Runs(table).frame["params"].tolist() == [1e9, 3e9, 3e9]

    def test_flops_that_are_given_win(self):
        assert bs.Runs(self.TABLE.assign(flops=[2e22, 4e22, 5e22])).frame["flops"].tolist() == [2e22, 4e22, 5e22]


class TestWithoutBudget:
    def table(self, folder):
        path = folder / "models.csv"
        path.write_text("Model,Model Size (B),FLOPs (1E21),MMLU\na,1,1.2,0.26\nb,7,8.4,0.35\nc,70,,0.6\n")
        return path

    def test_it_is_an_error_that_names_the_option(self, tmp_path):
        with pytest.raises(bs.RunsError, match=r"run 'c'.*|--budgets-only"):
            bs.import_runs("wide", self.table(tmp_path), benchmarks=["MMLU"])

    @pytest.mark.parametrize("source", ["wide", "long"])
    def test_such_runs_are_left_out_and_listed(self, tmp_path, source):
        path, options = self.table(tmp_path), {"benchmarks": ["MMLU"]}
        if source == "long":
            path.write_text(
                path.read_text()
                .replace("MMLU", "accuracy,benchmark")
                .replace("\n", ",mmlu\n")
                .replace("benchmark,mmlu", "benchmark")
            )
            options = {}
        with pytest.warns(bs.SkippedWarning, match="no training budget: c"):
            runs = bs.import_runs(source, path, budgets_only=True, **options)
        assert runs.frame["run"].tolist() == ["a", "b"]
