"""A recut keeps the approval of what it takes over whole, and asks a person for the rest."""

import pytest

from dubsync.core.errors import IncompleteDelivery
from dubsync.service.judge import Judging
from dubsync.service.project import Project
from tests.service.recut.test_recut import A1, A2, B1, B2, old_reel, recut_to, reel  # noqa: F401


@pytest.fixture
def approved(reel):  # noqa: F811
    """The reel with every shot approved."""
    judging = Judging(Project.open(reel))
    for shot in judging.project.turnover().shots:
        judging.approve(shot.name, by="Anna")
    return reel


def states(folder):
    return {shot.name: shot.state for shot in Judging(Project.open(folder)).states()}


def test_a_shot_that_only_moved_stays_approved_and_is_delivered(approved):
    recut_to(approved, [A1, ("gap", 24), B1, A2, B2])
    Project.open(approved).sync()
    assert set(states(approved).values()) == {"approved"}
    delivery = Project.open(approved).deliver(formats=("edl",))
    assert len(delivery.corrected) == 4 and delivery.unapproved == ()
    assert set(delivery.versions.values()) == {"v001", "v002"}


def test_a_shot_that_was_trimmed_and_moved_is_judged_again(approved):
    recut_to(approved, [("a", 50, 30), B1, A2, B2])
    Project.open(approved).sync()
    told = states(approved)
    trimmed = next(iter(told))
    assert told.pop(trimmed) == "rendered" and set(told.values()) == {"approved"}
    with pytest.raises(IncompleteDelivery, match="a .v001 is approved, but since then the frames"):
        Project.open(approved).deliver(formats=("edl",))
    Judging(Project.open(approved)).approve(trimmed, by="Anna")
    assert len(Project.open(approved).deliver(formats=("edl",)).corrected) == 4
