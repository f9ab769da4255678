"""The Deliver page says what goes in, delivers in a process of its own, and shows what it wrote."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt

from dubsync.desk.deliver.deliver_job import Wish, delivered
from dubsync.desk.deliver.delivery_plan import delivery_plan, summary
from dubsync.desk.shell.window import DELIVER, DeskWindow
from tests.desk.reel.made_rows import made_row, show


@pytest.fixture
def window(qtbot):
    made = DeskWindow()
    qtbot.addWidget(made)
    made.resize(1440, 900)
    made.show()
    yield made
    made.close()


def parts(rows, **wish):
    return {one.row.name: (one.part, one.version) for one in delivery_plan(rows, **wish)}


def approved(number):
    return replace(made_row(number, state="approved"), approved="v001")


def test_once_something_is_approved_only_that_goes_in():
    rows = [approved(1), made_row(2, state="pending review"), made_row(3, state="skipped")]
    assert parts(rows, unapproved=False) == {
        "SH001": ("goes in", "v001"),
        "SH002": ("stays out", ""),
        "SH003": ("keeps its plate", ""),
    }
    assert parts(rows, unapproved=True)["SH002"] == ("goes in", "v001")
    assert summary(delivery_plan(rows, unapproved=False)) == "1 of 2 shots go in"


def test_before_anything_is_approved_the_newest_renders_go_in_but_none_that_was_rejected():
    rows = [made_row(1), made_row(2, state="rejected"), made_row(3, state="blocked")]
    assert [part for part, _ in parts(rows, unapproved=False).values()] == [
        "goes in", "stays out", "stays out",
    ]  # fmt: skip


def test_an_answer_without_json_is_an_error_with_the_last_words():
    answer = delivered("", "verify renders 0/2\nError: the disk is full\n", 1)
    assert answer.error == "Error: the disk is full"
    assert answer.hint


def test_a_refusal_lists_the_shots_that_are_missing():
    body = {"error": "1 of 2 corrected", "hint": "sync", "missing": [{"name": "b", "reason": "x"}]}
    answer = delivered(json.dumps(body), "", 1)
    assert (answer.error, answer.left) == ("1 of 2 corrected", (("b", "x"),))


def test_a_double_click_opens_the_shot(qtbot, window):
    show(window.session, [approved(1), made_row(2)])
    window.show_page(DELIVER)
    plans = window.deliver_page.list
    index = plans.plan.index(1)
    with qtbot.waitSignal(window.deliver_page.opened) as opened:
        qtbot.mouseDClick(plans.viewport(), Qt.LeftButton, pos=plans.visualRect(index).center())
    assert opened.args == ["SH001"]


def test_without_a_render_deliver_says_why_it_is_off(window):
    show(window.session, [made_row(1, state="blocked")])
    page = window.deliver_page
    assert not page.deliver.isEnabled()
    assert "no shot is rendered" in page.deliver.toolTip()


def test_deliver_writes_the_cut_and_lists_its_files(qtbot, window, own_reel):
    with qtbot.waitSignal(window.session.reel_opened, timeout=20_000):
        window.open(own_reel)
    window.show_page(DELIVER)
    page = window.deliver_page
    assert page.job.program == sys.executable
    assert page.formats["edl"].isChecked()
    qtbot.mouseClick(page.deliver, Qt.LeftButton)
    with qtbot.waitSignal(page.job.ended, timeout=90_000) as ended:
        assert not page.deliver.isEnabled()
    result = ended.args[0]
    assert not result.error
    assert all(own_reel in (own_reel / path).parents for path in result.files.values())
    assert {"otio", "edl"} <= result.files.keys()
    assert page.result.shown is result
    assert page.deliver.isEnabled()


def test_a_host_that_is_chosen_ticks_its_formats_and_is_asked_for(window):
    page = window.deliver_page
    page.host.setCurrentIndex(page.host.findData("premiere"))
    page.host.activated.emit(page.host.currentIndex())
    ticked = {name for name, box in page.formats.items() if box.isChecked()}
    assert ticked == {"otio", "edl", "xml"}
    wish = Wish(Path("R"), "fr-FR", tuple(ticked), host=page.host.currentData())
    assert wish.arguments[wish.arguments.index("--for") + 1] == "premiere"


def test_what_was_delivered_says_which_hosts_open_it():
    body = {"files": {"aaf": "d/r.aaf"}, "opens": {"aaf": ["avid", "resolve"]}}
    assert delivered(json.dumps(body), "", 0).opens == {
        "aaf": ("Media Composer", "DaVinci Resolve")
    }
