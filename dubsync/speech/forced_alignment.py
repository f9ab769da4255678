"""Forced alignment: when each word and phone of a known text is spoken.

The best path (Viterbi) through the phone network's readings visits the words in order.  Between
two words there may be silence, or speech that the text lacks; a word that is not spoken is skipped.
Each aligned word has a confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.long_rows import stretches
from dubsync.core.sound.phones import PHONES, VISEME_OF
from dubsync.speech.pronounce import Word

#: Raise when the same words would be aligned otherwise; part of cache keys.
VERSION = "2"
#: On real speech the network is overconfident: probabilities are raised to this power first.
CALMED = 0.5
#: Shares of a phone's probability that it keeps, and that it gives to phones of the same viseme;
#: the rest goes to all phones.  On real speech the network confuses them.
OWN, ALIKE = 0.75, 0.2
LEAST = 1e-2  #: lower bound of any probability
PRIOR = 0.5  #: evidence is divided by a phone's average probability to this power
SHORTEST = 3  #: shortest phone, in readings
#: Speech that the text lacks scores this far below the likeliest phone (logarithms); cost of
#: starting it.
OTHER, BEGIN_OTHER = 3.0, 3.0
SKIPPED = 20.0  #: cost of skipping a word
PAUSE = 0.5  #: cost of a pause between words
#: Logistic model of a word's confidence: a constant; weight of how far its phones lie below the
#: likeliest ones (a mean of logarithms); of the same for the words around; of each neighbour in the
#: text that is spoken right beside it.  Fitted to nine recordings of speech in five languages
#: against Whisper's times, and to texts of other recordings, whose words are not spoken.
SURE, BY_OWN, BY_AROUND, BY_BESIDE = 7.1, 1.9, 7.3, 1.1
AROUND, AROUND_S = 3, 2.0  #: words either side, and seconds, that count as around
BESIDE_S = 0.05  #: largest gap between words that are beside each other

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """A word of a text with its times.

    written     as the text has it
    phones      (place in PHONES, begin, end) of each, seconds on the features' clock
    confidence  0..1 that the word is spoken there
    """

    written: str
    phones: tuple[tuple[int, float, float], ...]
    confidence: float

    @property
    def begin(self) -> float:
        return self.phones[0][1]

    @property
    def end(self) -> float:
        return self.phones[-1][2]


def aligned(
    features: AudioFeatures, words: Sequence[Word], span: tuple[float, float] | None = None
) -> tuple[AlignedWord, ...]:
    """The words that are spoken, in order; the others are left out.

    Args:
        words: of the text; words without a pronunciation are left out.
        span: seconds on the features' clock in which they are spoken; None: all of it.

    Source: Viterbi 1967; forced alignment as Rabiner 1989, "A Tutorial on Hidden Markov Models",
    section III B; skipped words and sounds between them as in Moreno, Joerg, Van Thong,
    Glickman 1998, "A recursive algorithm for the forced alignment of very long audio segments".
    """
    count = len(features.phones)
    first, last = 0, count
    if span is not None:
        at = (np.array(span) - float(features.start)) * READING_RATE
        first, last = (int(v) for v in np.clip(np.rint(at), 0, count))
    known = [word for word in words if word.ways]
    if not known or last - first < SHORTEST:
        return ()
    scores = evidence(features, first, last)
    net = _net(known)
    path = _best_path(scores, net)
    clock = float(features.start) + first / READING_RATE
    return tuple(_spoken(known, net, path, scores, clock))


def evidence(features: AudioFeatures, first: int, last: int) -> Values:
    """(last - first, P) log evidence of each of those readings for each phone.

    It is against how often each phone is heard in the whole sound, so all of it is gone through
    once, a minute at a time.
    """
    parts = [part for part in _minutes(len(features.phones)) if part.start < last]
    parts = [part for part in parts if part.stop > first]
    shared = np.concatenate([_shared(features, part) for part in parts])
    shared = shared[first - parts[0].start :][: last - first]
    usual = _usual(features)
    return np.asarray(np.log(shared) - PRIOR * np.log(usual * len(PHONES)), np.float64)


def _minutes(count: int) -> list[slice]:
    """Parts of so many readings; the last is longer, since a short one would be summed otherwise.

    So every reading has the bits that it has when all are taken at once.
    """
    parts = list(stretches(count))
    if len(parts) > 1:
        parts[-2:] = [slice(parts[-2].start, count)]
    return parts


def _shared(features: AudioFeatures, part: slice) -> Values:
    """(M, P) probability of each phone in some readings, phones that are alike sharing theirs."""
    alike = np.equal.outer(VISEME_OF, VISEME_OF).astype(np.float64)
    alike /= alike.sum(axis=1, keepdims=True)
    chance = np.asarray(features.phones[part], np.float64) ** CALMED
    chance /= chance.sum(axis=1, keepdims=True)
    shared = OWN * chance + ALIKE * chance @ alike + (1 - OWN - ALIKE) / len(PHONES) + LEAST
    shared[:, 0] = np.maximum(shared[:, 0], 1 - np.asarray(features.speech[part], np.float64))
    return np.asarray(shared, np.float64)


@lru_cache(maxsize=1)  # the lines of a dub are aligned one after another
def _usual(features: AudioFeatures) -> Values:
    """(P,) how often each phone is heard in the sound's speech."""
    spoken = np.asarray(features.speech) > 0.5
    total, usual = np.zeros((0, len(PHONES))), np.ones(len(PHONES))
    for part in _minutes(len(spoken)):
        said = _shared(features, part)[spoken[part]] if spoken[part].any() else total[:0]
        total = np.concatenate([total, said]).sum(axis=0, keepdims=True)  # one after another
    if spoken.any():
        usual = total[0] / spoken.sum()
    usual = usual / usual.sum() + 0.3 / len(PHONES)
    usual[0] = usual[1:].mean()
    return np.asarray(usual, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Net:
    """The states in order: SHORTEST for each phone of each pronunciation of each word.

    phone, word, way, nth   (S,) of each state; way: the pronunciation; nth: the phone within it
    begins, ends            (S,) whether it is the first or last of its pronunciation
    stays                   (S,) whether it may repeat: the last of its phone
    words                   number of words
    """

    phone: NDArray[np.intp]
    word: NDArray[np.intp]
    way: NDArray[np.intp]
    nth: NDArray[np.intp]
    begins: NDArray[np.bool_]
    ends: NDArray[np.bool_]
    stays: NDArray[np.bool_]
    words: int


def _net(words: Sequence[Word]) -> _Net:
    phone, word, way, nth, part, last = np.array(
        [
            (phone, n, k, nth, part, len(phones) - 1)
            for n, one in enumerate(words)
            for k, phones in enumerate(one.ways)
            for nth, phone in enumerate(phones)
            for part in range(SHORTEST)
        ]
    ).T
    stays = part == SHORTEST - 1
    begins, ends = (nth == 0) & (part == 0), (nth == last) & stays
    return _Net(phone, word, way, nth, begins, ends, stays, len(words))


@dataclass(frozen=True, slots=True, eq=False)
class _Trace:
    """Back pointers of the best scores.  Gap k lies before word k, the last one after all K words.

    states          (N, S)          0 the state itself, 1 the one before, 2 the gap before its word
    pauses, others  (N, K + 1)      whether a gap's pause or other sound continues, or just begins
    gaps            (N + 1, K + 1)  the gap itself, or the one before the words skipped
    led             (N + 1, K + 1)  predecessor: a state, S its pause, S + 1 its other sound,
                                    S + 2 none: the path begins there
    """

    states: NDArray[np.int8]
    pauses: NDArray[np.bool_]
    others: NDArray[np.bool_]
    gaps: NDArray[np.int32]
    led: NDArray[np.int32]


def _best_path(scores: Values, net: _Net) -> NDArray[np.int32]:
    """(N,) the state at each reading; -1 for a pause or other sound."""
    trace = _trace(scores, net)
    n, k = len(scores), net.words
    path = np.full(n, -1, np.int32)
    count = len(net.phone)
    while n > 0:
        k = int(trace.gaps[n, k])
        led = int(trace.led[n, k])
        if led == count + 2:
            break
        if led < count:
            n, k = _through_word(trace, net, path, n, led)
            continue
        goes_on = (trace.pauses, trace.others)[led - count]
        n -= 1
        while goes_on[n, k]:
            n -= 1
    return path


def _through_word(
    trace: _Trace, net: _Net, path: NDArray[np.int32], n: int, state: int
) -> tuple[int, int]:
    """Write a word's states up to reading n, backwards; returns the reading and gap before it."""
    while True:
        n -= 1
        path[n] = state
        came = int(trace.states[n, state])
        if came == 2:
            return n, int(net.word[state])
        state -= came


def _trace(scores: Values, net: _Net) -> _Trace:
    """The forward pass, reading by reading: first the best way to each gap, then to each state."""
    count, gaps, readings = len(net.phone), net.words + 1, len(scores)
    trace = _Trace(
        np.zeros((readings, count), np.int8),
        np.zeros((readings, gaps), bool),
        np.zeros((readings, gaps), bool),
        np.zeros((readings + 1, gaps), np.int32),
        np.zeros((readings + 1, gaps), np.int32),
    )
    emission = scores[:, net.phone]
    other = scores.max(axis=1) - OTHER
    stay = np.where(net.stays, 0.0, -np.inf)
    step = np.where(net.begins, -np.inf, 0.0)
    begins = np.flatnonzero(net.begins)
    ends = _ends(net)
    passed = SKIPPED * np.arange(gaps)
    order = np.arange(gaps)
    best = np.full(count + 1, -np.inf)  # the last: no state
    pause, beside = np.full(gaps, -np.inf), np.full(gaps, -np.inf)
    start = np.full(gaps, -np.inf)
    start[0] = 0.0
    for n in range(readings + 1):
        direct = np.stack([np.full(gaps, -np.inf), pause, beside, start])
        among = best[ends]
        likeliest = among.argmax(axis=1)
        direct[0, 1:] = among[order[:-1], likeliest]
        source = direct.argmax(axis=0)
        leads = np.where(source == 0, 0, count - 1 + source)
        leads[1:] = np.where(source[1:] == 0, ends[order[:-1], likeliest], leads[1:])
        trace.led[n] = leads
        reached = direct[source, order] + passed
        furthest = np.maximum.accumulate(reached)
        trace.gaps[n] = np.maximum.accumulate(np.where(reached >= furthest, order, 0))
        gap = furthest - passed
        if n == readings:
            break
        start[0] = -np.inf
        came = np.full((3, count), -np.inf)
        came[0] = best[:-1] + stay
        came[1, 1:] = best[:-2] + step[1:]
        came[2, begins] = gap[net.word[begins]]
        trace.states[n] = came.argmax(axis=0)
        best[:-1] = came.max(axis=0) + emission[n]
        trace.pauses[n] = pause >= gap - PAUSE
        pause = np.maximum(pause, gap - PAUSE) + scores[n, 0]
        trace.others[n] = beside >= gap - BEGIN_OTHER
        beside = np.maximum(beside, gap - BEGIN_OTHER) + other[n]
    return trace


def _ends(net: _Net) -> NDArray[np.intp]:
    """(K, W) last state of each pronunciation of each word; padded with S, which is not a state."""
    ends = np.flatnonzero(net.ends)
    filled = np.full((net.words, int(net.way.max()) + 1), len(net.phone), np.intp)
    filled[net.word[ends], net.way[ends]] = ends
    return filled


def _spoken(
    words: Sequence[Word], net: _Net, path: NDArray[np.int32], scores: Values, clock: float
) -> list[AlignedWord]:
    """The words on the path, with the times of their phones and their confidence."""
    runs = _runs(net, path)
    best = scores.max(axis=1)
    missed = np.array(
        [
            np.mean([(scores[a:b, phone] - best[a:b]).mean() for phone, a, b in phones])
            for phones in runs.values()
        ]
    )
    spans = np.array([(phones[0][1], phones[-1][2]) for phones in runs.values()]) / READING_RATE
    sure = _sure(np.array(list(runs)), spans.reshape(-1, 2), missed)
    return [
        AlignedWord(
            words[word].written,
            tuple((p, clock + a / READING_RATE, clock + b / READING_RATE) for p, a, b in phones),
            float(chance),
        )
        for (word, phones), chance in zip(runs.items(), sure, strict=True)
    ]


def _runs(net: _Net, path: NDArray[np.int32]) -> dict[int, list[tuple[int, int, int]]]:
    """For each word on the path: its phones, each with its first reading and one past the last."""
    key = np.where(path >= 0, net.word[path] * len(net.phone) + net.nth[path], -1)
    edges = np.flatnonzero(np.diff(key, prepend=-2, append=-2))
    runs: dict[int, list[tuple[int, int, int]]] = {}
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        state = path[begin]
        if state >= 0:
            runs.setdefault(int(net.word[state]), []).append((int(net.phone[state]), begin, end))
    return runs


def _sure(places: NDArray[np.intp], spans: Values, missed: Values) -> Values:
    """(W,) confidence of each word, 0..1.

    Args:
        places: (W,) of the words in the text.
        spans: (W, 2) seconds.
        missed: (W,) how far their phones score below the likeliest ones.
    """
    lasts = spans[:, 1] - spans[:, 0]
    around = missed.copy()  # a word without neighbours counts as its own
    for n in range(len(places)):
        near = np.arange(max(n - AROUND, 0), min(n + AROUND + 1, len(places)))
        near = near[(near != n) & (np.abs(spans[near, 0] - spans[n, 0]) < AROUND_S)]
        if len(near):
            around[n] = np.average(missed[near], weights=lasts[near])
    joined = (np.diff(places) == 1) & (spans[1:, 0] - spans[:-1, 1] < BESIDE_S)
    beside = np.append(joined, False).astype(float) + np.insert(joined, 0, False)
    score = SURE + BY_OWN * missed + BY_AROUND * around + BY_BESIDE * beside
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -40, 40))), np.float64)
