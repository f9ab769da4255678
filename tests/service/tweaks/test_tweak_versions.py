"""The versions of a shot's tweaks can be listed and gone back to, a damaged one left out."""

from __future__ import annotations

from dubsync.core.tweak.tweak import Tweak
from dubsync.service.store.folder import Layout
from dubsync.service.tweaks.tweak_store import TweakStore


def test_versions_are_listed_newest_first_with_when_they_were_made(tmp_path):
    store = TweakStore(tmp_path)
    for jaw in (1.1, 1.2, 1.3):
        store.change("SH010", {"MARC": Tweak().held("jaw", jaw)}, [f"jaw={jaw}"])
    versions = store.versions("SH010")
    assert [one.number for one in versions] == [3, 2, 1]
    assert [one.request for one in versions] == [("jaw=1.3",), ("jaw=1.2",), ("jaw=1.1",)]
    assert all(one.made for one in versions)


def test_a_damaged_version_is_left_out(tmp_path):
    store = TweakStore(tmp_path)
    for jaw in (1.1, 1.2):
        store.change("SH010", {"MARC": Tweak().held("jaw", jaw)}, [f"jaw={jaw}"])
    (tmp_path / "tweaks" / "SH010" / "v001.json").write_text("{")
    assert [one.number for one in store.versions("SH010")] == [2]


def test_another_languages_versions_are_not_listed(tmp_path):
    italian = TweakStore(tmp_path, Layout("it-IT"))
    italian.change("SH010", {"MARC": Tweak().held("jaw", 1.1)}, ["jaw=1.1"])
    assert len(italian.versions("SH010")) == 1
    assert not TweakStore(tmp_path, Layout("fr-FR")).versions("SH010")


def test_a_shot_without_tweaks_has_no_versions(tmp_path):
    assert TweakStore(tmp_path).versions("SH010") == ()
