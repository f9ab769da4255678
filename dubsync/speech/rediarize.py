"""Second diarization pass: compare short windows of each turn with every voice found.

Within ten seconds the segmentation may merge two similar voices.  Windows of 1.5 s separate them,
except where they speak at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.sound.voices import Turn

WINDOW_S, HOP_S = 1.5, 0.5
LEAST_S = 0.5  #: shorter stretches keep the voice they have
#: Largest cosine distance between clusters of windows of one voice.  0.72 to 0.78 gave the same
#: result on mixtures of the voices in shared/footage and shared/takes, as did CHANGE 0.15 to 0.5.
APART = 0.75
LEAST_VOICE_S = 2.0  #: shortest speech of a voice that the first pass did not find
#: Cost, in cosine similarity, of a change of voice within a stretch.
CHANGE = 0.35
MOST_CLUSTERED = 1500  #: windows; of more, this many evenly spaced ones are clustered

Values = NDArray[np.float64]


def rediarize(
    turns: Sequence[Turn],
    prints: Callable[[Sequence[tuple[float, float]]], Array],
    *,
    most: int | None = None,
) -> tuple[Turn, ...]:
    """`turns` with each stretch of a single speaker assigned to the voice it sounds most like.

    Where several speak at once, each keeps the voice of the turn that it continues.

    Args:
        turns: in seconds; voices by any name.
        prints: gives the voiceprint of each span, (n, 192), of length 1 or 0.
        most: the most voices there may be.

    Source: ours; hidden Markov smoothing over windows as in Landini et al. 2022, "Bayesian HMM
    clustering of x-vector sequences (VBx)", with cosines in place of their model.
    """
    every = _stretches(turns)
    stretches = [s for s in every if len(s[2]) == 1]
    spans: list[tuple[float, float]] = []
    owner: list[int] = []
    for n, (start, stop, _) in enumerate(stretches):
        if stop - start >= LEAST_S:
            here = _windows(start, stop)
            spans += here
            owner += [n] * len(here)
    if len(spans) < 4:
        return tuple(turns)
    result = np.asarray(prints(spans), np.float64)
    whose = np.array([stretches[n][2][0] for n in owner])
    centres = _centres(result, whose, np.array([b - a for a, b in spans]), most)
    named = list(centres)
    likeness = result @ np.array([centres[name] for name in named]).T
    pieces: list[Turn] = []
    beside: dict[tuple[float, str], str] = {}  # an edge in time, the voice before -> the voice now
    at = np.array(owner)
    for n, (start, stop, speakers) in enumerate(stretches):
        mine = np.flatnonzero(at == n)
        if not len(mine):
            pieces.append(Turn(speakers[0], start, stop))
            continue
        path = _smoothed(likeness[mine])
        middles = [(spans[k][0] + spans[k][1]) / 2 for k in mine]
        cuts = [start, *((a + b) / 2 for a, b in pairwise(middles)), stop]
        pieces += [Turn(named[v], a, b) for v, a, b in zip(path, cuts, cuts[1:], strict=False)]
        beside |= {(start, speakers[0]): named[path[0]], (stop, speakers[0]): named[path[-1]]}
    for start, stop, speakers in every:
        if len(speakers) > 1:
            now = tuple(beside.get((start, s), beside.get((stop, s), s)) for s in speakers)
            voices = now if len(set(now)) == len(now) else speakers
            pieces += [Turn(voice, start, stop) for voice in voices]
    return _joined(pieces)


def _stretches(turns: Sequence[Turn]) -> list[tuple[float, float, tuple[str, ...]]]:
    """(start, stop, speakers) of every stretch in which the same people speak."""
    edges = sorted({edge for turn in turns for edge in (turn.start, turn.stop)})
    result: list[tuple[float, float, tuple[str, ...]]] = []
    for start, stop in pairwise(edges):
        speakers = tuple(sorted({t.speaker for t in turns if t.start < stop and t.stop > start}))
        if result and result[-1][1] == start and result[-1][2] == speakers:
            start = result.pop()[0]
        if speakers:
            result.append((start, stop, speakers))
    return result


def _windows(start: float, stop: float) -> list[tuple[float, float]]:
    if stop - start <= WINDOW_S:
        return [(start, stop)]
    count = int(np.ceil((stop - start - WINDOW_S) / HOP_S)) + 1
    firsts = np.linspace(start, stop - WINDOW_S, count)
    return [(float(first), float(first) + WINDOW_S) for first in firsts]


def _centres(
    prints: Values, whose: NDArray[np.str_], seconds: Values, most: int | None
) -> dict[str, Values]:
    """Voice -> direction: clusters of all windows, matched to the voices of the first pass.

    A cluster without a match is a new voice if it is heard for long enough.
    """
    full = np.flatnonzero((seconds >= WINDOW_S - 0.01) & (np.abs(prints).sum(axis=1) > 0))
    if len(full) > MOST_CLUSTERED:
        full = full[np.linspace(0, len(full) - 1, MOST_CLUSTERED).astype(int)]
    names = [str(name) for name in np.unique(whose)]
    centres: dict[str, Values] = {}
    if len(full) >= 2:
        tree = scipy.cluster.hierarchy.linkage(prints[full], method="average", metric="cosine")
        labels = scipy.cluster.hierarchy.fcluster(tree, APART, criterion="distance")
        clusters = [full[labels == label] for label in np.unique(labels)]
        shared = [[np.count_nonzero(whose[c] == name) for name in names] for c in clusters]
        pairs = zip(*scipy.optimize.linear_sum_assignment(-np.array(shared)), strict=True)
        taken = {row: names[column] for row, column in pairs if shared[row][column]}
        for row, name in taken.items():
            centres[name] = _unit(prints[clusters[row]].mean(axis=0))
        for row, cluster in enumerate(clusters):
            long_enough = len(cluster) * HOP_S >= LEAST_VOICE_S
            if row not in taken and long_enough and (most is None or len(centres) < most):
                centres[f"Voice {len(centres) + 1}"] = _unit(prints[cluster].mean(axis=0))
    for name in names:  # voices that never speak for a whole window
        if name not in centres:
            centres[name] = _unit(prints[whose == name].mean(axis=0))
    return centres


def _unit(values: Values) -> Values:
    return np.asarray(values / max(float(np.linalg.norm(values)), 1e-9), np.float64)


def _smoothed(likeness: Values) -> list[int]:
    """The likeliest voice of each window, where a change costs CHANGE (Viterbi)."""
    score = likeness[0].copy()
    came = []
    for row in likeness[1:]:
        best = int(score.argmax())
        stay = score >= score[best] - CHANGE
        came.append(np.where(stay, np.arange(len(score)), best))
        score = np.where(stay, score, score[best] - CHANGE) + row
    path = [int(score.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return path[::-1]


def _joined(pieces: Sequence[Turn]) -> tuple[Turn, ...]:
    joined: list[Turn] = []
    for speaker in dict.fromkeys(piece.speaker for piece in pieces):
        last: Turn | None = None
        for piece in sorted((p for p in pieces if p.speaker == speaker), key=lambda p: p.start):
            if last is not None and piece.start - last.stop < 1e-6:
                last = Turn(speaker, last.start, max(last.stop, piece.stop))
                joined[-1] = last
            else:
                joined.append(piece)
                last = piece
    return tuple(sorted(joined, key=lambda turn: (turn.start, turn.stop)))
