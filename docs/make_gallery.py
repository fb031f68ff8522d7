"""Draw the gallery of the documentation, from data that ships: ``python docs/make_gallery.py``.

Fits take about two minutes; the figures go into ``docs/gallery/``, and their page into ``docs/gallery.md``.
"""

from pathlib import Path

from matplotlib.figure import Figure

import bayes_scaling as bs
from bayes_scaling import plots
from bayes_scaling.evaluation.simulation.ranks import read_ranks

FOLDER = Path(__file__).parent / "gallery"
PAGE = Path(__file__).parent / "gallery.md"
DPI = 90


def fitted(law, runs):
    """Fit a law, always with the same numbers."""
    return bs.fit(law, runs, random_seed=1, progressbar=False)


def figures() -> dict[str, tuple[str, Figure]]:
    """Draw each figure, with the call that draws it."""
    train, held_out = bs.load_dataset("cerebras_gpt").split(params=3e9)
    direct = fitted(bs.DirectLaw(), train)
    forecast = bs.forecast(direct, bs.budgets(flops=[1e23, 1e24]), 1)
    suite = bs.load_dataset("pile_suite").select("family != 'OPT'", benchmark=["hellaswag", "piqa", "arc_easy"])
    ratio = fitted(bs.RatioLaw(), suite)
    passes = fitted(bs.PassAtKLaw(), bs.load_dataset("codex_humaneval"))
    two_stage = fitted(bs.TwoStageLaw(), train)
    backtest = bs.backtest(bs.DirectLaw(), bs.load_dataset("cerebras_gpt"), progressbar=False, random_seed=1)
    prior = plots.prior_predictive(bs.sample_prior(bs.DirectLaw(), train, random_seed=1), train)
    ranks = read_ranks(FOLDER.parents[1] / "tests" / "studies" / "sbc_direct.csv")
    reached = bs.probability_of(forecast, {"piqa": 0.8, "hellaswag": 0.6})
    needed = bs.budget_for(direct, "piqa", 0.75, 0.9)
    shared = bs.allocate(ratio, [1e21, 1e22, 1e23], "hellaswag", family="Pythia")
    ranking = bs.rank_families(ratio, bs.budgets(flops=1e22, ratio=20))
    cost = {"tokens_per_sample": 400, "queries": 1e8}
    sampled = bs.train_or_sample(passes, 0.5, **cost)
    chosen = bs.next_run(direct, bs.budgets(flops=[3e21, 1e22]), bs.budgets(flops=1e24))
    longer = bs.continue_run(direct, "Cerebras-1.3B", [1e21, 1e22], wanted=0.01)
    return {
        "curves": (
            "bs.plots.curves(fit, held_out, planned=forecast)",
            plots.curves(direct, held_out, planned=forecast),
        ),
        "forecast_intervals": ("bs.plots.forecast_intervals(forecast)", plots.forecast_intervals(forecast)),
        "linearised": ("bs.plots.linearised(fit)", plots.linearised(direct)),
        "residuals": ("bs.plots.residuals(fit)", plots.residuals(direct)),
        "exponents": ("bs.plots.exponents(fit)", plots.exponents(direct)),
        "prior_predictive": ("bs.plots.prior_predictive(bs.sample_prior(law, runs), runs)", prior),
        "rank_distributions": ("bayes-scaling sbc direct --figure ranks.png", ranks.plot()),
        "isoflop": (
            "bs.plots.isoflop(ratio_fit, ...)",
            plots.isoflop(ratio, flops=[1e21, 1e22], benchmark="hellaswag"),
        ),
        "ratios": ("bs.plots.ratios(ratio_fit, ...)", plots.ratios(ratio, benchmark="hellaswag")),
        "pass_at_k": ("bs.plots.pass_at_k(pass_fit)", plots.pass_at_k(passes)),
        "pass_rates": ("bs.plots.pass_rates(pass_fit)", plots.pass_rates(passes)),
        "pass_contours": ("bs.plots.pass_contours(pass_fit)", plots.pass_contours(passes)),
        "compounding": ("bs.compounding(two_stage_fit, held_out).plot()", bs.compounding(two_stage, held_out).plot()),
        "calibration": ("bs.backtest(law, runs).plot()", backtest.plot()),
        "target_probability": ("bs.probability_of(forecast, {...}).plot()", reached.plot()),
        "target_budget": ("bs.budget_for(fit, 'piqa', 0.75, 0.9).plot()", needed.plot()),
        "allocation": ("bs.allocate(ratio_fit, [1e21, 1e22, 1e23], ...).plot()", shared.plot()),
        "family_ranking": ("bs.rank_families(ratio_fit, ...).plot()", ranking.plot()),
        "train_or_sample": ("bs.train_or_sample(pass_fit, 0.5, ...).plot()", sampled.plot()),
        "selection": ("bs.next_run(fit, ...).plot()", chosen.plot()),
        "continuation": ("bs.continue_run(fit, 'Cerebras-1.3B', ...).plot()", longer.plot()),
    }


def main() -> None:
    """Draw the figures and write the page's list of them."""
    FOLDER.mkdir(exist_ok=True)
    lines = []
    for name, (call, figure) in figures().items():
        figure.savefig(FOLDER / f"{name}.png", dpi=DPI, metadata={"Software": None})
        lines += [
            f"## {name.replace('_', ' ').capitalize()}",
            "",
            f"`{call}`",
            "",
            f"![{name}](gallery/{name}.png)",
            "",
        ]
    head = PAGE.read_text(encoding="utf-8").split("\n## ")[0].replace("GALLERY", "").rstrip()
    PAGE.write_text(head + "\n\n" + "\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
