import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from attempt_tables import rates_runs
from prior_fits import prior_fit

import bayes_scaling as bs
from bayes_scaling.report.blocks import TableBlock
from bayes_scaling.report.contents import gather
from bayes_scaling.report.headline import answer_sentences
from bayes_scaling.report.page import html_page

FLOPS = (1e23, 1e24)


class Page(HTMLParser):
    """Tags with their attributes, and the text outside of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self._inside = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._inside.append(tag)

    def handle_endtag(self, tag):
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data):
        if not self._inside:
            self.text.append(data)

    @property
    def words(self):
        return " ".join("".join(self.text).split())


@pytest.fixture(scope="module")
def page(cerebras_fit, cerebras_held_out, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    answer = bs.budget_for(cerebras_fit, "piqa", 0.75, 0.9)
    bs.write_report(cerebras_fit, path, flops=FLOPS, held_out=cerebras_held_out, answers=[answer], title="A & B")
    return path.read_text(encoding="utf-8"), answer


class TestPage:
    def test_it_answers_in_a_sentence(self, page, cerebras_fit):
        words = Page(page[0]).words
        forecast = bs.forecast(cerebras_fit, bs.budgets(flops=FLOPS), 0)
        table = forecast.table((0.9,))
        best = cerebras_fit.runs.frame.groupby("benchmark")["accuracy"].max()
        rows = table[table["flops"] == 1e23].set_index("benchmark")
        name = (rows["median"] - best).idxmax()  # what moves most is said
        row = rows.loc[name]
        interval = f"90% interval {row['low_90']:.0%} to {row['high_90']:.0%}"
        assert f"{name} {row['median']:.0%} ({interval}; best today {best[name]:.0%}, Cerebras-2.7B)" in words
        assert "With 1e23 FLOPs, 91 times the largest fitted run: " in words
        assert "mean score" not in words.partition("Forecast scores")[0]  # nobody asked for it

    def test_it_says_that_nobody_looked_at_the_past(self, page):
        assert "Nobody looked how such forecasts held in the past" in Page(page[0]).words

    @pytest.mark.parametrize(
        "said",
        [
            "A & B",
            "The fit behind it converged",
            "Extrapolates up to 3.0 decades above the fitted budgets",
            "Of 14 held-out scores the 90% intervals held",
            "Hardly above chance yet",
            "converged: R-hat at most",
            "LogNormal(median=0.18, log_sd=0.4)",
        ],
    )
    def test_every_part_is_there(self, page, said):
        assert said in Page(page[0]).words

    def test_planning_answers_stand_in_it(self, page):
        assert page[1].sentence in Page(page[0]).words

    def test_the_data_hash_and_versions(self, page, cerebras_fit):
        words = Page(page[0]).words
        assert cerebras_fit.runs.data_hash in words
        assert f"pymc {cerebras_fit.provenance['versions']['pymc']}" in words

    def test_nothing_is_loaded_from_anywhere(self, page):
        tags = Page(page[0]).tags
        for tag, attrs in tags:
            for name in ("src", "href", "xlink:href", "action"):
                value = attrs.get(name) or ""
                assert value == "" or value.startswith(("#", "data:")), (tag, attrs)
        assert not re.search(r"url\((?!#)", page[0])
        assert "@import" not in page[0]

    def test_names_inside_are_not_given_twice(self, page):
        names = [attrs["id"] for _, attrs in Page(page[0]).tags if "id" in attrs]
        assert len(names) == len(set(names))
        assert all(f'id="{name}"' in page[0] for name in re.findall(r'href="#([^"]+)"', page[0]))

    def test_markers_say_their_values(self, page):
        assert re.search(r"<title>piqa, Cerebras-256M: 0\.613 at 1\.3e19</title>", page[0])
        assert re.search(r"<title>piqa, 1e23 FLOPs: median 0\.\d+; 50%: ", page[0])

    def test_it_is_small(self, page):
        assert len(page[0].encode()) < 1_400_000


@pytest.fixture(scope="module")
def contents(cerebras_fit, past_forecasts):
    """A report that is asked for two targets."""
    asked = {"targets": {"piqa": 0.7, "mean": 0.5}, "cost": bs.Cost(1e15, price_per_hour=2.0)}
    return gather(cerebras_fit, flops=FLOPS, backtest=past_forecasts, **asked)


class TestTargets:
    def test_the_box_answers_what_was_asked(self, contents):
        assert contents.question == "Are 1e23, 1e24 training FLOPs enough for 70% on piqa, 50% on mean?"
        table = bs.probability_of(contents.forecast, {"piqa": 0.7, "mean": 0.5}).table()
        joint = table.loc[table["benchmark"] == "all targets", "probability"].iloc[0]
        first = contents.answer[0]
        assert first.startswith("Enough with 1e23 FLOPs, 91" if joint >= 0.9 else "Not enough with 1e23 FLOPs, 91")
        assert "70% on piqa has probability " in first
        assert "best today" in first
        assert any("are enough for 70% on piqa" in said for said in contents.answer)

    def test_the_record_costs_and_a_next_step_stand_in_it(self, contents):
        headline = contents.headline
        assert headline.record.startswith("Past 90% intervals of this law on this table")
        assert headline.warning
        assert "accelerator hours" in headline.costs
        assert "cheaper step" in headline.step

    def test_targets_are_answered_in_full(self, contents):
        [planning] = [section for section in contents.sections if section.anchor == "planning"]
        assert sum("scores at least" in getattr(block, "text", "") for block in planning.blocks) == 2

    def test_no_field_names_are_left(self, contents):
        page = Page(html_page(contents)).words
        for name in ("of score", "at_most", "probability_at_most", "never_passes", "see fit.verdict", "passes ["):
            assert name not in page

    def test_a_target_that_is_none_is_refused(self, cerebras_fit):
        with pytest.raises(ValueError, match="target of 'piqa' is 70; expected a score"):
            gather(cerebras_fit, flops=1e23, targets={"piqa": 70})

    def test_of_a_law_of_sizes_they_are_asked_at_its_ratio(self, ratio_fit):
        contents = gather(ratio_fit, flops=1e23, ratio=20, family="Pythia", targets={"piqa": 0.75})
        assert any("are enough for 75% on piqa" in said or "Which budget" in said for said in contents.answer)


class TestSlider:
    def test_it_goes_from_today_to_beyond_what_was_asked(self, cerebras_fit, past_forecasts):
        [section] = [one for one in gather(cerebras_fit, flops=1e23).sections if one.anchor == "budget"]
        slider = section.blocks[-1].slider
        assert slider.flops[0] == pytest.approx(np.exp(max(cerebras_fit.reference.run_log_flops)))
        assert slider.flops[-1] > 1e23
        assert slider.audited == -1
        contents = gather(cerebras_fit, flops=1e22, backtest=past_forecasts)
        audited = next(one for one in contents.sections if one.anchor == "budget").blocks[-1].slider
        assert (
            np.log10(audited.flops[audited.audited] / audited.flops[0])
            <= 1.2
            < np.log10(audited.flops[audited.audited + 1] / audited.flops[0])
        )

    def test_its_numbers_are_those_of_a_forecast(self, cerebras_fit):
        [section] = [one for one in gather(cerebras_fit, flops=1e23).sections if one.anchor == "budget"]
        slider = section.blocks[-1].slider
        at = bs.forecast(cerebras_fit, bs.budgets(flops=float(slider.flops[30]), benchmark="piqa"), 9).array("score")
        row = next(row for row in slider.rows if row.label == "piqa")
        assert row.quantile(30, 0.5) == pytest.approx(np.median(at), abs=0.01)
        assert row.reach(30, 0.75) == pytest.approx((at >= 0.75).mean(), abs=0.06)
        assert row.reach(30, 0.0) == 1
        assert row.reach(30, 1.0) == 0


class TestComparison:
    def test_what_moved_is_said(self, cerebras_fit, tmp_path):
        old = bs.write_report(cerebras_fit, tmp_path / "old.html", flops=[1e22, 1e23])
        new = bs.write_bundle(cerebras_fit, tmp_path / "new", flops=[1e23, 1e24], random_seed=7)
        found = bs.compare_reports(old, new)
        assert len(found.table()) == 7  # the budget that both have
        assert found.table()["inside"].all()
        assert any(note.startswith("new: ") for note in found.notes)
        assert any(note.startswith("gone: ") for note in found.notes)
        assert "every median lies in its earlier 90% interval" in found.sentence
        same = bs.compare_reports(old, old)
        assert same.sentence.startswith("Nothing moved since ")

    def test_a_report_may_say_it_itself(self, cerebras_fit, tmp_path):
        old = bs.write_report(cerebras_fit, tmp_path / "old.html", flops=1e23)
        page = bs.write_report(cerebras_fit, tmp_path / "new.html", flops=1e23, random_seed=5, since=old).read_text()
        assert "What moved since the last report" in page

    def test_what_is_no_report_is_refused(self, tmp_path):
        (tmp_path / "other.html").write_text("<p>hello</p>")
        with pytest.raises(ValueError, match="keeps no forecast; expected a page"):
            bs.compare_reports(tmp_path / "other.html", tmp_path / "other.html")
        with pytest.raises(FileNotFoundError, match="there is no such file; expected a report"):
            bs.compare_reports(tmp_path / "none.html", tmp_path / "none.html")
        (tmp_path / "damaged.html").write_text(
            '<script type="application/json" id="forecast-data">{"rows": 3}</script>'
        )
        with pytest.raises(ValueError, match="is damaged"):
            bs.compare_reports(tmp_path / "damaged.html", tmp_path / "damaged.html")


@pytest.fixture(scope="module")
def text(hostile_fit, tmp_path_factory):
    """A page and a Markdown report of hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    bs.write_report(hostile_fit, folder / "r.html", flops=[1e23])
    bs.write_report(hostile_fit, folder / "r.md", flops=[1e23])
    return (folder / "r.html").read_text(), (folder / "r.md").read_text()


