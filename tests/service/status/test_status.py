"""The status of a reel says what is done, why the rest is not, and what the next run takes."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from dubsync.core.progress import silent
from dubsync.service.disk_space.needed import needed
from dubsync.service.project import Project
from dubsync.service.render.provenance import write_record
from dubsync.service.store import atomic_write
from tests.service import drawn_engine
from tests.service.reel_making import add_language, stem


def states(folder, **into):
    status = Project.open(folder).status()
    return {shot.name: shot.state for shot in status.shots}


def status_of(folder, shot):
    return next(s for s in Project.open(folder).status().shots if s.name == shot)


@pytest.fixture
def rendered(synced_reel):
    return synced_reel


def replaced(reel, old, new):
    toml = reel / "dubsync.toml"
    assert old in toml.read_text()
    toml.write_text(toml.read_text().replace(old, new))


def test_before_the_first_run_every_shot_waits_and_is_counted(reel):
    status = Project.open(reel).status()
    assert {shot.state for shot in status.shots} == {"todo"}
    run = status.next_run
    assert set(run.shots) == {"a", "b"}
    assert (
        run.frames
        == run.analyse
        == sum(len(shot.render) for shot in Project.open(reel).turnover().shots)
    )
    assert run.seconds is None
    assert run.disk_bytes > 0


def test_status_analyses_and_renders_nothing(reel, engine):
    Project.open(reel).status()
    assert engine.ASKED == []
    assert not (reel / "renders").exists()


def test_after_a_run_every_shot_is_done_and_nothing_is_left(rendered):
    assert states(rendered) == {"a": "rendered", "b": "rendered"}
    run = Project.open(rendered).status().next_run
    assert (run.shots, run.frames, run.analyse) == ((), 0, 0)


def test_a_changed_tweak_makes_only_its_own_shot_stale(rendered):
    Project.open(rendered).tweak("a", ["jaw=1.2"])
    stale = status_of(rendered, "a")
    assert (stale.state, stale.reasons) == ("stale", ("the tweak of ELISE changed",))
    assert stale.version == "v001"
    assert status_of(rendered, "b").state == "rendered"


def test_another_way_to_keep_lips_in_pauses_makes_a_characters_shots_stale(rendered):
    toml = rendered / "dubsync.toml"
    head, character, rest = toml.read_text().partition('[characters."ELISE"]\n')
    toml.write_text(head + character + 'pauses = "shut"\n' + rest)
    stale = status_of(rendered, "a")
    assert (stale.state, stale.reasons) == (
        "stale", ("the lips of ELISE are now shut in pauses",),
    )  # fmt: skip


def test_a_changed_face_is_named(rendered, engine):
    face = Project.open(rendered).reel.look(silent).recognition.casting.tracks["a"]["ELISE"][0]
    renders = sorted((rendered / "renders" / "a").glob("v001/*.record.json"))
    record = json.loads(renders[0].read_text())
    record["faces"]["ELISE"] = [[face.face + 1, face.frames.start, face.frames.stop]]
    record["key"] = "that of another face"
    write_record(renders[0], record)
    assert status_of(rendered, "a").reasons == ("ELISE is recognised in another face",)
    x, y = face.landmarks[0, :, :2].mean(axis=0)
    Project.open(rendered).point("a", "ELISE", [(float(x), float(y))], silent)
    assert status_of(rendered, "a").reasons == ("you changed ELISE's face",)


def test_a_changed_dub_is_named_by_its_file(rendered):
    stem(rendered.parent / "e.wav", 0.5, 1.1)
    assert "the dub ELISE e.wav changed" in status_of(rendered, "a").reasons
    assert status_of(rendered, "b").state == "rendered"


def test_a_changed_setting_is_named_with_both_values(rendered):
    replaced(rendered, "[engine]\n", "[engine]\nexemplars = 300\n")
    reasons = status_of(rendered, "a").reasons
    assert "engine.exemplars changed: 450 to 300" in reasons


def test_another_engine_is_named(rendered, engine):
    engine.VERSION[0] = "drawn 2"
    reasons = status_of(rendered, "a").reasons
    assert any(reason.startswith("dubsync's engine changed") for reason in reasons)


def test_a_changed_plate_makes_its_shot_stale_without_being_analysed(rendered, engine):
    plate = rendered.parent / "plates" / "a.mov"
    data = bytearray(plate.read_bytes())
    data[len(data) // 2] ^= 1
    plate.write_bytes(data)
    engine.ASKED.clear()
    stale = status_of(rendered, "a")
    assert (stale.state, stale.reasons) == ("stale", ("the plate a.mov changed",))
    assert status_of(rendered, "b").state == "unsure"
    assert engine.ASKED == []
    assert Project.open(rendered).status().next_run.analyse > 0


def test_missing_consent_blocks_with_the_reason_and_the_hint(rendered):
    (rendered / "consent" / "elise-m.toml").unlink()
    blocked = status_of(rendered, "a")
    assert blocked.state == "blocked"
    assert "elise-m" in blocked.reasons[0]
    assert blocked.hint


def test_a_kept_plate_is_skipped_by_choice(rendered):
    Project.open(rendered).draw_with("a", "plate")
    assert status_of(rendered, "a").state == "skipped"


def test_speech_without_a_plate_is_offline_with_what_to_do_and_not_called_a_kept_plate(rendered):
    (rendered.parent / "plates" / "b.mov").unlink()
    lost = status_of(rendered, "b")
    assert lost.state == "offline"
    assert "no plate matches" in lost.reasons[0]
    assert "media in dubsync.toml" in lost.hint


def test_a_shot_that_shows_only_somebody_else_waits_for_no_render(reel, monkeypatch):
    one = drawn_engine.track

    def track(frames, span, **named):  # the face of shot b is that of shot a
        return tuple(replace(face, appearance=np.eye(4)[0]) for face in one(frames, span, **named))

    monkeypatch.setattr(drawn_engine, "track", track)
    Project.open(reel).point("a", "ELISE", [(1.0,)], silent)
    synced = {result.name: result for result in Project.open(reel).sync()}
    seen = status_of(reel, "b")
    assert (synced["b"].status, seen.state) == ("skipped", "skipped")
    assert seen.reasons == (synced["b"].reason,)
    assert Project.open(reel).status().next_run.shots == ()


def test_a_render_that_lost_a_file_is_rendered_again(rendered):
    for path in (rendered / "renders" / "a" / "v001").glob("*_matte*"):
        path.unlink()
    lost = status_of(rendered, "a")
    assert lost.state == "todo"
    assert lost.reasons == ("v001: its matte a_v001_matte.mkv is missing",)


def test_the_next_run_is_estimated_by_the_renders_so_far(rendered):
    replaced(rendered, "[delivery]\n", '[delivery]\nedit = "prores422hq"\n')
    Project.open(rendered).tweak("a", ["jaw=1.2"])
    for path in (rendered / "renders").glob("*/v001/*.record.json"):
        record = json.loads(path.read_text())
        record["seconds"] = 2.0 * (record["frames"]["stop"] - record["frames"]["first"])
        write_record(path, record)
    project = Project.open(rendered)
    run, need = project.status().next_run, needed(project.unlooked, ["a"])
    assert (run.disk_bytes, need.bytes_by_kind["edit media"] > 0) == (need.total, True)
    assert run.shots == ("a",)
    assert run.measured == 2
    assert run.seconds == pytest.approx(2.0 * run.frames)


def test_each_language_has_its_own_status(rendered):
    add_language(rendered, "de-DE", ELISE=(0.3, 1.1))
    for path in (rendered / "consent").glob("*.toml"):
        path.write_text(path.read_text().replace('["fr"]', '["fr", "de"]'))
    project = Project.open(rendered)
    assert {s.state for s in project.status().shots} == {"rendered"}
    german = {s.name: s.state for s in project.into("de-DE").status().shots}
    assert german["a"] == "todo"


def test_an_archived_project_that_cannot_be_written_can_be_looked_at(rendered, monkeypatch):
    shutil.rmtree(rendered / ".dubsync")

    def refused(*arguments, **named):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(atomic_write.tempfile, "mkstemp", refused)
    project = Project.open(rendered)
    assert {shot.name for shot in project.turnover().shots} == {"a", "b"}
    assert {shot.state for shot in project.status().shots} <= {"rendered", "unsure", "stale"}
    assert not (rendered / ".dubsync" / "digests.json").exists()
