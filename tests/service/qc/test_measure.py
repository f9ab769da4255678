"""A shot is measured from its written files, not from the plan."""

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.errors import DeliveryError
from dubsync.core.face import FaceTrack, MotionTrack, Performance
from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.progress import silent
from dubsync.core.result import RenderedShot
from dubsync.core.settings import QCSettings
from dubsync.core.shot import Event, Plate, Shot
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import AlignedAudio, Engine
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media import in_step
from dubsync.qc.report import ReelPage, report_html, report_json
from dubsync.service.qc import read_shot
from dubsync.service.qc.measure import measure_shot
from dubsync.service.reel.pipeline import Part

RATE = Fraction(25)
T = 150
FRAMES = FrameRange(90000, 90000 + T, RATE)
FORM = PictureFormat(160, 160, "yuv", 8, chroma=(1, 1), storage="yuv420p")
EYES, MIDDLE = 32.0, np.array([80.0, 60.0])
SIGN = (4, 4)  #: where a frame carries its mouth's opening, as 200 times its value


def face(opening: float) -> np.ndarray:
    """(478, 3) landmarks of a face whose lips part by `opening` eye distances."""
    points = np.zeros((478, 3), np.float32)
    points[:, :2] = MIDDLE + EYES * np.array([0, 1.2])
    for point, x, y in (
        (33, -0.62, 0), (133, -0.38, 0), (362, 0.38, 0), (263, 0.62, 0), (10, 0, -0.8),
        (61, -0.4, 1.2), (291, 0.4, 1.2), (152, 0, 1.9 + opening / 2), (168, 0, 0),
        (6, -0.9, 0.4), (197, 0.9, 0.4),
    ):  # fmt: skip
        points[point, :2] = MIDDLE + EYES * np.array([x, y])
    for upper, lower in ((13, 14), (82, 87), (312, 317)):
        points[upper, 1] -= EYES * opening / 2
        points[lower, 1] += EYES * opening / 2
    return points


def picture(number: int, opening: float, mouth: np.ndarray | None = None) -> Frame:
    """A grainy frame that carries `opening`; `mouth` replaces the picture's lower half."""
    rng = np.random.default_rng(number)
    luma = np.clip(120 + 12 * TEXTURE + rng.normal(size=TEXTURE.shape), 0, 255).astype(np.uint8)
    if mouth is not None:
        luma[70:130, 50:110] = mouth
    luma[SIGN] = round(200 * opening)
    chroma = np.full((80, 80), 128, np.uint8)
    return Frame(number, (luma, chroma, chroma), FORM)


TEXTURE = np.random.default_rng(0).normal(size=(160, 160))


def track(frames, span, *, shot, progress) -> tuple[FaceTrack, ...]:
    """Reads the opening that each frame carries; 255 there is a frame with no face."""
    signs = np.array([float(frame.planes[0][SIGN]) for frame in frames])
    assert len(signs) == len(span)
    return (tracked(np.where(signs == 255, 0, signs / 200), span, signs != 255),)


def tracked(opening, span, seen=None) -> FaceTrack:
    seen = np.ones(len(span)) if seen is None else seen
    return FaceTrack(
        1, span, np.stack([face(o) for o in opening]), np.zeros((len(span), 52)), seen, np.ones(2)
    )


def fit(result: FaceTrack, actor: object) -> MotionTrack:
    """One coefficient, the opening; a second that never moves."""
    opening = (result.landmarks[:, 14, 1] - result.landmarks[:, 13, 1]) / EYES
    return motion(opening, result.frames)


def motion(opening, span) -> MotionTrack:
    t = len(span)
    mouth = np.stack([opening, np.zeros(t)], axis=1)
    return MotionTrack(span, "b", mouth, np.zeros((t, 1)), np.zeros((t, 7)), np.zeros((t, 4)),
                       np.zeros((t, 52)))  # fmt: skip


def unused(*_, **__):
    raise AssertionError("checking draws nothing")


ENGINE = Engine("fake", track, unused, unused, unused, unused, fit, unused, unused,
                unused, unused, unused, unused)  # fmt: skip


