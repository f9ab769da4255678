"""No edit is lost between the hand and the disk, however fast shots and projects change."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.session.background import Background
from dubsync.desk.session.edits import Edits
from dubsync.service.store.folder import Layout
from dubsync.service.tweaks.tweak_store import TweakStore

OPEN_JAW = Tweak().held("jaw", 1.5)


def project(folder, language: str = ""):
    (folder / ".dubsync").mkdir(parents=True, exist_ok=True)
    layout = Layout(language, several=bool(language))
    return SimpleNamespace(
        file=SimpleNamespace(folder=folder),
        store=SimpleNamespace(layout=layout, derived=folder / ".dubsync"),
    )


@pytest.fixture
def hand(qtbot, tmp_path):
    """Edits of a project in tmp_path, with what was refused."""
    background = Background("edits")
    edits = Edits(background)
    refused = []
    edits.refused.connect(refused.append)
    edits.open(project(tmp_path))
    yield SimpleNamespace(
        edits=edits, background=background, refused=refused, store=TweakStore(tmp_path),
        read=lambda: qtbot.waitUntil(lambda: not edits.reading, timeout=5000),
        rest=lambda: background.run(lambda: None).result(5),
    )  # fmt: skip
    background.close()


def test_a_change_made_before_the_tweaks_are_read_does_not_hide_what_is_stored(hand):
    hand.store.change("SH010", {"ELISE": Tweak().held("width", 1.6)}, ("width=1.6",))
    held = threading.Event()
    hand.background.run(held.wait)  # a slow disk
    hand.edits.show("SH010")
    hand.edits.change("MARC", OPEN_JAW, "jaw=1.5")
    held.set()
    hand.read()
    assert set(hand.edits.tweaks) == {"ELISE"}
    hand.edits.change("MARC", OPEN_JAW, "jaw=1.5")
    hand.edits.save()
    hand.rest()
    assert set(hand.store.latest("SH010").tweaks) == {"ELISE", "MARC"}


def test_what_was_set_at_the_first_visit_is_there_at_the_second(hand):
    for jaw in (1.2, 1.3, 1.4):
        hand.edits.show("SH010")
        hand.read()
        before = hand.edits.tweak("MARC").curve("jaw").value if jaw > 1.2 else 1.2
        assert before == pytest.approx(max(1.2, jaw - 0.1))
        hand.edits.change("MARC", Tweak().held("jaw", jaw), f"jaw={jaw}")
        hand.edits.show("SH020")


def test_an_undo_and_a_change_in_one_breath_do_not_bring_back_what_was_undone(hand):
    hand.edits.show("SH010")
    hand.read()
    hand.edits.change("MARC", OPEN_JAW, "jaw=1.5")
    hand.edits.undo()
    hand.edits.undo()  # a second, before the first is answered: there is no more
    hand.edits.change("ELISE", OPEN_JAW, "jaw=1.5")
    hand.read()
    assert dict(hand.edits.tweaks) == dict(hand.store.latest("SH010").tweaks) == {}
    assert "no tweak to undo" in hand.refused[-1].message


def test_what_is_unsaved_stays_in_its_own_language_when_another_is_opened(hand, tmp_path):
    hand.edits.open(project(tmp_path, "it-IT"))
    hand.edits.show("SH010")
    hand.read()
    hand.edits.change("MARC", OPEN_JAW, "jaw=1.5")
    hand.edits.open(project(tmp_path, "fr-FR"))
    hand.edits.change("MARC", Tweak().held("jaw", 2.0), "jaw=2")  # of no shot yet
    hand.rest()
    in_language = {
        language: TweakStore(tmp_path, Layout(language, several=True)).latest("SH010").tweaks
        for language in ("it-IT", "fr-FR")
    }
    assert in_language == {"it-IT": {"MARC": OPEN_JAW}, "fr-FR": {}}


def test_tweaks_that_cannot_be_read_are_not_written_over_and_it_is_said(qtbot, hand, tmp_path):
    written = hand.store.change("SH010", {"MARC": OPEN_JAW}, ("jaw=1.5",))
    (file,) = tmp_path.rglob("v001.json")
    whole = file.read_text()
    file.write_text(whole[:40])
    hand.edits.show("SH010")
    qtbot.waitUntil(lambda: bool(hand.refused), timeout=5000)
    hand.edits.change("ELISE", OPEN_JAW, "jaw=1.5")
    assert len(hand.refused) == 2 and not hand.edits.tweaks and not hand.edits.unsaved
    file.write_text(whole)
    hand.edits.read_again()
    qtbot.waitUntil(lambda: hand.edits.version.number == written.number, timeout=5000)
    hand.edits.change("ELISE", OPEN_JAW, "jaw=1.5")
    hand.edits.save()
    hand.rest()
    assert set(hand.store.latest("SH010").tweaks) == {"ELISE", "MARC"}


def test_an_edit_that_could_not_be_written_is_written_by_the_next_save(qtbot, hand, monkeypatch):
    hand.edits.show("SH010")
    hand.read()
    with monkeypatch.context() as full:
        full.setattr(TweakStore, "change", _no_space)
        hand.edits.change("MARC", OPEN_JAW, "jaw=1.5")
        hand.edits.save()
        qtbot.waitUntil(lambda: bool(hand.refused), timeout=5000)
    assert hand.edits.unsaved
    hand.edits.show("SH020")
    hand.rest()
    assert hand.store.latest("SH010").tweaks == {"MARC": OPEN_JAW}


def _no_space(*_about):
    raise OSError(28, "No space left on device")
