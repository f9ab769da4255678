"""Spoken lines on disk, and the times of their phones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dubsync.core.sound.phones import PHONES
from dubsync.speech.pronounce import FALLBACK_PHONES as PRODUCT_FALLBACKS

SAMPLE_RATE = 16000
UNIT_S = 0.025  #: unit of durations
LATE_S = 0.062  #: durations trail the sound by this (where single mel frames separate phones best)
#: Held-out voices: not used in training, alone or blended.
HELD_OUT = (
    "af_nova", "am_puck", "bf_lily", "bm_fable", "em_santa", "hm_psi", "im_nicola", "jm_kumo",
    "pm_alex", "zf_xiaoyi",
)  # fmt: skip
PAUSES = "^$,.!?;:—…"  #: "^" and "$" stand for the silence at a line's ends
LENGTHENS = "ːʰʲᵝ\u0303"  #: written after the phone that they belong to
STRESSES = "ˈˌ"  #: written before it

REACH_S = (0.12, 1.5)  #: how far phones may be from the time of their durations, or of a guess

#: For phones outside PHONES, and for the voices' own letters: the phones to use instead.
FALLBACK_PHONES = PRODUCT_FALLBACKS | {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One spoken line.

    samples  (N,) float32 at 16 kHz
    symbols  the text, as the voices spell it
    units    (len(symbols) + 2,) duration of each, in UNIT_S; silence at either end
    """

    language: str
    voice: str
    symbols: str
    units: np.ndarray
    samples: np.ndarray

    @property
    def test(self) -> bool:
        return self.voice in HELD_OUT

    @property
    def timed(self) -> bool:
        """Whether `units` are the voice's own, rather than spread evenly."""
        return not self.voice.startswith("pico")


@dataclass(frozen=True, slots=True)
class Segment:
    """A phone (place in PHONES, None: unknown) from `begin` to `end` seconds of its line."""

    phone: int | None
    begin: float
    end: float


def write_lines(path: Path, lines: Sequence[Line]) -> None:
    facts = [[line.language, line.voice, line.symbols, line.units.tolist()] for line in lines]
    np.savez(
        path,
        samples=np.concatenate([(line.samples * 32767).astype(np.int16) for line in lines]),
        lengths=np.array([len(line.samples) for line in lines]),
        facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
    )


def read_lines(path: Path) -> Iterator[Line]:
    with np.load(path) as held:
        parts = np.split(held["samples"], np.cumsum(held["lengths"])[:-1])
        for fact, part in zip(json.loads(held["facts"].tobytes()), parts, strict=True):
            language, voice, symbols, units = fact
            yield Line(language, voice, symbols, np.array(units), part.astype(np.float32) / 32768)


def segments(line: Line) -> list[Segment]:
    """The line's phones in order, by the voice's own durations.

    Stress marks belong to the phone that they stress, length marks to the one before.  Between
    words the phone is unknown: it may be the hold of a stop, but never a pause.
    """
    edges = np.concatenate([[0], np.cumsum(line.units)]) * UNIT_S - LATE_S
    out: list[Segment] = []
    waiting: float | None = None
    for place, symbol in enumerate(f"^{line.symbols}$"):
        begin, end = float(edges[place]), float(edges[place + 1])
        if symbol in STRESSES:
            waiting = begin if waiting is None else waiting
        elif symbol in LENGTHENS and out:
            out[-1] = Segment(out[-1].phone, out[-1].begin, end)
        elif symbol in PAUSES or symbol == " ":
            pause = symbol != " " or (out and out[-1].phone == 0)
            if pause and out and out[-1].phone == 0:
                out[-1] = Segment(0, out[-1].begin, end)
            else:
                out.append(Segment(0 if pause else None, begin, end))
        else:
            begin, waiting = (begin if waiting is None else waiting), None
            phones = FALLBACK_PHONES.get(symbol, symbol)
            cuts = np.linspace(begin, end, len(phones) + 1)
            for phone, a, b in zip(phones, cuts[:-1], cuts[1:], strict=True):
                known = PHONES.index(phone) if phone in PHONES else None
                out.append(Segment(known, float(a), float(b)))
    return out


def first_labels(line: Line, count: int) -> np.ndarray:
    """(count,) place in PHONES 100 times a second, from the durations alone; -1 where unknown."""
    at = np.arange(count) / 100
    labels = np.full(count, -1, np.int64)
    if not line.timed:
        return labels
    for segment in segments(line):
        if segment.phone is not None:
            labels[(at >= segment.begin) & (at < segment.end)] = segment.phone
    return labels


def aligned(line: Line, log_chances: np.ndarray) -> np.ndarray:
    """(N,) labels of the line's phones by forced alignment to a network's readings (Viterbi).

    Every phone occurs in order, none farther than REACH_S from the time of its duration.  Only
    written pauses may be skipped.  There are no pauses between words, because the hold of a word's
    first stop would be mistaken for one.

    Args:
        log_chances: (N, P) log probabilities of PHONES.

    Source: Viterbi 1967; forced alignment as Rabiner 1989, "A Tutorial on Hidden Markov Models",
    section III B.
    """
    reach_s = REACH_S[0] if line.timed else REACH_S[1]
    states = [segment for segment in segments(line) if segment.phone is not None]
    phone = np.array([state.phone for state in states])
    begin = np.array([state.begin for state in states]) - reach_s
    end = np.array([state.end for state in states]) + reach_s
    at = np.arange(len(log_chances))[:, None] / 100
    scores = log_chances[:, phone].astype(np.float64)
    scores[(at < begin) | (at > end)] -= 60
    pause = phone == 0
    skips = np.concatenate([[False, False], pause[1:-1]])[: len(phone)]
    best = np.full(len(phone), -1e9)
    best[0] = scores[0, 0]
    if pause[0] and len(phone) > 1:
        best[1] = scores[0, 1]
    came = np.zeros(scores.shape, np.int8)
    for n in range(1, len(scores)):
        step = np.concatenate([[-1e9], best[:-1]])
        leap = np.where(skips, np.concatenate([[-1e9, -1e9], best[:-2]])[: len(phone)], -1e9)
        ways = np.stack([best, step, leap])
        came[n] = ways.argmax(axis=0)
        best = ways[came[n], np.arange(len(phone))] + scores[n]
    state = len(phone) - 1
    if pause[-1] and best[-2] > best[-1]:
        state -= 1
    labels = np.empty(len(scores), np.int64)
    for n in range(len(scores) - 1, -1, -1):
        labels[n] = phone[state]
        state -= int(came[n, state])
    return labels
