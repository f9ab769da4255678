"""Windows of speech for a transcriber: utterances one after another, with the pauses shortened.

A model that hears 30 s at once hears several utterances in one go, which gives it context and
saves time.  What sounds between utterances is left out: there it could only hear what nobody says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.speech.transcription import RATE, HeardWord

#: Raise when the same utterances would give other windows; part of cache keys.
VERSION = "1"
LONGEST_S = 28.0  #: of a window; the model's own is 30 s
PAD_S = 0.2  #: of the sound kept before and after an utterance
PAUSE_S = 0.8  #: longest silence between two utterances of a window
SHORTEST_CUT_S = 10.0  #: a longer utterance than a window is cut after this, where it is quietest

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of speech in a window.

    utterance    its number among the utterances
    span         seconds from the stem's first sample, without padding
    taken        the same with padding
    at           seconds from the window's first sample at which `taken` begins
    """

    utterance: int
    span: Span
    taken: Span
    at: float

    def within(self, start: float, stop: float) -> float:
        """Seconds that (start, stop) of the window shares with it; negative: how far away."""
        begin = self.at + self.span[0] - self.taken[0]
        end = begin + self.span[1] - self.span[0]
        return min(stop, end) - max(start, begin)

    def to_stem(self, at: float) -> float:
        """Seconds from the stem's first sample for `at` of the window, limited to the piece."""
        return min(max(at - self.at + self.taken[0], self.span[0]), self.span[1])


Window = tuple[Piece, ...]


def windows(utterances: Sequence[Span], features: AudioFeatures) -> tuple[Window, ...]:
    """All utterances in windows of at most LONGEST_S, in order.

    Args:
        utterances: seconds from the stem's first sample, in order and apart.
        features: of the stem, from its first sample; where an utterance is cut they are quiet.
    """
    pieces = [
        (n, span) for n, whole in enumerate(utterances) for span in _cut_long(whole, features)
    ]
    made: list[Window] = []
    window: list[Piece] = []
    for place, (utterance, span) in enumerate(pieces):
        before = pieces[place - 1][1][1] if place else -PAD_S
        after = pieces[place + 1][1][0] if place + 1 < len(pieces) else span[1] + 2 * PAD_S
        taken = (
            max(span[0] - _pad(span[0] - before), 0.0),
            span[1] + _pad(after - span[1]),
        )
        at = 0.0
        if window:
            last = window[-1]
            pause = min(taken[0] - last.taken[1], PAUSE_S)
            at = last.at + last.taken[1] - last.taken[0] + pause
            if at + taken[1] - taken[0] > LONGEST_S:
                made.append(tuple(window))
                window, at = [], 0.0
        window.append(Piece(utterance, span, taken, at))
    return (*made, tuple(window)) if window else tuple(made)


def _pad(pause: float) -> float:
    """Padding beside a pause: two utterances never share a sample."""
    return min(PAD_S, max(pause, 0.0) / 2)


def _cut_long(span: Span, features: AudioFeatures) -> Iterator[Span]:
    """An utterance that is too long for a window, cut where it is quietest."""
    start, stop = span
    longest = LONGEST_S - 2 * PAD_S
    while stop - start > longest:
        first = round((start + SHORTEST_CUT_S) * READING_RATE)
        last = round((start + longest) * READING_RATE)
        quiet = np.convolve(np.asarray(features.loudness)[first:last], np.ones(9) / 9, "same")
        cut = (first + int(quiet[9:-9].argmin()) + 9) / READING_RATE
        yield start, cut
        start = cut
    yield start, stop


def window_sound(window: Window, read: Callable[[Span], Array]) -> Array:
    """(N,) float32 samples of a window at RATE.

    Args:
        read: returns the samples of a span, seconds from the stem's first sample, at RATE.
    """
    last = window[-1]
    sound = np.zeros(round((last.at + last.taken[1] - last.taken[0]) * RATE) + 1, np.float32)
    for piece in window:
        samples = read(piece.taken)
        first = round(piece.at * RATE)
        samples = samples[: len(sound) - first]
        sound[first : first + len(samples)] = samples
    return sound


def placed(words: Sequence[HeardWord], window: Window) -> list[tuple[int, HeardWord]]:
    """(utterance, word) of each word, with times from the stem's first sample.

    A word belongs to the piece with which it shares most time.  One that is more than PAUSE_S / 2
    from every piece is left out: nobody speaks there.
    """
    result = []
    for word in words:
        piece = max(window, key=lambda piece: piece.within(word.start, word.stop))
        if piece.within(word.start, word.stop) <= -PAUSE_S / 2:
            continue
        start, stop = piece.to_stem(word.start), piece.to_stem(word.stop)
        result.append((piece.utterance, HeardWord(word.text, start, stop, word.sure)))
    return result
