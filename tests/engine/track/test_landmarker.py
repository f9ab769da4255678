"""The landmark model: verified weights, its own geometry, faces found and dogs refused."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from dubsync.core.colour import working_rgb
from dubsync.core.errors import ModelError
from dubsync.core.picture import Frame, PictureFormat
from dubsync.engine.geometry.mesh import CHIN, FOREHEAD, LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from dubsync.engine.geometry.sampling import Square, rgb_frame, sample
from dubsync.engine.track import detector, landmarker
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES, Landmarker, box_of, square_of


@pytest.fixture(scope="module")
def models() -> Landmarker:
    return Landmarker()


def still(shared: Path, name: str) -> Frame:
    picture = cv2.imread(str(shared / "portraits" / name))
    return rgb_frame(np.ascontiguousarray(picture[..., ::-1]))


def test_altered_weights_are_refused(tmp_path):
    data = bytearray(landmarker.WEIGHTS.read_bytes())
    data[1000] ^= 1
    altered = tmp_path / "face_landmarker.task"
    altered.write_bytes(data)

    with pytest.raises(ModelError, match="altered"):
        Landmarker(altered)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(ModelError, match="nowhere.task"):
        Landmarker(tmp_path / "nowhere.task")


def test_canonical_face_is_a_face_seen_upright_from_the_front(models):
    points = models.canonical.points

    assert points[RIGHT_EYE_OUTER, 0] < 0 < points[LEFT_EYE_OUTER, 0]
    assert points[FOREHEAD, 1] < points[CHIN, 1]
    assert points[4, 2] < points[RIGHT_EYE_OUTER, 2], "the nose is nearer than the eyes"
    assert models.canonical.triangles.shape == (898, 3)


def test_names_are_52_and_each_once():
    assert len(set(BLENDSHAPE_NAMES)) == len(BLENDSHAPE_NAMES) == 52


def test_loading_the_models_says_nothing_on_the_terminal():
    """In a process of its own: the runtime greets once in each."""
    load = "from dubsync.engine.track.landmarker import Landmarker; Landmarker()"

    done = subprocess.run([sys.executable, "-c", load], capture_output=True, check=True)

    assert (done.stdout, done.stderr) == (b"", b"")


def test_other_output_on_stderr_is_passed_on(capfd):
    with landmarker.without_greeting():
        os.write(2, b"a warning\nINFO: Created TensorFlow Lite XNNPACK delegate for CPU.\nmore")

    assert capfd.readouterr().err == "a warning\nmore"


def test_a_model_that_will_not_load_leaves_the_terminal_as_it_was(capfd):
    with pytest.raises(ModelError), landmarker.without_greeting():
        raise ModelError("broken")
    os.write(2, b"still here")

    assert capfd.readouterr().err == "still here"


@pytest.mark.parametrize("fails", ["tempfile.TemporaryFile", "os.dup"])
def test_without_a_temporary_file_nothing_is_suppressed(monkeypatch, capfd, fails):
    def refused(*arguments):
        raise OSError("no room")

    free = os.dup(2)
    os.close(free)
    with monkeypatch.context() as broken:
        broken.setattr(fails, refused)
        with landmarker.without_greeting():
            os.write(2, b"other output")
    again = os.dup(2)
    os.close(again)

    assert capfd.readouterr().err == "other output"
    assert again == free, "else a descriptor is left open"


@pytest.mark.parametrize("name", ["astronaut_512.png", "obama_official.jpg", "woman_photo_512.jpg"])
def test_one_face_is_found_in_a_portrait(models, shared, name):
    assert len(models.find(still(shared, name))) == 1


def test_two_people_are_two_faces(models, shared):
    faces = models.find(still(shared, "two_people.jpg"))

    assert len(faces) == 2
    assert detector.iou(box_of(faces[0].points), box_of(faces[1].points)) == 0


def test_a_dog_is_not_a_face_though_the_detector_says_so(models, shared):
    dog = still(shared, "dog_negative.jpg")

    assert models.detect(dog, detector.search_squares(dog.format, 2)), (
        "else this test shows nothing"
    )
    assert models.find(dog) == []


def test_a_painted_face_is_a_face(models, shared):
    assert len(models.find(still(shared, "mona_lisa_painting.jpg"))) == 1


def test_noise_and_flat_colour_hold_no_face(models):
    noise = np.random.default_rng(1).integers(0, 255, (360, 640, 3), np.uint8)

    assert models.find(rgb_frame(noise)) == []
    assert models.find(rgb_frame(np.full((200, 300, 3), 90, np.uint8))) == []


def test_a_small_face_in_a_wide_shot_is_found_where_it_is(models, shared):
    portrait = cv2.imread(str(shared / "portraits" / "astronaut_512.png"))[..., ::-1]
    wide = np.full((720, 1280, 3), 70, np.uint8)
    wide[350:670, 900:1220] = cv2.resize(portrait, (320, 320), interpolation=cv2.INTER_AREA)

    (face,) = models.find(rgb_frame(wide))
    (large,) = models.find(still(shared, "astronaut_512.png"))

    expected = large.points[:, :2] * 320 / 512 + (900, 350)
    assert np.abs(face.points[:, :2] - expected).mean() < 0.6


def test_a_turned_picture_turns_the_landmarks(models, shared):
    frame = still(shared, "woman_photo_512.jpg")
    rgb = np.stack(frame.planes, axis=-1)
    size = frame.format.width
    turned = rgb_frame(np.ascontiguousarray(np.rot90(rgb, -1)))

    upright = models.find(frame)[0]
    square = square_of(upright.points)
    other = Square(size - square.y, square.x, square.side, square.angle + np.pi / 2)
    face = models.read(turned, other)

    back = np.stack([face.points[:, 1], size - face.points[:, 0]], axis=1)
    assert np.abs(back - models.read(frame, square).points[:, :2]).max() < 0.5


def test_a_mirrored_picture_mirrors_the_midline_about_the_picture(models, shared):
    """Half a pixel of the 256 px square, on this face 0.9 pixels, would show here."""
    midline = [10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 2, 0, 17, 18, 200, 199, 175, 152]
    offsets = []
    for name in ("astronaut_512.png", "woman_photo_512.jpg", "obama_official.jpg"):
        frame = still(shared, name)
        rgb = np.stack(frame.planes, axis=-1)
        square = square_of(models.find(frame)[0].points)
        width = frame.format.width
        flipped = rgb_frame(np.ascontiguousarray(rgb[:, ::-1]))
        mirrored = Square(width - square.x, square.y, square.side, -square.angle)
        here = models.read(frame, square).points[midline, 0]
        there = width - models.read(flipped, mirrored).points[midline, 0]
        offsets.append((there - here).mean() / 2 / square.side * 256)

    assert abs(np.mean(offsets)) < 0.3


def test_landmarks_do_not_depend_on_how_the_plate_is_stored(models, shared):
    """8-bit RGB, 10-bit 4:2:2 and scene-linear half floats of one picture."""
    from dubsync.core.colour import plane_values, stored

    frame = still(shared, "astronaut_512.png")
    rgb = working_rgb(frame)
    wanted = models.find(frame)[0].points
    forms = (
        PictureFormat(512, 512, "yuv", 10, chroma=(1, 0), matrix="bt709"),
        PictureFormat(512, 512, "yuv", 8, chroma=(1, 1), matrix="bt601", full_range=True),
        PictureFormat(512, 512, "rgb", 16, floating=True, matrix="rgb"),
    )
    for form in forms:
        kind = np.float16 if form.floating else np.uint16 if form.bits > 8 else np.uint8
        planes = tuple(
            stored(values, np.empty(0, kind), form) for values in plane_values(rgb, form)
        )
        points = models.find(Frame(0, planes, form))[0].points
        assert np.abs(points - wanted)[:, :2].mean() < 0.35, form


@pytest.mark.parametrize("side", [64.0, 200.0, 490.0])
def test_a_sampled_square_shows_what_lies_under_it(side):
    """A ramp's value is its place: each picture pixel must hold the place its centre maps to."""
    across, down = np.meshgrid(np.arange(900) + 0.5, np.arange(700) + 0.5)
    planes = tuple(np.float32(p) / 1000 for p in (across, down, across))
    form = PictureFormat(900, 700, "rgb", 32, floating=True, matrix="rgb")
    square = Square(430.3, 351.7, side, 0.3)

    shown = sample(Frame(0, planes, form), square, 64)

    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4) * 1000
    at = np.arange(64) + 0.5
    x, y = np.meshgrid(at, at)
    matrix = square.to_plate(64)
    place = np.stack([x, y], axis=-1) @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(linear[..., :2], place, atol=max(0.25, side / 64 * 0.02))


def test_the_jaw_open_score_separates_open_from_closed_mouths(models, shared):
    from dubsync.media.plate import open_plate
    from dubsync.media.probe import probe_plate

    plate = probe_plate(shared / "takes" / "man_shout.mp4")
    start = plate.frames.start
    jaw = []
    with open_plate(plate) as reader:
        for frame in reader.read([start + 60, start + 69]):
            scores = models.expression(models.find(frame)[0].points)
            jaw.append(scores[BLENDSHAPE_NAMES.index("jawOpen")])

    assert jaw[0] < 0.1 and jaw[1] > 0.4
