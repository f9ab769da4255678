"""A shot keeps its plate only where nobody approved it yet: never because its render is spoilt."""

import json
import shutil
from datetime import date

import pytest

from dubsync.core.errors import IncompleteDelivery
from dubsync.service.judge import Judging
from dubsync.service.project import Project
from tests.service.reel_making import make_synced_reel
from tests.service.render_faults import FAULTS, record_of


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The reel of two shots, synced without a key; shot b is approved, a is not judged."""
    folder = tmp_path_factory.mktemp("once")
    made = make_synced_reel(folder, date.today())
    Judging(Project.open(made)).approve("b", by="Anna")
    return folder


@pytest.fixture
def reel(once, tmp_path, engine):
    shutil.copytree(once, tmp_path / "copy")
    return tmp_path / "copy/REEL"


def test_a_sound_render_that_is_not_approved_yet_keeps_its_plate(reel):
    delivery = Project.open(reel).deliver(formats=("edl",))
    assert delivery.unapproved == (("a", "v001 is not approved yet"),)


@pytest.mark.parametrize(
    "fault",
    ["the folder is gone", "the picture is cut off", "a byte of the layer is altered",
     "the record is gone", "the record is no JSON"],
)  # fmt: skip
def test_a_spoilt_render_is_an_error_though_it_is_not_approved(reel, fault):
    spoil, reason = FAULTS[fault]
    spoil(reel / "renders/a/v001")
    with pytest.raises(IncompleteDelivery) as refused:
        Project.open(reel).deliver(formats=("edl",))
    assert "a (" in str(refused.value)
    assert reason in str(refused.value)


def test_a_record_without_its_language_is_damaged_and_not_passed_over(reel):
    newer = reel / "renders/a/v002"
    shutil.copytree(reel / "renders/a/v001", newer)
    record = json.loads(record_of(newer).read_text())
    del record["language"]
    record_of(newer).write_text(json.dumps(record))
    Judging(Project.open(reel)).take_back("b", by="Anna")
    with pytest.raises(IncompleteDelivery, match="has no language"):
        Project.open(reel).deliver(formats=("edl",))
