"""The house countersigns a record: the person's file stays, and an edit afterwards is named."""

import pytest

from dubsync.core.errors import ConsentMissing, HouseKeyError
from dubsync.service.consent.countersign import countersign, countersigning_faults
from dubsync.service.consent.records import read_all, read_consent, require
from dubsync.service.keys.houses import trusted_houses
from dubsync.service.ledger.read_ledger import read_ledger
from tests.service.consent.test_consent import DAY, RECORD


@pytest.fixture
def project(tmp_path):
    (tmp_path / "consent").mkdir()
    (tmp_path / "consent/elise.toml").write_text(RECORD)
    return tmp_path


def faults(project):
    return countersigning_faults(project, read_ledger(project), trusted_houses())


def test_the_record_stays_as_it_is_and_the_ledger_has_its_digest_and_no_name(project, signing):
    (made,) = countersign(project, signing)
    assert (project / "consent/elise.toml").read_text() == RECORD
    assert made.file.name == "elise.toml.signed" and not made.again
    (entry,) = read_ledger(project).of("consent")
    assert entry.what == {"record": "C-1", "sha256": made.record.digest}
    assert faults(project) == {}
    assert countersign(project, signing) == ()


def test_an_edit_after_countersigning_is_named_and_the_record_counts_for_nothing(project, signing):
    countersign(project, signing)
    path = project / "consent/elise.toml"
    path.write_text(RECORD.replace("2026-12-31", "2036-12-31"))
    with pytest.raises(ConsentMissing, match="C-1 was edited after the house countersigned it"):
        require(read_all(path.parent), "elise", "lip_reenact", "fr", DAY)
    (again,) = countersign(project, signing)
    assert again.again and again.file.name == "elise.toml.signed2"
    assert require(read_all(path.parent), "elise", "lip_reenact", "fr", DAY)


def test_a_countersignature_that_is_taken_away_is_missed(project, signing):
    countersign(project, signing)
    (project / "consent/elise.toml.signed").unlink()
    assert "it is gone" in faults(project)["elise.toml"]


def test_a_forged_countersignature_is_named(project, signing):
    (made,) = countersign(project, signing)
    path = project / "consent/elise.toml"
    path.write_text(RECORD.replace("2026-12-31", "2036-12-31"))
    forged = made.file.read_text().replace(made.record.digest, read_consent(path).digest)
    made.file.write_text(forged)
    assert read_consent(path).fault == ""
    said = faults(project)["elise.toml"]
    assert "it is gone" in said or "changed after it was signed" in said


def test_without_a_key_nothing_is_countersigned(project):
    with pytest.raises(HouseKeyError, match="no house key"):
        countersign(project, None)
    assert [p.name for p in (project / "consent").iterdir()] == ["elise.toml"]