@dataclass
class Reel:
    """Frames by path, as if decoded from files."""

    files: dict[str, list[Frame]]

    def probe_plate(self, path: Path) -> Plate:
        frames = self.files[str(path)]
        span = FrameRange(0, len(frames), RATE)  # a file without timecode counts from 0
        return Plate(path.name, str(path), "", span, frames[0].format)

    def open_plate(self, plate: Plate):
        files = self.files

        class Reader:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                return None

            def frames(self, span):
                for place, frame in enumerate(files[plate.path][: len(span)]):
                    yield replace(frame, number=span.start + place)

        return Reader()


def wave(late_frames: float = 0.0) -> np.ndarray:
    """Lip opening for the sound of `heard`, later by so many frames."""
    at = (np.arange(T) - late_frames) / 25
    return (
        0.15 * (1 + np.sin(2 * np.pi * (1.7 * at + 0.8 * np.sin(0.9 * at)))) * ((at > 1) & (at < 5))
    )


def heard() -> AlignedAudio:
    at = np.arange(600) / 100
    loud = 0.5 * (1 + np.sin(2 * np.pi * (1.7 * at + 0.8 * np.sin(0.9 * at))))
    speech = (at > 1) & (at < 5)
    hearing = AudioFeatures.of_level(
        Fraction(3600), np.zeros((600, 40)), loud * speech, speech, np.zeros(600)
    )
    return AlignedAudio(hearing, 3600 + np.arange(T) / 25)


def shot() -> Shot:
    plate = Plate("A001.mov", "/plate.mov", "A001", FRAMES, FORM)
    event = Event("001", "SC01", "A001", "A001", "", FRAMES, FRAMES)
    return Shot("SC01", event, plate, FRAMES, FRAMES, FRAMES)


MATTE = np.zeros((160, 160), np.uint8)
MATTE[74:126, 54:106] = 255
MATTE[SIGN] = 1  # the sign that carries the opening is no stray sample


def written(monkeypatch, opening, *, edit=None, matte_frames=T):
    """A rendered shot and its parts, the render showing `opening`; `edit` alters a frame."""
    weight = (np.arange(T) >= 12) & (np.arange(T) < 138)
    original = np.abs(np.sin(np.arange(T) / 5)) * 0.1
    plate = [picture(FRAMES.start + n, original[n]) for n in range(T)]
    render, mattes = [], []
    gray = PictureFormat(160, 160, "gray", 8)
    for n, before in enumerate(plate):
        luma = np.array(before.planes[0])
        if weight[n]:
            new = np.roll(luma, 3, axis=0)
            luma = np.where(MATTE > 0, new, luma)
            luma[SIGN] = round(200 * opening[n])
        made = Frame(n, (luma, *before.planes[1:]), FORM)
        render.append(edit(n, made) if edit else made)
        mattes.append(Frame(n, (MATTE * weight[n],), gray))
    reel = Reel({"/plate.mov": plate, "/r/SC01.mov": render, "/r/m.mov": mattes[:matte_frames]})
    monkeypatch.setattr(in_step, "open_plate", reel.open_plate)
    monkeypatch.setattr(read_shot, "probe_plate", reel.probe_plate)
    performance = Performance("audio", "b", FRAMES, motion(wave(), FRAMES).mouth, weight)
    part = Part("ELISE", tracked(original, FRAMES), motion(original, FRAMES),
                performance, motion(wave(), FRAMES), actor=object())  # fmt: skip
    rendered = RenderedShot(shot(), 1, FRAMES, "/r/SC01.mov", "/r/m.mov", "/r/l.mov", 126, 0,
                            ("ELISE",), "d", "/r/x.json")  # fmt: skip
    return rendered, [part]


def measured(rendered, parts, **more):
    page = measure_shot(
        rendered, parts, {"ELISE": heard()}, engine=ENGINE, settings=QCSettings(),
        folder=Path("/reports"), **more,
    )  # fmt: skip
    return page, {f.measure: f for f in page.findings}


def test_mouth_that_was_written_three_frames_late_is_reported_three_frames_late(monkeypatch):
    page, result = measured(*written(monkeypatch, wave(3)))

    assert result["lip-sync offset"].value == pytest.approx(120, abs=15)
    assert result["lip-sync offset"].verdict == "fail"
    assert result["render lag"].value == pytest.approx(120, abs=10)
    assert page.verdict == "fail"


