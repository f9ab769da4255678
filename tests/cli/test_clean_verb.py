"""`dubsync clean` and `status --space` show what takes space, what can go, and what stays."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from dubsync.cli.disk.clean import clean_text
from dubsync.cli.disk.usage import space_text
from dubsync.cli.main import main
from dubsync.service.space.clean import CleanPlan, Item
from dubsync.service.space.usage import Use
from dubsync.service.store.one_run import OneRun
from tests.service.reel_making import make_reel


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return make_reel(tmp_path_factory.mktemp("fresh"), date.today())


def said(*arguments):
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_a_reel_of_which_nothing_can_go_says_so(fresh):
    found = said("clean", fresh)
    assert (found.exit_code, found.stdout) == (0, "Nothing can go.\n")
    body = json.loads(said("clean", fresh, "--yes", "--json").stdout)
    assert body == {"schema": "dubsync.clean/1", "goes": [], "stays": [], "bytes": 0,
                    "deleted_bytes": 0, "deleted": True}  # fmt: skip


def test_the_space_of_a_reel_is_the_bytes_of_its_files(fresh):
    body = json.loads(said("status", fresh, "--space", "--json").stdout)
    taken = sum(path.stat().st_size for path in fresh.rglob("*") if path.is_file())
    assert body["bytes"] == sum(row["bytes"] for row in body["rows"]) == taken
    assert body["free_bytes"] > 0


def test_what_takes_most_comes_first_with_a_bar_and_what_can_be_done():
    text = space_text([Use("pictures", 3_000_000, 2), Use("caches", 1_000_000, 9, "clean")], 5)
    first, second = [line for line in text.split("\n") if "#" in line]
    assert "pictures" in first and "75 %" in first and "3.0 MB" in first
    assert first.count("#") == 3 * second.count("#") and "clean" in second


@pytest.mark.parametrize("done, words", [(False, "Nothing was deleted."), (True, "Deleted:")])
def test_a_preview_is_told_from_a_deletion(done, words):
    goes = (Item("versions", "renders/a/v001", 2_000_000, "a newer render stands"),)
    stays = (Item("versions", "renders/a/v002", 1_000_000, "approved"),)
    text = clean_text(CleanPlan(goes, stays), done=done)
    assert words in text and "renders/a/v001  2.0 MB  a newer render stands" in text
    assert "2.0 MB in all: versions 2.0 MB." in text and "approved" in text


def test_a_project_that_somebody_runs_is_not_cleaned(fresh, monkeypatch):
    def held(self):
        from dubsync.core.errors import DeliveryError

        raise DeliveryError("anna on cutter-2 has run REEL", hint="wait")

    monkeypatch.setattr(OneRun, "__enter__", held)
    found = said("clean", fresh, "--yes")
    assert found.exit_code == 1 and "anna on cutter-2" in found.stderr
