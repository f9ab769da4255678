"""A delivery that lacks a corrected shot says which and why, and is refused unless allowed."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import IncompleteDelivery
from dubsync.service.project import Project
from dubsync.service.render.record_form import sealed
from dubsync.service.render.verify_render import verified
from dubsync.service.store.folder import Store
from tests.service.reel_making import make_synced_reel, stem
from tests.service.render_faults import FAULTS, one_byte_altered, output, record_of, with_old_times


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The reel, synced once; a plate is four frames off, so that their pictures differ."""
    folder = tmp_path_factory.mktemp("once")
    make_synced_reel(folder, date.today(), apart=True)
    return folder


@pytest.fixture
def synced(once, tmp_path, engine):
    """A copy of the synced reel's folder."""
    shutil.copytree(once, tmp_path / "copy")
    return tmp_path / "copy/REEL"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_render_is_not_delivered_and_the_reason_is_said(synced, fault):
    spoil, reason = FAULTS[fault]
    spoil(synced / "renders/a/v001")

    with pytest.raises(IncompleteDelivery) as refused:
        Project.open(synced).deliver(formats=("edl",))

    assert str(refused.value).startswith("1 of 2 shots corrected; not: a (")
    assert reason in str(refused.value)
    assert not list((synced / "delivery").glob("v*"))


@pytest.mark.parametrize("fault", ["the folder is gone", "a byte of the layer is altered",
                                   "the record is a folder"])  # fmt: skip
def test_sync_renders_a_faulty_shot_again_and_says_so(synced, fault):
    FAULTS[fault][0](synced / "renders/a/v001")

    a, b = Project.open(synced).sync()

    assert (a.status, b.status) == ("done", "unchanged")
    if fault != "the folder is gone":
        assert any("the shot is rendered again" in warning.message for warning in a.warnings)
    assert Project.open(synced).deliver(formats=("edl",)).corrected == ("a", "b")


def test_check_says_that_a_faulty_render_was_not_checked(synced):
    one_byte_altered(synced / "renders/a/v001")

    report = Project.open(synced).check()

    assert report.counts["shots"] == 2 and report.counts["checked"] == 1
    assert "not: a (it is rendered, but cannot be checked: v001" in report.summary


def test_the_command_counts_refuses_and_delivers_when_allowed(synced):
    one_byte_altered(synced / "renders/b/v001")
    refused = dubsync("deliver", synced, "--as", "edl")
    assert refused.exit_code == 1
    assert "1 of 2 shots corrected; not: b (v001: its picture b_v001.mkv was" in refused.output
    assert "--allow-missing" in refused.output and "All" not in refused.output
    body = json.loads(dubsync("deliver", synced, "--as", "edl", "--json").stdout)
    assert [row["name"] for row in body["missing"]] == ["b"]
    assert not list((synced / "delivery").glob("v*"))

    strict = dubsync("deliver", synced, "--as", "edl", "--strict", "--allow-missing")
    assert strict.exit_code == 1 and not list((synced / "delivery").glob("v*"))

    allowed = dubsync("deliver", synced, "--as", "edl", "--allow-missing", "--json")
    assert allowed.exit_code == 0
    body = json.loads(allowed.stdout)
    assert body["corrected"] == ["a"] and body["missing"][0]["name"] == "b"
    assert "b_fr-FR_v001" not in Path(body["files"]["edl"]).read_text()
    assert "1 of 2 shots corrected; not: b" in dubsync(
        "deliver", synced, "--as", "edl", "--allow-missing"
    ).output  # fmt: skip


def test_a_stale_render_is_not_delivered(synced):
    stem(synced.parent / "e.wav", 0.5, 1.3)
    with pytest.raises(IncompleteDelivery, match=r"not: a \(v001 is stale"):
        Project.open(synced).deliver(formats=("edl",))


def test_a_plate_that_was_replaced_under_its_old_time_makes_its_render_stale(synced):
    Store(synced).file_digest(synced.parent / "plates/a.mov")
    plate = synced.parent / "plates/a.mov"
    data = bytearray(plate.read_bytes())
    data[-1] ^= 1
    with_old_times(plate, bytes(data))
    with pytest.raises(IncompleteDelivery, match=r"not: a \("):
        Project.open(synced).deliver(formats=("edl",))


