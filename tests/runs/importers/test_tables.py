"""Sources that are tables: the OLMo ladder, the authors' release, Epoch's hub, and any wide or long one."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from logs import lighteval, manifest

import bayes_scaling as bs

FIXTURES = Path(__file__).parent / "fixtures"


def load(source, path, **options):
    """Runs and what was said of what was left out."""
    with pytest.warns(bs.SkippedWarning) as caught:
        runs = bs.import_runs(source, path, **options)
    return runs, str(caught[0].message)


class TestOlmoLadder:
    FOLDER = FIXTURES / "olmo_ladder"

    def test_the_last_checkpoint_that_was_evaluated(self):
        runs, said = load("olmo-ladder", self.FOLDER)
        raw = pd.read_csv(self.FOLDER / "ladder-1B-1xC.csv").dropna()
        row = runs.select(run="ladder-1B-1xC", benchmark="arc_easy_test_rc").frame.iloc[0]
        assert row["accuracy"] == raw["eval/downstream/arc_easy_test_rc_5shot_len_norm"].iloc[-1]
        assert row["task_bpb"] == raw["eval/downstream_bpb/arc_easy_test_rc_5shot_bpb"].iloc[-1]
        assert (row["loss"], row["loss_pile"]) == tuple(raw.filter(like="CrossEntropyLoss").iloc[-1])
        assert (row["params"], row["tokens"]) == (1e9, raw["throughput/total_tokens"].iloc[-1])
        assert (row["metric"], row["shots"], row["chance"]) == ("acc_norm", 5, 0.25)
        assert "is not the accuracy of a task: eval/downstream/nq_ce_loss (3 places)" in said

    def test_the_mean_of_the_last_checkpoints_at_the_last_budget(self):
        runs, _ = load("olmo-ladder", self.FOLDER, last=2)
        raw = pd.read_csv(self.FOLDER / "ladder-1B-1xC.csv").dropna().iloc[-2:]
        row = runs.select(run="ladder-1B-1xC", benchmark="boolq_val_rc").frame.iloc[0]
        assert row["accuracy"] == pytest.approx(raw["eval/downstream/boolq_val_rc_5shot_acc"].mean())
        assert row["tokens"] == raw["throughput/total_tokens"].max()
        assert (row["metric"], row["chance"]) == ("acc", 0.5)

    def test_a_manifest_knows_better(self):
        names = [f"ladder-{size}-1xC" for size in ("190M", "370M", "1B")]
        manifest = pd.DataFrame({"model": names, "params": [1.9e8, 3.7e8, 1.28e9], "tokens": 1e10, "family": "ladder"})
        runs, _ = load("olmo-ladder", self.FOLDER, manifest=manifest)
        assert set(runs.frame["params"]) == {1.9e8, 3.7e8, 1.28e9}
        assert set(runs.frame["tokens"]) == {1e10}
        assert runs.families == ("ladder",)

    def test_another_loss(self):
        runs, _ = load("olmo-ladder", self.FOLDER, loss="pile")
        assert {"loss", "loss_c4_en"} <= set(runs.frame)

    def test_several_runs_in_a_file_and_steps_times_the_batch(self, tmp_path):
        table = pd.DataFrame(
            {
                "name": ["a-100M", "b-200M"],
                "_step": [1000, 2000],
                "batch_size_in_tokens": 1e6,
                "eval/downstream/piqa_val_rc_0shot_len_norm": [0.6, 0.7],
            }
        )
        table.to_csv(tmp_path / "all.csv", index=False)
        runs = bs.import_runs("olmo-ladder", tmp_path / "all.csv")
        assert runs.frame[["run", "params", "tokens"]].to_numpy().tolist() == [
            ["a-100M", 1e8, 1e9],
            ["b-200M", 2e8, 2e9],
        ]

    def test_flops_that_were_logged(self, tmp_path):
        column = "eval/downstream/piqa_len_norm"
        table = pd.DataFrame(
            {"throughput/total_tokens": [2e9], "throughput/total_training_Gflops": [1.3e9], column: [0.6]}
        )
        table.to_csv(tmp_path / "x-100M.csv", index=False)
        frame = bs.import_runs("olmo-ladder", tmp_path).frame
        assert frame[["flops", "flops_source"]].to_numpy().tolist() == [[1.3e18, "given"]]

    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            (
                {"eval/downstream/piqa_len_norm": [0.6]},
                "throughput/total_tokens: not known at the last checkpoint of run-1B",
            ),
            ({"throughput/total_tokens": [1e9]}, "no scores"),
        ],
    )
    def test_what_is_lacking(self, tmp_path, columns, said):
        pd.DataFrame({"x": [1], **columns}).to_csv(tmp_path / "run-1B.csv", index=False)
        with pytest.raises(bs.RunsError, match=said):
            bs.import_runs("olmo-ladder", tmp_path)

    def test_a_name_without_a_size(self, tmp_path):
        columns = {"throughput/total_tokens": [1e9], "eval/downstream/piqa_len_norm": [0.6]}
        pd.DataFrame(columns).to_csv(tmp_path / "final.csv", index=False)
        with pytest.raises(bs.RunsError, match="'final' has no size in its name; expected names such as 190M-1xC"):
            bs.import_runs("olmo-ladder", tmp_path)

    @pytest.mark.parametrize("last", [0, -1, 2.5, True])
    def test_a_wrong_number_of_checkpoints(self, last):
        with pytest.raises(ValueError, match="last="):
            bs.import_runs("olmo-ladder", self.FOLDER, last=last)

    def test_an_unknown_loss(self):
        with pytest.raises(bs.RunsError, match="no validation set 'c5'; expected one of c4_en, pile"):
            bs.import_runs("olmo-ladder", self.FOLDER, loss="c5")


class TestReleased:
    BY_RATIO = FIXTURES / "released" / "by_ratio.csv"
    BY_SIZE = FIXTURES / "released" / "by_size.csv"

    def test_sizes_follow_from_the_ratio_and_losses_become_columns(self):
        runs, said = load("released", self.BY_RATIO, loss="c4")
        frame, raw = runs.frame, pd.read_csv(self.BY_RATIO)
        np.testing.assert_allclose(frame["flops"], 6 * frame["params"] * frame["tokens"])
        scores = raw[~raw["metric_type"].isin(["loss", "perplexity"])]
        np.testing.assert_allclose(frame["params"], scores["tokens"] / scores["tpr"])
        losses = raw[raw["benchmark"] == "c4"].set_index(["tokens", "tpr"])["score"]
        np.testing.assert_allclose(frame["loss"], losses.loc[list(zip(scores["tokens"], scores["tpr"], strict=True))])
        assert "loss_code" in frame
        assert "is no share of right answers: perplexity of wikitext" in said

    def test_pass_rates_have_k(self):
        runs, _ = load("released", self.BY_RATIO)
        gsm = runs.select(benchmark="gsm8k").frame
        assert set(gsm["k"]) == {1, 10}
        assert set(gsm["metric"]) == {"pass@k"}

    def test_of_several_losses_none_is_chosen_unasked(self):
        runs, _ = load("released", self.BY_RATIO)
        assert runs.frame["loss"].isna().all()
        assert {"loss_c4", "loss_code"} <= set(runs.frame)

    def test_given_flops_and_recipes(self):
        runs = bs.import_runs("released", self.BY_SIZE, family="mixture")
        assert runs.families == ("web", "code")
        assert runs.frame["flops_source"].eq("given").all()
        assert runs.frame["loss"].notna().all()

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda t: t.drop(columns="score"), "score: there is no such column"),
            (lambda t: t.drop(columns="tpr"), r"tpr \(or flops and params\)"),
            (lambda t: t[t["metric_type"] == "loss"], "metric_type: only loss"),
            (lambda t: pd.concat([t, t[t["metric_type"] == "loss"]]), "score: 2 losses of"),
        ],
    )
    def test_what_is_wrong(self, tmp_path, change, said):
        change(pd.read_csv(self.BY_RATIO)).to_csv(tmp_path / "t.csv", index=False)
        with pytest.raises(bs.RunsError, match=said):
            bs.import_runs("released", tmp_path / "t.csv")

    @pytest.mark.parametrize("option", ["loss", "family"])
    def test_names_that_are_not_there(self, option):
        with pytest.raises(bs.RunsError, match="nowhere"):
            bs.import_runs("released", self.BY_RATIO, **{option: "nowhere"})


class TestEpoch:
    FOLDER = FIXTURES / "epoch"

    def test_scores_with_training_compute(self):
        runs, said = load("epoch", self.FOLDER, percent=["hellaswag"])
        assert runs.benchmarks == ("gpqa_diamond", "hellaswag")
        assert runs.select(benchmark="hellaswag").frame["accuracy"].tolist() == pytest.approx([0.764, 0.82, 0.873])
        for reason in (
            "no training compute: secret-1",
            "no score: broken-1",
            "evaluated again later: medium-1",
            "scores from 1012 to 1204 are no fractions: arena",
            "has none of the score columns; it has Model version, Comment",
        ):
            assert reason in said

    def test_the_latest_evaluation_counts(self):
        runs, _ = load("epoch", self.FOLDER / "gpqa_diamond.csv")
        assert runs.select(run="medium-1").frame["accuracy"].tolist() == [0.38]

    def test_percentages_are_said_to_be(self):
        _, said = load("epoch", self.FOLDER)
        assert "percent=['hellaswag'] reads percentages" in said
        runs, _ = load("epoch", self.FOLDER, percent=True)
        assert "hellaswag" in runs.benchmarks

    def test_recipes_and_a_column_by_name(self):
        runs, _ = load(
            "epoch", self.FOLDER / "gpqa_diamond.csv", family="Organization", score="Best score (across scorers)"
        )
        assert runs.families == ("Acme",)

    def test_names_that_are_not_there(self):
        with pytest.raises(bs.RunsError, match="Maker: there is no such column"):
            bs.import_runs("epoch", self.FOLDER, family="Maker")
        with pytest.raises(bs.RunsError, match="names 'mmlu'"):
            bs.import_runs("epoch", self.FOLDER, percent=["mmlu"])


class TestWide:
    FILE = FIXTURES / "tables" / "wide.csv"
    COLUMNS = ("PIQA", "SciQ", "MyBench")

    def test_each_cell_is_a_score(self):
        runs, said = load("wide", self.FILE, benchmarks=self.COLUMNS, percent=True, chance={"MyBench": 0.1},
                          columns={"params": "Size (B)"})  # fmt: skip
        frame = runs.frame
        assert len(frame) == 8
        assert frame["params"].unique().tolist() == [4e8, 1.4e9, 7e9]
        assert frame["stderr"].dropna().tolist() == pytest.approx([0.011, 0.011, 0.01])
        assert "no score in the cell: SciQ (row 2)" in said

    def test_benchmarks_may_get_names(self, tmp_path):
        (tmp_path / "t.csv").write_text("model,N,D,P\na,1e8,2e9,0.6\n")
        assert bs.import_runs("wide", tmp_path / "t.csv", benchmarks={"piqa": "P"}).benchmarks == ("piqa",)

    def test_well_known_benchmarks_need_no_saying_and_others_are_named(self):
        with pytest.warns(bs.SkippedWarning, match="PIQA, SciQ; not read as such: MyBench; benchmarks="):
            runs = bs.import_runs("wide", self.FILE)
        assert runs.benchmarks == ("PIQA", "SciQ")
        assert runs.select(run="a").frame["accuracy"].tolist() == [0.612, 0.73]

    def test_percentages_in_some_columns_only(self, tmp_path):
        (tmp_path / "t.csv").write_text(
            "model,N,D,piqa,piqa_stderr,sciq,sciq_stderr\na,1e8,2e9,61.5,1.2,0.7,0.01\nb,2e8,4e9,64%,1.2,71%,0.01\n"
        )
        with pytest.warns(bs.SkippedWarning, match="piqa is read as percentages"):
            frame = bs.import_runs("wide", tmp_path / "t.csv").frame
        assert frame["accuracy"].tolist() == pytest.approx([0.615, 0.7, 0.64, 0.71])
        assert frame["stderr"].tolist() == pytest.approx([0.012, 0.01, 0.012, 0.01])

    def test_scores_that_are_not_well_known_must_be_said(self, tmp_path):
        (tmp_path / "t.csv").write_text("model,N,D,Mine\na,1e8,2e9,0.6\n")
        with pytest.raises(bs.RunsError, match=r"expected benchmarks= \(--benchmark\), some of Mine"):
            bs.import_runs("wide", tmp_path / "t.csv")

    def test_a_column_that_is_not_there(self):
        with pytest.raises(bs.RunsError, match="BoolQ: there is no such column"):
            bs.import_runs("wide", self.FILE, benchmarks=["BoolQ"])


class TestLong:
    FILE = FIXTURES / "tables" / "long.csv"
    COLUMNS: ClassVar = {"params": "size", "tokens": "seen", "benchmark": "suite", "accuracy": "result"}

    def test_headers_are_mapped(self):
        assert bs.import_runs("long", self.FILE, columns=self.COLUMNS).frame["accuracy"].tolist() == [
            0.612,
            0.661,
            0.74,
        ]

    def test_percentages(self, tmp_path):
        (tmp_path / "t.csv").write_text("run,N,D,benchmark,result\na,1e8,2e9,piqa,61.2\n")
        runs = bs.import_runs("long", tmp_path / "t.csv", columns={"accuracy": "result"}, percent=True)
        assert runs.frame["accuracy"].tolist() == [0.612]

    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            ({"size": "size"}, "size: no column of runs"),
            ({"params": "width"}, "width: there is no such column"),
        ],
    )
    def test_wrong_mappings(self, columns, said):
        with pytest.raises(bs.RunsError, match=said):
            bs.import_runs("long", self.FILE, columns=columns)

    def test_a_name_that_would_stand_twice(self, tmp_path):
        (tmp_path / "t.csv").write_text("run,params,size,D,benchmark,accuracy\na,1e8,1e8,2e9,piqa,0.6\n")
        with pytest.raises(bs.RunsError, match="stands for params, but there is a column params too"):
            bs.import_runs("long", tmp_path / "t.csv", columns={"params": "size"})


def test_every_source_refuses_what_is_not_there(tmp_path):
    from bayes_scaling.runs.importers import SOURCES

    for source in SOURCES:
        with pytest.raises((FileNotFoundError, bs.RunsError)):
            bs.import_runs(source, tmp_path / "nowhere.csv")


class TestAsPeopleWriteThem:
    def test_scores_of_the_hub_that_end_in_percent(self, tmp_path):
        (tmp_path / "gsm8k.csv").write_text(
            "Name,EM,Model version,Training compute (FLOP)\nToy 7B,12.4%,toy-7b,4.0e22\nToy 70B,48.5%,toy-70b,8.4e23\n"
        )
        assert bs.import_runs("epoch", tmp_path).frame["accuracy"].tolist() == pytest.approx([0.124, 0.485])

    def test_a_model_of_the_hub_without_a_version_goes_by_its_name(self, tmp_path):
        (tmp_path / "gsm8k.csv").write_text(
            "Name,EM,Model version,Training compute (FLOP)\nToy,0.1,toy-7b,4e22\nNew model,0.5,,9e23\n,0.6,,9e23\n"
        )
        with pytest.warns(bs.SkippedWarning, match=r"no model version and no name: row 3"):
            runs = bs.import_runs("epoch", tmp_path)
        assert runs.frame["run"].tolist() == ["toy-7b", "New model"]

    def test_an_export_of_many_columns_says_nothing_of_it(self, tmp_path):
        columns = {
            "_step": [1, 2],
            "throughput/total_tokens": [1e9, 2e9],
            "eval/downstream/piqa_val_rc_5shot_len_norm": 0.6,
        }
        export = pd.DataFrame(columns | {"eval/c4_en-validation/CrossEntropyLoss": 3.7})
        extra = pd.DataFrame({f"optim/q{i}": [0.1, 0.2] for i in range(150)})
        pd.concat([export, extra], axis=1).to_csv(tmp_path / "190M-1xC.csv", index=False)
        assert len(bs.import_runs("olmo-ladder", tmp_path)) == 1

    def test_columns_that_are_named_after_task_and_metric(self, tmp_path):
        (tmp_path / "export.csv").write_text(
            "Name,State,params (B),tokens (B),lm_eval/piqa/acc,lm_eval/arc_easy/acc_norm\n"
            "run-1,finished,0.1,2,0.58,0.33\nrun-2,crashed,0.3,6,0.62,0.39\n"
        )
        with pytest.warns(bs.SkippedWarning, match="run-2 is 'crashed'"):
            frame = bs.import_runs(
                "wide", tmp_path / "export.csv", benchmarks=["lm_eval/piqa/acc", "lm_eval/arc_easy/acc_norm"]
            ).frame
        assert frame["benchmark"].tolist() == ["piqa", "arc_easy"] * 2
        assert frame["metric"].tolist() == ["acc", "acc_norm"] * 2
        assert frame["chance"].tolist() == [0.5, 0.25] * 2

    def test_a_wide_table_that_knows_no_budgets_has_a_manifest(self, tmp_path):
        (tmp_path / "scores.csv").write_text("model,piqa,piqa_n_items\na,0.6,1838\nb,0.7,1838\nc,0.8,1838\n")
        manifest = pd.DataFrame({"model": ["a", "b"], "params": [1e8, 1e9], "tokens": [2e9, 2e10]})
        with pytest.warns(bs.SkippedWarning, match="not in the manifest manifest: c"):
            frame = bs.import_runs("wide", tmp_path / "scores.csv", manifest=manifest).frame
        assert frame[["params", "n_items"]].to_numpy().tolist() == [[1e8, 1838], [1e9, 1838]]

    @pytest.mark.parametrize("rows", ["a,1e8,2e9,0.6\n,1e8,2e9,0.7\n", "a,1e8,2e9,0.6\n,1e8,2e9,0.7\n,1e8,2e9,0.8\n"])
    def test_rows_of_an_export_without_a_name_are_said(self, tmp_path, rows):
        (tmp_path / "export.csv").write_text(f"Name,params,tokens,lm_eval/piqa/acc\n{rows}")
        with pytest.warns(bs.SkippedWarning, match="no name of a run: row 2"):
            runs = bs.import_runs("wandb", tmp_path / "export.csv")
        assert runs.frame["run"].tolist() == ["a"]

    def test_rows_without_a_name_have_no_row_in_a_manifest(self, tmp_path):
        (tmp_path / "scores.csv").write_text("model,piqa\na,0.6\n,0.7\n")
        manifest = pd.DataFrame({"model": ["a"], "params": [1e8], "tokens": [2e9]})
        with pytest.warns(bs.SkippedWarning, match="not in the manifest manifest: nan"):
            assert len(bs.import_runs("wide", tmp_path / "scores.csv", manifest=manifest)) == 1


class TestOtherToolsFiles:
    def test_those_of_another_tool_are_named_with_the_source_that_reads_them(self, tmp_path):
        lighteval(tmp_path, {"leaderboard|arc:challenge|25": {"acc": 0.3}})
        with pytest.raises(bs.RunsError, match="output of another tool: import lighteval reads it"):
            bs.import_runs("lm-eval", tmp_path, manifest=manifest())

    def test_averages_of_lighteval_are_left_out(self, tmp_path):
        results = {
            "leaderboard|arc:challenge|25": {
                "acc": 0.32,
                "acc_stderr": 0.0137,
                "acc_norm": 0.38,
                "acc_norm_stderr": 0.014,
            },
            "leaderboard|mmlu:anatomy|5": {"acc": 0.33},
            "leaderboard|mmlu:_average|5": {"acc": 0.34},
            "all": {"acc": 0.33},
        }
        lighteval(tmp_path, results, model="lab/toy-1b", tasks={"leaderboard|arc:challenge": (1172, 1172)})
        with pytest.warns(bs.SkippedWarning, match="an average of tasks that count by themselves"):
            frame = bs.import_runs("lighteval", tmp_path, manifest=manifest("lab/toy-1b")).frame
        assert frame["benchmark"].tolist() == ["arc_challenge", "mmlu_anatomy"]
        assert frame[["shots", "n_items", "accuracy"]].iloc[0].tolist() == [25, 1172, 0.38]
        assert frame["run"].unique().tolist() == ["lab/toy-1b"]
