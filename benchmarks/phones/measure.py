"""Measure the phone network on held-out voices, real sentences and real lips."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
from pocketsphinx import Decoder

from benchmarks.phones.lines import Line, aligned, first_labels, read_lines
from benchmarks.phones.lips import GRID, LEAD_MS, TALKING, closures_seen, lips
from benchmarks.texts import SENTENCE
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.phones import BILABIAL, PHONES, VISEME_OF
from dubsync.media.sound.stem import read_sound
from dubsync.speech.audio_features import ANALYSIS_RATE, extract_features, mel_power
from dubsync.speech.phones import recognise_phones

SHARED = Path(__file__).parents[3] / "shared"
WITHIN_S = 0.04  #: one frame at 25 fps
SHUT = 0.5  #: evidence from which lips count as closed
VISEMES_OF = np.array(VISEME_OF)
LIPS = sorted(BILABIAL)

#: pocketsphinx's phones as ours; two where the second half differs.
ARPA = {
    "SIL": ["sil"], "AA": ["ɑ"], "AE": ["æ"], "AH": ["ʌ"], "AO": ["ɔ"], "AW": ["a", "ʊ"],
    "AY": ["a", "ɪ"], "B": ["b"], "CH": ["ʧ"], "D": ["d"], "DH": ["ð"], "EH": ["ɛ"], "ER": ["ɜ"],
    "EY": ["e", "ɪ"], "F": ["f"], "G": ["ɡ"], "HH": ["h"], "IH": ["ɪ"], "IY": ["i"], "JH": ["ʤ"],
    "K": ["k"], "L": ["l"], "M": ["m"], "N": ["n"], "NG": ["ŋ"], "OW": ["o", "ʊ"],
    "OY": ["ɔ", "ɪ"], "P": ["p"], "R": ["ɹ"], "S": ["s"], "SH": ["ʃ"], "T": ["t"], "TH": ["θ"],
    "UH": ["ʊ"], "UW": ["u"], "V": ["v"], "W": ["w"], "Y": ["j"], "Z": ["z"], "ZH": ["ʒ"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of frames with the right phone, and with the right viseme."""

    frames: int
    phones: float
    visemes: float


@dataclass(frozen=True, slots=True)
class ClosureScores:
    """How closure evidence agrees with lips that close.

    closings  number of closures in the picture or in the transcript
    hit       share of them with evidence within WITHIN_S
    false     detections per second of speech without closed lips within WITHIN_S
    area      under the ROC curve: the evidence of closed against open frames
    """

    closings: int
    hit: float
    false: float
    area: float


def shares(truth: np.ndarray, phones: np.ndarray) -> Shares:
    """Scores of the frames whose phone is known (truth >= 0)."""
    known = truth >= 0
    right = phones[known] == truth[known]
    same = VISEMES_OF[phones[known]] == VISEMES_OF[truth[known]]
    return Shares(int(known.sum()), float(right.mean()), float(same.mean()))


def held_out(speech: Path) -> Iterator[tuple[str, Shares, Shares]]:
    """Per language and overall: by the voices' durations, and by the network's own alignment."""
    by: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = defaultdict(list)
    for line in _tests(speech):
        chances = recognise_phones(mel_power(line.samples))
        likeliest = chances.argmax(axis=1)
        row = first_labels(line, len(chances)), aligned(line, np.log(chances + 1e-5)), likeliest
        by[line.language].append(row)
        by["all"].append(row)
    for language, rows in by.items():
        timed, own, likeliest = (np.concatenate(parts) for parts in zip(*rows, strict=True))
        yield language, shares(timed, likeliest), shares(own, likeliest)


def _tests(speech: Path) -> Iterator[Line]:
    for path in sorted(speech.glob("*.npz")):
        yield from (line for line in read_lines(path) if line.test)


