"""An actor's head, learnt from a second of real footage, saved, read back, and asked."""

import json
from dataclasses import replace

import av
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dubsync.core.errors import DeliveryError, ModelError, NoFace
from dubsync.core.learning.head import range_apart
from dubsync.core.progress import silent
from dubsync.core.steps import Footage
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine import actor as actors
from dubsync.engine.device import one_thread
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.head.follow import keyed
from dubsync.engine.head.head_crop import working_picture
from dubsync.engine.head.head_files import load_head, our_head, save_head
from dubsync.engine.head.join_keys import key_of, reference_of
from dubsync.engine.head.key_choice import well_spread
from dubsync.engine.head.learn_head import learn_head
from dubsync.engine.head.read_keys import Look
from dubsync.engine.track.tracker import FaceTracker

EVERY, COUNT = 10, 16


@pytest.fixture(scope="module")
def plate(shared):
    """Each tenth frame of a woman who turns her head, half size, as one plate."""
    one_thread()
    with av.open(str(shared / "footage" / "katiehill_512_8s.mp4")) as clip:
        rgb = [f.to_ndarray(format="rgb24")[::2, ::2] for f in clip.decode(video=0)]
    frames = [rgb_frame(np.ascontiguousarray(x), n) for n, x in enumerate(rgb[::EVERY][:COUNT])]
    span = FrameRange(0, len(frames), 25)
    (track,) = FaceTracker()(iter(frames), span, shot="katie", progress=silent)

    def read(numbers):
        return (frames[n] for n in numbers)

    return Footage("katie", track, read)


@pytest.fixture(scope="module")
def actor(plate):
    return actors.learn("KATIE", [plate], most=12, widest_px=1024, progress=silent)


@pytest.fixture(scope="module")
def head(actor, plate):
    return learn_head(actor, [plate], progress=silent)


def test_every_key_has_the_frame_its_person_and_its_outline(head, plate):
    assert len(head) == len(plate.track.frames) and head.actor and head.stills == 0
    for key in head.keys:
        height, width = key.picture.shape[:2]
        assert key.matte.shape == (round(height / key.scale), round(width / key.scale))
        assert key.picture.dtype == np.float16 and 0.3 < (key.matte > 127).mean() < 0.9
        on_plate = key.landmarks[:, :2] * key.scale + key.origin
        tracked = plate.track.landmarks[key.frame - plate.track.frames.start]
        assert np.median(np.abs(on_plate - tracked[:, :2])) < 1.5, "refined, not lost"
    np.testing.assert_array_equal(head.keys[head.reference].grid, head.outline.points)


def test_followed_hair_edges_lie_on_hair_edges(head):
    away = []
    for key in head.keys:
        contour = np.rint(key.grid[: head.outline.contour] - 0.5).astype(int)
        inside = ((contour > 4) & (contour < np.array(key.matte.shape[::-1]) - 5)).all(axis=1)
        for x, y in contour[inside]:
            near = key.matte[y - 4 : y + 5, x - 4 : x + 5]
            away.append(near.min() < 128 < near.max())
    assert np.mean(away) > 0.85


def test_the_ridge_foretells_better_than_the_rigid_head_alone(head):
    foretold = np.sqrt(np.mean([(head.residual(n) ** 2).sum(-1) for n in range(len(head))]))
    rigid = replace(head, ridge=None, digest="")
    proxy = np.sqrt(np.mean([(rigid.residual(n) ** 2).sum(-1) for n in range(len(head))]))
    assert foretold < 0.7 * proxy


def test_turns_tell_how_far_they_are_from_what_was_seen(head):
    turns = np.stack([key.path.turn[0] for key in head.keys])
    np.testing.assert_allclose(head.beyond(turns), 0, atol=0.05)
    farther = turns[:1] + [0, np.radians(60), 0]
    assert head.beyond(farther)[0] > 20
    seen = head.range
    assert seen.apart > 10 and not seen.one_pose
    assert (seen.turn[0] < seen.turn[1]).all() and seen.opening[1] > 0.05
    assert range_apart(turns[:1]) == 0


def test_a_head_reads_back_as_it_was_saved(head, tmp_path):
    save_head(head, tmp_path / "katie")
    again = load_head(tmp_path / "katie")
    assert again.digest == head.digest and again.notes == head.notes
    path, features = head.keys[3].path, head.keys[3].features[None]
    np.testing.assert_array_equal(again.foretold(path, features), head.foretold(path, features))
    with pytest.raises(DeliveryError, match="holds a head already"):
        save_head(head, tmp_path / "katie")


