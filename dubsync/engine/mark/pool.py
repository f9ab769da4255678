"""Several shots of one film, each too weak to say anything alone, read together.

Each reading carries a bound on its own false alarm, a p-value.  The product of n independent ones
falls below x with a probability of x * sum of (-ln x)^k / k!, k < n (Fisher 1932): so weak shots
add up, and shots without a mark cost little.  Only bounds below 1 can add up: a shot read blind
pays for 2^32 payloads first, so weak shots are read with the payloads that their records expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, fsum, lgamma, log

from dubsync.engine.mark.reading import Reading

#: No bound is taken for smaller than this.
LEAST = 1e-300


def pooled(readings: Sequence[Reading]) -> float:
    """Upper bound on the chance that a wrong secret scores so in all `readings` together.

    One reading for each shot, of different pictures; `trials` of each counts only what was tried
    for that shot.
    """
    if not readings:
        return 1.0
    total = -fsum(log(max(reading.false_alarm, LEAST)) for reading in readings)
    if total <= 0:
        return 1.0
    terms = (k * log(total) - lgamma(k + 1) - total for k in range(len(readings)))
    return min(1.0, fsum(exp(term) for term in terms))
