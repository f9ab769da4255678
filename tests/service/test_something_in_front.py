"""Case 08 from end to end: what stands before the mouth stays the plate's, and is said."""

import numpy as np
import pytest

from dubsync.core.errors import DubsyncError
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.clip import SPEAKER, sync_clip
from tests.engine.occlusion.test_hands_before_faces import CASE, hand_of_case


def planes(path):
    plate = probe_plate(path)
    with open_plate(plate) as reader:
        return [frame.planes for frame in reader.frames(plate.frames)]


def synced(folder, tmp_path, name):
    return sync_clip(
        folder / f"{name}.mp4", dub=folder / "de.wav", take=None, consent=folder / "consent.toml",
        out=tmp_path / "out.mov",
    )  # fmt: skip


def test_no_sample_of_the_hand_changes_and_covered_frames_are_said(made_case, shared, tmp_path):
    folder = made_case(CASE)
    result = synced(folder, tmp_path, "hand")

    before, after = planes(folder / "hand.mp4"), planes(tmp_path / "out.mov")
    case = shared / "cases" / "picture-and-sound" / CASE
    changed = 0
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        hand = hand_of_case(case, number)
        sites = hand.reshape(256, 2, 256, 2).all(axis=(1, 3))  # chroma that the hand fills
        assert not (old[0] != new[0])[hand].any(), f"the hand in frame {number}"
        assert not any((a != b)[sites].any() for a, b in zip(old[1:], new[1:], strict=True))
        changed += bool((np.asarray(old[0]) != new[0]).any())
    assert changed > 30
    (stretch,) = [s for s in result.shot.rendered.mouths[SPEAKER] if s.source == "plate"]
    assert stretch.reason == "its mouth is covered"
    assert 26 <= stretch.first <= 29 and 49 <= stretch.last <= 52
    assert any("mouth is covered in" in w.message for w in result.shot.warnings)
    span = slice(stretch.first, stretch.last + 1)
    for old, new in zip(before[span], after[span], strict=True):
        assert all((a == b).all() for a, b in zip(old, new, strict=True))


def test_a_mouth_behind_a_microphone_throughout_is_refused_with_the_reason(made_case, tmp_path):
    with pytest.raises(DubsyncError, match="mouth is covered in every frame"):
        synced(made_case(CASE), tmp_path, "mic")
    assert not (tmp_path / "out.mov").exists()
