"""Wrong secrets score like chance: the bound on false alarms holds."""

import numpy as np

from dubsync.engine.mark.decide import bound
from dubsync.engine.mark.pattern import AREA, Keyed, keyed_bytes


def test_wrong_secrets_score_like_chance_on_any_picture():
    """One hypothesis of each: mean 0, variance 1, tails under Hoeffding's bound."""
    row = np.random.default_rng(1).standard_cauchy(AREA).clip(-30, 30)
    row /= np.linalg.norm(row)
    scores = []
    for n in range(10_000):
        bits = np.unpackbits(keyed_bytes(n.to_bytes(16, "big"), "block 0", AREA // 8))
        scores.append(2 * (row @ bits) - row.sum())
    score = np.array(scores)
    assert abs(score.mean()) < 0.05
    assert 0.95 < score.std() < 1.05
    for z in (2.0, 3.0, 4.0):
        assert (score > z).mean() <= bound(z, 1)


def test_the_fields_of_a_secret_are_unlike_each_other_and_another_secrets():
    one = np.concatenate([Keyed(b"a secret of a house").signs(n) for n in (0, 1)]).astype(float)
    two = Keyed(b"a secret of another").signs(0).astype(float)
    fields = np.concatenate([one, two]) / AREA**0.5
    alike = fields @ fields.T - np.eye(len(fields))
    assert np.abs(alike).max() < 0.05