def true_phones(clip: Path) -> np.ndarray:
    """(N,) phones of a GRID clip 100 times a second, by pocketsphinx's forced alignment."""
    letters = clip.stem.removeprefix("grid_")
    words = [SENTENCE[n].get(letter, letter) for n, letter in enumerate(letters)]
    sound = read_sound(clip)
    samples = librosa.resample(
        np.asarray(sound.samples), orig_sr=sound.sample_rate, target_sr=ANALYSIS_RATE
    )
    data = (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()
    decoder = Decoder(samprate=ANALYSIS_RATE, bestpath=False, loglevel="FATAL")
    decoder.set_align_text(" ".join(words))
    _decode(decoder, data)
    decoder.set_alignment()
    _decode(decoder, data)
    truth = np.zeros(-(-len(samples) // 160), np.int64)
    for word in decoder.get_alignment():
        for phone in word:
            of = [PHONES.index(symbol) for symbol in ARPA[phone.name]]
            cuts = np.linspace(phone.start, phone.start + phone.duration, len(of) + 1).round()
            for place, a, b in zip(of, cuts[:-1].astype(int), cuts[1:].astype(int), strict=True):
                truth[a:b] = place
    return truth


def _decode(decoder: Decoder, data: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(data, full_utt=True)
    decoder.end_utt()


def grid() -> tuple[Shares, ClosureScores, ClosureScores]:
    """Scores on real sentences, from first to last word.

    The second is that of `closure` for p, b and m, the third that of the phones' probabilities.
    """
    known, likeliest, rows = [], [], []
    for name in GRID:
        clip = SHARED / "footage" / f"grid_{name}.mpg"
        features, truth = extract_features(read_sound(clip)), true_phones(clip)
        count = min(len(truth), len(features.phones))
        spoken = np.flatnonzero(truth[:count])
        part = slice(spoken[0], spoken[-1] + 1)
        known.append(truth[part])
        likeliest.append(np.asarray(features.phones)[part].argmax(axis=1))
        shut = np.isin(truth[:count], LIPS)
        chances = np.asarray(features.phones)[:count, LIPS].sum(axis=1)
        rows.append((np.asarray(features.closure)[:count][part], chances[part], shut[part]))
    evidence, chances, shut = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    runs = _runs(shut) / 100
    return (
        shares(np.concatenate(known), np.concatenate(likeliest)),
        score_closures(evidence, runs, np.ones(len(evidence)), shut),
        score_closures(chances, runs, np.ones(len(evidence)), shut),
    )


def real_lips(features: AudioFeatures, clip: Path, late_ms: float, kept: Path) -> ClosureScores:
    """How the closure of `features` agrees with tracked lips."""
    seen = lips(clip, kept)
    speech, evidence = np.asarray(features.speech), np.asarray(features.closure)
    runs = closures_seen(seen, speech, late_ms / 1000)
    shut = np.zeros(len(evidence), bool)
    for begin, end in np.round(runs * 100).astype(int):
        shut[begin : end + 1] = True
    return score_closures(evidence, runs, speech, shut)


def score_closures(
    evidence: np.ndarray, runs: np.ndarray, speech: np.ndarray, shut: np.ndarray
) -> ClosureScores:
    """Compare evidence (N,) with runs (K, 2) of closed lips, seconds, and closed frames (N,)."""
    spoken = speech > 0.5
    peaks = _runs((evidence >= SHUT) & spoken) / 100
    near = [
        [a - WITHIN_S <= end and b + WITHIN_S >= begin for a, b in peaks] for begin, end in runs
    ]
    met = np.array(near, bool).reshape(len(runs), len(peaks))
    seconds = max(float(spoken.sum()) / 100, 0.01)
    return ClosureScores(
        len(runs),
        float(met.any(axis=1).mean()) if len(runs) else float("nan"),
        float((~met.any(axis=0)).sum()) / seconds,
        _area(evidence[spoken & shut], evidence[spoken & ~shut]),
    )


def _runs(flags: np.ndarray) -> np.ndarray:
    """(K, 2) first and last place of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return np.stack([edges[::2], edges[1::2] - 1], axis=1).reshape(-1, 2)


def _area(shut: np.ndarray, still_open: np.ndarray) -> float:
    if not len(shut) or not len(still_open):
        return float("nan")
    both = np.concatenate([shut, still_open])
    rank = np.empty(len(both))
    rank[np.argsort(both, kind="stable")] = np.arange(1, len(both) + 1)
    over = rank[: len(shut)].sum() - len(shut) * (len(shut) + 1) / 2
    return float(over / (len(shut) * len(still_open)))


def measure(work: Path) -> None:
    """Print every figure."""
    print("held-out voices   frames  phones visemes (by durations)  phones visemes (own alignment)")
    for language, timed, own in held_out(work / "speech"):
        print(
            f"{language:16s} {own.frames:7d}  {timed.phones:.3f}  {timed.visemes:.3f}"
            f"{'':20s}{own.phones:.3f}  {own.visemes:.3f}"
        )
    of, closure, chances = grid()
    print(f"GRID: phones {of.phones:.3f} visemes {of.visemes:.3f} of {of.frames} frames")
    print(f"GRID p, b, m by closure: {closure}\nGRID p, b, m by phones:  {chances}")
    rows: list[ClosureScores] = []
    for name, late in _clips():
        clip = SHARED / "footage" / name
        result = real_lips(extract_features(read_sound(clip)), clip, late, work / "lips")
        rows.append(result)
        print(f"{name:28s} {result}")
    print("GRID   ", summary(rows[: len(GRID)]))
    print("talking", summary(rows[len(GRID) :]))


def _clips() -> list[tuple[str, float]]:
    """Each clip, and by how many ms its sound is late."""
    return [(f"grid_{name}.mpg", 0.0) for name in GRID] + [
        (name, float(late - LEAD_MS)) for name, late in TALKING.items()
    ]


def summary(result: Sequence[ClosureScores]) -> str:
    counts = np.array([one.closings for one in result])
    hit = np.nansum([one.hit * one.closings for one in result]) / counts.sum()
    false = np.mean([one.false for one in result])
    area = np.nanmean([one.area for one in result])
    return (
        f"lips: {counts.sum()} closings, hit {hit:.2f}, false {false:.2f} a second, area {area:.3f}"
    )
