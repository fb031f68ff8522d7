"""Metrics by name: which are no share of right answers, and which fall as a model gets better."""

import re

_FALLS = re.compile(
    r"(^|_)(bpb|bits|bits_per_(byte|token|char|character)|ppl|perplexity|nll|loss|cross_?entropy|brier(_score)?|ece"
    r"|calibration_error|wer|cer|ter|error|error_rate|err|edit_distance|rmse|mse|mae)($|_)"
)
_NO_SHARE = re.compile(
    r"(^|_)(bleu|sacrebleu|chrf\w*|rouge\w*|meteor|bert_?score|comet|mcc|matthews\w*|pearson\w*|spearman\w*|kendall\w*"
    r"|likelihood_diff|log_?likelihood|logprob\w*|pct_stereotype|parity|elo|rating|latency|seconds|length"
    r"|num_\w+|percent_parseable|parseable)($|_)"
)


def falls(metric: str) -> bool:
    """Whether lower values of a metric are better, by its name.

    Examples
    --------
    >>> falls("bits_per_byte"), falls("word_perplexity"), falls("acc_norm"), falls("exact_match,strict-match")
    (True, True, False, False)
    """
    return _FALLS.search(_plain(metric)) is not None


def is_no_share(metric: str) -> bool:
    """Whether a metric, by its name, is something else than a share of right answers.

    Examples
    --------
    >>> is_no_share("rougeL"), is_no_share("mcc"), is_no_share("brier_score"), is_no_share("f1")
    (True, True, True, False)
    """
    return falls(metric) or _NO_SHARE.search(_plain(metric)) is not None


def _plain(metric: str) -> str:
    return re.sub(r"[\s/.-]+", "_", metric.strip().lower().split(",")[0])
