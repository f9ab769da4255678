"""`dubsync evaluate --drive audio`: compares a mouth driven by sound with its true motion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import NoFace, SettingsError
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, silent
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Plate
from dubsync.core.steps import AlignedAudio, Engine, Footage
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import read_sound
from dubsync.qc.driven_mouth import compare_mouths
from dubsync.qc.mouth import MouthCurves, mouth_curves, opening_of
from dubsync.service.consent.given import allows
from dubsync.service.consent.live import watched
from dubsync.service.consent.records import TRAIN_MODEL
from dubsync.service.plugins import load_engine
from dubsync.speech.audio_features import extract_features

Values = NDArray[np.float64]

SPOKEN = 0.5
#: Nothing is drawn here, so a small exemplar bank is enough.
CROP_PX, EXEMPLARS = 256, 24
COUNTS = ("closures", "silent")
LEAST_FRAMES = 25  #: to learn from, and to test on


def driving(
    clip: Path,
    *,
    consent: Path | None,
    split: float = 0.8,
    held_out: Path | None = None,
    progress: Progress = silent,
    settings: EngineSettings | None = None,
) -> dict[str, Any]:
    """Learn a mouth from the first `split` of the clip, drive the rest by its sound, and compare.

    The clip's sound is first brought into sync with its picture, by the engine's own estimate.

    Args:
        consent: the record of the performer in the clip, of whom a model is learnt.
        held_out: another clip of the same face; learn from all of `clip`, drive this one.

    Returns:
        The JSON that docs/reference/json.md lists under `drive`; None for what cannot be measured.

    Raises:
        ConsentMissing: no record allows that.
        SettingsError: a clip is silent, or a part is too short.
        NoFace: no face is seen.
    """
    progress = watched(progress, allows(consent, (TRAIN_MODEL,)))
    settings = replace(settings or EngineSettings(), crop_px=CROP_PX, exemplars=EXEMPLARS)
    engine = load_engine(settings)
    source = _seen(clip, engine, progress)
    total = len(source[1].frames)
    cut = total if held_out is not None else round(split * total)
    plate, track, heard = source if held_out is None else _seen(held_out, engine, progress)
    first = 0 if held_out is not None else cut
    if min(cut, len(track.frames) - first) < LEAST_FRAMES:
        raise SettingsError(f"{clip.name} is too short: {total} frames", hint="--held-out, --split")

    def read(numbers: Sequence[int]) -> Iterator[Frame]:
        with open_square(source[0]) as reader:
            yield from reader.read(numbers)

    train_track = source[1].part(0, cut)
    train_audio = AlignedAudio(source[2].features, source[2].times[:cut])
    footage = Footage(clip.name, train_track, read, train_audio)
    actor = engine.learn(clip.stem, [footage], progress=progress)
    offset = engine.speaking([track], plate.frames, _whole(plate, heard)).offset
    late = offset.seconds if offset.sure else 0.0
    part = track.part(first, len(track.frames))
    dub = AlignedAudio(heard.features, np.asarray(heard.times)[first:] + late)
    wanted = engine.drive(
        engine.fit(part, actor), actor, dub, plate_audio=None, takes=(), tweak=Tweak()
    )
    driven = _curves(wanted.mouth, engine.fit(train_track, actor), train_track)
    truth = mouth_curves(part.landmarks, np.asarray(part.confidence) > 0)
    rate = float(part.frames.rate)
    result = {
        name: value if value is None or name in COUNTS else round(float(value), 3)
        for name, value in asdict(compare_mouths(driven, truth, _spoken(dub), rate)).items()
    }
    return result | {"offset_ms": round(1000 * late, 1), "offset_sure": offset.sure}


def _seen(clip: Path, engine: Engine, progress: Progress) -> tuple[Plate, FaceTrack, AlignedAudio]:
    """The clip's plate, its longest face, and its sound aligned to that face's frames."""
    plate = probe_plate(clip)
    if not plate.has_sound:
        raise SettingsError(f"{clip.name} is silent", hint="--drive audio needs its sound")
    with open_square(plate) as reader:
        tracks = engine.track(
            reader.frames(plate.frames), plate.frames, shot=clip.name, progress=progress
        )
    if not tracks:
        raise NoFace(f"no face is seen in {clip.name}", hint="evaluate needs a clip of one face")
    track = max(tracks, key=lambda result: float((result.confidence > 0).sum()))
    return (
        plate,
        track,
        AlignedAudio(extract_features(read_sound(clip)), _times(plate, track.frames)),
    )


def _times(plate: Plate, frames: FrameRange) -> Values:
    count = np.arange(len(frames)) + frames.start - plate.frames.start
    return np.asarray(count / float(plate.frames.rate), np.float64)


def _whole(plate: Plate, heard: AlignedAudio) -> AlignedAudio:
    return AlignedAudio(heard.features, _times(plate, plate.frames))


def _curves(mouth: NDArray[np.float32], known: MotionTrack, track: FaceTrack) -> MouthCurves:
    """Opening, width and jaw of mouth coefficients (T, M), by regression on those of `track`."""
    shown = mouth_curves(track.landmarks, np.asarray(track.confidence) > 0)
    return MouthCurves(
        *(
            opening_of(mouth, known.mouth, getattr(shown, name))
            for name in ("opening", "width", "jaw")
        )
    )


def _spoken(heard: AlignedAudio) -> NDArray[np.bool_]:
    """(T,) whether there is speech at each frame."""
    speech = np.asarray(heard.features.speech, np.float64)
    at = heard.features.places(heard.times)
    return np.asarray(np.interp(at, np.arange(len(speech)), speech) > SPOKEN, bool)
