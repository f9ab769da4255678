"""A reel that a house rendered, signed and delivered, made once; each test gets its own copy."""

import shutil
from datetime import date

import pytest

from dubsync.service.project import Project
from dubsync.service.verification.verify import Asked, verify
from tests.service.reel_making import make_reel
from tests.service.test_bad_input import movie


@pytest.fixture(scope="module")
def delivered(tmp_path_factory, house_key):
    """The folder with the delivered REEL, its plates and its dubs."""
    folder = tmp_path_factory.mktemp("delivered")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBSYNC_KEYS", str(house_key.folder.parents[1]))
        made = make_reel(folder, date.today())
        movie(folder / "plates/b.mov", start="01:59:59:20")
        project = Project.open(made)
        assert {result.status for result in project.sync()} == {"done"}
        assert project.deliver(formats=("otio", "edl")).proof
    return folder


@pytest.fixture
def at_home(delivered, tmp_path, signing):
    """A copy of the project, with the house's key."""
    shutil.copytree(delivered, tmp_path / "home")
    return tmp_path / "home" / "REEL"


@pytest.fixture
def handed_over(delivered, tmp_path, house_key):
    """What a second person gets: the delivery and its media in one folder, and the public file."""
    folder = tmp_path / "second"
    shutil.copytree(delivered / "REEL/delivery/v001", folder / "v001")
    (folder / "media").mkdir()
    for path in (*delivered.glob("REEL/renders/*/v001/*.m*"), *delivered.glob("plates/*")):
        shutil.copy(path, folder / "media")
    (folder / "studio.house.pem").write_text(house_key.chain_pem)
    return folder


@pytest.fixture
def checked(signing):
    """verify(path): as the house's own machine does it."""
    return lambda path, **asked: verify(Asked(path, **asked))


@pytest.fixture
def second(handed_over):
    """verify(): as a second person does it, who has no key and trusts the house's public file."""
    return lambda path=None, **asked: verify(
        Asked(path or handed_over / "v001", (handed_over / "studio.house.pem",), **asked)
    )