def test_a_shot_that_keeps_its_plate_on_purpose_is_not_missing(reel):
    project = Project.open(reel)
    project.draw_with("b", "plate")
    project.sync()
    delivery = project.deliver(formats=("edl",))
    assert delivery.corrected == ("a",) and delivery.missing == ()
    assert delivery.kept == (("b", "set by the user: the plate is kept"),)


def test_run_does_not_deliver_after_a_blocked_shot_unless_allowed(reel):
    (reel / "consent/marc-d.toml").unlink()
    ran = dubsync("run", reel, "--json")
    assert ran.exit_code == 1
    body = json.loads(ran.stdout)
    assert body["delivery"] is None
    assert body["undelivered"]["error"].startswith("1 of 2 shots corrected; not: b (")
    assert not list((reel / "delivery").glob("v*"))
    allowed = dubsync("run", reel, "--allow-missing")
    assert "1 of 2 shots corrected; not: b" in allowed.output
    assert list((reel / "delivery").glob("v*"))


def test_an_event_with_speech_and_no_plate_has_failed(synced):
    (synced.parent / "plates/b.mov").unlink()
    ran = dubsync("sync", synced, "--json")
    assert ran.exit_code == 1
    rows = {row["name"]: row for row in json.loads(ran.stdout)["shots"]}
    assert rows["b"]["status"] == "failed" and "b.mov" in rows["b"]["reason"]
    assert rows["a"]["status"] == "unchanged"
    refused = dubsync("deliver", synced)
    assert refused.exit_code == 1 and "1 of 2 shots corrected; not: b (" in refused.output
    assert dubsync("check", synced).exit_code == 1


def test_a_seal_made_again_does_not_hide_an_altered_picture(synced):
    """The proof is counted on the bytes: numbers in the record are compared with it."""
    folder = synced / "renders/a/v001"
    record = json.loads(record_of(folder).read_text())
    record["proof"]["frames_changed"] += 7
    record_of(folder).write_text(json.dumps(sealed(record)))
    with pytest.raises(IncompleteDelivery, match="its record says 7 of 54 frames changed.*, its f"):
        Project.open(synced).deliver(formats=("edl",))


def test_the_proof_is_counted_again_on_bytes_that_were_never_counted(synced):
    """Another picture with its own digest in a sealed record: outside the matte it differs."""
    folder = synced / "renders/a/v001"
    other = synced / "renders/b/v001"
    record = json.loads(record_of(folder).read_text())
    theirs = json.loads(record_of(other).read_text())["outputs"]["picture"]
    output(folder, "picture").write_bytes(output(other, "picture").read_bytes())
    record["outputs"]["picture"] |= {key: theirs[key] for key in ("bytes", "sha256")}
    record_of(folder).write_text(json.dumps(sealed(record)))
    with pytest.raises(IncompleteDelivery) as refused:
        Project.open(synced).deliver(formats=("edl",))
    assert "its record says 0 of 54 frames changed, 0 samples changed outside" in str(refused.value)
    assert "its files show 54 of 54 frames changed" in str(refused.value)


@pytest.mark.parametrize("forged", ["no frames", "a name that no disk takes"])
def test_an_impossible_record_under_a_seal_costs_a_render_and_no_verb(synced, forged):
    folder = synced / "renders/a/v001"
    record = json.loads(record_of(folder).read_text())
    if forged == "no frames":
        record["frames"]["stop"] = record["frames"]["first"]
    else:
        record["outputs"]["picture"]["file"] = "x" * 300
    record_of(folder).write_text(json.dumps(sealed(record)))

    project = Project.open(synced)
    (state, _) = project.status().shots
    assert state.state == "todo" and "is not what a record has there" in state.reasons[0]
    (made, _) = project.sync()
    assert made.status == "done" and made.rendered.version == 2


def test_a_render_is_verified_again_after_its_derived_data_is_deleted(synced):
    for path in (synced / ".dubsync/proofs").iterdir():
        path.unlink()
    steps = []
    reel = Project.open(synced).reel
    rendered, record = verified(reel, reel.shot("a"), synced / "renders/a/v001", steps.append)
    assert [step.name for step in steps] == ["verify", "verify"]
    assert rendered.samples_changed_outside_matte == 0 == record["proof"]["changed_outside"]
