"""Weights ship with papers: every file has a card, and is what its card says."""

import csv
import re
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = [ROOT / "dubsync/engine/weights", ROOT / "dubsync/speech/weights"]
PAPERS = re.compile(r"LICENSE.*|NOTICE|.*\.md|cards\.toml")
FIELDS = {"file", "sha256", "what", "made_by", "date", "licence", "taught_on", "consent", "unknown"}
SOURCE = {"id", "what", "licence", "words", "found", "read", "consent"}
FREE = ("public domain", "CC0", "CC BY 4.0", "Apache-2.0")
#: Single words carry no licence; docs/reference/weights.md says so.
TOLD_APART = {"words"}


def read(folder):
    return tomllib.loads((folder / "cards.toml").read_text(encoding="utf-8"))


CARDS = [(folder, card) for folder in FOLDERS for card in read(folder)["card"]]
SOURCES = {one["id"]: one for folder in FOLDERS for one in read(folder).get("source", ())}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_file_of_weights_has_a_card_and_every_card_a_file(folder):
    files = {path.name for path in folder.iterdir() if not PAPERS.fullmatch(path.name)}

    assert files == {card["file"] for card in read(folder)["card"]}


@pytest.mark.parametrize("card", CARDS, ids=lambda one: one[1]["file"])
def test_a_card_is_complete_and_its_file_is_the_one_it_describes(card):
    folder, facts = card

    assert facts.keys() >= FIELDS
    assert all(facts[name] for name in FIELDS - {"taught_on"})
    assert sha256((folder / facts["file"]).read_bytes()).hexdigest() == facts["sha256"]


@pytest.mark.parametrize("card", CARDS, ids=lambda one: one[1]["file"])
def test_what_dubsync_taught_names_sources_whose_licence_allows_it(card):
    _, facts = card

    assert facts["made_by"].startswith("dubsync") <= bool(facts["taught_on"])
    for name in facts["taught_on"]:
        source = SOURCES[name]
        assert source.keys() >= SOURCE and all(source[field] for field in SOURCE)
        assert source["licence"].startswith(FREE) or name in TOLD_APART
        assert "credit" in source or "CC BY" not in source["licence"]


def test_footage_that_teaches_is_named_by_digest_and_is_one_of_the_two_sources():
    with (ROOT / "benchmarks/clean_footage.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert all(re.fullmatch(r"[0-9a-f]{64}", row["sha256"]) for row in rows)
    assert {row["name"].split("_")[0] for row in rows} == {"grid", "obama"}
    assert {row["name"] for row in rows if row["person"] == "obama"} == {
        "obama_address_30s.mov", "obama_oval_20s.mov",
    }  # fmt: skip
