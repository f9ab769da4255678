"""Interlaced renders are measured in both fields, and what is found is told by the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dubsync.core.face import FaceTrack, MotionTrack, Performance
from dubsync.core.picture import FieldName, Frame, PictureFormat
from dubsync.core.progress import silent
from dubsync.core.reading.reading import Reading
from dubsync.core.result import Finding, RenderedShot
from dubsync.core.settings import QCSettings
from dubsync.core.shot import Event, Plate, Shot
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import AlignedAudio
from dubsync.core.timeline.timecode import FrameRange
from dubsync.qc.chart import Chart, Series
from dubsync.service.qc.measure import measure_shot
from dubsync.service.qc.moments.by_moment import ByMoment
from dubsync.service.qc.read_shot import ReadShot
from dubsync.service.reel.moments.face_motion import FaceMotion, Part
from tests.service.qc.test_measure import ENGINE, face, motion

PAL, NTSC = Fraction(25), Fraction(30000, 1001)
SIDE, FIRST = 160, 90000
PULLED = ((0, 0), (1, 1), (1, 2), (2, 3), (3, 3))
GRAY = PictureFormat(SIDE, SIDE, "gray", 8)


def shot_of(count: int, order: FieldName = "top", film: Any = ()) -> Shot:
    span = FrameRange(FIRST, FIRST + count, NTSC if film else PAL)
    form = PictureFormat(SIDE, SIDE, "yuv", 8, chroma=(1, 1), fields=order, storage="yuv420p")
    plate = Plate("A", "/a.mov", "A", span, form, reading=Reading((), (), film, order))
    return Shot("s", Event("1", "s", "A", "A", "", span, span), plate, span, span, span)


def woven(shot: Shot, number: int, early: np.ndarray, late: np.ndarray) -> Frame:
    """A frame of two moments' lumas (H, W)."""
    first = 0 if shot.plate.format.fields == "top" else 1
    luma = np.empty((SIDE, SIDE), np.uint8)
    luma[first::2], luma[1 - first :: 2] = early[first::2], late[1 - first :: 2]
    chroma = np.full((SIDE // 2, SIDE // 2), 128, np.uint8)
    return Frame(number, (luma, chroma, chroma), shot.plate.format)


def flat(value: int) -> np.ndarray:
    return np.full((SIDE, SIDE), value, np.uint8)


def seen(shot: Shot, shows: Any) -> list[tuple[int, int]]:
    """(number, what plate, render and matte show) of each moment; `shows`: those of frame n."""
    at, found = ByMoment(shot, shot.render), []
    for n in range(len(shot.render)):
        before = woven(shot, FIRST + n, *(flat(10 + m) for m in shows(n)))
        after = woven(shot, FIRST + n, *(flat(100 + m) for m in shows(n)))
        mask = Frame(n, woven(shot, n, *(flat(m) for m in shows(n))).planes[:1], GRAY)
        for number, (one, other, cover) in at.pictures(before, after, mask):
            values = {
                int(v)
                for v in (
                    *np.unique(one.planes[0] - 10),
                    *np.unique(other.planes[0] - 100),
                    *np.unique(cover),
                )
            }
            assert len(values) == 1 and one.planes[0].shape == cover.shape == (SIDE, SIDE)
            assert number == one.number == other.number
            found.append((number, values.pop()))
    return found


@pytest.mark.parametrize("order", ["top", "bottom"])
def test_each_field_is_seen_once_and_alone(order: FieldName) -> None:
    found = seen(shot_of(6, order), lambda n: (2 * n, 2 * n + 1))
    assert found == [(2 * FIRST + m, m) for m in range(12)]


@pytest.mark.parametrize("starts", [0, 1, 3])
def test_film_frames_are_seen_whole_and_in_order(starts: int) -> None:
    def shows(n: int) -> tuple[int, int]:
        early, late = PULLED[(n + starts) % 5]
        return 4 * ((n + starts) // 5) + early, 4 * ((n + starts) // 5) + late

    found = seen(shot_of(20, film=((0, 2 * (-starts % 5)),)), shows)
    numbers = [number for number, _ in found]
    assert numbers == list(range(numbers[0], numbers[0] + len(found)))
    assert [value for _, value in found] == list(range(found[0][1], found[0][1] + len(found)))


def test_what_is_found_at_moments_is_told_at_frames() -> None:
    at = ByMoment(shot_of(10), shot_of(10).render)
    first = 2 * FIRST
    finding = Finding("s", "A", "flicker", 2.0, "", "", "fail", frames=(first + 5, first + 8))
    assert at.findings([finding])[0].frames == (FIRST + 2, FIRST + 4)
    assert at.label(first + 4) == "01:00:00:02" and at.label(first + 5).endswith("later field")
    values = np.arange(20.0)
    values[[2, 3, 4]] = np.nan
    chart = Chart("t", "u", at.frames, False, (Series("x", values, "plate"),), values > 7)
    told = at.chart(chart)
    assert told.frames == at.file and len(told.series[0].values) == 10
    assert np.isnan(told.series[0].values[1]) and told.series[0].values[2] == 5
    assert told.spoken is not None and told.spoken.tolist() == [False] * 4 + [True] * 6


def test_the_worse_field_is_told() -> None:
    at = ByMoment(shot_of(10), shot_of(10).render)

    def judged(use: np.ndarray) -> Sequence[Finding]:
        late = bool(use[1] and not use[0])
        verdict = "fail" if late else "pass"
        return [Finding("s", "A", "seam", 3.0 if late else 0.1, "%", "", verdict)]  # type: ignore[arg-type]

    (found,) = at.worst(judged)
    assert (found.verdict, found.value) == ("fail", 3.0) and "later fields" in found.note


# -- a whole page ----------------------------------------------------------------------------------

T = 20
SIGN = slice(0, 10)  #: where a moment carries its mouth's opening, as 200 times its value
MATTE = np.zeros((SIDE, SIDE), np.uint8)
MATTE[74:126, 54:106] = 255
TEXTURE = np.random.default_rng(0).normal(size=(SIDE, SIDE))


def opening(m: int) -> float:
    return 0.1 * abs(np.sin(m / 11))


def lit(moment: int) -> np.ndarray:
    """A grainy picture at a moment, (H, W)."""
    rng = np.random.default_rng(moment)
    luma = np.clip(110 + 12 * TEXTURE + rng.normal(size=TEXTURE.shape), 0, 255)
    luma[SIGN, SIGN] = round(200 * opening(moment))
    return np.asarray(luma, np.uint8)


def track(frames: Any, span: FrameRange, *, shot: str, progress: Any) -> tuple[FaceTrack, ...]:
    """Reads the opening that each picture carries."""
    read = [float(frame.planes[0][4, 4]) / 200 for frame in frames]
    assert len(read) == len(span)
    return (tracked(np.array(read), span),)


def tracked(openings: np.ndarray, span: FrameRange) -> FaceTrack:
    return FaceTrack(1, span, np.stack([face(o) for o in openings]), np.zeros((len(span), 52)),
                     np.ones(len(span)), np.ones(2))  # fmt: skip


def motion_of(span: FrameRange, openings: np.ndarray) -> dict[str, Any]:
    moved: MotionTrack = motion(openings, span)
    spoken = Performance("audio", "b", span, moved.mouth, np.ones(len(span)))
    return {"character": "A", "track": tracked(openings, span), "original": moved,
            "performance": spoken, "corrected": moved}  # fmt: skip


def page(spoil: Any) -> dict[str, Finding]:
    """What is measured of a render; `spoil(drawn, m)` alters what is drawn in moment m."""
    shot = shot_of(T)
    at = ByMoment(shot, shot.render)
    openings = np.array([opening(m) for m in range(2 * T)])
    part = Part(**motion_of(shot.render, openings[::2]), actor=object(),  # type: ignore[arg-type]
                by_moment=FaceMotion(**motion_of(at.frames, openings)))  # fmt: skip

    def drawn(m: int) -> np.ndarray:
        luma = lit(m)
        made = np.clip(spoil(np.roll(luma, 4, axis=1).astype(float), m), 0, 255)
        return np.where(MATTE > 0, made.astype(np.uint8), luma)

    def steps() -> Any:
        for n in range(T):
            plate = woven(shot, FIRST + n, lit(2 * n), lit(2 * n + 1))
            render = woven(shot, n, drawn(2 * n), drawn(2 * n + 1))
            yield plate, render, Frame(n, (MATTE,), GRAY)

    engine = replace(ENGINE, track=track)
    read = ReadShot(shot, shot.render, [part], silent)
    read.look(steps(), engine)
    level = AudioFeatures.of_level(Fraction(3600), np.zeros((300, 40)), np.zeros(300),
                                   np.zeros(300), np.zeros(300))  # fmt: skip
    dub = AlignedAudio(level, 3600 + np.arange(2 * T) / 50)
    rendered = RenderedShot(shot, 1, shot.render, "/r.mov", "/m.mov", "/l.mov", T, 0, ("A",), "d")
    made = measure_shot(rendered, [part], {"A": dub}, engine=engine, settings=QCSettings(),
                        folder=Path("/"), seen=read)  # fmt: skip
    assert made.frames == shot.render and all(len(c.frames) == T for c in made.charts)
    for found in made.findings:
        assert found.frames is None or all(FIRST <= n < FIRST + T for n in found.frames)
    return {found.measure: found for found in made.findings}


def test_a_sound_interlaced_render_passes_and_a_spoilt_later_field_does_not() -> None:
    sound = page(lambda drawn, m: drawn)
    for name in ("flicker", "seam", "mouth sharpness", "skin sharpness"):
        assert sound[name].verdict == "pass", sound[name]
    assert sound["skin sharpness"].value == pytest.approx(1, abs=0.1)
    assert "40 fields compared" in sound["skin sharpness"].note

    def spoilt(drawn: np.ndarray, m: int) -> np.ndarray:
        smooth = sum(np.roll(drawn, k, axis=1) for k in range(-2, 3)) / 5
        return smooth + 16 if m % 2 else drawn

    found = page(spoilt)
    assert found["flicker"].verdict == "fail"  # by turns, twice a frame
    assert found["seam"].verdict == "fail"
    soft = found["skin sharpness"]
    assert soft.verdict != "pass" and soft.note.endswith("the later fields alone")
