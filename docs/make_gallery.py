"""Draw the gallery of the documentation, from data that ships: ``python docs/make_gallery.py [FIGURE ...]``.

Each figure is drawn by the example of its docstring, which speaks of what `MADE` holds; without names all are drawn,
which takes minutes, most of it fits. The pictures go into ``docs/gallery/``, and the list of all figures
below the first lines of ``docs/gallery.md``.
"""

import sys
from pathlib import Path

from conf import figures

import bayes_scaling as bs
from bayes_scaling.evaluation.simulation.ranks import read_ranks

FOLDER = Path(__file__).parent / "gallery"
PAGE = Path(__file__).parent / "gallery.md"
DPI = 90

#: What examples speak of, by name, and how it is made of what else they speak of.
MADE = {
    "runs": "bs.load_dataset('cerebras_gpt')",
    "train": "runs.split(params=3e9)[0]",
    "held_out": "runs.split(params=3e9)[1]",
    "suite": "bs.load_dataset('pile_suite').select('family != \"OPT\"', benchmark=['hellaswag', 'piqa', 'arc_easy'])",
    "fit": "bs.fit(bs.GeneralLaw(), train, random_seed=1, progressbar=False)",
    "ratio_fit": "bs.fit(bs.RatioLaw(), suite, random_seed=1, progressbar=False)",
    "pass_fit": "bs.fit(bs.PassAtKLaw(), bs.load_dataset('codex_humaneval'), random_seed=1, progressbar=False)",
    "two_stage_fit": "bs.fit(bs.TwoStageLaw(), train, random_seed=1, progressbar=False)",
    "checkpoints": (
        "bs.simulate_runs(bs.GeneralLaw(run_sd=0.08), n_benchmarks=3, n_runs=6, checkpoints=[1, 1, 1, 1, 8, 6], "
        "level=[-0.2, -0.5, -0.8], exponent=[0.15, 0.2, 0.12], ceiling=0.0, n_items=4000, random_seed=3).runs"
    ),
    "checkpoints_fit": "bs.fit(bs.GeneralLaw(), checkpoints, random_seed=1, progressbar=False)",
    "forecast": "bs.forecast(fit, bs.budgets(flops=[1e23, 1e24]), 1)",
    "backtest": "bs.backtest(bs.GeneralLaw(), runs, random_seed=1, progressbar=False)",
    "ranks": "read_ranks('tests/studies/sbc_direct.csv')",
}


class Made(dict):
    """The same, each made when an example first speaks of it."""

    def __missing__(self, name):
        """Make one."""
        self[name] = eval(MADE[name], {}, self)
        return self[name]


def page() -> str:
    """Text of the gallery: its first lines as they are, then every figure with its call."""
    head = PAGE.read_text(encoding="utf-8").partition("\n## ")[0]
    parts = [
        f"\n## {name.replace('_', ' ').capitalize()}\n\n`{call}`\n\n![{name}](gallery/{name}.png)\n"
        for name, call in figures().items()
    ]
    return "\n".join([head, *(part.strip("\n") + "\n" for part in parts)])


def main(names: list[str]) -> None:
    """Draw the figures of these names, or all, and write the page."""
    FOLDER.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    made, calls = Made(bs=bs, read_ranks=read_ranks), figures()
    for name in names or calls:
        figure = eval(calls[name], {}, made)
        figure.savefig(FOLDER / f"{name}.png", dpi=DPI, metadata={"Software": None})


if __name__ == "__main__":
    main(sys.argv[1:])
