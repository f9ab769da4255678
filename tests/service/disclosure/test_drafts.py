"""A draft is seen to be one, and is not delivered before somebody approved it."""

import shutil
from datetime import date

import pytest

from dubsync.core.errors import DeliveryError, IncompleteDelivery
from dubsync.core.progress import silent
from dubsync.service.judge import Judging
from dubsync.service.judging.choice import Choice
from dubsync.service.project import Project
from dubsync.service.render.draft import draft_home
from dubsync.service.review.draft_movie import write_drafts
from tests.service.reel_making import make_synced_reel


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a reel whose shot "a" is a draft."""
    project = Project.open(make_synced_reel(tmp_path_factory.mktemp("drafts"), date.today()))
    mine = [one for one in project.sync() if one.name == "a"]
    assert set(write_drafts(project.reel, mine, silent)) == {"a"}
    return project.file.folder.parent


@pytest.fixture
def drafted(made, tmp_path, engine):
    """A project of one's own whose shot "a" is a draft."""
    folder = shutil.copytree(made, tmp_path / "own")
    return Project.open(folder / "REEL")


def test_a_draft_is_not_delivered_and_others_are(drafted):
    project = drafted
    with pytest.raises(IncompleteDelivery) as refused:
        project.deliver(formats=("csv",))
    assert refused.value.missing == (("a", "v001 is a draft that nobody has approved"),)
    assert project.deliver(formats=("csv",), allow_missing=True).corrected == ("b",)


def test_not_even_by_name(drafted):
    project = drafted
    with pytest.raises(IncompleteDelivery, match="draft"):
        project.deliver(formats=("csv",), choice=Choice({"a": "v001"}))


def test_approval_ends_a_draft_and_its_movie_goes(drafted):
    project = drafted
    judging = Judging(project)
    judging.approve("a", by="Anna")
    judging.approve("b", by="Anna")
    assert not list(draft_home(project.store, "a").glob("*.mp4"))
    assert set(project.deliver(formats=("csv",)).corrected) == {"a", "b"}
    judging.take_back("a", by="Anna")
    with pytest.raises(IncompleteDelivery, match="draft"):
        project.deliver(formats=("csv",), choice=Choice(unapproved=True))


def test_drafts_made_again_change_nothing(drafted):
    project = drafted
    (movie,) = draft_home(project.store, "a").glob("*.mp4")
    before = movie.read_bytes()
    assert write_drafts(project.reel, project.sync(("a",)), silent) == {"a": str(movie)}
    assert movie.read_bytes() == before


def test_a_damaged_word_of_a_draft_is_named_and_not_taken_for_none(drafted):
    project = drafted
    path = draft_home(project.store, "a") / "v001.json"
    path.write_text("{}")
    with pytest.raises(IncompleteDelivery, match=r"v001\.json is damaged"):
        project.deliver(formats=("csv",))
    with pytest.raises(DeliveryError, match="damaged"):
        write_drafts(project.reel, project.sync(("a",)), silent)