class TestHostileNames:
    def test_they_stay_text_in_the_page(self, text):
        page = Page(text[0])
        scripts = [attrs for tag, attrs in page.tags if tag == "script"]
        assert [one.get("type") for one in scripts] == ["application/json", "application/json", None]
        for name in ("<script>alert(1)</script>", "{{ 7 * 7 }}`~#[z](w)", "a|b_c $x$ \\y & 100%"):
            assert name in page.words
        assert "<script>alert" not in text[0]

    def test_they_stay_text_in_markdown(self, text):
        assert "<script>" not in text[1]
        assert r"\<script\>alert(1)\</script\>" in text[1]
        assert r"a\|b_c \$x\$ \\y \& 100%" in text[1]

    def test_an_unconverged_fit_is_marked(self, text):
        assert "did not converge: do not rely on these intervals" in text[0]
        assert "**The fit behind it did not converge" in text[1]


class TestMarkdown:
    def test_figures_stand_beside_it(self, cerebras_fit, tmp_path):
        path = bs.write_report(cerebras_fit, tmp_path / "report.md", flops=[1e23], benchmark=["piqa", "hellaswag"])
        text = path.read_text()
        files = re.findall(r"!\[.*?\]\((.+?)\)", text)
        assert files == ["report_figures/forecast.png", "report_figures/curves.png"]
        assert all((tmp_path / file).stat().st_size > 1000 for file in files)
        assert "No audit was made" in text


