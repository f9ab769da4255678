"""The driven mouth obeys the lips that a rythmo band marks: a real band, and any made one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.script import LIPS, LipMark, Lips, ScriptLine
from dubsync.core.steps import AlignedAudio
from dubsync.editorial.script.formats import parse_script, script_in
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import channels, mouth_shape
from dubsync.engine.motion.motion_range import OPENING, motion_range_of
from dubsync.engine.sound.contacts import TEETH_SHARE
from dubsync.engine.sound.drive import drive_audio
from dubsync.speech.lip_marks import apply_marks
from tests.conftest import shared_folder
from tests.editorial.script.script_making import detx
from tests.engine.drive.drive_synthesis import face_track, spoken_between, talk

BASIS = learn_basis([face_track(talk(12, seed=5), sway=0.1)])
TIMES = np.arange(0, 4, 0.01)
SPEECH = (0.4, 3.6)


def opening(marks: tuple[LipMark, ...], closures: tuple[float, ...] = ()) -> np.ndarray:
    """The opening of anybody's mouth over four seconds of speech, 100 a second."""
    features = apply_marks(spoken_between(4, SPEECH, closures=closures), marks)
    driven = drive_audio(AlignedAudio(features, TIMES), None, BASIS)
    return np.asarray(channels(BASIS.rest + mouth_shape(driven, BASIS)).opening)


PLAIN = opening(())


def at(seconds: float) -> int:
    return round(seconds * 100)


@settings(max_examples=25)
@given(st.integers(100, 300), st.sampled_from(LIPS))
def test_the_lips_at_a_mark_are_as_marked(centiseconds: int, lips: Lips) -> None:
    mark = LipMark(Fraction(centiseconds, 100), lips)
    driven = opening((mark,))
    here = driven[centiseconds]
    if lips == "closed":
        assert here < 0.01
    elif lips == "semi":
        assert here <= PLAIN[centiseconds] + 0.01
        assert here <= TEETH_SHARE * float(motion_range_of(BASIS).high[OPENING]) + 0.01
    else:
        np.testing.assert_allclose(driven, PLAIN, atol=1e-6)  # nothing closed them there
    far = np.abs(np.arange(len(TIMES)) - centiseconds) > 30
    np.testing.assert_allclose(driven[far], PLAIN[far], atol=0.004)


def test_a_mark_of_open_lips_takes_a_closure_back() -> None:
    sound = opening((), closures=(2.0,))
    corrected = opening((LipMark(Fraction(2), "open"),), closures=(2.0,))
    assert sound[200] < 0.01 < corrected[200]


def test_the_lips_of_a_band_close_where_it_says() -> None:
    (line,) = parse_script(detx(), "band.detx", Fraction(25)).lines
    driven = opening(moved(line, Fraction(3600)))
    closed = [m for m in line.marks if m.lips == "closed"]
    assert len(closed) == 2
    for mark in closed:
        assert driven[at(float(mark.time) - 3600)] < 0.01
    assert (PLAIN[100:240] > 0.03).any()


def test_the_lips_of_a_real_band_close_where_it_says() -> None:
    script = script_in(shared_folder() / "scripts" / "detx" / "converted(2).detx")
    for line in script.lines:  # each ends with the mouth closed
        (mark,) = line.marks
        driven = opening(moved(line, mark.time - 2))
        assert mark.lips == "closed" and driven[200] < 0.01 < PLAIN[200]
        frames = np.arange(0, 4, 1001 / 24000)  # and on a frame of the picture, too
        features = apply_marks(spoken_between(4, SPEECH), moved(line, mark.time - 2))
        mouth = drive_audio(AlignedAudio(features, frames), None, BASIS)
        shown = np.asarray(channels(BASIS.rest + mouth_shape(mouth, BASIS)).opening)
        assert shown[np.abs(frames - 2) < 0.025].min() < 0.01


def moved(line: ScriptLine, zero: Fraction) -> tuple[LipMark, ...]:
    """The marks of a line, counted from `zero`."""
    return tuple(LipMark(mark.time - zero, mark.lips) for mark in line.marks)
