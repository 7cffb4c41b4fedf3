"""The failure rates that a search believes possible, on a grid.

Both rates are unknown and learned. Three models share the prior: M0, a bug that always shows; M1, a bug that shows in
a share q of the runs and never on the good side; M2, where the good side fails too, in a share f of the runs. Where
failures are matched by signature the good side cannot show the declared bug, and M2 is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import log, log2
from typing import Final, TypeAlias

NEVER: Final = -1e9
"""Logarithm of an impossible event: finite, so that no such events at all still weigh nothing."""

BAD_RATES: Final = (
    *(0.01, 0.013, 0.017, 0.021, 0.025, 0.032, 0.04, 0.049, 0.06, 0.074, 0.09),
    *(0.11, 0.13, 0.16, 0.19, 0.23, 0.27, 0.31, 0.36, 0.42, 0.48, 0.54, 0.6, 0.66, 0.72),
    *(0.77, 0.82, 0.86, 0.89, 0.92, 0.94, 0.957, 0.97),
)
"""Every second of them is too few: the rates between were taken for the next one, and .03 took 4 % more runs."""

GOOD_RATES: Final = (0.003, 0.01, 0.03, 0.08, 0.15, 0.3, 0.5)
"""With each of them go every second of the bad ones: pairs are many, and each is as much work."""


Logs: TypeAlias = tuple[float, float, float, float, float]
"""Logarithms of a prior, a bad rate, 1 less it, a good rate, 1 less it."""


class Model(StrEnum):
    """Which rates may differ from never and always."""

    DETERMINISTIC = "deterministic"
    FLAKY = "flaky"
    FLAKY_BOTH_SIDES = "flaky on both sides"


UNSTEADY: Final = {Model.FLAKY: 0.6, Model.FLAKY_BOTH_SIDES: 0.4}
"""How the models of a bug that does not always show share their prior."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """One point of the grid.

    Attributes:
        good: share of runs that show the bug on the good side.
        bad: the same on the bad side, greater.
        prior: of this point, all points together 1.
        logs: logarithms of prior, bad, 1 - bad, good, 1 - good.
        good_bits, bad_bits: entropy of one run on either side.
    """

    model: Model
    good: float
    bad: float
    prior: float
    logs: Logs
    good_bits: float
    bad_bits: float


@cache
def rate_grid(*, matched: bool, steady: float) -> tuple[Rates, ...]:
    """Return every pair of rates with its prior.

    Args:
        matched: failures count only with the declared signature, so the good side never shows the bug.
        steady: prior of the deterministic model before any other is dropped; 1 leaves no other.
    """
    models = {Model.DETERMINISTIC: [(0.0, 1.0)]}
    if steady < 1:
        models[Model.FLAKY] = [(0.0, bad) for bad in BAD_RATES]
        if not matched:
            models[Model.FLAKY_BOTH_SIDES] = [
                (good, bad) for good in GOOD_RATES for bad in BAD_RATES[::2] if bad >= 1.5 * good + 0.02
            ]
    priors = {Model.DETERMINISTIC: steady, **{model: (1 - steady) * share for model, share in UNSTEADY.items()}}
    total = sum(priors[model] for model in models)
    return tuple(
        _rates(model, good, bad, priors[model] / total / len(pairs))
        for model, pairs in models.items()
        for good, bad in pairs
    )


def _rates(model: Model, good: float, bad: float, prior: float) -> Rates:
    logs = (log(prior), log_or_never(bad), log_or_never(1 - bad), log_or_never(good), log_or_never(1 - good))
    return Rates(
        model=model, good=good, bad=bad, prior=prior, logs=logs, good_bits=entropy(good), bad_bits=entropy(bad)
    )


def entropy(share: float) -> float:
    """Return the binary entropy, bits."""
    if share <= 0 or share >= 1:
        return 0.0
    return -share * log2(share) - (1 - share) * log2(1 - share)


def log_or_never(share: float) -> float:
    """Return the logarithm of a share, `NEVER` for 0."""
    return log(share) if share > 0 else NEVER
