"""How wrong secrets score: 10,000 of them on one face, over all 64 shifts of the patterns.

    python -m benchmarks.mark.wrong_keys FACES.npz [SECRETS]

FACES.npz holds `luma`, (T, 128, 128) flat faces of 48 or more consecutive frames (`flat_face`), as
an engine keeps them of a clean render, or as they are read from any copy.
"""

from __future__ import annotations

import sys

import numpy as np

from dubsync.engine.mark.code import best_codeword
from dubsync.engine.mark.compare import Aligned, Evidence, _shifted, evidence
from dubsync.engine.mark.decide import bound
from dubsync.engine.mark.pattern import BLOCK, Keyed
from dubsync.engine.mark.prepare import residues

FRAMES, DECODED = 48, 4


def scores(given: Aligned) -> float:
    """The best score of any payload over all shifts."""
    joint = given.found + given.values.max(axis=2).sum(axis=1)
    best = np.argsort(-joint)[:DECODED]
    totals = [best_codeword(given.values[n])[0] + given.found[n] for n in best]
    return float(max(totals)) / 7**0.5


def main(path: str, secrets: int = 10_000) -> None:
    """Print the scores' distribution, and the greatest beside its bound."""
    luma = np.load(path, allow_pickle=False)["luma"][:FRAMES].astype(np.float32)
    rows = residues(luma)[0]
    # Frames of one block are summed first: the comparison is linear.
    rows = rows.reshape(-1, BLOCK, rows.shape[1]).sum(axis=1)
    at = np.arange(len(rows), dtype=np.int64)
    best, single = np.empty(secrets), np.empty(secrets)
    for n in range(secrets):
        given: Evidence = evidence(rows, at, Keyed(f"a wrong secret, {n:08d}".encode()))
        found, values = _shifted(given, at)
        best[n] = scores(Aligned(found, values, ()))
        single[n] = found[0]
        if (n + 1) % 500 == 0:
            done = best[: n + 1]
            print(
                f"{n + 1} secrets: one hypothesis mean {single[: n + 1].mean():+.3f} sd "
                f"{single[: n + 1].std():.3f}; best of all mean {done.mean():.2f} sd "
                f"{done.std():.2f} greatest {done.max():.2f} "
                f"(bound on that: {bound(float(done.max()), 64 * 2.0**32 * (n + 1)):.2g})",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1], *(int(n) for n in sys.argv[2:3]))