class TestWhatIsAsked:
    def test_a_forecast_that_was_made(self, cerebras_fit):
        made = bs.forecast(cerebras_fit, bs.budgets(flops=1e23), 3)
        assert gather(cerebras_fit, made).forecast is made

    def test_one_benchmark(self, cerebras_fit):
        contents = gather(cerebras_fit, flops=1e23, benchmark="piqa")
        assert contents.answer[0].startswith("With 1e23 FLOPs, 91 times the largest fitted run: piqa 7")
        assert contents.question == "What will runs of 1e23 training FLOPs score on piqa?"

    def test_many_budgets_are_counted(self, cerebras_fit):
        found = bs.forecast(cerebras_fit, bs.budgets(flops=[1e22, 2e22, 3e22, 4e22, 5e22]), 1)
        said = answer_sentences(cerebras_fit, found)
        assert said[-1] == "The table has 2 more runs."
        assert len(said) == 4

    @pytest.mark.parametrize(
        ("asked", "error", "said"),
        [
            ({}, ValueError, "expected what to forecast"),
            ({"at": bs.budgets(flops=1e23), "flops": 1e23}, ValueError, "got at= and flops; expected one of them"),
            ({"flops": 1e23, "fonts": 3}, TypeError, "fonts"),
            ({"flops": 1e23, "benchmark": "mmlu"}, ValueError, "mmlu"),
            ({"flops": 1e23, "probs": (1.5,)}, ValueError, "probs holds 1.5"),
        ],
    )
    def test_what_cannot_be(self, cerebras_fit, tmp_path, asked, error, said):
        with pytest.raises(error, match=re.escape(said)):
            bs.write_report(cerebras_fit, tmp_path / "r.html", **asked)
        assert not list(tmp_path.iterdir())

    def test_an_ending_that_is_not_known(self, cerebras_fit, tmp_path):
        with pytest.raises(ValueError, match=r"ends in '\.docx'; expected one of \.html, \.md"):
            bs.write_report(cerebras_fit, tmp_path / "r.docx", flops=1e23)

    def test_a_folder_that_is_not_there(self, cerebras_fit, tmp_path):
        with pytest.raises(FileNotFoundError, match="there is no folder"):
            bs.write_report(cerebras_fit, tmp_path / "none" / "r.html", flops=1e23)


