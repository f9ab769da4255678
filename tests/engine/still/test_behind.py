"""What lies behind the person of a still: kept where it is seen, and like it where it is not."""

import numpy as np

from dubsync.engine.still.behind import AROUND_PX, behind_person

H, W, PX = 240, 300, 2  # the picture, and its pixels per working pixel


def _matte():
    y, x = np.mgrid[: H // PX, : W // PX]
    return np.asarray(np.hypot(x - 75, y - 70) < 32, np.float32)


def _picture():
    """Grain on a slope of light, and a red person."""
    grain = np.random.default_rng(3).normal(0, 0.02, (H, W, 1))
    light = np.linspace(0.3, 0.7, W)[None, :, None] * np.ones((H, 1, 3))
    person = np.kron(_matte(), np.ones((PX, PX)))[..., None]
    return np.asarray((light + grain) * (1 - person) + person * (0.9, 0.1, 0.1), np.float32)


def test_the_background_is_itself_where_it_is_seen():
    picture, matte = _picture(), _matte()
    made = behind_person(picture, matte)
    far = np.hypot(*(np.indices((H, W)) - np.array([140, 150])[:, None, None])) > 64 + 24
    assert np.abs(made - picture)[far].max() < 1e-6


def test_behind_the_person_light_and_grain_go_on_and_no_person_shows():
    made = behind_person(_picture(), _matte())
    away = np.hypot(*(np.indices((H, W)) - np.array([140, 150])[:, None, None]))
    ring = (away < 64 - PX * AROUND_PX / 2) & (away > 64 - 30)
    x = np.broadcast_to(np.arange(W), (H, W))
    light = 0.3 + 0.4 * x / (W - 1)
    assert np.abs(made.mean(axis=2) - light)[ring].mean() < 0.04
    assert float((made[..., 0] - made[..., 1])[ring].max()) < 0.05
    fine = np.diff(made[..., 1], axis=0, prepend=made[:1, :, 1])
    assert 0.7 < fine[ring].std() / fine[away > 100].std() < 1.3


def test_a_picture_that_is_all_person_is_no_error():
    picture = _picture()
    assert np.isfinite(behind_person(picture, np.ones((H // PX, W // PX), np.float32))).all()
