"""In a project of a house that signs, a record that is not the ledger's is an error, by name."""

import json
import os
import shutil
from datetime import date
from time import sleep

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.cli.main import main
from dubsync.core.errors import DeliveryError
from dubsync.service.judge import Judging
from dubsync.service.keys.keyring import new_key
from dubsync.service.ledger.append import append
from dubsync.service.ledger.entry import LEDGER
from dubsync.service.ledger.read_ledger import read_ledger
from dubsync.service.project import Project
from dubsync.service.render.provenance import whole_record, write_record
from dubsync.service.render.record_form import NEW, SEAL, SIGNATURE, sealed
from dubsync.service.render.records.faults import proof_faults
from dubsync.service.store.kept_digests import TICK_NS
from tests.service.reel_making import make_reel
from tests.service.render_faults import record_of


@pytest.fixture(scope="module")
def once(house_key, tmp_path_factory):
    """The reel of two shots, synced and signed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBSYNC_KEYS", str(house_key.folder.parents[1]))
        folder = tmp_path_factory.mktemp("signed")
        made = make_reel(folder, date.today())
        assert {result.status for result in Project.open(made).sync()} == {"done"}
    return folder


@pytest.fixture
def reel(once, tmp_path, signing, engine):
    shutil.copytree(once, tmp_path / "copy")
    return tmp_path / "copy/REEL"


def folder_of(reel, shot):
    return reel / "renders" / shot / "v001"


def text_of(reel, shot="a"):
    return record_of(folder_of(reel, shot)).read_bytes()


def found(reel, house):
    return {(one.shot, one.fault.kind) for one in proof_faults(reel, [house.public]).shots}


def refused(reel):
    """What `deliver` says when it refuses; nothing was written."""
    with pytest.raises(DeliveryError) as error:
        Project.open(reel).deliver(formats=("edl",))
    assert not list((reel / "delivery").glob("v*"))
    return str(error.value)


def test_every_render_is_entered_in_the_ledger_with_its_records_digest(reel, signing):
    ledger = read_ledger(reel)
    assert ledger.faults == ()
    assert [entry.what["shot"] for entry in ledger.of("render")] == ["a", "b"]
    assert proof_faults(reel).shots == ()
    record = json.loads(text_of(reel))
    assert record[SIGNATURE]["key"] == signing.fingerprint
    assert len(record["frame_digests"]) == record["frames"]["stop"] - record["frames"]["first"]


@given(data=st.data())
@settings(max_examples=12)
def test_any_one_byte_changed_in_a_record_is_named(data, once, house_key):
    path = record_of(folder_of(once / "REEL", "a"))
    whole = path.read_bytes()
    at, other = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ other]) + whole[at + 1 :])
    try:
        assert {shot for shot, _ in found(once / "REEL", house_key)} == {"a"}
    finally:
        path.write_bytes(whole)


def test_what_is_altered_between_two_questions_is_named_whatever_its_time_says(reel, house_key):
    """Digests are held in memory: by size, times and inode of the file that was read."""
    path = record_of(folder_of(reel, "a"))
    sleep(2 * TICK_NS / 1e9)
    assert not found(reel, house_key) and not found(reel, house_key)

    whole, before = path.read_bytes(), path.stat()
    path.write_bytes(whole.replace(b"fr-FR", b"de-DE", 1))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    sleep(2 * TICK_NS / 1e9)

    assert {shot for shot, _ in found(reel, house_key)} == {"a"}
    path.write_bytes(whole)
    assert not found(reel, house_key)


@given(cut=st.floats(0, 1, exclude_max=True))
@settings(max_examples=8)
def test_a_record_cut_off_anywhere_is_named(cut, once, house_key):
    path = record_of(folder_of(once / "REEL", "a"))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(cut * len(whole))])
    try:
        cut_off = {("a", kind) for kind in ("truncated", "empty", "edited")}
        assert found(once / "REEL", house_key) & cut_off
    finally:
        path.write_bytes(whole)


def edit(reel, house):
    path = record_of(folder_of(reel, "a"))
    write_record(path, {**json.loads(path.read_text()), "made": "2020-01-01T00:00:00+00:00"})
    return "it is another one than the ledger has"


def strip(reel, house):
    """Edit, seal it again, and take the signature away: anybody can."""
    path = record_of(folder_of(reel, "a"))
    record = {**json.loads(path.read_text()), "made": "2020-01-01T00:00:00+00:00"}
    path.write_text(json.dumps(sealed(record)))
    return "it was edited after it was written"


def forge(reel, house):
    path = record_of(folder_of(reel, "a"))
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**sealed({**record, "made": "2020-01-01T00:00:00+00:00"}),
                                SIGNATURE: record[SIGNATURE]}))  # fmt: skip
    return "forged"


def delete(reel, house):
    record_of(folder_of(reel, "a")).unlink()
    return "it is gone; the ledger has this render"


def delete_version(reel, house):
    shutil.rmtree(folder_of(reel, "a"))
    return "it is gone; the ledger has this render"


def empty(reel, house):
    record_of(folder_of(reel, "a")).write_bytes(b"")
    return "nothing is in it"


def put_in(reel, house):
    """A version that was never made here: a copy with a number of its own, unsigned."""
    new = reel / "renders/a/v002"
    shutil.copytree(folder_of(reel, "a"), new)
    path = record_of(new)
    path.write_text(json.dumps(sealed({**json.loads(path.read_text()), "version": 2})))
    return "it is not signed, and the ledger does not have it"


def swap(reel, house):
    a, b = (record_of(folder_of(reel, shot)) for shot in "ab")
    one, other = a.read_bytes(), b.read_bytes()
    a.write_bytes(other)
    b.write_bytes(one)
    return "it is another one than the ledger has"


def second(reel, house):
    path = record_of(folder_of(reel, "a"))
    shutil.copyfile(path, path.with_name(f"{path.stem}_more.record.json"))
    return "is a second record"


def of_later_version(reel, house):
    path = record_of(folder_of(reel, "a"))
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": "dubsync.record/4"}))
    return "dubsync.record/4"


FAULTS = (edit, strip, forge, delete, delete_version, empty, put_in, swap, second,
          of_later_version)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_such_a_record_is_not_delivered_and_the_reason_is_said(reel, signing, fault):
    reason = fault(reel, signing)
    told = refused(reel)
    assert "a (the record of a v00" in told
    assert reason in told


def test_such_a_record_is_an_error_of_check_too(reel, signing):
    strip(reel, signing)
    report = Project.open(reel).check()
    assert [(shot, "edited after it was written" in why) for shot, why in report.unchecked] == [
        ("a", True)
    ]


def test_sync_renders_a_shot_again_whose_record_was_edited(reel, signing):
    strip(reel, signing)
    again = {result.name: result for result in Project.open(reel).sync()}
    assert (again["a"].status, again["b"].status) == ("done", "unchanged")
    assert any("edited after it was written" in one.message for one in again["a"].warnings)
    assert Project.open(reel).deliver(formats=("edl",)).corrected == ("a", "b")


def test_a_version_whose_record_was_edited_cannot_be_approved(reel, signing):
    strip(reel, signing)
    with pytest.raises(DeliveryError, match="edited after it was written"):
        Judging(Project.open(reel)).approve("a", by="Anna")


def test_a_ledger_that_is_cut_off_or_gone_is_an_error_before_anything_is_written(reel, signing):
    path = reel / LEDGER
    whole = path.read_bytes()
    for damage in (whole[:-1], b"".join(whole.splitlines(keepends=True)[:-1]), b""):
        path.write_bytes(damage)
        assert LEDGER in refused(reel)
        with pytest.raises(DeliveryError, match=LEDGER):
            list(Project.open(reel).sync())
    path.unlink()
    assert LEDGER in refused(reel)
    shutil.rmtree(reel / ".dubsync/ledger")
    assert "it is gone, and 2 signed records are in the project" in refused(reel)


def test_an_approval_that_was_deleted_is_an_error_and_not_the_plate(reel, signing):
    """Without its approval a shot would keep its plate where others are approved, silently."""
    judging = Judging(Project.open(reel))
    judging.approve("a", by="Anna")
    judging.approve("b", by="Anna")
    assert proof_faults(reel).shots == ()
    (reel / "judgements/a/v001.json").unlink()
    assert "a (the judgement a/v001.json: it is gone" in refused(reel)


def test_an_approval_that_was_put_in_or_edited_is_an_error(reel, signing):
    judging = Judging(Project.open(reel))
    judging.approve("a", by="Anna")
    given_by_anna = reel / "judgements/a/v001.json"
    forged = reel / "judgements/b/v001.json"
    forged.parent.mkdir()
    forged.write_text(given_by_anna.read_text().replace('"shot": "a"', '"shot": "b"'))
    assert "b (the judgement b/v001.json: the ledger does not have it" in refused(reel)
    shutil.rmtree(forged.parent)
    given_by_anna.write_text(given_by_anna.read_text().replace("Anna", "Bert"))
    assert "it was edited after it was given" in refused(reel)


def test_the_ledger_has_who_approved_by_an_id_and_no_name(reel, signing):
    Judging(Project.open(reel)).approve("a", by="Anna Example")
    (entry,) = read_ledger(reel).of("approval")
    assert entry.what["verdict"] == "approved"
    assert len(entry.what["who"]) == 16
    assert b"Anna" not in (reel / LEDGER).read_bytes()


def test_another_houses_render_in_this_reel_is_named(reel, signing, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("DUBSYNC_KEYS", str(tmp_path_factory.mktemp("sued")))
    sued = new_key("Studio Sued")
    new = reel / "renders/a/v002"
    shutil.copytree(folder_of(reel, "a"), new)
    path = record_of(new)
    write_record(path, {**json.loads(path.read_text()), "version": 2})
    faults = proof_faults(reel, [signing.public, sued.public]).shots
    assert [(one.version, one.fault.kind) for one in faults] == [("v002", "extra")]
    assert "Studio Sued signed it" in faults[0].fault.why
    assert proof_faults(reel, [signing.public]).shots[0].fault.kind == "other house"


def test_records_from_before_the_key_stay_and_one_put_in_later_is_named(
    once, tmp_path, engine, house_key
):
    """They are unsigned, of whatever version; the ledger's first entry holds on to them."""
    shutil.copytree(once, tmp_path / "copy")
    reel = tmp_path / "copy/REEL"
    shutil.rmtree(reel / ".dubsync/ledger")
    (reel / LEDGER).unlink()
    for shot in "ab":
        path = record_of(folder_of(reel, shot))
        record = json.loads(path.read_text())
        older = {key: record[key] for key in record.keys() - {*NEW, SIGNATURE}}
        path.write_text(json.dumps(sealed({**older, "schema": "dubsync.record/2"})))
    assert proof_faults(reel).shots == ()
    assert whole_record(folder_of(reel, "a"))["schema"] == "dubsync.record/2"
    append(reel, "delivery", {}, house_key)
    assert found(reel, house_key) == set()
    put_in(reel, house_key)
    assert found(reel, house_key) == {("a", "extra")}


def test_a_project_without_a_key_has_no_ledger_and_records_without_signatures(tmp_path, engine):
    reel = make_reel(tmp_path, date.today())
    done = list(Project.open(reel).sync(["a"]))
    assert done[0].status == "done"
    record = json.loads(text_of(reel))
    assert SIGNATURE not in record
    assert record[SEAL] == sealed(record)[SEAL]
    assert not (reel / LEDGER).exists()


def test_records_and_ledger_hold_no_absolute_path_and_no_name_of_the_machines_user(reel):
    text = text_of(reel).decode() + (reel / LEDGER).read_text()
    assert str(reel.parent) not in text
    assert "/tmp" not in text


def test_a_shot_that_was_never_rendered_is_missing_also_where_others_are_approved(reel, signing):
    Judging(Project.open(reel)).approve("b", by="Anna")
    delete_version(reel, signing)
    assert CliRunner().invoke(main, ["deliver", str(reel), "--as", "edl"]).exit_code == 1
