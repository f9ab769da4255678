"""A reel as plugins see it: made of a timeline, its clips matched, its notes and tweaks."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from dubsync.service.judge import Judging
from dubsync.service.project import Project
from tests.service.reel_making import make_reel
from tests.service.rpc.talking import Talk

SHOTS = ["a", "b"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder around a reel of two shots."""
    folder = tmp_path_factory.mktemp("rpc")
    make_reel(folder, date.today())
    return folder


@pytest.fixture
def reel(made, tmp_path):
    """The reel, a copy for this test."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy" / "REEL"


@pytest.fixture
def talk():
    one = Talk()
    yield one
    one.close()


def clip(shot, **others):
    base = {"id": "1", "name": "host's name", "media": shot["plate"], "source": shot["source"],
            "record": shot["record"], "track": "V1", "rate": "24/1", "enabled": True}  # fmt: skip
    return {**base, **others}


def test_a_reel_tells_its_shots_with_frames_and_timecode(made, talk):
    found = talk.result("open", reel=str(made / "REEL"))
    assert (found["rate"], found["drop"], found["language"]) == ("24/1", False, "fr-FR")
    first = found["shots"][0]
    assert (first["name"], first["state"], first["characters"]) == ("a", "todo", ["ELISE"])
    assert first["record"] == [86400, 86438] and first["source"] == [86410, 86448]
    assert first["record_tc"] == ["01:00:00:00", "01:00:01:14"]
    assert Path(first["plate"]).name == "a.mov"


def test_clips_are_matched_by_media_and_place_or_say_why_not(made, talk):
    reel = str(made / "REEL")
    a, b = talk.result("open", reel=reel)["shots"]
    moved = [frame + 500 for frame in a["record"]]
    windows = "D:\\plates\\" + Path(b["plate"]).name.upper()
    asked = [
        clip(a), clip(b, media=windows), clip(a, record=moved), clip(a, media=""),
        clip(a, enabled=False), clip(a, rate="25"), clip(a, media="/elsewhere/z.mov"),
    ]  # fmt: skip
    answers = talk.result("match", reel=reel, clips=asked)["clips"]
    assert [one["shots"] for one in answers[:3]] == [["a"], ["b"], ["a"]]
    for one, said in zip(
        answers[3:], ("offline", "switched off", "25 fps", "no shot"), strict=True
    ):
        assert not one["shots"] and said in one["why"]


def test_a_timeline_becomes_a_reel_and_the_same_timeline_changes_nothing(made, tmp_path, talk):
    cut = tmp_path / "cut.edl"
    shutil.copy(made / "cut.edl", cut)
    asked = {
        "timeline": str(cut), "folder": str(tmp_path / "NEW"), "name": "cut", "rate": "24/1",
        "dub": [str(made / "e.wav"), f"MARC={made / 'm.wav'}"], "language": "fr-FR",
        "media_roots": [str(made / "plates")],
    }  # fmt: skip
    found = talk.result("import_timeline", **asked)
    assert [shot["name"] for shot in found["shots"]] == SHOTS
    assert any("consent" in one["what"] for one in found["warnings"])
    cut.unlink()
    assert Project.open(tmp_path / "NEW").file.performers.keys() == {"E", "MARC"}
    before = (tmp_path / "NEW" / "dubsync.toml").read_bytes()
    for title in ("TITLE: exported at noon", "TITLE: exported at one"):
        _, _, events = (made / "cut.edl").read_text().partition("\n")
        cut.write_text(f"{title}\n{events}")
        talk.result("import_timeline", **asked)
        assert (tmp_path / "NEW" / "dubsync.toml").read_bytes() == before


def test_a_changed_timeline_updates_the_reel_and_keeps_the_one_before(reel, talk):
    cut = reel.parent / "again.edl"
    cut.write_text((reel.parent / "cut.edl").read_text().replace("02:00:00:10", "02:00:00:12")
                   .replace("01:00:03:14", "01:00:03:12"))  # fmt: skip
    found = talk.result("import_timeline", timeline=str(cut), folder=str(reel))
    assert found["shots"][1]["source"] == [172812, 172848]
    assert (reel / "cuts" / "again_v001.edl").exists() and (reel / "recut" / "v001").is_dir()


def test_a_folder_that_holds_something_else_is_left_alone(made, tmp_path, talk):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    error = talk.error("import_timeline", timeline=str(made / "cut.edl"), language="fr-FR",
                       folder=str(tmp_path / "mine"), dub=["x.wav"])  # fmt: skip
    assert "not empty" in error["message"]
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_marker_is_a_note_once_however_often_it_is_sent(reel, talk):
    sent = {"reel": str(reel), "record": 86405, "text": "lips open", "colour": "Red",
            "author": "Anna", "host_id": "resolve:m1"}  # fmt: skip
    note = talk.result("add_note", **sent)
    assert (note["shot"], note["frame"], note["record"], note["colour"]) == (
        "a",
        86415,
        86405,
        "red",
    )
    talk.result("add_note", **{**sent, "text": "lips wide open"})
    (only,) = talk.result("notes", reel=str(reel))["notes"]
    assert (only["text"], only["host_id"], only["done"]) == ("lips wide open", "resolve:m1", False)
    Judging(Project.open(reel)).answer(only["name"], "fix", by="Ben")
    (only,) = talk.result("notes", reel=str(reel))["notes"]
    assert only["done"] and only["colour"] == "blue"


def test_a_note_beside_every_shot_is_refused(reel, talk):
    assert "no shot" in talk.error("add_note", reel=str(reel), text="x", record=5)["message"]
    assert "either" in talk.error("add_note", reel=str(reel), text="x")["message"]


def test_a_tweak_is_a_version_and_a_wrong_one_changes_nothing(reel, talk):
    assert talk.result("tweak", reel=str(reel), shot="a", set=["jaw=1.2"])["version"] == 1
    assert "jaw" in talk.error("tweak", reel=str(reel), shot="a", set=["jaw=9"])["message"]
    now = talk.result("tweak", reel=str(reel), shot="a")
    assert now["version"] == 1 and "ELISE" in now["tweak"]


def test_a_shot_without_a_render_has_no_files_and_an_unknown_one_is_refused(made, talk):
    (one,) = talk.result("results", reel=str(made / "REEL"), shots=["a"])["shots"]
    assert (one["picture"], one["state"], one["record"]) == ("", "todo", [86400, 86438])
    assert "no shot" in talk.error("results", reel=str(made / "REEL"), shots=["z"])["message"]


def record_of_elise(reel):
    performer = Project.open(reel).file.performer("ELISE")
    written = f'performer = "{performer}"'
    (record,) = (one for one in (reel / "consent").glob("*.toml") if written in one.read_text())
    return record


def test_who_lacks_consent_is_told_and_a_record_of_the_users_mends_it(reel, talk, tmp_path):
    assert talk.result("open", reel=str(reel))["lacking"] == []
    record = record_of_elise(reel)
    theirs = tmp_path / "signed.toml"
    theirs.write_bytes(record.read_bytes())
    record.unlink()
    (lack,) = talk.result("open", reel=str(reel))["lacking"]
    assert lack["characters"] == ["ELISE"] and lack["hint"]
    assert "no consent record" in lack["message"] and lack["performer"] in lack["message"]
    made = talk.result("add_consent", reel=str(reel), files=[str(theirs)])
    assert made["lacking"] == [] and made["records"][0]["performer"] == lack["performer"]
    assert (reel / "consent" / "signed.toml").read_bytes() == theirs.read_bytes()


def test_a_record_of_another_performer_counts_once_the_user_says_who_plays(reel, talk, tmp_path):
    record = record_of_elise(reel)
    text = record.read_text()
    record.unlink()
    before = (reel / "dubsync.toml").read_text()
    theirs = tmp_path / "anna-7.toml"
    (lack,) = talk.result("open", reel=str(reel))["lacking"]
    theirs.write_text(text.replace(f'performer = "{lack["performer"]}"', 'performer = "anna-7"'))
    made = talk.result("add_consent", reel=str(reel), files=[str(theirs)])
    assert [one["performer"] for one in made["lacking"]] == [lack["performer"]]
    made = talk.result("add_consent", reel=str(reel), performers={"ELISE": "anna-7"})
    assert made["lacking"] == []
    after = (reel / "dubsync.toml").read_text()
    assert after == before.replace(f'performer = "{lack["performer"]}"', 'performer = "anna-7"', 1)


def test_what_is_no_record_is_refused_and_nothing_is_added(reel, talk, tmp_path):
    before = sorted((reel / "consent").iterdir()), (reel / "dubsync.toml").read_text()
    blank = tmp_path / "blank.toml"
    blank.write_text("[consent]\n")
    files = [*map(str, (reel / "consent").glob("*.toml")), str(blank)]
    error = talk.error("add_consent", reel=str(reel), files=files, performers={"ELISE": "x"})
    assert error["data"]["kind"] == "settings" and "missing keys" in error["message"]
    missing = talk.error("add_consent", reel=str(reel), files=[str(tmp_path / "gone.toml")])
    assert missing["data"]["kind"] == "media"
    wrong = talk.error("add_consent", reel=str(reel), performers={"NOBODY": "x"})
    assert "no character 'NOBODY'" in wrong["message"]
    assert before == (sorted((reel / "consent").iterdir()), (reel / "dubsync.toml").read_text())
