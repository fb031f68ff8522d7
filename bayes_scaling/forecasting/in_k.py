"""Posterior draws of pass rates at new budgets and k; pure functions of NumPy arrays.

The points of one run on one benchmark are one set of samples: they share what the run has of its own, the same problems
and the same attempts. A set that was fitted is conditioned on its own rates or counts; a new one is drawn.
"""

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..laws.attempts import AttemptsLaw
from ..laws.hazards import beta_log_hazard, beta_shapes, with_log_hazard_raised
from ..model.attempts.likelihood import Counts, Rates
from ..model.attempts.noise import Failure, attempt_covariance, hazard_slope, problem_covariance, rotate
from ..model.attempts.off_curve import walk_given
from ..model.attempts.sets import SampleSets, point_covariances
from ..model.curve import Curve
from ..model.deviation import covariance_root
from ..model.observed import Fitted, of_attempts
from ..model.reference import Reference
from ..model.response import negative_log_q
from ..posterior.draws import Draws
from ..runs.pass_rates import pass_at_k
from .attempts import Attempts, sampling_values, set_values
from .luck import run_effects
from .points import Points
from .prediction import curve_values, deviations, item_numbers


def predict_rates(
    curve: Curve, draws: Draws, points: Points, attempts: Attempts, fitted: Fitted
) -> tuple[Floats, Floats]:
    """Draw pass@k on the curve, and as one run will measure it, at each point.

    Parameters
    ----------
    curve : Curve
        Draws of the curve at k = 1 (`predict_curve`).
    draws, points
        As of `predict_scores`.
    attempts : Attempts
        The points' attempts.
    fitted : Fitted
        What was fitted.

    Returns
    -------
    expected, score : array, shape (samples, points)
        Rates: of the curve alone; and of a run with its own luck, its problems and its attempts.
    """
    rows, reference, observed = points.rows, fitted.reference, of_attempts(fitted)
    law = observed.law
    at = {c.name: curve_values(c, reference, draws, points) for c in (law.coefficients[0], *law.attempt_coefficients)}
    x = rows.log_flops - reference.centre_of("flops", rows.benchmark)
    kind = BetaCurves if isinstance(observed, Counts) else Curves
    raised, drift = (deviations(reference, draws, points, what) for what in ("hazard_", "drift_"))

    def errors(luck: Floats | float) -> Floats:
        error = negative_log_q(curve.log_error + luck, curve.ceiling, curve.share)
        return with_log_hazard_raised(error, raised) if law.sharing("hazard_") else error

    of_curve = kind(law, x, errors(0.0), drift, at)
    luck = run_effects(reference, draws, points) + set_values("set_effect", "set_sd", draws, attempts)
    of_run = kind(law, x, errors(luck), drift + set_values("set_effect_in_k", law.scatter, draws, attempts), at)
    if isinstance(observed, Counts):
        return 1 - of_curve.failure(attempts.k), _count_scores(of_run, draws, points, attempts, observed)
    missed = _off_curve(reference, draws, points, attempts.k)
    expected = -np.expm1(-np.exp(of_curve.hazard(attempts.k, missed)))
    hazard = of_run.hazard(attempts.k, missed) + sampling_values(draws, attempts, observed.sets)
    score = 1 - np.exp(-np.exp(hazard)) + _fresh_noise(of_run, draws, points, attempts)
    if (attempts.fitted >= 0).any():
        residual = _fitted_residual(draws, fitted)
        for s in np.flatnonzero(attempts.fitted >= 0):
            at_set = np.flatnonzero(attempts.of_point == s)
            moved = _continued(residual, at_set, int(attempts.fitted[s]), draws, attempts, observed.sets)
            score[:, at_set] = -np.expm1(-np.exp(hazard[:, at_set] + moved))
    return expected, np.clip(score, 0.0, 1.0)


