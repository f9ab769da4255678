"""Real footage with a delayed mouth, written and measured from the files."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from dubsync.core.face import FaceTrack, MotionTrack, Performance
from dubsync.core.picture import Frame
from dubsync.core.progress import silent
from dubsync.core.result import RenderedShot
from dubsync.core.settings import DeliverySettings, QCSettings
from dubsync.core.shot import Event, Shot
from dubsync.core.steps import AlignedAudio, Composite, Engine
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import read_sound
from dubsync.media.write import ShotWriter
from dubsync.qc.mouth import mouth_curves
from dubsync.qc.report import ReelPage, report_html
from dubsync.service.qc.measure import measure_shot
from dubsync.service.reel.pipeline import Part
from dubsync.speech.audio_features import extract_features

LATE = 4  #: frames by which the written mouth trails
FIRST, LAST = 300, 420  #: of andrew_b: four seconds of talk


def fit(result: FaceTrack, actor: object) -> MotionTrack:
    """Lip opening, mouth width and jaw as the coefficients."""
    curves = mouth_curves(result.landmarks, np.ones(len(result.frames), bool))
    mouth = np.stack([curves.opening, curves.width, curves.jaw], axis=1)
    t = len(result.frames)
    return MotionTrack(result.frames, "b", mouth, np.zeros((t, 1)), np.zeros((t, 7)),
                       np.zeros((t, 4)), result.blendshapes)  # fmt: skip


def unused(*_, **__):
    raise AssertionError("checking draws nothing")


@pytest.fixture(scope="module")
def page(shared: Path, tmp_path_factory: pytest.TempPathFactory):
    """The page of a shot whose mouth is the plate's own, LATE frames later."""
    folder = tmp_path_factory.mktemp("render")
    result = probe_plate(shared / "footage" / "andrew_b_27s.mov")
    zero = result.frames.start
    span = FrameRange(zero + FIRST, zero + LAST, result.frames.rate)
    tracker = FaceTracker()
    with open_plate(result) as reader:
        frames = list(reader.frames(replace(span, start=span.start - LATE)))
    (face,) = tracker(iter(frames[LATE:]), span, shot="A", progress=silent)
    engine = Engine("fake", tracker, unused, unused, unused, unused, fit, unused, unused,
                    unused, unused, unused, unused)  # fmt: skip
    original = fit(face, None)
    wanted = replace(original)
    weight = np.ones(len(span))
    weight[:10] = weight[-10:] = 0
    with ShotWriter(folder, "A_v001", result, span, DeliverySettings(container="mkv")) as writer:
        for n, plate in enumerate(frames[LATE:]):
            writer.add(composite(plate, frames[n], face.landmarks[n], bool(weight[n])))
    event = Event("001", "A", "A", "", "", span, span)
    shot = Shot("A", event, result, span, span, span)
    rendered = RenderedShot(shot, 1, span, str(writer.picture), str(writer.matte),
                            str(writer.layer), 100, 0, ("ANDREW",), "d")  # fmt: skip
    performance = Performance("take", "b", span, wanted.mouth, weight)
    part = Part("ANDREW", face, original, performance, wanted, actor=object())
    hearing = extract_features(read_sound(shared / "footage" / "andrew_b_27s.mov"))
    dub = AlignedAudio(hearing, (np.arange(len(span)) + FIRST) / float(span.rate))
    return measure_shot(rendered, [part], {"ANDREW": dub}, engine=engine, settings=QCSettings(),
                        folder=folder)  # fmt: skip


def composite(plate: Frame, earlier: Frame, landmarks: np.ndarray, touch: bool) -> Composite:
    """`plate` with the lower face of `earlier` in a feathered ellipse."""
    height, width = plate.format.height, plate.format.width
    if not touch:
        return Composite(plate, np.zeros((height, width), np.uint8), ())
    x, y = landmarks[[13, 152], :2].mean(axis=0)
    reach = np.linalg.norm(landmarks[152, :2] - landmarks[13, :2])
    rows, columns = np.mgrid[:height, :width]
    inside = ((columns - x) / reach) ** 2 + ((rows - y) / reach) ** 2 < 1
    weight = gaussian_filter(inside.astype(np.float32), 3)
    weight[weight < 0.02] = 0
    planes = []
    for n, (own, other) in enumerate(zip(plate.planes, earlier.planes, strict=True)):
        step = tuple(-(-height // own.shape[0]) for _ in range(1)) if n else (1,)
        share = weight[:: step[0], :: step[0]][: own.shape[0], : own.shape[1]]
        planes.append(np.rint(own * (1 - share) + other * share).astype(own.dtype))
    matte = np.maximum(np.rint(255 * weight), weight > 0).astype(np.uint8)
    return Composite(Frame(plate.number, tuple(planes), plate.format), matte, ())


def test_written_mouth_is_found_as_late_as_it_was_put_in(page):
    result = {f.measure: f for f in page.findings}

    frame_ms = 1000 / 30
    assert result["render lag"].value == pytest.approx(LATE * frame_ms, abs=17)
    assert result["frames with a lost face"].value == 0
    assert result["kept frames changed"].value == 0


def test_the_plates_own_texture_measures_as_sharp_and_steady_as_the_plate(page):
    result = {f.measure: f for f in page.findings}

    assert result["mouth sharpness"].value == pytest.approx(1, abs=0.2)
    assert result["flicker"].verdict != "fail"  # a mouth moved in time is no longer the plate's
    assert result["seam"].verdict == "pass"


def test_page_of_real_footage_has_its_strip(page, tmp_path):
    strip, _ = page.strips
    html = report_html(ReelPage("footage", "en", "2026-11-21", (page,)))

    assert len(strip.columns) == 8
    assert html.count("data:image/jpeg") == 2
    if "DUBSYNC_KEEP" in os.environ:
        Path(os.environ["DUBSYNC_KEEP"]).write_text(html)
