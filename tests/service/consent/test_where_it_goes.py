"""Consent is asked where a delivery goes and for how many uses; what is past its day is purged."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import IncompleteDelivery
from dubsync.service.consent.due import due_records
from dubsync.service.project import Project
from tests.service.consent.test_consent import RECORD
from tests.service.reel_making import make_reel

LIMITED = (
    'territory = ["DE", "AT"]\nmedia = ["streaming"]\nuses = { renders = 2, deliveries = 1 }\n'
)
YESTERDAY = date.today() - timedelta(1)


def dubsync(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def says(reel, more, performer="elise-m"):
    path = reel / "consent" / f"{performer}.toml"
    path.write_text(path.read_text() + more)
    return path


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The reel rendered, where ELISE allows one streaming delivery to Germany or Austria."""
    reel = make_reel(tmp_path_factory.mktemp("limited"), date.today())
    says(reel, LIMITED)
    Project.open(reel).sync(["a"])
    return reel


@pytest.fixture
def limited(once, engine, tmp_path):
    """A copy of it of one's own."""
    return Path(shutil.copytree(once.parent, tmp_path / "limited")) / once.name


def test_a_delivery_goes_only_where_the_record_allows_and_counts_as_a_use(limited):
    (warning,) = [w for w in Project.open(limited).turnover().warnings if w.about == "elise-m"]
    assert "not delivered" in warning.message and "--territory" in warning.hint
    project = Project.open(limited)
    for goes in (("", ""), ("FR", "streaming"), ("DE", "")):
        with pytest.raises(IncompleteDelivery, match="covers only (DE, AT|streaming)"):
            project.deliver(formats=("edl",), allow_missing=True, goes=goes)
    assert not (limited / "delivery").exists() or not list((limited / "delivery").glob("v*"))
    project.deliver(formats=("edl",), allow_missing=True, goes=("DE,AT", "streaming"))
    with pytest.raises(IncompleteDelivery, match="1 deliveries, and all of them are made"):
        project.deliver(formats=("edl",), allow_missing=True, goes=("DE", "streaming"))
    uses = [json.loads(line) for line in (limited / "consent/uses.jsonl").read_text().splitlines()]
    assert [one["kind"] for one in uses] == ["renders", "deliveries"]
    (elise,) = json.loads(dubsync("consent", limited, "elise-m", "--json").stdout)["performers"]
    assert elise["records"][0]["left"] == {"renders": 1, "deliveries": 0}
    gone = dubsync("consent", limited, "elise-m", "--withdraw", "--yes")
    assert "Left the house: delivery/v001: a v001" in gone.output
    assert "Tell whoever received it" in gone.output


def test_what_is_past_delete_after_is_really_deleted_with_a_receipt(limited, signing):
    says(limited, f"delete_after = {YESTERDAY}\n")
    marc = limited / ".dubsync/actors/MARC/key"
    marc.mkdir(parents=True)
    project = Project.open(limited)
    assert any("--purge" in w.hint for w in project.turnover().warnings)
    assert "To be deleted" in dubsync("status", limited).output
    done = dubsync("consent", limited, "--purge", "--yes")
    assert done.exit_code == 0, done.output
    assert "Deleted .dubsync/actors/ELISE/" in done.output
    assert (
        not list(limited.glob(".dubsync/actors/ELISE/*"))
        and not (limited / ".dubsync/tracks").exists()
    )
    assert marc.is_dir() and list(limited.glob("renders/a/v001/*"))
    receipt = json.loads((limited / "consent/receipts/purge_v001.json").read_text())
    assert receipt["records"][0]["id"] == "elise-m-001" and receipt["signature"]
    assert {one["what"].split("/")[1] for one in receipt["deleted"]} >= {"actors", "tracks"}
    assert '"kind":"purge"' in (limited / "ledger.jsonl").read_text()
    assert "Nothing is past" in dubsync("consent", limited, "--purge", "--yes").output
    assert due_records(limited, {"elise-m": ["ELISE"]}, date.today()) == ()
    with_renders = dubsync("consent", limited, "--purge", "--renders", "--yes")
    assert "Deleted renders/a/v001" in with_renders.output


def test_face_tracks_of_somebody_who_was_never_learnt_are_due_too(reel):
    says(reel, f"delete_after = {YESTERDAY}\n")
    (reel / ".dubsync/tracks").mkdir(parents=True)
    (reel / ".dubsync/tracks/x.safetensors").write_bytes(b"descriptors")
    parts = {"elise-m": ["ELISE"]}
    (due,) = due_records(reel, parts, date.today())
    assert due.record.id == "elise-m-001"
    assert "Deleted .dubsync/tracks" in dubsync("consent", reel, "--purge", "--yes").output
    assert not (reel / ".dubsync/tracks").exists()
    (reel / ".dubsync/tracks").mkdir()  # of other people
    assert due_records(reel, parts, date.today()) == ()


def test_nothing_is_purged_before_its_day_or_after_a_no(reel):
    says(reel, f"delete_after = {date.today()}\n")
    assert "Nothing is past" in dubsync("consent", reel, "--purge").output
    assert dubsync("consent", reel, "--purge", "--withdraw", "elise-m").exit_code == 2
    assert not (reel / "consent/receipts").exists()


def test_an_old_record_reads_as_before_and_limits_nothing(reel):
    (elise, _) = json.loads(dubsync("consent", reel, "--json").stdout)["performers"]
    record = elise["records"][0]
    assert record["limits"] == [] and record["left"] == {"renders": None, "deliveries": None}
    assert 'basis = "consent"' in RECORD and "territory" not in RECORD