def test_a_report_from_a_saved_fit_loads_no_sampler(cerebras_fit, tmp_path):
    path = cerebras_fit.save(tmp_path / "fit.nc")
    code = (
        "import sys, bayes_scaling as bs\n"
        f"bs.write_report(bs.load_fit({str(path)!r}), {str(tmp_path / 'r.html')!r}, flops=1e23)\n"
        "print([name for name in ('pymc', 'pytensor', 'nutpie', 'arviz', 'numba') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_two_stages_with_held_out_losses_say_how_errors_compound(two_stage_fit, cerebras_held_out, tmp_path):
    contents = gather(two_stage_fit, at=cerebras_held_out, held_out=cerebras_held_out)
    assert "Two stages" in [section.title for section in contents.sections]
    path = bs.write_report(two_stage_fit, tmp_path / "r.html", flops=1e23, held_out=cerebras_held_out)
    assert "what each stage adds" in Page(path.read_text()).words


def test_held_out_pass_rates_stand_beside_what_was_measured():
    runs = rates_runs()
    train, held_out = runs.split(flops=sorted(set(runs.frame["flops"]))[-2])
    fit = prior_fit(bs.PassAtKLaw(), train, draws=50)
    [audit] = [one for one in gather(fit, flops=1e23, k=1, held_out=held_out).sections if one.anchor == "audit"]
    [table] = [block.cells for block in audit.blocks if isinstance(block, TableBlock)]
    scores = bs.score_forecast(bs.forecast(fit, held_out, 0), held_out)
    assert table["measured"].tolist() == [f"{rate:.3f}" for rate in scores.rows["accuracy"]]
    assert f"Of {len(table)} held-out scores" in audit.blocks[0].text