def test_mouth_in_time_passes_and_the_files_prove_untouched(monkeypatch):
    _, result = measured(*written(monkeypatch, wave()))

    assert abs(result["lip-sync offset"].value) < 15
    assert result["target correlation"].value > 0.95
    for name in (
        "lip-sync offset", "pixels changed outside the matte", "kept frames changed",
        "frames with a lost face", "mouth sharpness", "lip motion in silence",
    ):  # fmt: skip
        assert result[name].verdict == "pass", result[name]
    assert result["mouth sharpness"].value == pytest.approx(1, abs=0.1)


def test_of_a_long_shot_the_pictures_of_a_bounded_number_of_mouths_are_held(monkeypatch):
    _, whole = measured(*written(monkeypatch, wave()))
    monkeypatch.setattr(read_shot, "MOST_GRIDS", 60)  # of 150 frames: every third is compared
    _, result = measured(*written(monkeypatch, wave()))

    compared = [int(found["skin sharpness"].note.split()[0]) for found in (whole, result)]
    assert compared == [126, 42]
    for name in ("mouth sharpness", "skin sharpness", "mouth position", "mouth likeness"):
        assert result[name].verdict == whole[name].verdict
        assert result[name].value == pytest.approx(whole[name].value, abs=0.05)


def test_pixel_changed_outside_and_frame_changed_in_silence_fail(monkeypatch):
    def edit(n, made):
        luma = np.array(made.planes[0])
        if n in (3, 50):
            luma[150, 150] ^= 1
        return replace(made, planes=(luma, *made.planes[1:]))

    _, result = measured(*written(monkeypatch, wave(), edit=edit))

    outside = result["pixels changed outside the matte"]
    assert (outside.value, outside.verdict) == (2, "fail")
    assert outside.frames == (90003, 90050)
    assert (
        result["kept frames changed"].value,
        result["kept frames changed"].frames,
    ) == (
        1,
        (90003, 90003),
    )


def test_frames_whose_face_is_lost_in_the_render_are_named(monkeypatch):
    def edit(n, made):
        luma = np.array(made.planes[0])
        luma[SIGN] = 255 if 60 <= n < 64 else luma[SIGN]
        return replace(made, planes=(luma, *made.planes[1:]))

    _, result = measured(*written(monkeypatch, wave(), edit=edit))

    lost = result["frames with a lost face"]
    assert (lost.value, lost.verdict, lost.frames) == (4, "review", (90060, 90063))


def test_a_render_without_a_trackable_face_is_still_reported(monkeypatch):
    def edit(n, made):
        luma = np.array(made.planes[0])
        luma[SIGN] = 255
        return replace(made, planes=(luma, *made.planes[1:]))

    page, result = measured(*written(monkeypatch, wave(), edit=edit))

    assert result["frames with a lost face"].verdict == "fail"
    assert result["lip-sync offset"].verdict == "not measured"
    reel = ReelPage("R", "fr", "2026-11-21", (page,))
    assert report_html(reel) and json.loads(report_json(reel))


def test_matte_that_lacks_frames_is_refused(monkeypatch):
    rendered, parts = written(monkeypatch, wave(), matte_frames=T - 2)

    with pytest.raises(DeliveryError, match="matte of SC01 holds 148 frames, not 150"):
        measured(rendered, parts)


def test_progress_counts_every_frame_once_and_may_stop_the_check(monkeypatch):
    steps = []
    measured(*written(monkeypatch, wave()), progress=steps.append)

    assert [(s.name, s.done, s.total) for s in steps] == [("check", n + 1, T) for n in range(T)]
    assert silent(steps[0]) is None


def test_page_holds_a_strip_two_charts_and_links_beside_the_report(monkeypatch):
    page, _ = measured(*written(monkeypatch, wave()))

    strip, key = page.strips
    assert "0 pixels outside the matte" in key.caption
    assert len(strip.columns) == 8 and strip.jpeg.startswith(b"\xff\xd8")
    assert all(column.startswith("01:00:0") for column in strip.columns)
    assert [link.path for link in page.links][:2] == ["../r/SC01.mov", "../r/m.mov"]
    wanted = next(s for s in page.charts[0].series if s.label == "target")
    np.testing.assert_allclose(wanted.values[30:100], 100 * wave()[30:100], atol=3)
