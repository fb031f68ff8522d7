"""Planning from a saved fit, in a process of its own, loads neither model nor sampler."""

import subprocess
import sys

SCRIPT = """
import sys, warnings
import bayes_scaling as bs

warnings.simplefilter("ignore")
direct, ratio, rates = (bs.load_fit(path) for path in sys.argv[1:])
later = bs.budgets(flops=1e24)
bs.probability_of(bs.forecast(direct, later, 1), 0.6)
bs.budget_for(direct, "hellaswag", 0.6)
bs.next_run(direct, bs.budgets(flops=[1e22, 1e23]), later)
bs.continue_run(ratio, "Cerebras-1.3B", 1e21)
bs.allocate(ratio, 1e23, "piqa", family="Pythia")
bs.rank_families(ratio, bs.budgets(flops=1e23, ratio=20.0))
bs.train_or_sample(rates, 0.5, tokens_per_sample=300, queries=1e5, benchmark="code")
print(",".join(sorted({"pymc", "pytensor", "arviz", "nutpie", "numba", "matplotlib"} & set(sys.modules))))
"""


def test_no_question_loads_a_sampler(cerebras_fit, ratio_fit, rates_fit, tmp_path):
    fits = {"direct": cerebras_fit, "ratio": ratio_fit, "rates": rates_fit}
    paths = [str(fit.save(tmp_path / f"{name}.nc")) for name, fit in fits.items()]
    ran = subprocess.run([sys.executable, "-c", SCRIPT, *paths], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == ""
