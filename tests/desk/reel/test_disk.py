"""What others change on disk beside an open desk is seen, and two desks on one reel are told."""

from __future__ import annotations

import shutil

import pytest
from PyQt5.QtWidgets import QPushButton

from dubsync.desk.session.desk_lock import DeskLock
from dubsync.desk.shell.window import DeskWindow
from dubsync.service.judge import Judging
from dubsync.service.project import Project
from tests.small_reel import small_reel

SOON = 5_000


@pytest.fixture(scope="module")
def heard_reel(tmp_path_factory):
    """A reel that is not rendered, whose stems were heard once."""
    folder = small_reel(tmp_path_factory.mktemp("heard") / "small")
    Project.open(folder).turnover()
    return folder


@pytest.fixture
def reel(heard_reel, tmp_path):
    return shutil.copytree(heard_reel, tmp_path / "small")


@pytest.fixture
def window(qtbot, reel):
    made = DeskWindow()
    qtbot.addWidget(made)
    made.show()
    with qtbot.waitSignal(made.session.reel_opened, timeout=30_000):
        made.open(reel)
    qtbot.waitUntil(lambda: made.session.disk._last is not None, timeout=SOON)
    yield made
    made.close()


def test_a_note_that_another_process_takes_is_shown_within_five_seconds(qtbot, window, reel):
    name = window.session.rows[0].name
    assert window.session.rows[0].notes == 0
    Judging(Project.open(reel)).note(name, "+5", "lips late", by="Anna")
    qtbot.waitUntil(lambda: window.session.rows[0].notes == 1, timeout=SOON + 5_000)


def test_a_plate_that_goes_offline_is_said_with_where_it_was_looked_for(qtbot, window, reel):
    row = window.session.rows[0]
    (reel / "plates" / f"{row.name}.mov").unlink()
    qtbot.waitUntil(lambda: window.session.rows[0].state == "offline", timeout=SOON + 10_000)
    assert "missing plate" in window.session.rows[0].reasons[0]
    assert window.session.thumbs.missing(window.session.rows[0])


def test_a_changed_project_file_shows_one_line_with_reload(qtbot, window, reel):
    assert not window.notice.isVisible()
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().replace("handles = 4", "handles = 6"))
    qtbot.waitUntil(window.notice.isVisible, timeout=SOON)
    assert "changed on disk" in window.notice.words.text()
    with qtbot.waitSignal(window.session.reel_opened, timeout=30_000):
        window.notice.findChild(QPushButton).click()
    assert not window.notice.isVisible()


def test_a_second_desk_on_a_reel_is_told_who_has_it(qtbot, window, reel):
    second = DeskWindow()
    qtbot.addWidget(second)
    second.show()
    with qtbot.waitSignal(second.session.opened_elsewhere, timeout=30_000):
        second.open(reel)
    assert second.notice.isVisible()
    assert "open in another desk" in second.notice.words.text()
    second.close()


def test_a_closed_desk_lets_go_of_its_reel(tmp_path):
    first, second = DeskLock(tmp_path), DeskLock(tmp_path)
    assert first.take() == ""
    assert " on " in second.take()
    first.release()
    assert second.take() == ""
    second.release()


def test_thumbnails_come_and_are_kept(qtbot, window, reel):
    row, thumbs = window.session.rows[0], window.session.thumbs
    qtbot.waitUntil(lambda: thumbs.picture(row) is not None, timeout=SOON + 10_000)
    assert list((reel / ".dubsync" / "thumbnails").glob("*.jpg"))
