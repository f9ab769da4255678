"""Faces tracked through plates: entering, leaving, several, cut away, and none."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from dubsync.core.errors import Cancelled, ShapeError
from dubsync.core.face import OTHER_FACE, SAME_FACE, FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.progress import Step, silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.geometry.mesh import INNER_LIPS, LIP_CONTACTS
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.track.smoothing import denoised, middle_of_parabola
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

RATE = Fraction(24)
START = 1000


@pytest.fixture(scope="module")
def tracker() -> FaceTracker:
    return FaceTracker()


@pytest.fixture(scope="module")
def portrait(shared: Path) -> Callable[[str, int], np.ndarray]:
    def read(name: str, height: int) -> np.ndarray:
        picture = cv2.imread(str(shared / "portraits" / name))[..., ::-1]
        width = round(picture.shape[1] * height / picture.shape[0])
        return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)

    return read


def plate(pictures: Sequence[np.ndarray]) -> tuple[list[Frame], FrameRange]:
    frames = [rgb_frame(np.ascontiguousarray(p), START + n) for n, p in enumerate(pictures)]
    return frames, FrameRange(START, START + len(frames), RATE)


def stage(*placed: tuple[np.ndarray, int, int], size: tuple[int, int] = (360, 640)) -> np.ndarray:
    """A dim stage with pictures at (x, y), cropped where they stick out."""
    tiles = np.random.default_rng(5).integers(20, 140, (9, 16, 3), np.uint8)
    room = cv2.resize(tiles, size[::-1], interpolation=cv2.INTER_CUBIC)
    for picture, x, y in placed:
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + picture.shape[1], size[1]), min(y + picture.shape[0], size[0])
        if right > left and bottom > top:
            room[top:bottom, left:right] = picture[top - y : bottom - y, left - x : right - x]
    return room


def tracked(tracker: FaceTracker, pictures: Sequence[np.ndarray]) -> tuple[FaceTrack, ...]:
    frames, span = plate(pictures)
    return tracker(frames, span, shot="test", progress=silent)


def clip(tracker: FaceTracker, path: Path, count: int, start: int = 0) -> tuple[FaceTrack, ...]:
    result = probe_plate(path)
    first = result.frames.start + start
    span = FrameRange(first, min(first + count, result.frames.stop), result.frames.rate)
    with open_plate(result) as reader:
        return tracker(reader.frames(span), span, shot=path.stem, progress=silent)


def test_a_moving_face_is_followed_to_within_a_pixel(tracker, portrait):
    face = portrait("astronaut_512.png", 300)
    xs = [60 + 6 * n for n in range(30)]

    (track,) = tracked(tracker, [stage((face, x, 30)) for x in xs])

    assert len(track.frames) == 30 and (track.confidence > 0.9).all()
    middle = track.landmarks[:, :, 0].mean(axis=1)
    assert np.abs((middle - middle[0]) - (np.array(xs) - xs[0])).max() < 1.0


def test_tracks_span_only_the_time_their_face_is_there(tracker, portrait):
    one, two = portrait("astronaut_512.png", 300), portrait("woman_photo_512.jpg", 240)
    pictures = []
    for n in range(60):
        there = [(one, 20, 40)]
        if 20 <= n < 45:
            there.append((two, 390, 50))
        pictures.append(stage(*there))

    tracks = tracked(tracker, pictures)

    assert [t.face for t in tracks] == [1, 2]
    assert tracks[0].frames == FrameRange(START, START + 60, RATE)
    assert abs(tracks[1].frames.start - (START + 20)) <= 1
    assert abs(tracks[1].frames.stop - (START + 45)) <= 1


def test_a_short_gap_is_bridged_and_marked(tracker, portrait):
    face = portrait("astronaut_512.png", 300)
    pictures = [stage((face, 100 + 3 * n, 40)) for n in range(30)]
    for n in range(12, 17):
        pictures[n][40:190, 150:420] = 60

    (track,) = tracked(tracker, pictures)

    assert len(track.frames) == 30
    np.testing.assert_array_equal(np.flatnonzero(track.confidence == 0), range(12, 17))
    x = track.landmarks[:, :, 0].mean(axis=1)
    assert np.abs(np.diff(x) - 3).max() < 1.5, "the gap is filled in on a straight line"


def test_a_face_that_comes_back_keeps_its_number(tracker, portrait):
    face = portrait("obama_official.jpg", 330)
    pictures = [stage((face, 180, 20)) if n < 12 or n >= 30 else stage() for n in range(42)]

    tracks = tracked(tracker, pictures)

    assert [t.face for t in tracks] == [1, 1]
    assert tracks[0].frames.stop <= START + 12 and tracks[1].frames.start >= START + 29


def test_a_cut_ends_one_track_and_begins_another_on_the_very_frame(tracker, portrait):
    one, two = portrait("astronaut_512.png", 320), portrait("biden_official.jpg", 700)
    pictures = [stage((one, 150, 20)) for _ in range(13)]
    pictures += [255 - stage((255 - two, 140, -40)) for _ in range(13)]

    tracks = tracked(tracker, pictures)

    assert [t.frames.start for t in tracks] == [START, START + 13]
    assert [t.frames.stop for t in tracks] == [START + 13, START + 26]
    assert [t.face for t in tracks] == [1, 2]


def test_no_face_no_tracks(tracker, portrait):
    dog = portrait("dog_negative.jpg", 256)

    assert tracked(tracker, [stage()] * 12) == ()
    assert tracked(tracker, [dog] * 12) == ()


def test_a_single_still_is_a_track_of_one_frame(tracker, portrait):
    (track,) = tracked(tracker, [portrait("woman_photo_512.jpg", 400)])

    assert len(track.frames) == 1 and track.landmarks.shape == (1, 478, 3)


def test_a_shot_too_short_to_smooth_is_still_a_track(tracker, portrait):
    (track,) = tracked(tracker, [portrait("woman_photo_512.jpg", 400)] * 2)

    assert len(track.frames) == 2


def test_frames_out_of_step_with_the_span_are_refused(tracker):
    frames, span = plate([stage()] * 4)

    with pytest.raises(ShapeError, match="1001"):
        tracker(frames[1:], span, shot="test", progress=silent)
    with pytest.raises(ShapeError, match="end at"):
        tracker(frames[:3], span, shot="test", progress=silent)


def test_progress_is_reported_each_frame_and_may_cancel(tracker):
    frames, span = plate([stage()] * 6)
    seen: list[Step] = []

    def stop(step: Step) -> None:
        seen.append(step)
        if step.done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        tracker(frames, span, shot="12A", progress=stop)
    assert [s.done for s in seen] == [1, 2, 3] and seen[0] == Step("track", "12A", 1, 6)


def test_two_people_side_by_side_are_two_whole_tracks(tracker, shared):
    tracks = clip(tracker, shared / "footage" / "debate_two_faces_001.avi", 60)

    assert [t.face for t in tracks] == [1, 2]
    assert all((t.confidence > 0).all() and len(t.frames) == 60 for t in tracks)


def test_the_cuts_of_a_stage_recording_are_found(tracker, shared):
    tracks = clip(tracker, shared / "footage" / "whitehouse_stage_cuts_10s.mp4", 100)

    first = tracks[0].frames.start if tracks else 0
    for track in tracks:
        for cut in (20, 82):
            assert not track.frames.start - first < cut < track.frames.stop - first


def test_one_talking_person_is_one_whole_track_with_lips_that_close(tracker, shared):
    (track,) = clip(tracker, shared / "footage" / "woman_braids_720p_24s.mp4", 100)

    assert (track.confidence > 0.9).mean() >= 0.99
    eyes = np.linalg.norm(track.landmarks[:, 33] - track.landmarks[:, 263], axis=1)
    upper, lower = LIP_CONTACTS.T
    gap = (track.landmarks[:, lower] - track.landmarks[:, upper])[..., 1].mean(axis=1) / eyes
    assert gap.min() < 0.02 and gap.max() > 0.1
    assert np.isfinite(track.landmarks[:, INNER_LIPS]).all()


def test_smoothing_takes_noise_and_leaves_movement():
    rng = np.random.default_rng(3)
    t = np.arange(120)
    slow = 0.1 * np.sin(t / 15)
    blink = np.zeros(120)
    blink[60:62] = 0.08
    noise = 0.0028 * rng.normal(size=120)

    smoothed = denoised((slow + blink + noise)[:, None], 5, 0.0028)[:, 0]

    away = np.r_[5:55, 66:115]
    assert np.std((smoothed - slow - blink)[away]) < 0.8 * np.std(noise[away])
    assert np.abs((smoothed - slow)[60:62] - 0.08).max() < 0.01, (
        "a two-frame event keeps its height"
    )


def test_smoothing_weighs_frames_as_savitzky_and_golay_do_bit_for_bit():
    from scipy.signal import savgol_coeffs  # no part of a run loads it

    for frames in (3, 5, 7, 9):
        assert np.array_equal(middle_of_parabola(frames), savgol_coeffs(frames, 2))


def test_smoothing_has_no_lag():
    t = np.arange(80)
    wave = 0.1 * np.sin(t / 4)

    smoothed = denoised(wave[:, None], 5, 0.0028)[:, 0]

    shifts = [np.corrcoef(smoothed[5:-5], wave[5 + s : 75 + s])[0, 1] for s in (-1, 0, 1)]
    assert np.argmax(shifts) == 1 and shifts[1] > 0.999


def test_two_takes_of_one_person_look_more_alike_than_any_two_people(tracker, shared):
    names = (
        "andrew_a_25s.mov", "andrew_b_27s.mov", "grid_lrwp9a.mpg", "katiehill_512_8s.mp4",
        "woman_braids_720p_24s.mp4", "franck_4800frames_silent.mp4", "obama_oval_20s.mov",
    )  # fmt: skip
    tracks = [clip(tracker, shared / "footage" / name, 40)[0] for name in names]

    alike = tracks[0].apart(tracks[1])
    strangers = [a.apart(b) for n, a in enumerate(tracks) for b in tracks[max(n + 1, 2) :]]
    assert alike <= SAME_FACE and min(strangers) >= OTHER_FACE
