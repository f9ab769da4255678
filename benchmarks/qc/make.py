"""Renders the shots with `dubsync clip` once, and keeps what QC measures them from."""

from __future__ import annotations

import copyreg
import pickle
import shutil
import wave
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import av
import numpy as np

from benchmarks.qc.shots import SHARED, Made
from dubsync.core.result import RenderedShot
from dubsync.core.sound.long_rows import LongRows
from dubsync.core.steps import AlignedAudio, Engine
from dubsync.qc.report import ShotPage
from dubsync.service.clip import sync_clip
from dubsync.service.qc import check_shot
from dubsync.service.reel.pipeline import Part

RATE = 48000
CONSENT = """[consent]
id = "QC-1"
performer = "anyone"
operations = ["lip_reenact", "train_model"]
languages = ["*"]
basis = "consent"
statement = "for the benchmark of QC"
signatory = "anyone"
valid_from = 2026-01-01
valid_until = 2099-12-31
"""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What `measure_shot` was called with for one rendered shot, all but the engine."""

    rendered: RenderedShot
    parts: tuple[Part, ...]
    dub: dict[str, AlignedAudio]
    options: dict[str, Any]


def made(shot: Made, folder: Path) -> Measured:
    """The shot, rendered in `folder` unless it is there already.

    Raises:
        DubsyncError: `dubsync clip` refuses the shot.
    """
    home = folder / shot.name
    kept = home / "measured.pickle"
    if not kept.exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        _render(shot, home, kept)
    with kept.open("rb") as file:
        result: Measured = pickle.load(file)
    return result


def _render(shot: Made, home: Path, kept: Path) -> None:
    rate = write_plate(SHARED / shot.video, home / "plate.mov", shot)
    write_dub(home / "dub.wav", shot, float(shot.frames / rate))
    (home / "consent.toml").write_text(CONSENT)
    seen: list[Measured] = []
    measure = check_shot.measure_shot

    def kept_measure(
        rendered: RenderedShot, parts: Any, dub: Any, *, engine: Engine, **options: Any
    ) -> ShotPage:
        plain = {k: v for k, v in options.items() if k in ("exact", "slip_ms")}
        seen.append(Measured(rendered, tuple(parts), dict(dub), plain))
        return measure(rendered, parts, dub, engine=engine, **options)

    with patch.object(check_shot, "measure_shot", kept_measure):
        sync_clip(
            home / "plate.mov",
            dub=home / "dub.wav",
            take=None,
            consent=home / "consent.toml",
            out=home / "out.mkv",
        )
    (home / "out.mkv").unlink()
    with kept.open("wb") as file:
        pickler = pickle.Pickler(file)
        pickler.dispatch_table = copyreg.dispatch_table | {LongRows: _in_memory}
        pickler.dump(seen[0])


def _in_memory(rows: LongRows) -> tuple[Callable[..., Any], tuple[Any]]:
    """The readings that a shot would read from a project that is gone later, as their numbers."""
    return np.asarray, (np.asarray(rows),)


def write_plate(source: Path, target: Path, shot: Made) -> Fraction:
    """`shot.frames` frames of a movie with their sound as a movie; returns the frame rate."""
    with av.open(str(source)) as movie, av.open(str(target), "w") as out:
        picture = movie.streams.video[0]
        rate = Fraction(picture.average_rate or 25).limit_denominator(1001)
        stream = out.add_stream("libx264", rate=rate, options={"crf": "10", "preset": "fast"})
        stream.pix_fmt = "yuv420p"
        size = shot.size or (picture.width, picture.height)
        stream.width, stream.height = (side // 2 * 2 for side in size)
        start, lasts = (round(n / rate * RATE) for n in (shot.first, shot.frames))
        own = _samples(source)[start : start + lasts]
        voice = out.add_stream("pcm_s16le", rate=RATE, layout="mono") if len(own) else None
        for n, frame in enumerate(movie.decode(picture)):
            if n >= shot.first + shot.frames:
                break
            if n >= shot.first:
                ready = frame.reformat(stream.width, stream.height, "yuv420p").to_ndarray()
                same = av.VideoFrame.from_ndarray(ready, format="yuv420p")
                same.pts, same.time_base = n - shot.first, 1 / rate
                out.mux(stream.encode(same))
        out.mux(stream.encode(None))
        if voice is not None:
            sound = av.AudioFrame.from_ndarray(own[None], format="s16", layout="mono")
            sound.sample_rate, sound.pts = RATE, 0
            out.mux(voice.encode(sound))
            out.mux(voice.encode(None))
    return rate


def write_dub(target: Path, shot: Made, seconds: float) -> None:
    """The shot's dub, as long as its plate."""
    samples = np.zeros(round(seconds * RATE), np.int16)
    if shot.dub:
        speech = _samples(SHARED / shot.dub)[round(shot.from_s * RATE) :]
        lead = round(shot.lead_s * RATE)
        stop = min(len(samples), round(shot.lasts_s * RATE) or len(samples), lead + len(speech))
        samples[lead:stop] = speech[: stop - lead]
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())


def _samples(path: Path) -> np.ndarray[Any, np.dtype[np.int16]]:
    """The file's sound in one channel; empty where it has none."""
    resampler = av.AudioResampler("s16", "mono", RATE)
    parts = [np.zeros(0, np.int16)]
    with av.open(str(path)) as sound:
        if not sound.streams.audio:
            return parts[0]
        parts += [
            piece.to_ndarray()[0]
            for frame in sound.decode(audio=0)
            for piece in resampler.resample(frame)
        ]
    return np.concatenate(parts)


def with_picture(measured: Measured, picture: Path, matte: Path | None = None) -> Measured:
    """The same shot with other files as its render and matte."""
    rendered = replace(measured.rendered, picture=str(picture))
    if matte is not None:
        rendered = replace(rendered, matte=str(matte))
    return replace(measured, rendered=rendered)
