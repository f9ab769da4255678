"""A camera's known path is found to a fraction of a pixel, and what cannot be found is refused."""

import re

import cv2
import numpy as np
import pytest

from dubsync.core.progress import silent
from dubsync.engine.clean_plate.camera_motion import CameraFollower, moved
from dubsync.engine.clean_plate.clean_plate import SEEN, clean_plate
from tests.engine.clean_plate.walking_person import (
    HEIGHT,
    WHOLE,
    WIDTH,
    WalkingPerson,
    figured_wall,
)

CENTRES = np.stack(np.meshgrid(np.linspace(10, 150, 5), np.linspace(10, 110, 5)), -1).reshape(-1, 2)
SCENE = figured_wall(360, 480)


def seen_through(matrix, scene=SCENE):
    """What the camera sees whose frame pixels `matrix` takes to the scene's."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    sampled = np.linalg.inv(half) @ matrix @ half
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(scene, sampled, (WIDTH, HEIGHT), flags=flags)


def handheld(number):
    """Pans, sways, rolls and zooms in a little, and comes back."""
    t = (number - 100) / 23
    angle, zoom = 0.05 * np.sin(5 * t), 1 - 0.08 * np.sin(np.pi * t)
    x, y = 130 + 70 * np.sin(np.pi * t), 100 + 6 * np.sin(9 * t)
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    return np.array([[cos, -sin, x], [sin, cos, y], [0, 0, 1]])


class MovingCamera(WalkingPerson):
    """A person before `SCENE`, filmed by a camera whose path is known."""

    def __init__(self, path, where, **rest):
        super().__init__(where, **rest)
        self.path = path

    def background(self, number):
        return seen_through(self.path(number))


def follow(shot):
    follower = CameraFollower()
    return {f.number: follower.add(f, shot.matte(f.number)) for f in shot.read(shot.numbers)}


def off(shot, found, number):
    """Pixels between where the frame's points are and where they should be on the first."""
    truth = np.linalg.inv(shot.path(shot.numbers[0])) @ shot.path(number)
    away = moved(found[number].to_reference, CENTRES) - moved(truth, CENTRES)
    return float(np.linalg.norm(away, axis=1).max())


def another_picture():
    noise = cv2.GaussianBlur(
        np.random.default_rng(5).standard_normal((HEIGHT, WIDTH, 3)), (0, 0), 2
    )
    return np.clip(120 + 400 * noise, 0, 255).astype(np.uint8)


def still_person(number):
    return 80, 66


def test_a_known_path_is_found_to_a_fraction_of_a_pixel():
    shot = MovingCamera(handheld, still_person, grain=2.0)
    found = follow(shot)
    assert not any(one.because for one in found.values())
    errors = [off(shot, found, number) for number in shot.numbers]
    assert np.median(errors) < 0.25
    assert max(errors) < 0.8


def test_a_camera_that_stands_still_is_known_to():
    shot = WalkingPerson(lambda n: (30 + 4 * (n - 100), 60), grain=3.0)
    assert all((one.to_reference == np.eye(3)).all() for one in follow(shot).values())


def test_a_light_that_changes_is_no_movement():
    shot = WalkingPerson(still_person, gain=lambda n: 1 - 0.02 * (n - 100), grain=1.0)
    assert all((one.to_reference == np.eye(3)).all() for one in follow(shot).values())


def test_a_moving_camera_s_plate_shows_what_the_person_hides():
    shot = MovingCamera(handheld, still_person)
    plate = clean_plate(
        shot.read, shot.numbers, shot.people, WHOLE, eye_px=10, shot="x", progress=silent
    )
    for number in (104, 112):
        seen = shot.matte(number) & (plate.known(number) == SEEN)
        assert seen.sum() > 0.5 * shot.matte(number).sum()
        error = 255 * (plate.at(number) - shot.background(number) / 255)[seen]
        assert np.sqrt((error**2).mean()) < 6
    assert not plate.canvas.still


def test_a_caption_does_not_outvote_the_wall_behind_it():
    class Captioned(MovingCamera):
        def background(self, number):
            picture = super().background(number)
            for row in (100, 112):
                cv2.putText(picture, "A CAPTION HERE", (4, row), 0, 0.5, (255, 255, 255), 1)
            return picture

    shot = Captioned(lambda n: np.array([[1, 0, 100 + 2 * (n - 100)], [0, 1, 90], [0, 0, 1.0]]),
                     still_person)  # fmt: skip
    found = follow(shot)
    assert np.median([off(shot, found, number) for number in shot.numbers]) < 0.3


@pytest.mark.parametrize(
    ("spoilt", "because"),
    [
        (lambda picture: np.full_like(picture, 90), "no texture|blurred"),
        (lambda picture: cv2.GaussianBlur(picture, (0, 0), 9), "blurred"),
        (lambda picture: another_picture(), "does not move as one"),
    ],
)
def test_a_frame_that_cannot_be_registered_is_refused_with_the_reason(spoilt, because):
    class Spoilt(MovingCamera):
        def background(self, number):
            picture = super().background(number)
            return spoilt(picture) if number == 112 else picture

    found = follow(Spoilt(handheld, still_person))
    assert found[112].because
    assert re.search(because, found[112].because)
    assert not found[114].because