@dataclass(frozen=True)
class Curves:
    """Draws of curves in k at points: log error at k = 1 and the rest, each of shape (samples, points)."""

    law: AttemptsLaw
    x: Floats
    error: Floats
    effect: Floats
    at: dict[str, Floats]

    def hazard(self, k: Floats, missed: Floats | float = 0.0) -> Floats:
        """``log(-log(1 - pass@k))`` at one k a point, with what the curves miss there, shape (samples, points)."""
        return self.law.log_hazard(self.x, k, self.error, self.effect, self.at, missed)

    @property
    def log_bend(self) -> Floats:
        """Log of the attempts at which the curves bend, of the tail form, shape (samples, points)."""
        return self.law.log_bend(self.error, self.effect, self.at)

    def failure(self, k: Floats) -> Floats:
        """1 - pass@k at one k a point, shape (samples, points)."""
        return np.exp(-np.exp(self.hazard(k)))

    def typical(self, point: int) -> Failure:
        """1 - pass@k at any k, of the medians at one point."""
        middle = Curves(
            self.law,
            self.x[point],
            np.array(np.median(self.error[:, point])),
            np.array(np.median(self.effect[:, point])),
            {name: np.array(np.median(values[:, point])) for name, values in self.at.items()},
        )
        return middle.failure


@dataclass(frozen=True)
class BetaCurves(Curves):
    """Curves of success rates that have a beta distribution over problems."""

    def hazard(self, k: Floats, missed: Floats | float = 0.0) -> Floats:  # noqa: ARG002
        """As of `Curves`; beta distributions miss nothing."""
        return beta_log_hazard(self.error, self.log_bend, k)


def _off_curve(reference: Reference, draws: Draws, points: Points, k: Floats) -> Floats:
    """Draws of what curves in k miss at each point, joint over k, shared by all runs of a benchmark."""
    missed = np.zeros((draws.size, len(k)))
    if draws.law.leaves_out("k_amplitude"):
        return missed
    keys = np.where(points.new_benchmark >= 0, -1 - points.new_benchmark, points.rows.benchmark)
    sizes = [basis.size for basis in reference.bases_in_k]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    for key in np.unique(keys).tolist():
        at = np.flatnonzero(keys == key)
        log_k, place = np.unique(np.log(k[at]), return_inverse=True)
        weights, root = walk_given(reference.bases_in_k[key] if key >= 0 else None, log_k)
        values = draws.normal(root.shape[1]) @ root.T
        if weights.shape[1]:
            values = values + draws.values["k_deviation"][:, starts[key] : starts[key + 1]] @ weights.T
        missed[:, at] = values[:, place.ravel()]
    return draws.scale("k_amplitude")[:, None] * missed


def _fresh_noise(curves: Curves, draws: Draws, points: Points, attempts: Attempts) -> Floats:
    """Draws of the noise of rates of new sets, joint over the points of a set, shape (samples, points).

    Spreads are each draw's own; correlations over k, which hardly depend on the draw, are those of the medians.
    """
    k, n = attempts.k, attempts.n_samples
    items = item_numbers(draws, points)
    twice = curves.failure(2 * k)
    of_problems = np.maximum(twice - curves.failure(k) ** 2, 0.0) / items
    of_attempts = np.maximum(curves.failure(2 * k - k**2 / n) - twice, 0.0) / items
    sd_problems = np.sqrt(of_problems) * draws.scale("problems_dispersion")[:, None]
    sd_attempts = np.sqrt(of_attempts) * draws.scale("attempts_dispersion")[:, None]
    noise = np.zeros((draws.size, len(k)))
    for s in np.flatnonzero(attempts.fitted < 0):
        at = np.flatnonzero(attempts.of_point == s)
        failure = curves.typical(int(at[0]))
        problems = _correlation_root(problem_covariance(failure, k[at], k[at]))
        sampling = _correlation_root(attempt_covariance(failure, k[at], k[at], n[at], n[at]))
        noise[:, at] = sd_problems[:, at] * (draws.normal(len(at)) @ problems.T)
        noise[:, at] += sd_attempts[:, at] * (draws.normal(len(at)) @ sampling.T)
    return noise


