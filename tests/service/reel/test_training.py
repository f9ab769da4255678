"""Actors are trained on request, kept as versions, and used until they are stale."""

import json

import pytest

from dubsync.core.errors import Cancelled, DubsyncError, SettingsError
from dubsync.core.progress import silent
from dubsync.core.steps import HeldOut
from dubsync.service.project import Project


def open_reel(folder):
    return Project.open(folder)


def rendered_by(engine):
    return [asked[1:3] for asked in engine.ASKED if asked[0] == "prepare"]


def synced(folder, *names):
    return {result.name: result for result in open_reel(folder).sync(names)}


def test_every_dubbed_character_is_trained_for_the_given_minutes(reel, engine):
    trained = open_reel(reel).train(minutes=2, size=192)
    assert [asked[1:] for asked in engine.ASKED if asked[0] == "train"] == [
        ("ELISE", 2, 192), ("MARC", 2, 192),
    ]  # fmt: skip
    assert trained["ELISE"].mean["actor"].perceptual == engine.BETTER.perceptual
    assert trained["ELISE"].training["frames"] == 40


def test_training_goes_on_for_the_others_when_one_fails(reel, engine):
    engine.FAILS.add("ELISE")
    trained = open_reel(reel).train(minutes=1)
    assert "too few" in str(trained["ELISE"])
    assert not isinstance(trained["MARC"], DubsyncError)


def test_training_again_keeps_earlier_trainings(reel):
    first = open_reel(reel).train(["ELISE"], minutes=1)["ELISE"]
    second = open_reel(reel).train(["ELISE"], minutes=3)["ELISE"]
    assert [m.folder.name for m in (first, second)] == ["v001", "v002"]
    actors = open_reel(reel).reel.look(silent).actors
    assert actors.actor("ELISE", silent).digest == second.digest
    assert not list((reel / ".dubsync/training/ELISE").glob("*"))  # finished: no half work is left


def test_a_models_record_says_who_consented_and_what_it_was_learnt_from(reel):
    model = open_reel(reel).train(["ELISE"], minutes=1)["ELISE"]
    facts = json.loads((model.folder / "training.record.json").read_text())
    assert facts["performer"] == "elise-m"
    assert [c["id"] for c in facts["consent"]] == ["elise-m-001"]
    assert [plate["name"] for plate in facts["plates"]] == ["a.mov"]
    assert len(facts["plates"][0]["sha256"]) == 64
    assert facts["versions"]["engine"].startswith("drawn-1")
    assert str(reel) not in json.dumps(facts)
    (learnt,) = (reel / ".dubsync/actors/ELISE").glob("*/training.record.json")
    assert json.loads(learnt.read_text())["training"] == {}


def test_a_performer_without_consent_is_not_trained(reel, engine):
    (reel / "consent/elise-m.toml").unlink()
    trained = open_reel(reel).train(minutes=1)
    assert "no consent record" in str(trained["ELISE"])
    assert [asked[1] for asked in engine.ASKED if asked[0] == "train"] == ["MARC"]


def test_a_trained_actor_that_did_better_draws_and_the_record_says_why(reel, engine):
    open_reel(reel).train(["ELISE"], minutes=1)
    shots = synced(reel)
    assert rendered_by(engine) == [("ELISE", "actor"), ("MARC", "warp")]
    pick = shots["a"].rendered.picks["ELISE"]
    assert pick.reason == (
        "actor: perceptual distance 0.0060 against the warp's 0.0080 on 24 held-out frames of "
        "plate a.mov"
    )
    record = json.loads(next((reel / "renders/a/v001").glob("*.record.json")).read_text())
    assert record["renderers"]["ELISE"] == {"renderer": "actor", "reason": pick.reason}
    assert shots["b"].rendered.picks["MARC"].reason == "warp: the actor is not trained"


def test_a_better_training_makes_only_its_shots_stale(synced_reel):
    open_reel(synced_reel).train(["ELISE"], minutes=1)
    again = synced(synced_reel)
    assert (again["a"].status, again["b"].status) == ("done", "unchanged")
    assert again["b"].rendered.picks["MARC"].renderer == "warp"


def test_a_worse_training_changes_no_picture(synced_reel, engine):
    engine.FINDS["actor"] = HeldOut(24, 0.009, 29.0, 0.9)
    open_reel(synced_reel).train(["ELISE"], minutes=1)
    assert synced(synced_reel)["a"].status == "unchanged"


def test_a_stale_training_is_a_warning_and_the_warp_draws(reel, engine):
    open_reel(reel).train(["ELISE"], minutes=1)
    engine.VERSION[0] = "drawn-2"
    shot = synced(reel, "a")["a"]
    assert rendered_by(engine) == [("ELISE", "warp")]
    (warning,) = [d for d in shot.warnings if "stale" in d.message]
    assert warning.hint == "dubsync train REEL ELISE"


def test_a_damaged_training_fails_its_shots_with_a_remedy(reel):
    model = open_reel(reel).train(["ELISE"], minutes=1)["ELISE"]
    (model.folder / "actor.json").unlink()
    shots = synced(reel)
    assert shots["a"].status == "failed"
    assert shots["a"].hint == "dubsync train REEL ELISE"
    assert shots["b"].status == "done"
    open_reel(reel).train(["ELISE"], minutes=1)
    assert synced(reel)["a"].status == "done"


def test_the_warp_draws_from_the_learnt_actor_after_any_training(reel, engine):
    model = open_reel(reel).train(["ELISE"], minutes=1)["ELISE"]
    (model.folder / "actor.json").unlink()
    open_reel(reel).draw_with("a", "warp")
    assert synced(reel, "a")["a"].status == "done"
    assert [asked for asked in engine.ASKED if asked[0] == "prepare"] == [
        ("prepare", "ELISE", "warp", False)
    ]


def test_a_run_trains_untrained_characters_only_once(reel, engine, monkeypatch):
    monkeypatch.setattr("dubsync.service.project.Project.check", lambda *_, **__: Report())
    open_reel(reel).run()
    ran = open_reel(reel).run()
    assert [asked[1] for asked in engine.ASKED if asked[0] == "train"] == ["ELISE", "MARC"]
    assert ran.trained == {}


def test_a_run_with_no_minutes_for_training_does_not_train(reel, engine, monkeypatch):
    monkeypatch.setattr("dubsync.service.project.Project.check", lambda *_, **__: Report())
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().replace("train_minutes = 5", "train_minutes = 0"))
    open_reel(reel).run()
    assert not [asked for asked in engine.ASKED if asked[0] == "train"]


def test_training_without_minutes_says_how_to_give_them(reel):
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().replace("train_minutes = 5", "train_minutes = 0"))
    with pytest.raises(SettingsError) as caught:
        open_reel(reel).train()
    assert "--minutes" in caught.value.hint


def test_an_interrupted_training_keeps_its_checkpoint_and_leaves_no_version(reel, engine):
    engine.CUT_OFF.add("ELISE")
    with pytest.raises(Cancelled):
        open_reel(reel).train(["ELISE"], minutes=1)
    (kept,) = reel.glob(".dubsync/training/ELISE/*")
    assert (kept / "half").is_file()
    assert not list(reel.glob(".dubsync/trained/ELISE/*/v*"))
    engine.CUT_OFF.clear()
    open_reel(reel).train(["ELISE"], minutes=1)
    assert ("resumed", "ELISE") in engine.ASKED
    assert list(reel.glob(".dubsync/trained/ELISE/*/v001/actor.json"))


class Report:
    html = ""
