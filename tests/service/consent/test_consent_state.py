"""Whether consent held when a render was made, and whether it holds today."""

from datetime import UTC, date, datetime

import pytest

from dubsync.service.consent.records import read_consent
from dubsync.service.consent.state import consent_states
from tests.service.consent.test_consent import DAY, RECORD


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "elise.toml").write_text(RECORD)
    return tmp_path


def state(folder, sha256, *, at="2026-06-01T12:00:00+00:00", today=DAY):
    given = [{"id": "C-1", "sha256": sha256, "basis": "consent"}]
    record = {"consent": given, "language": "fr-FR", "made": at, "shot": "A001C003"}
    (result,) = consent_states(folder, record, today=today)
    return result


def test_an_untouched_record_held_then_and_holds_today(folder):
    found = state(folder, read_consent(folder / "elise.toml").digest)
    assert (found.then, found.today, found.by) == ("held", "held", "C-1")
    assert found.performer == "elise" and found.file == "elise.toml"


def test_a_record_that_ended_held_then_and_not_today(folder):
    sha = read_consent(folder / "elise.toml").digest
    found = state(folder, sha, today=date(2027, 1, 1))
    assert (found.then, found.today) == ("held", "did not hold")
    assert "it has expired" in found.why_today


def test_a_render_made_before_the_record_was_valid_had_no_consent(folder):
    sha = read_consent(folder / "elise.toml").digest
    found = state(folder, sha, at="2025-06-01T12:00:00+00:00")
    assert found.then == "did not hold" and "valid from 2026-01-01" in found.why_then


def test_a_withdrawn_record_still_tells_what_held_then(folder):
    sha = read_consent(folder / "elise.toml").digest
    (folder / "elise.toml").rename(folder / "elise.toml.withdrawn")
    found = state(folder, sha)
    assert (found.then, found.today) == ("held", "did not hold")
    assert found.why_today == "C-1 was withdrawn"


def test_another_record_of_the_performer_may_go_on_where_the_first_ended(folder):
    sha = read_consent(folder / "elise.toml").digest
    (folder / "next.toml").write_text(
        RECORD.replace("C-1", "C-2").replace("2026-12-31", "2028-12-31")
    )
    found = state(folder, sha, today=date(2028, 1, 1))
    assert (found.today, found.by) == ("held", "C-2")


def test_a_record_edited_after_the_render_proves_nothing_of_that_day(folder):
    sha = read_consent(folder / "elise.toml").digest
    (folder / "elise.toml").write_text(RECORD.replace("lip-synced", "dubbed"))
    found = state(folder, sha)
    assert found.then == "not known" and "edited after the render" in found.why_then
    assert found.today == "held" and "edited since" in found.why_today


def test_a_record_that_is_gone_is_not_known(folder):
    (folder / "elise.toml").unlink()
    found = state(folder, "0" * 64)
    assert (found.then, found.today) == ("not known", "not known")


def test_a_record_limited_to_other_shots_did_not_hold(folder):
    (folder / "elise.toml").write_text(RECORD + 'shots = ["B*"]\n')
    found = state(folder, read_consent(folder / "elise.toml").digest)
    assert found.then == "did not hold" and "covers only the shots B*" in found.why_then


def test_made_is_read_with_its_time_zone(folder):
    sha = read_consent(folder / "elise.toml").digest
    made = datetime(2026, 6, 1, 12, tzinfo=UTC).isoformat()
    assert state(folder, sha, at=made).then == "held"
