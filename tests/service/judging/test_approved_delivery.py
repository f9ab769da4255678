"""What is approved is what is delivered, and what is not is listed."""

import json
import shutil
from datetime import date

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import EngineError, IncompleteDelivery, SettingsError
from dubsync.service.judge import Judging
from dubsync.service.judging.choice import Choice, parse_use
from dubsync.service.project import Project
from tests.service.reel_making import make_synced_reel, stem
from tests.service.render_faults import one_byte_altered

EDL = ("edl",)


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The reel, synced; shot a twice, with a tweak in between."""
    folder = tmp_path_factory.mktemp("once")
    made = make_synced_reel(folder, date.today(), apart=True)
    Project.open(made).tweak("a", ["jaw=1.2"])
    assert {r.status for r in Project.open(made).sync()} == {"done", "unchanged"}
    return folder


@pytest.fixture
def synced(once, tmp_path, engine):
    """A copy of the synced reel."""
    shutil.copytree(once, tmp_path / "copy")
    return tmp_path / "copy/REEL"


def approve(folder, shot, version="", **more):
    return Judging(Project.open(folder)).approve(shot, version, by="Anna", **more)


def test_before_anything_is_approved_the_newest_renders_are_delivered(synced):
    delivery = Project.open(synced).deliver(formats=EDL)
    assert delivery.versions == {"a": "v002", "b": "v001"}
    assert delivery.unapproved == ()


def test_once_one_is_approved_the_others_keep_their_plates_and_are_listed(synced):
    approve(synced, "a", "v001")
    delivery = Project.open(synced).deliver(formats=EDL)
    assert delivery.versions == {"a": "v001"}
    assert delivery.unapproved == (("b", "v001 is not approved yet"),)
    text = (synced / "delivery/v001").glob("*.edl")
    assert any("a_fr-FR_v001" in path.read_text() or "a_v001" in path.read_text() for path in text)


def test_a_rejection_is_listed_with_its_reason(synced):
    approve(synced, "a")
    Judging(Project.open(synced)).reject("b", by="Ben", why="late on the m")
    delivery = Project.open(synced).deliver(formats=EDL)
    assert delivery.unapproved == (("b", "v001 was rejected by Ben: late on the m"),)


def test_unapproved_shots_are_delivered_when_asked_for(synced):
    approve(synced, "a", "v001")
    delivery = Project.open(synced).deliver(formats=EDL, choice=Choice(unapproved=True))
    assert delivery.versions == {"a": "v001", "b": "v001"}


def test_strict_refuses_what_is_not_approved(synced):
    approve(synced, "a")
    with pytest.raises(IncompleteDelivery, match="not: b .v001 is not approved yet"):
        Project.open(synced).deliver(formats=EDL, strict=True)
    assert not list((synced / "delivery").glob("v*"))


def test_an_approval_taken_back_delivers_the_newest_again(synced):
    approve(synced, "a", "v001")
    Judging(Project.open(synced)).take_back("a", by="Anna")
    assert Project.open(synced).deliver(formats=EDL).versions == {"a": "v002", "b": "v001"}


def test_use_names_a_version_whatever_is_approved(synced):
    approve(synced, "a", "v002")
    choice = Choice(parse_use(["a=v001", "b=1"]))
    delivery = Project.open(synced).deliver(formats=EDL, choice=choice)
    assert delivery.versions == {"a": "v001", "b": "v001"}


def test_an_approved_version_is_delivered_although_a_newer_tweak_was_made(synced):
    approve(synced, "a")
    Project.open(synced).tweak("a", ["jaw=1.4"])
    assert Project.open(synced).deliver(formats=EDL).versions == {"a": "v002"}


def test_an_approved_version_whose_dub_changed_is_not_delivered_unless_it_is_named(synced):
    approve(synced, "a")
    approve(synced, "b")
    stem(synced.parent / "e.wav", 0.5, 1.3)
    with pytest.raises(IncompleteDelivery, match="v002 is approved, but since then the dub ELISE"):
        Project.open(synced).deliver(formats=EDL)
    choice = Choice({"a": "v002"})
    assert Project.open(synced).deliver(formats=EDL, choice=choice).versions["a"] == "v002"


def test_withdrawn_consent_blocks_an_approved_shot_and_one_that_is_named(synced):
    approve(synced, "a")
    approve(synced, "b")
    project = Project.open(synced)
    project.withdraw(next(one for one in project.consents() if one.performer == "elise-m"))
    for choice in (Choice(), Choice({"a": "v001"})):
        with pytest.raises(IncompleteDelivery, match="not: a .*consent"):
            Project.open(synced).deliver(formats=EDL, choice=choice)
        delivery = Project.open(synced).deliver(formats=EDL, allow_missing=True, choice=choice)
        assert delivery.corrected == ("b",)


def test_an_approved_version_altered_on_disk_is_not_delivered(synced):
    approve(synced, "a", "v001")
    one_byte_altered(synced / "renders/a/v001")
    with pytest.raises(IncompleteDelivery, match="altered"):
        Project.open(synced).deliver(formats=EDL)


def test_another_render_put_in_the_place_of_the_approved_one_is_not_delivered(synced):
    approve(synced, "a", "v001")
    shutil.rmtree(synced / "renders/a/v001")
    shutil.copytree(synced / "renders/a/v002", synced / "renders/a/v001")
    with pytest.raises(IncompleteDelivery, match="is not the render that Anna approved"):
        Project.open(synced).deliver(formats=EDL)


@pytest.mark.parametrize("text", ["a", "=v001", "a=", "a=two", "a=v-1", "a=v٣"])
def test_what_is_no_shot_and_version_is_refused(text):
    with pytest.raises(SettingsError, match="is not SHOT=vNNN"):
        parse_use([text])


def test_a_shot_or_version_that_is_not_there_is_refused_by_name(synced):
    with pytest.raises(EngineError, match="no shot is called 'z'"):
        Project.open(synced).deliver(formats=EDL, choice=Choice({"z": "v001"}))
    with pytest.raises(IncompleteDelivery, match="no version v009 of it; versions: v002, v001"):
        Project.open(synced).deliver(formats=EDL, choice=Choice({"a": "v009"}))


def test_the_verbs_approve_list_and_deliver(synced):
    said = dubsync("approve", synced, "a", "v001", "--by", "Anna", "--json")
    assert (said.exit_code, json.loads(said.stdout)["schema"]) == (0, "dubsync.approve/1")
    assert json.loads(said.stdout)["judged"] == "approved"
    refused = dubsync("reject", synced, "b", "--by", "Ben")
    assert refused.exit_code == 2 and "--why" in refused.stderr
    assert dubsync("reject", synced, "b", "--by", "Ben", "--why", "late").exit_code == 0
    status = json.loads(dubsync("status", synced, "--json").stdout)
    assert status["counts"] == {"approved": 1, "rejected": 1}
    done = dubsync("deliver", synced, "--as", "edl", "--json")
    body = json.loads(done.stdout)
    assert (done.exit_code, body["versions"]) == (0, {"a": "v001"})
    assert body["unapproved"] == [{"name": "b", "reason": "v001 was rejected by Ben: late"}]
    used = dubsync("deliver", synced, "--as", "edl", "--use", "a=v002", "--unapproved", "--json")
    assert json.loads(used.stdout)["versions"] == {"a": "v002", "b": "v001"}
    assert dubsync("approve", synced, "a", "--undo", "--by", "Anna").exit_code == 0
    assert "2 of 2 shots corrected" in dubsync("deliver", synced, "--as", "edl").stdout


def test_the_verbs_take_answer_list_and_withdraw_notes(synced):
    said = dubsync("note", synced, "a", "@+3", "lips open on the m", "--by", "Anna",
                   "--severity", "1", "--json")  # fmt: skip
    row = json.loads(said.stdout)
    assert (row["schema"], row["name"], row["severity"]) == ("dubsync.note/1", "N0001", 1)
    assert (row["record"], row["version"]) == ("01:00:00:03", "v002")
    at = dubsync("note", synced, "a", f"@{row['record']}", "again", "--json")
    assert json.loads(at.stdout)["frame"] == row["frame"]
    answered = dubsync("note", synced, "--answer", "N0001", "--as", "creative intent",
                       "--reply", "she whispers", "--by", "Ben", "--json")  # fmt: skip
    assert json.loads(answered.stdout)["answer"] == "creative intent"
    listed = json.loads(dubsync("notes", synced, "a", "--json").stdout)
    assert [(n["name"], n["answer"]) for n in listed["notes"]] == [
        ("N0001", "creative intent"), ("N0002", "open"),
    ]  # fmt: skip
    assert listed["counts"]["open"] == 1
    only = json.loads(dubsync("notes", synced, "--open", "--json").stdout)
    assert [n["name"] for n in only["notes"]] == ["N0002"]
    assert dubsync("note", synced, "--withdraw", "N0002").exit_code == 0
    text = dubsync("notes", synced).stdout
    assert "creative intent, Ben: she whispers" in text and "again" not in text
    assert dubsync("note", synced, "a", "@99:00:00:00", "far").exit_code == 1
    assert dubsync("note", synced, "--answer", "N0001").exit_code == 2


def test_words_of_others_reach_a_terminal_without_control_characters(synced):
    Judging(Project.open(synced)).reject("a", by="Ben", why="red\x1b[31m late")
    approve(synced, "b")
    for arguments in (("status", synced), ("deliver", synced, "--as", "edl")):
        told = dubsync(*arguments).stdout
        assert "late" in told and "\x1b" not in told


def test_a_run_delivers_what_is_approved(synced):
    approve(synced, "a", "v001")
    done = json.loads(dubsync("run", synced, "--json").stdout)
    assert done["delivery"]["versions"] == {"a": "v001"}
    assert [one["name"] for one in done["delivery"]["unapproved"]] == ["b"]
