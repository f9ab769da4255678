"""The better renderer on held-out frames draws, unless the user chose one."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dubsync.core.errors import EngineError, SettingsError
from dubsync.core.steps import HeldOut
from dubsync.service.project import Project
from dubsync.service.reel.pick_renderer import Untrained, pick

WARP = HeldOut(24, 0.008, 30.0, 0.9)


@dataclass
class Actor:
    held_out: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=lambda: {"frames": 40})


def actor(perceptual, sharpness=1.0, warp=WARP):
    return Actor({"X": {"actor": HeldOut(24, perceptual, 31.0, sharpness), "warp": warp}})


def test_the_nearer_renderer_draws_and_the_reason_has_the_figures():
    assert pick(actor(0.0061), "X", "auto").reason == (
        "actor: perceptual distance 0.0061 against the warp's 0.0080 on 24 held-out frames of "
        "plate X"
    )
    worse = pick(actor(0.0101), "X", "auto")
    assert worse.renderer == "warp"
    assert "0.0080 against the actor's 0.0101" in worse.reason


@pytest.mark.parametrize(
    ("sharpness", "of_warp", "drawn"),
    [(0.8, 0.9, "actor"), (1.25, 0.9, "actor"), (0.6, 0.9, "warp"), (1.6, 0.9, "warp"),
     (0.6, 0.5, "actor"), (1.6, 0.5, "actor"), (0.0, 0.0, "warp")],
)  # fmt: skip
def test_an_actor_that_is_too_soft_or_too_sharp_does_not_draw(sharpness, of_warp, drawn):
    warp = HeldOut(24, 0.008, 30.0, of_warp)
    assert pick(actor(0.006, sharpness, warp), "X", "auto").renderer == drawn


def test_a_plate_without_held_out_frames_uses_the_mean_of_the_others():
    held = {
        "X": {"warp": HeldOut(30, 0.008, 30, 1), "actor": HeldOut(30, 0.007, 30, 1)},
        "Y": {"warp": HeldOut(10, 0.008, 30, 1), "actor": HeldOut(10, 0.0105, 30, 1)},
        "half": {"warp": HeldOut(900, 1.0, 30, 1)},
    }
    picked = pick(Actor(held), "Z", "auto")
    assert picked.renderer == "actor"
    assert "0.0079 against the warp's 0.0080 on 40 held-out frames" in picked.reason
    assert pick(Actor(held), "Y", "auto").renderer == "warp"


def test_without_figures_the_warp_draws():
    assert pick(Untrained(), "X", "auto").reason == "warp: the actor is not trained"
    assert pick(Actor(), "X", "auto").renderer == "warp"


def test_a_person_overrides_the_figures():
    assert pick(actor(0.0101), "X", "actor").renderer == "actor"
    assert pick(actor(0.0061), "X", "warp").renderer == "warp"
    assert pick(Untrained(), "X", "plate").renderer == "plate"
    assert pick(actor(0.0061), "X", "warp").reason == "set by the user"
    with pytest.raises(EngineError, match="not trained"):
        pick(Untrained(), "X", "actor")


def test_a_renderer_set_for_one_shot_is_stored_and_renders_it_again(reel, engine):
    Project.open(reel).train(minutes=1)
    Project.open(reel).sync()
    Project.open(reel).draw_with("a", "warp")
    shots = {result.name: result for result in Project.open(reel).sync()}
    assert shots["a"].status == "done"
    assert shots["a"].rendered.picks["ELISE"].reason == "set by the user"
    assert shots["b"].status == "unchanged"
    Project.open(reel).draw_with("a", "auto")
    (back,) = Project.open(reel).sync(["a"])
    assert back.rendered.picks["ELISE"].renderer == "actor"


def test_a_shot_set_to_an_untrained_actor_fails_alone(reel):
    Project.open(reel).draw_with("a", "actor")
    shots = {result.name: result for result in Project.open(reel).sync()}
    assert shots["a"].status == "failed"
    assert "ELISE" in shots["a"].reason and "not trained" in shots["a"].reason
    assert shots["a"].hint == "dubsync train REEL ELISE"
    assert shots["b"].status == "done"


def test_a_shot_set_to_its_plate_is_skipped_and_not_delivered(synced_reel):
    Project.open(synced_reel).draw_with("a", "plate")
    project = Project.open(synced_reel)
    (shot,) = project.sync(["a"])
    assert (shot.status, shot.reason) == ("skipped", "set by the user: the plate is kept")
    edl = Path(project.deliver().files["edl"]).read_text()
    assert "b_v001" in edl and "a_v001" not in edl


def test_the_settings_choose_for_every_shot(reel, engine):
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().replace('renderer = "auto"', 'renderer = "warp"'))
    Project.open(reel).train(minutes=1)
    shots = Project.open(reel).sync()
    assert {p.reason for s in shots for p in s.rendered.picks.values()} == {"set by the user"}
    assert {asked[2] for asked in engine.ASKED if asked[0] == "prepare"} == {"warp"}


def test_an_unknown_renderer_or_shot_is_refused(reel):
    with pytest.raises(SettingsError, match="GAN"):
        Project.open(reel).draw_with("a", "GAN")
    (reel / "renderers.toml").write_text('"a" = "crayon"\n')
    with pytest.raises(SettingsError, match="crayon"):
        Project.open(reel).sync()
