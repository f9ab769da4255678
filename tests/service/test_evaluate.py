"""A renderer is judged on frames that it has not seen, against the nearest that it has."""

import json

import cv2
import numpy as np
import pytest

from dubsync.core.errors import DeliveryError, SettingsError
from dubsync.service import heldout
from dubsync.service.evaluate import evaluate

KEYS = {
    "psnr_matte_db", "psnr_mouth_db", "ssim_matte", "sharpness_mouth", "landmark_error_iod",
    "flicker_ratio", "ms_per_frame",
}  # fmt: skip


@pytest.fixture(scope="module")
def judged(shared, tmp_path_factory):
    out = tmp_path_factory.mktemp("evaluate") / "grid"
    return evaluate(shared / "footage" / "grid_bbaf2n.mpg", out=out, size=160)


def test_the_figures_are_those_of_the_issue(judged):
    assert set(judged) == {
        "clip", "frames", "train_frames", "test_frames", "renderers", "strip", "frames_dir",
    }  # fmt: skip
    assert {name: set(f) for name, f in judged["renderers"].items()} == {
        "nearest": KEYS, "warp": KEYS,
    }  # fmt: skip
    assert judged["train_frames"] + judged["test_frames"] == judged["frames"]
    assert judged["train_frames"] == round(0.8 * judged["frames"])
    json.dumps(judged, allow_nan=False)


def test_the_warp_is_nearer_the_truth_than_the_nearest_frame_and_as_sharp(judged):
    nearest, warp = (judged["renderers"][name] for name in ("nearest", "warp"))

    assert warp["psnr_matte_db"] > nearest["psnr_matte_db"] + 0.5
    assert warp["landmark_error_iod"] < min(0.02, nearest["landmark_error_iod"])
    assert 0.8 < warp["sharpness_mouth"] < 1.25
    assert warp["flicker_ratio"] < 1.5


def test_every_judged_frame_is_written_and_differs_from_the_truth_only_in_the_matte(judged):
    from pathlib import Path

    folder = Path(judged["frames_dir"])
    names = [sorted(p.name for p in (folder / kind).iterdir()) for kind in ("truth", "warp")]
    assert names[0] == names[1]
    assert len(names[0]) == judged["test_frames"]
    truth, warp = (cv2.imread(str(folder / kind / names[0][0])) for kind in ("truth", "warp"))
    assert truth.shape == (160, 160, 3)
    changed = np.abs(truth.astype(int) - warp).max(axis=2) > 0
    assert changed.any()
    assert not changed[:60].any()


def test_the_strip_has_a_row_for_truth_nearest_and_renderer(judged):
    strip = cv2.imread(judged["strip"])

    assert strip.shape[0] % 3 == 0
    assert strip.shape[1] == 8 * (strip.shape[0] // 3)


def test_a_folder_with_something_in_it_is_refused(shared, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(DeliveryError):
        evaluate(shared / "footage" / "grid_bbaf2n.mpg", out=tmp_path)


def test_an_unknown_renderer_is_refused(shared, tmp_path):
    with pytest.raises(SettingsError, match="paint"):
        evaluate(shared / "footage" / "grid_bbaf2n.mpg", renderer="paint", out=tmp_path)


def test_the_nearest_frame_is_laid_by_turn_scale_and_shift():
    rng = np.random.default_rng(0)
    source = rng.uniform(0, 100, (13, 2))
    turn = 1.3 * np.array([[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]])

    matrix = heldout._similarity(source, source @ turn.T + (4, -7))

    np.testing.assert_allclose(matrix, np.hstack([turn, [[4], [-7]]]), atol=1e-9)
