"""A production tells what was altered: viewers, machines and the cutting room read the same."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.proof.disclosure import PARTS
from dubsync.editorial.probe import probe_cut
from dubsync.service.disclosure.credit import _SENTENCES, credit_lines
from dubsync.service.project import Project


@pytest.fixture(scope="module")
def told(rendered_reel, tmp_path_factory):
    """(reel, answer) of `dubsync disclose` on a copy of a rendered reel."""
    import shutil

    reel = shutil.copytree(rendered_reel, tmp_path_factory.mktemp("told") / "reel")
    said = CliRunner().invoke(main, ["disclose", str(reel), "--json"])
    assert said.exit_code == 0, said.output
    return reel, json.loads(said.stdout)


def test_every_delivered_shot_is_disclosed_and_no_other(told):
    reel, answer = told
    delivered = Project.open(reel).deliver(formats=("csv",)).corrected
    assert {one["shot"] for one in answer["altered"]} == set(delivered)
    document = json.loads(Path(answer["files"]["json"]).read_text("utf-8"))
    assert {one["shot"] for one in document["altered"]} == set(delivered)
    assert document["ai_altered"] is True
    assert all(part in PARTS for one in document["altered"] for part in one["parts"].values())


def test_the_disclosure_binds_the_record_of_each_render(told):
    import hashlib

    reel, answer = told
    document = json.loads(Path(answer["files"]["json"]).read_text("utf-8"))
    digests = {hashlib.sha256(path.read_bytes()).hexdigest()
               for path in (reel / "renders").rglob("*.record.json")}  # fmt: skip
    assert {one["record_sha256"] for one in document["altered"]} <= digests


def test_the_list_for_the_cutting_room_has_a_comment_at_each_altered_shot(told):
    _, answer = told
    rate = Project.open(told[0]).turnover().cut.rate
    markers = probe_cut(Path(answer["files"]["edl"]), rate).markers
    assert len(markers) == len(answer["altered"])
    assert all("ALTERED WITH AI" in marker.name for marker in markers)


def test_markers_of_a_disclosure_are_as_long_as_their_shots(told):
    reel, answer = told
    rate = Project.open(reel).turnover().cut.rate
    lengths = [len(shot.record) for shot in Project.open(reel).turnover().shots]
    listed = probe_cut(Path(answer["files"]["markers-resolve"]), rate).markers
    assert sorted(int(m.record.length) for m in listed) == sorted(lengths)


def test_no_performer_and_no_path_stands_in_what_is_published(told):
    reel, answer = told
    performers = set(Project.open(reel).file.performers.values())
    for path in answer["files"].values():
        text = Path(path).read_text("utf-8")
        assert str(reel.parent) not in text
        assert not [name for name in performers if name in text]


def test_a_shot_that_is_missing_is_not_passed_over(told):
    reel, answer = told
    shot = answer["altered"][0]["shot"]
    record = next((reel / "renders").rglob(f"{shot}_v*.record.json"))
    kept = record.read_bytes()
    before = sorted((reel / "disclosure").iterdir())
    try:
        record.write_bytes(b"")
        refused = CliRunner().invoke(main, ["disclose", str(reel)])
        assert refused.exit_code == 1
        assert shot in refused.output
        assert sorted((reel / "disclosure").iterdir()) == before
    finally:
        record.write_bytes(kept)


@pytest.mark.parametrize("language", sorted(_SENTENCES))
def test_a_credit_says_more_when_more_was_altered(language):
    lines = [credit_lines(language, part)[0] for part in PARTS]
    assert len(set(lines)) == len(PARTS)
    assert all("AI" in line or "IA" in line or "KI" in line for line in lines)


def test_a_language_without_a_credit_gets_the_english_one_and_it_is_said():
    assert credit_lines("tlh", "mouth") == credit_lines("en-US", "mouth")
    assert len(credit_lines("tlh", "mouth")) == len(credit_lines("en-GB", "mouth")) == 1
    assert len(credit_lines("no", "mouth")) == len(credit_lines("pt-BR", "mouth")) == 2
