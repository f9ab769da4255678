"""One person is followed through pictures made of photographs of real people."""

import cv2
import numpy as np
import pytest

from dubsync.engine.live.follow_driver import LONG_GONE, LOOK_EVERY, DriverFollower

SIZE = (320, 240)


@pytest.fixture(scope="module")
def people(shared):
    """Two people, each in a picture of their own, and both in one."""
    names = ("obama_official.jpg", "woman_photo_512.jpg")
    pictures = []
    for name in names:
        picture = cv2.imread(str(shared / "portraits" / name))[..., ::-1]
        height, width = picture.shape[:2]
        square = picture[: min(height, width)]
        side = min(square.shape[:2])
        square = square[:side, (square.shape[1] - side) // 2 :][:, :side]
        pictures.append(cv2.resize(square, (240, 240), interpolation=cv2.INTER_AREA))
    alone = [np.ascontiguousarray(cv2.copyMakeBorder(p, 0, 0, 40, 40, cv2.BORDER_CONSTANT))
             for p in pictures]  # fmt: skip
    both = np.ascontiguousarray(np.concatenate(pictures, axis=1))
    return *alone, both


@pytest.fixture
def follow():
    return DriverFollower()


def empty():
    return np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)


def test_who_comes_back_is_known_again_and_somebody_else_is_not_the_driver(people, follow):
    him, her, _ = people
    first = follow(him)
    assert first.presence > 0.9 and first.same is None
    for _ in range(LONG_GONE + 1):
        gone = follow(empty())
    assert gone.presence == 0
    assert follow(him).same is True
    for _ in range(LONG_GONE + 1):
        follow(empty())
    assert follow(her).same is False
    follow.forget()
    assert follow(her).same is None


def test_of_two_people_the_first_is_followed_and_the_other_is_told(people, follow):
    him, _, both = people
    wide = np.ascontiguousarray(np.concatenate([him, empty()[:, :160]], axis=1))
    follow(wide)
    for _ in range(LOOK_EVERY + 1):
        seen = follow(both)
    assert seen.others == 1
    assert seen.landmarks[:, 0].mean() < 240  # still the one on the left
