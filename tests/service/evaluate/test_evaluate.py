"""A renderer is evaluated on held-out frames, against the nearest training frame."""

import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from dubsync.cli.tables import evaluation_text
from dubsync.core.errors import ConsentMissing, DeliveryError, SettingsError
from dubsync.core.face import FaceTrack
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.evaluate import evaluate as module
from dubsync.service.evaluate import held_out
from dubsync.service.evaluate.evaluate import Way, evaluate
from dubsync.service.evaluate.mouth_strip import CAPTION_PX, MOUTH_PX
from tests.service.evaluate import evaluate_fakes
from tests.service.reel_making import consent

KEYS = {
    "psnr_matte_db", "psnr_mouth_db", "ssim_matte", "perceptual_distance", "sharpness_mouth",
    "landmark_error_iod", "landmark_error_again_iod", "flicker_ratio", "seam", "identity_distance",
    "frames", "train_seconds", "ms_per_frame",
}  # fmt: skip
FAKE = "tests.service.evaluate.evaluate_fakes:"


def given(folder):
    folder.mkdir(exist_ok=True)
    return consent(folder / "who.toml", "who", date.today(), "*")


def test_without_a_record_nothing_is_opened_or_written(tmp_path):
    with pytest.raises(ConsentMissing, match="no consent record is given"):
        evaluate(tmp_path / "nothing.mov", consent=None, out=tmp_path / "out")
    record = consent(tmp_path / "past.toml", "who", date.today() - timedelta(400))
    with pytest.raises(ConsentMissing, match="is valid from"):
        evaluate(tmp_path / "nothing.mov", consent=record, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def judged(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate")
    record = given(folder)
    return evaluate(
        shared / "footage" / "grid_bbaf2n.mpg", consent=record, out=folder / "grid", size=160
    )


def test_the_figures_are_those_that_the_docs_list(judged):
    assert set(judged) == {
        "clip", "held_out", "frames", "train_frames", "test_frames", "minutes", "untrained",
        "renderers", "strip", "frames_dir",
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
    assert 0 < warp["perceptual_distance"] < nearest["perceptual_distance"]
    assert 0 < warp["landmark_error_again_iod"] < nearest["landmark_error_again_iod"]
    assert 0.8 < warp["seam"] < 1.2
    assert 0 <= warp["identity_distance"] < 0.1
    assert warp["train_seconds"] == 0 < warp["ms_per_frame"]


def test_every_test_frame_is_written_and_differs_from_the_truth_only_in_the_matte(judged):
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

    assert strip.shape == (3 * MOUTH_PX, CAPTION_PX + 8 * MOUTH_PX, 3)


def test_a_folder_with_something_in_it_is_refused(shared, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(DeliveryError):
        evaluate(shared / "footage" / "grid_bbaf2n.mpg", consent=given(tmp_path), out=tmp_path)


def test_an_unknown_renderer_is_refused(shared, tmp_path):
    with pytest.raises(SettingsError, match="paint"):
        evaluate(
            shared / "footage" / "grid_bbaf2n.mpg", consent=None, renderer="paint", out=tmp_path
        )


def test_the_nearest_frame_is_aligned_by_rotation_scale_and_shift():
    rng = np.random.default_rng(0)
    source = rng.uniform(0, 100, (13, 2))
    turn = 1.3 * np.array([[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]])

    matrix = held_out._similarity(source, source @ turn.T + (4, -7))

    np.testing.assert_allclose(matrix, np.hstack([turn, [[4], [-7]]]), atol=1e-9)


def trial(shared, tmp_path, monkeypatch, **options):
    """`evaluate` at its smallest, every engine but the warp's a fake; unless `ways` says which."""
    ways = {
        "warp_refined": Way(FAKE + "build"),
        "actor": Way(FAKE + "build", "actor", trained=True),
        "unet": Way(FAKE + "build", trained=True),
        **options.pop("ways", {}),
    }
    for name, way in ways.items():
        monkeypatch.setitem(module.RENDERERS, name, way)
    evaluate_fakes.asked.clear()
    evaluate_fakes.drawn_by.clear()
    clip = shared / "footage" / "grid_bbaf2n.mpg"
    return evaluate(
        clip, consent=given(tmp_path), size=96, out=tmp_path / "out", **{"judged": 4, **options}
    )


def test_the_actor_is_compared_with_the_warp_and_its_peers(shared, tmp_path, monkeypatch):
    listed = []
    result = trial(
        shared, tmp_path, monkeypatch,
        renderer="actor", baselines=True, minutes=0.25, progress=listed.append,
    )  # fmt: skip

    rows = result["renderers"]
    assert list(rows) == ["previous_second", "nearest", "warp", "warp_refined", "unet", "actor"]
    assert {frozenset(row) for row in rows.values()} == {frozenset(KEYS)}
    assert {row["frames"] for row in rows.values()} == {result["test_frames"]} == {4}
    assert evaluate_fakes.asked == [(0.25, 96), (0.25, 96)]
    assert evaluate_fakes.drawn_by == ["warp", "actor", "warp"]
    assert ("train", "actor") in {(step.name, step.shot) for step in listed}
    floor, actor = rows["previous_second"], rows["actor"]
    assert floor["psnr_matte_db"] < actor["psnr_matte_db"]
    assert floor["perceptual_distance"] > actor["perceptual_distance"]
    assert cv2.imread(result["strip"]).shape[0] == 5 * MOUTH_PX
    shown = evaluation_text(result)
    assert all(name in shown for name in (*rows, *KEYS))


def test_held_out_trains_on_the_whole_clip_and_tests_on_another(shared, tmp_path, monkeypatch):
    other = shared / "footage" / "grid_bbaf2n.mpg"

    result = trial(shared, tmp_path, monkeypatch, held_out=other, judged=5)

    assert result["held_out"] == str(other)
    assert (result["train_frames"], result["test_frames"]) == (75, 5)
    # The same frames teach: what is asked has been seen, so hardly anything is missing.
    assert result["renderers"]["nearest"]["psnr_matte_db"] > 40


def test_one_frame_teaches_less_than_all(shared, tmp_path, monkeypatch):
    one = trial(shared, tmp_path / "one", monkeypatch, frames=1)
    every = trial(shared, tmp_path / "all", monkeypatch)

    assert (one["train_frames"], every["train_frames"]) == (1, 60)
    gained = [f["renderers"]["nearest"]["psnr_matte_db"] for f in (one, every)]
    assert gained[0] < gained[1]


def test_an_engine_that_refuses_to_train_on_too_little_draws_untrained_and_this_is_reported(
    shared, tmp_path, monkeypatch
):
    ways = {
        "warp_refined": Way(FAKE + "build_refusing"),
        "actor": Way(FAKE + "build_refusing", "actor", trained=True),
    }

    result = trial(shared, tmp_path, monkeypatch, renderer="actor", ways=ways)

    assert result["untrained"] == {"actor": "too few frames to train on"}
    assert evaluate_fakes.drawn_by == ["warp", "warp"]
    assert "actor was not trained" in evaluation_text(result)


def test_a_frame_that_a_renderer_leaves_alone_does_not_count_for_it(shared, tmp_path, monkeypatch):
    ways = {"actor": Way(FAKE + "build_shy", "actor", trained=True)}

    result = trial(shared, tmp_path, monkeypatch, renderer="actor", ways=ways)

    assert result["renderers"]["actor"]["frames"] == 2
    assert result["renderers"]["warp"]["frames"] == 4
    assert result["renderers"]["actor"]["psnr_matte_db"] < 60


def track_of(landmarks, confidence):
    count = len(confidence)
    return FaceTrack(
        1, FrameRange(10, 10 + count, Fraction(25)), landmarks, np.zeros((count, 52)),
        np.asarray(confidence), np.ones(1),
    )  # fmt: skip


def test_few_frames_are_spread_evenly_and_nothing_of_the_others_is_left():
    rng = np.random.default_rng(0)
    full = track_of(rng.normal(size=(30, 478, 3)), np.full(30, 0.9))

    thin = held_out.few(full, 3)

    kept = np.flatnonzero(thin.confidence)
    assert list(kept) == [5, 15, 25]
    np.testing.assert_array_equal(thin.landmarks[kept], full.landmarks[kept])
    np.testing.assert_allclose(thin.landmarks[10], thin.landmarks[[5, 15]].mean(axis=0), atol=1e-5)
    np.testing.assert_array_equal(thin.landmarks[0], thin.landmarks[5])
    np.testing.assert_array_equal(thin.landmarks[29], thin.landmarks[25])


def test_few_frames_are_chosen_among_those_that_show_the_face():
    confidence = np.zeros(20)
    confidence[[3, 4, 17]] = 0.8
    track = track_of(np.zeros((20, 478, 3)), confidence)

    assert list(np.flatnonzero(held_out.few(track, 1).confidence)) == [4]
    assert held_out.few(track, 3) is track
