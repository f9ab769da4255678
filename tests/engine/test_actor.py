"""An actor is saved completely, and read back completely or refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dubsync.core.errors import DeliveryError, ModelError, NoFace
from dubsync.core.progress import silent
from dubsync.engine import actor as actors
from tests.engine.exemplars.drawn_footage import DrawnPlate, drawn_track
from tests.engine.network import textured_footage
from tests.engine.network.textured_footage import TexturedPlate, talking_track


def learnt(tint=1.0, character="Ada"):
    plate = DrawnPlate(drawn_track(np.abs(np.sin(np.arange(16) / 3))), tint=tint)
    return actors.learn(
        character, [plate.footage()], most=6, widest_px=1024, progress=silent
    )  # fmt: skip


@pytest.fixture(scope="module")
def ada():
    return learnt()


def test_an_actor_reads_back_as_it_was_saved(ada, tmp_path):
    actors.save(ada, tmp_path / "ada")

    again = actors.load(tmp_path / "ada")

    assert (again.character, again.digest, again.basis) == (ada.character, ada.digest, ada.basis)
    assert again.bank.plates == ada.bank.plates
    for one, other in zip(again.bank.pictures, ada.bank.pictures, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(again.bank.features, ada.bank.features)


def test_the_appearance_model_reads_back_and_refines_alike(tmp_path):
    plate = TexturedPlate(talking_track(60))
    actor = textured_footage.learnt(plate, most=12)
    actors.save(actor, tmp_path)
    points = plate.track.landmarks[7] + np.float32(0.8)
    picture = textured_footage.picture_of(plate.track.landmarks[7])

    again = actors.load(tmp_path)

    assert np.abs(actor.appearance.refined(picture, points) - points).max() > 0.3
    np.testing.assert_array_equal(
        again.appearance.refined(picture, points), actor.appearance.refined(picture, points)
    )
    np.testing.assert_array_equal(again.bank.points, actor.bank.points)
    np.testing.assert_array_equal(again.bank.seconds, actor.bank.seconds)


def test_refinement_can_be_turned_off():
    plate = TexturedPlate(talking_track(60))

    plain = textured_footage.learnt(plate, most=12, refined=False)

    assert plain.appearance is None
    for row, points in zip(plain.bank.frames, plain.bank.points, strict=True):
        moved = points - plate.track.landmarks[row, :, :2]
        np.testing.assert_allclose(moved, np.broadcast_to(moved[0], moved.shape), atol=1e-3)


def test_the_same_footage_gives_the_same_digest_and_other_footage_another(ada):
    assert learnt().digest == ada.digest
    assert learnt(tint=0.9).digest != ada.digest
    assert learnt(character="Bo").digest != ada.digest


def test_the_facts_beside_the_weights_name_every_frame_drawn_from(ada, tmp_path):
    actors.save(ada, tmp_path / "ada")

    facts = json.loads((tmp_path / "ada" / actors.FACTS).read_text())

    assert [e["frame"] for e in facts["exemplars"]] == ada.bank.frames.tolist()
    assert {e["plate"] for e in facts["exemplars"]} == {"drawn"}
    written = {p.name for p in (tmp_path / "ada").iterdir()}
    assert written == {actors.FACTS, actors.WEIGHTS, actors.PICTURES}


def test_altered_weights_are_refused(ada, tmp_path):
    actors.save(ada, tmp_path)
    arrays = load_file(tmp_path / actors.PICTURES)
    arrays["picture.00000"] = arrays["picture.00000"] + np.float16(0.25)
    save_file(arrays, tmp_path / actors.PICTURES)

    with pytest.raises(ModelError, match="altered"):
        actors.load(tmp_path)


def test_an_actor_with_all_its_arrays_in_one_file_is_still_read(ada, tmp_path):
    actors.save(ada, tmp_path)
    both = load_file(tmp_path / actors.WEIGHTS) | load_file(tmp_path / actors.PICTURES)
    (tmp_path / actors.PICTURES).unlink()
    save_file(both, tmp_path / actors.WEIGHTS)
    assert actors.load(tmp_path).digest == ada.digest


@pytest.mark.parametrize("facts", ["", "[]", "{}", '{"schema": "dubsync.actor/1"}', "null"])
def test_foreign_facts_are_refused(ada, tmp_path, facts):
    actors.save(ada, tmp_path)
    (tmp_path / actors.FACTS).write_text(facts)

    with pytest.raises(ModelError):
        actors.load(tmp_path)


@pytest.mark.parametrize("kept", [0, 7, 5000])
def test_a_cut_off_file_is_refused(ada, tmp_path, kept):
    actors.save(ada, tmp_path)
    weights = tmp_path / actors.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:kept])

    with pytest.raises(ModelError):
        actors.load(tmp_path)


def test_an_empty_folder_holds_no_actor(tmp_path):
    with pytest.raises(ModelError):
        actors.load(tmp_path)


def test_an_actor_is_not_written_over(ada, tmp_path):
    actors.save(ada, tmp_path)

    with pytest.raises(DeliveryError):
        actors.save(ada, tmp_path)


def test_a_folder_that_cannot_be_written_is_a_clear_refusal(ada, tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DeliveryError, match="in the way|cannot write|file"):
        actors.save(ada, tmp_path / "file" / "ada")


def test_an_actor_of_another_engine_is_refused():
    class Other:
        character, basis, digest = "Bo", "b", "d"

    with pytest.raises(ModelError, match="Bo"):
        actors.ours(Other())


def test_a_plate_without_a_face_is_refused():
    track = drawn_track([0.1, 0.2])
    blind = replace(track, confidence=np.zeros(2))

    with pytest.raises(NoFace):
        actors.learn(
            "Ada", [DrawnPlate(blind).footage()], most=5, widest_px=512, progress=silent
        )  # fmt: skip
