"""A render that stands when the ledger cannot be written is not drawn again: it is entered late."""

import json
import shutil
from datetime import date

import pytest

from dubsync.core.errors import DeliveryError
from dubsync.service.ledger.read_ledger import read_ledger
from dubsync.service.project import Project
from dubsync.service.render import sync
from dubsync.service.render.records.faults import proof_faults
from tests.service.reel_making import make_reel


@pytest.fixture(scope="module")
def once(house_key, tmp_path_factory):
    """A project whose ledger could not be written after shot a was rendered."""

    def refused(store, folder):
        raise DeliveryError("cannot write ledger.jsonl: the disk is full", hint="free some space")

    folder = tmp_path_factory.mktemp("unentered")
    reel = make_reel(folder, date.today())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBSYNC_KEYS", str(house_key.folder.parents[1]))
        with patch.context() as full:
            full.setattr(sync, "enter_render", refused)
            (result,) = Project.open(reel).sync(["a"])
        assert result.status == "failed"
        Project.open(reel).sync(["b"])
        assert [fault.fault.kind for fault in proof_faults(reel).shots] == ["extra"]
    return folder


@pytest.fixture
def unentered(once, tmp_path, signing, engine):
    """A copy of it."""
    return shutil.copytree(once, tmp_path / "copy") / "REEL"


def test_the_next_run_enters_it_and_draws_nothing(unentered):
    (result,) = Project.open(unentered).sync(["a"])
    assert result.status == "unchanged"
    assert [path.name for path in (unentered / "renders/a").glob("v*")] == ["v001"]
    assert [entry.what["shot"] for entry in read_ledger(unentered).of("render")] == ["b", "a"]
    assert not proof_faults(unentered).shots


def test_one_that_is_not_of_the_shots_inputs_now_is_drawn_again(unentered, engine):
    engine.VERSION[0] = "another"
    (result,) = Project.open(unentered).sync(["a"])
    assert result.status == "done"
    assert len(read_ledger(unentered).of("render")) == 2


def test_one_whose_signature_is_anothers_is_not_entered(unentered):
    (path,) = (unentered / "renders/a/v001").glob("*.record.json")
    record = json.loads(path.read_text())
    record["signature"]["key"] = "0" * len(record["signature"]["key"])
    path.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
    (result,) = Project.open(unentered).sync(["a"])
    assert result.status == "done" and result.rendered.picture.endswith("a_v002.mkv")
    shutil.rmtree(unentered / "renders/a/v001")
    assert not proof_faults(unentered).shots
