"""How late a clip's sound is: its own offset, excerpts of it, strangers' sounds, known copies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from benchmarks.sound_head import FOOTAGE
from benchmarks.speaking.clips import Clip, Filters
from dubsync.core.steps import AlignedAudio
from dubsync.engine.sound.av_offset import sound_offset
from dubsync.media.sound.stem import read_sound

#: SyncNet's own figure, 3 frames of 40 ms, with the opposite sign: it counts sound that is early.
PUBLISHED_S = -0.12


def offset_rows(clips: Sequence[Clip], filters: Filters) -> list[dict[str, object]]:
    """Each clip's offset, and how it follows when the sound is shifted by whole frames."""
    rows = []
    for clip in clips:
        mouth_filter = filters.without(clip.person)
        own = clip.offset(mouth_filter)
        shifted = [clip.offset(mouth_filter, late=n / clip.rate) for n in range(-10, 11) if n]
        moved = [n / clip.rate for n in range(-10, 11) if n]
        off = [abs(s.seconds - m - own.seconds) for s, m in zip(shifted, moved, strict=True)]
        near = np.array(off) <= 1 / clip.rate
        rows.append({
            "clip": Path(clip.name).stem, "ms": own.milliseconds, "sure": own.sure,
            "confidence": round(own.confidence, 3), "score": round(float(max(own.scores)), 3),
            "shifted_within_a_frame": round(float(near.mean()), 3),
            "shifted_sure": round(float(np.mean([s.sure for s in shifted])), 3),
            "shifted_sure_and_wrong": int(sum(
                s.sure and not ok for s, ok in zip(shifted, near, strict=True))),
        })  # fmt: skip
    return rows


def copies_rows(
    original: Clip, copies: Sequence[Clip], filters: Filters
) -> list[dict[str, object]]:
    """The copies with shifted sound, against their files' own delays."""
    mouth_filter = filters.without(original.person)
    first = original.offset(mouth_filter).seconds
    rows: list[dict[str, object]] = [
        {"clip": Path(original.name).stem, "ms": round(1000 * first, 1),
         "truth_ms": 1000 * PUBLISHED_S, "off_frames": round((first - PUBLISHED_S) * 25, 2)}
    ]  # fmt: skip
    for copy in copies:
        truth = PUBLISHED_S + _sound_later(original, copy) - _picture_later(copy)
        result = copy.offset(mouth_filter).seconds
        rows.append({"clip": Path(copy.name).stem, "ms": round(1000 * result, 1),
                     "truth_ms": round(1000 * truth, 1),
                     "off_frames": round((result - truth) * 25, 2)})  # fmt: skip
    return rows


def _sound_later(original: Clip, copy: Clip) -> float:
    """Seconds by which the copy's sound lies later, from the sounds alone."""
    one, other = (np.asarray(read_sound(FOOTAGE / c.name).samples) for c in (original, copy))
    size = 1 << int(np.ceil(np.log2(len(one) + len(other))))
    alike = np.fft.irfft(np.fft.rfft(other, size) * np.conj(np.fft.rfft(one, size)))
    at = int(np.argmax(alike))
    return (at if at < size // 2 else at - size) / 16000


def _picture_later(copy: Clip) -> float:
    """Seconds by which the copy's later frames are shown later than counting says."""
    with av.open(str(FOOTAGE / copy.name)) as source:
        stamps = [float(f.pts * f.time_base) for f in source.decode(video=0)]
    return stamps[100] - 100 / copy.rate


def excerpt_rows(clips: Sequence[Clip], filters: Filters) -> list[dict[str, object]]:
    """Offsets from 2, 3 and 6 s alone."""
    rows = []
    for seconds in (2.0, 3.0, 6.0):
        off, sure = [], []
        for clip in clips:
            mouth_filter, length = filters.without(clip.person), int(seconds * clip.rate)
            for first in range(0, len(clip.times) - length + 1, length // 2):
                result = clip.offset(mouth_filter, slice(first, first + length))
                off.append(abs(result.seconds - filters.late(clip)))
                sure.append(result.sure)
        near = np.array(off) <= 0.04
        rows.append({"seconds": seconds, "excerpts": len(off),
                     "within_40_ms": round(float(near.mean()), 3),
                     "sure": round(float(np.mean(sure)), 3),
                     "wrong_where_sure": int((~near & sure).sum())})  # fmt: skip
    return rows


def stranger_row(
    clips: Sequence[Clip], others: Sequence[Clip], filters: Filters
) -> dict[str, object]:
    """Each mouth against every other person's sound, which has no offset: how often one is sure."""
    sure = []
    for clip in clips:
        for other in others:
            if other.person == clip.person:
                continue
            ends = len(other.features.loudness) / 100
            part = slice(0, int(np.searchsorted(clip.times, ends)))
            audio = AlignedAudio(other.features, clip.times[part])
            mouth, seen = (whole[part] for whole in clip.faces[0])
            strange = filters.without(clip.person, other.person)
            sure.append(sound_offset(audio, mouth, seen, mouth_filter=strange).sure)
    return {"pairs": len(sure), "sure": int(np.sum(sure))}