def _correlation_root(covariance: Floats) -> Floats:
    """Root of the correlations of a covariance; points without variance correlate with nothing."""
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    scale = np.divide(1.0, sd, out=np.zeros_like(sd), where=sd > 0)
    return covariance_root(covariance * np.outer(scale, scale))


def _fitted_residual(draws: Draws, fitted: Fitted) -> Floats:
    """Draws of what the fitted rates differ by from their runs' curves (log hazard), shape (samples, rows)."""
    observed = of_attempts(fitted)
    assert isinstance(observed, Rates)
    return observed.sets.response - observed.hazard(fitted.reference, fitted.rows, draws.values)


def _continued(residual: Floats, members: Ints, s: int, draws: Draws, attempts: Attempts, sets: SampleSets) -> Floats:
    """Draws of what further rates of a fitted set miss its curve by (log hazard), shape (samples, members).

    Its problems and attempts go on serving, so that new rates miss the curve by what the fitted ones make likely.
    """
    rows, failure, items = sets.members[s], sets.failure(s), sets.items[s]
    k, n, old_k, old_n = attempts.k[members], attempts.n_samples[members], sets.k[rows], sets.n_samples[rows]
    slope, old_slope = hazard_slope(1 - failure(k)), hazard_slope(sets.smooth[rows])
    across = np.outer(slope, old_slope) / items
    attempts_across = attempt_covariance(failure, k, old_k, n, old_n) * across
    problems_across = problem_covariance(failure, k, old_k) * across
    attempts_own, problems_own = point_covariances(failure, k, n, items)

    rotation = rotate(*sets.covariances(s), least=-np.inf, most=np.inf)
    sampling = draws.scale("attempts_dispersion")[:, None] ** 2
    problems = draws.scale("problems_dispersion")[:, None] ** 2
    solved = (residual[:, rows] @ rotation.matrix.T / (sampling + problems * rotation.problems)) @ rotation.matrix
    mean = sampling * (solved @ attempts_across.T) + problems * (solved @ problems_across.T)

    a, p = float(np.mean(sampling)), float(np.mean(problems))
    gain = (a * attempts_across + p * problems_across) @ rotation.matrix.T
    left = a * attempts_own + p * problems_own - gain / (a + p * rotation.problems) @ gain.T
    return mean + draws.normal(len(members)) @ covariance_root(left).T


def _count_scores(curves: Curves, draws: Draws, points: Points, attempts: Attempts, observed: Counts) -> Floats:
    """Draws of rates that counts will give, shape (samples, points).

    Each problem's success rate is drawn given its own counts, if it was fitted, then the attempts that are still to
    come, and the rate at every k is the unbiased one of all attempts together.
    """
    a, b = beta_shapes(curves.error, curves.log_bend)
    items = item_numbers(draws, points)
    score = np.empty((draws.size, len(attempts.k)))
    for s, fitted in enumerate(attempts.fitted):
        at = np.flatnonzero(attempts.of_point == s)
        first = int(at[0])
        if fitted >= 0:
            rows = observed.sets.members[fitted]
            done, right = observed.sets.n_samples[rows], observed.sets.n_correct[rows]
        else:
            done = right = np.zeros(max(1, round(float(np.median(np.broadcast_to(items, score.shape)[:, first])))))
        rate = draws.rng.beta(a[:, first, None] + right, b[:, first, None] + done - right)
        for n in np.unique(attempts.n_samples[at]):
            total = np.maximum(done, n)
            correct = right + draws.rng.binomial((total - done).astype(np.int64), np.clip(rate, 0.0, 1.0))
            for point in at[attempts.n_samples[at] == n]:
                score[:, point] = _mean_rate(total, correct, attempts.k[point])
    return score


def _mean_rate(total: Floats, correct: Floats, k: float) -> Floats:
    """Mean over problems of the unbiased rate at k, shape (samples,); each different count is computed once."""
    score = np.zeros(len(correct))
    for n in np.unique(total):
        of_n = correct[:, total == n]
        values, place = np.unique(of_n, return_inverse=True)
        score += np.asarray(pass_at_k(n, values, k))[place.reshape(of_n.shape)].sum(axis=1)
    return score / len(total)
