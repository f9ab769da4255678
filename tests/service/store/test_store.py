"""Derived data is cached by digest; versions appear complete and are never overwritten."""

import os
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import DeliveryError
from dubsync.core.face import FaceTrack
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.store.folder import NewVersion, Store, whole_folder


def track():
    rng = np.random.default_rng(0)
    return FaceTrack(
        1, FrameRange(10, 13, Fraction(24000, 1001)), rng.normal(size=(3, 478, 3)),
        rng.uniform(size=(3, 52)), np.ones(3), np.ones(4) / 2,
    )  # fmt: skip


def never():
    raise AssertionError("made a second time")


def test_tracks_are_made_once_and_read_back_equal(tmp_path):
    made = track()
    Store(tmp_path).tracks("k", lambda: (made,))
    (kept,) = Store(tmp_path).tracks("k", never)
    assert kept.frames == made.frames
    np.testing.assert_array_equal(kept.landmarks, made.landmarks)


def test_a_plate_without_a_face_is_cached_too(tmp_path):
    Store(tmp_path).tracks("k", lambda: ())
    assert Store(tmp_path).tracks("k", never) == ()


def test_hearings_keep_their_exact_start(tmp_path):
    heard = AudioFeatures.of_level(
        Fraction(18018, 5), np.zeros((2, 40)), np.zeros(2), np.ones(2), np.zeros(2)
    )
    Store(tmp_path).hearing("k", lambda: heard)
    assert Store(tmp_path).hearing("k", never).start == heard.start


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\xff" * 100])
def test_damaged_derived_data_is_made_again(tmp_path, damage, caplog):
    store = Store(tmp_path)
    store.tracks("k", lambda: (track(),))
    (tmp_path / ".dubsync/tracks/k.safetensors").write_bytes(damage)
    assert len(store.tracks("k", lambda: (track(),))) == 1
    assert "made again" in caplog.text


def test_a_changed_file_has_a_new_digest(tmp_path):
    file, store = tmp_path / "f", Store(tmp_path)
    file.write_bytes(b"one")
    first = store.file_digest(file)
    file.write_bytes(b"other")
    assert store.file_digest(file) != first


def test_versions_count_on_and_old_ones_stay(tmp_path):
    store = Store(tmp_path)
    for n in (1, 2, 3):
        with NewVersion(store, "renders", "S1") as version:
            (version.folder / "x").write_text(str(n))
        assert version.number == n
    assert (store.latest("renders", "S1") / "x").read_text() == "3"
    assert (tmp_path / "renders/S1/v001/x").read_text() == "1"


def test_a_version_that_fails_leaves_nothing(tmp_path):
    store = Store(tmp_path)
    with pytest.raises(RuntimeError), NewVersion(store, "renders", "S1") as version:
        (version.folder / "half").write_text("x")
        raise RuntimeError
    assert store.latest("renders", "S1") is None
    assert [p.name for p in (tmp_path / "renders/S1").iterdir()] in ([], [".lock"])


def test_leftovers_of_a_killed_run_are_removed(tmp_path):
    store = Store(tmp_path)
    left = tmp_path / "renders/S1/.making-v001-999999"
    left.mkdir(parents=True)
    (left / "half.mov").write_bytes(b"x")
    with NewVersion(store, "renders", "S1") as version:
        (version.folder / "x").write_text("x")
    assert not left.exists()
    assert version.number == 1


def test_a_second_writer_of_one_shot_is_refused(tmp_path):
    store = Store(tmp_path)
    with (
        NewVersion(store, "renders", "S1"),
        pytest.raises(DeliveryError, match="another dubsync"),
        NewVersion(Store(tmp_path), "renders", "S1"),
    ):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused_clearly(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(DeliveryError, match="cannot write"), NewVersion(Store(tmp_path), "r", "S"):
        pass


def test_two_machines_whose_processes_have_one_number_do_not_share_a_folder(tmp_path):
    """As in containers, where every dubsync is process 1."""
    with (
        whole_folder(tmp_path / "k1", by_digest=True) as mine,
        whole_folder(tmp_path / "k1", by_digest=True) as theirs,
    ):
        assert mine != theirs
        (mine / "mine").write_text("x")
        (theirs / "theirs").write_text("x")
    assert [path.name for path in tmp_path.rglob("*")] == ["k1", "theirs"], "the first one stays"


def test_a_folder_that_is_no_digest_s_is_never_taken_for_another(tmp_path):
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1/x").write_text("old")
    with pytest.raises(DeliveryError), whole_folder(tmp_path / "v1") as mine:
        (mine / "x").write_text("new")
    assert (tmp_path / "v1/x").read_text() == "old"


def test_a_version_that_another_process_finished_meanwhile_is_counted(tmp_path):
    store = Store(tmp_path)
    late = NewVersion(store, "renders", "S1")
    with NewVersion(store, "renders", "S1") as first:
        (first.folder / "x").write_text("1")
    with late as second:
        (second.folder / "x").write_text("2")
    assert [path.name for path in store.versions("renders", "S1")] == ["v002", "v001"]
