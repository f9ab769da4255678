"""A take without sound is laid along the dub by its lips, its timecode or its length."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dubsync.core.errors import MediaError
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Line, Plate, Stem
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import probe_sound
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.plugins import load_engine
from dubsync.service.reel.silent_take import silent_take_times
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store
from tests.media.written_plates import format_of

SAMPLE = Path(__file__).parents[3] / "sample_projects" / "two_hander"
RATE = Fraction(25)
LINE = Line("MARC_L002", "MARC", "it", "dub.wav", FrameRange(90000, 90050, RATE))  # 3600 s, 2 s


def _take(frames: int, start: int | None = None) -> Plate:
    span = FrameRange(start or 0, (start or 0) + frames, RATE)
    return Plate("MARC_t1.mov", "/takes/MARC_t1.mov", "", span, format_of("yuv420p"),
                 has_timecode=start is not None)  # fmt: skip


def _placed(take: Plate, confidence: float, mouth_at: float = 3600.0):
    """With an engine that finds the mouth to begin at `mouth_at` seconds of record time."""

    def speaking(tracks, frames, audio):
        late = mouth_at - float(audio.times[0])
        sure = confidence if abs(late) <= 0.8 else 0.0
        return SimpleNamespace(offset=SimpleNamespace(confidence=sure, seconds=late))

    track = SimpleNamespace(frames=take.frames)
    return silent_take_times(take, track, LINE, None, SimpleNamespace(speaking=speaking))  # type: ignore[arg-type]


@pytest.mark.parametrize("mouth_at", [3592.5, 3597.3, 3600.0, 3600.7])
def test_lips_place_a_take_wherever_it_begins_before_the_line(mouth_at: float) -> None:
    placed = _placed(_take(260), 0.95, mouth_at)
    assert placed.times[0] == pytest.approx(mouth_at)
    assert placed.times[-1] == pytest.approx(mouth_at + 259 / 25)
    assert placed.how == "aligned with the dub by its lips" and not placed.hint


@pytest.mark.parametrize(
    ("take", "confidence", "starts", "how"),
    [
        (_take(60, 89995), 0.2, 89995 / 25, "placed by its timecode"),
        (_take(52), 0.2, 3600.0, "as long as MARC_L002"),
        (_take(100), 0.6, 3599.2, "placed where its lips fit best, which is not sure"),
    ],
)
def test_what_lips_do_not_tell_timecode_or_length_does(
    take: Plate, confidence: float, starts: float, how: str
) -> None:
    placed = _placed(take, confidence, 3599.2)
    assert placed.times[0] == pytest.approx(starts) and placed.how.startswith(how)
    assert bool(placed.hint) == ("timecode" not in how)


def test_a_take_that_nothing_places_is_refused_with_a_remedy() -> None:
    with pytest.raises(MediaError, match="its lips do not tell where") as caught:
        _placed(_take(200), 0.1)
    assert "MARC_L002" in caught.value.hint and "timecode" in caught.value.hint


def test_lips_and_sound_place_the_samples_take_alike(tmp_path: Path) -> None:
    """The sample's take, once by its own sound, once by its picture alone."""
    take = probe_plate(SAMPLE / "takes" / "MARC_L002_t01.mov")
    dub = SAMPLE / "dub" / "MARC_it.wav"
    stem = Stem("MARC", "it-IT", str(dub), 48000, probe_sound(dub).n_samples, Fraction(3600))
    store = Store(tmp_path)
    audio = AudioAnalysisCache(store)
    by_sound, _ = audio.align_take(take, stem)
    span = [round(second * 24) for second in (by_sound[0] + 0.5, by_sound[-1] - 0.5)]
    line = replace(LINE, record=FrameRange(span[0], span[1], Fraction(24)))
    engine = load_engine(EngineSettings())
    track = FaceTrackCache(store, engine).voice_actor(take, progress=silent)
    features: AudioFeatures = audio.stem_features(stem)
    placed = silent_take_times(replace(take, has_sound=False, has_timecode=False), track, line,
                               features, engine)  # fmt: skip
    # The filter that was taught on clean sources places it as well, and is less sure of it.
    assert placed.how in (
        "aligned with the dub by its lips", "placed where its lips fit best, which is not sure"
    )  # fmt: skip
    assert np.abs(placed.times - by_sound).max() < 0.04