def test_an_altered_or_unknown_head_is_refused(head, tmp_path):
    save_head(head, tmp_path)
    arrays = load_file(tmp_path / "head.safetensors")
    arrays["outline.points"] = arrays["outline.points"] + 1
    save_file(arrays, tmp_path / "head.safetensors")
    with pytest.raises(ModelError, match="altered"):
        load_head(tmp_path)
    facts = json.loads((tmp_path / "head.json").read_text())
    (tmp_path / "head.json").write_text(json.dumps(facts | {"schema": "dubsync.head/99"}))
    with pytest.raises(ModelError, match="unknown schema"):
        load_head(tmp_path)
    with pytest.raises(ModelError, match="cannot be read"):
        load_head(tmp_path / "nowhere")


def test_another_frame_of_the_shot_becomes_a_key(head, actor, plate):
    without = learn_head(actor, [replace(plate, track=plate.track.part(0, 12))], progress=silent)
    missing = head.keys[13]
    assert missing.frame not in {key.frame for key in without.keys}
    picture = working_picture(missing.picture.astype(np.float32), missing.scale)
    look = Look(
        missing.plate, missing.frame, missing.picture, missing.origin, missing.scale,
        missing.landmarks, missing.matte, missing.path, missing.features, missing.cut, False,
        keyed(picture, missing.matte, missing.landmarks),
    )  # fmt: skip
    found = key_of(without, look, reference_of(without))
    assert len(found.grid) == len(without.outline)


def test_one_frame_is_a_head_without_a_ridge_and_says_so(actor, plate):
    one = learn_head(actor, [replace(plate, track=plate.track.part(4, 5))], progress=silent)
    assert len(one) == 1 and one.ridge is None and one.range.one_pose
    assert "one frame alone" in one.notes[0]


def test_large_pictures_are_few_but_the_outline_is_learnt_from_all(head, actor, plate, monkeypatch):
    monkeypatch.setattr("dubsync.engine.head.learn_head.MOST_BYTES", 1)
    less = learn_head(actor, [plate], progress=silent)
    assert len(less) == 10 < len(head)
    np.testing.assert_allclose(less.ridge.middle, head.ridge.middle, atol=0.2)


def test_photographs_are_a_head_too_and_each_rests_by_itself(actor, plate):
    photographs = [
        replace(plate, plate=f"photo {n}", track=plate.track.part(n, n + 1)) for n in (0, 5, 11)
    ]
    few = learn_head(actor, photographs, progress=silent)
    assert few.stills == 3 and len(few) == 3 and few.ridge is None
    assert any("too few" in note for note in few.notes) or few.range.one_pose


def test_a_frame_with_something_before_the_head_is_left_out(actor, plate):
    def read(numbers):
        for frame in plate.read(numbers):
            if frame.number != 6:
                yield frame
                continue
            planes = [p.copy() for p in frame.planes]
            for p, value in zip(planes, (200, 160, 140), strict=True):
                p[:, :150] = value  # a board before half of the head
            yield replace(frame, planes=tuple(planes))

    held = learn_head(actor, [replace(plate, read=read)], progress=silent)
    assert 6 not in {key.frame for key in held.keys} and len(held) == COUNT - 1
    assert any("left out: 1 frame in" in note for note in held.notes)


def test_a_face_that_is_never_seen_has_no_head(actor, plate):
    unseen = replace(plate, track=plate.track.without(np.ones(len(plate.track.frames), bool)))
    with pytest.raises(NoFace):
        learn_head(actor, [unseen], progress=silent)


def test_another_engines_head_is_refused():
    class Foreign:
        character = "ADA"

    with pytest.raises(ModelError, match="another engine"):
        our_head(Foreign())


def test_keys_are_spread_in_time_and_over_what_was_done_once():
    features = np.zeros((200, 2), np.float32)
    features[150] = [5, 0]
    chosen = well_spread(features + np.linspace(0, 0.1, 200)[:, None], 20)
    assert len(chosen) == 20 and 150 in chosen
    assert np.diff(chosen).max() < 30
    np.testing.assert_array_equal(well_spread(features[:5], 20), np.arange(5))
