"""The landmark loss is 0 for the truth, grows with distance, and has a gradient."""

import cv2
import numpy as np
import pytest
import torch

from dubsync.core.picture import Region
from dubsync.engine.exemplars.layers import Layers
from dubsync.engine.network.mouth_net import INPUT_CHANNELS
from dubsync.engine.track.landmark_net import LandmarkNet
from dubsync.engine.train import landmark_loss
from dubsync.engine.train.landmark_loss import LandmarkTerm, Views, landmarks, view
from dubsync.engine.train.training_pairs import Batch
from tests.engine.exemplars.drawn_footage import drawn_track, painted

#: Of the drawn plate, what the bank keeps, and how much finer the bank is than a training pair.
KEPT, FINER = Region(30, 40, 220, 215), 1.5


@pytest.fixture(scope="module")
def network() -> LandmarkNet:
    return LandmarkNet.shipped()


def kept(jaw):
    """(picture, its points) of a drawn face with its jaw open by `jaw`, cropped to KEPT."""
    landmarks = drawn_track([jaw]).landmarks[0]
    whole = np.stack(painted(landmarks, 0).planes, axis=-1)
    picture = whole[KEPT.rows, KEPT.columns].astype(np.float32) / 255
    return picture, landmarks[:, :2] - (KEPT.left, KEPT.top)


def pair(jaw):
    """(sheet, bank picture, its points) of that face."""
    whole, points = kept(jaw)
    sheet = Layers(torch.device("cpu"), keep_skin=False).sheet_of_exemplar(
        whole.astype(np.float16), points
    )
    size = (round(whole.shape[1] * FINER), round(whole.shape[0] * FINER))
    finer = cv2.resize(whole, size, interpolation=cv2.INTER_CUBIC)
    stretch = np.array([size[0] / whole.shape[1], size[1] / whole.shape[0]], np.float32)
    return sheet, finer, points * stretch


def tensor(picture):
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None].float()


@pytest.fixture(scope="module")
def shown(network):
    """(truth, views) of one training pair."""
    sheet, picture, points = pair(0.3)
    seen = view(picture, points, sheet)
    return tensor(sheet.plate), Views.of([seen], network)


def other(jaw):
    """The same training pair's window with the jaw open by another amount."""
    region = pair(0.3)[0].region
    return tensor(kept(jaw)[0][region.rows, region.columns])


def test_the_truth_has_no_loss(network, shown):
    truth, views = shown

    assert float(landmarks(truth, truth, views, network)) < 1e-6


def test_the_wider_the_jaw_is_drawn_the_farther_it_lies(network, shown):
    truth, views = shown
    result = [float(landmarks(other(jaw), truth, views, network)) for jaw in (0.35, 0.5, 0.8)]

    assert 0 < result[0] < result[1] < result[2] < 0.5


def test_following_the_gradient_brings_lips_nearer(network, shown):
    truth, views = shown
    made = other(0.6).requires_grad_()
    before = landmarks(made, truth, views, network)
    before.backward()
    with torch.no_grad():
        after = landmarks(made - 0.05 * made.grad / made.grad.norm(), truth, views, network)

    assert torch.isfinite(made.grad).all()
    assert float(after) < before.item()


def test_the_gradient_at_the_truth_is_finite(network, shown):
    truth, views = shown
    made = truth.clone().requires_grad_()
    landmarks(made, truth, views, network).backward()

    assert torch.isfinite(made.grad).all()


def test_a_placed_picture_matches_the_trackers_sample(shown):
    """A training pair's own pixels, resampled into the view, equal the tracker's sample there."""
    truth, views = shown
    placed = landmark_loss._placed_in_views(torch.ones_like(truth), views.places)[0, 0]
    there = landmark_loss._placed_in_views(truth, views.places)[0]
    inside = cv2.erode((placed > 0.999).numpy().astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    apart = (there - views.pictures[0] / 255).abs().numpy()[:, inside]

    assert inside.mean() > 0.1
    assert apart.mean() < 0.01


def test_a_window_of_a_training_pair_lies_where_the_training_pair_does(network, shown):
    truth, views = shown
    made = truth.clone()
    made[..., 12:-4, 15:-4] = other(0.6)[..., 12:-4, 15:-4]

    def loss(left, top):
        part = truth[..., top:, left:]
        empty = torch.zeros(1, INPUT_CHANNELS, *part.shape[2:])
        batch = Batch(empty, part, np.array([0]), np.array([[left, top]]), 1)
        return float(LandmarkTerm(views, network, 2.0)(made[..., top:, left:], batch))

    whole = float(landmarks(made, truth, views, network))

    assert loss(0, 0) == pytest.approx(2 * whole, rel=1e-5)
    assert loss(7, 5) == pytest.approx(2 * whole, rel=1e-3)


@pytest.mark.parametrize("times", [2, 3])
def test_a_training_pair_finer_than_the_tracker_is_averaged_first(times):
    """Stripes a pixel wide must not come through as coarse ones."""
    place = np.array([[times, 0, 3.0], [0, times, 3.0]], np.float32)
    stripes = torch.zeros(1, 3, 200, 200)
    stripes[..., ::2] = 1
    placed = landmark_loss._placed_in_views(stripes, torch.from_numpy(place)[None])

    assert float((placed[..., 4:40, 4:40] - 0.5).abs().max()) < 0.35


def test_views_follow_the_tracker_whatever_the_scale(network):
    """The same face, kept finer by the bank, is seen in the same place of the training pair."""
    sheet, finer, points = pair(0.3)
    coarse = view(kept(0.3)[0], points / FINER, sheet)
    fine = view(finer, points, sheet)

    np.testing.assert_allclose(fine.place, coarse.place, atol=0.05)
    assert fine.unit == pytest.approx(coarse.unit, rel=1e-3)
