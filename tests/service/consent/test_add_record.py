"""A consent record is put into a project once it can be read, and never over another."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubsync.core.errors import DeliveryError, SettingsError
from dubsync.service.consent.add_record import add_record

SAMPLE = Path(__file__).parents[3] / "sample_projects" / "two_hander" / "consent"


def test_a_record_is_copied_and_counts(tmp_path):
    record = add_record(tmp_path, SAMPLE / "synthetic-381.toml")
    assert record.performer == "synthetic-381"
    assert (tmp_path / "consent" / "synthetic-381.toml").is_file()


def test_the_same_record_twice_is_no_fault_and_another_is_refused(tmp_path):
    add_record(tmp_path, SAMPLE / "synthetic-381.toml")
    add_record(tmp_path, SAMPLE / "synthetic-381.toml")
    other = tmp_path / "synthetic-381.toml"
    other.write_bytes((SAMPLE / "synthetic-562.toml").read_bytes())
    with pytest.raises(DeliveryError, match="does not overwrite"):
        add_record(tmp_path, other)


def test_what_is_no_record_is_refused_and_not_copied(tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[consent]\n")
    with pytest.raises(SettingsError):
        add_record(tmp_path / "project", wrong)
    assert not (tmp_path / "project").exists()
