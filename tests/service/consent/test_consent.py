"""No consent, no render: records are checked strictly and cover only what they state."""

from datetime import date

import pytest

from dubsync.core.errors import ConsentMissing, SettingsError
from dubsync.service.consent.blank_form import template
from dubsync.service.consent.records import read_consent, require

DAY = date(2026, 11, 21)
RECORD = """
[consent]
id = "C-1"
performer = "elise"
operations = ["lip_reenact", "train_model"]
languages = ["fr"]
basis = "consent"
statement = "may be lip-synced to the French dub"
signatory = "E. Lise"
valid_from = 2026-01-01
valid_until = 2026-12-31
"""


def write(tmp_path, text):
    path = tmp_path / "c.toml"
    path.write_text(text)
    return path


def test_a_record_covers_its_language_and_its_regions(tmp_path):
    records = [read_consent(write(tmp_path, RECORD))]
    assert require(records, "elise", "lip_reenact", "fr-FR", DAY).id == "C-1"
    assert require(records, "elise", "train_model", "fr", DAY).id == "C-1"


@pytest.mark.parametrize(
    ("performer", "operation", "language", "day", "why"),
    [
        ("marc", "lip_reenact", "fr-FR", DAY, "no consent record for performer 'marc'"),
        ("elise", "lip_reenact", "de-DE", DAY, "covers only fr"),
        ("elise", "lip_reenact", "fry", DAY, "covers only fr"),
        (
            "elise",
            "lip_reenact",
            "fr-FR",
            date(2027, 1, 1),
            "is valid from 2026-01-01 to 2026-12-31",
        ),
    ],
)
def test_an_operation_that_is_not_covered_is_refused_with_the_reason(
    tmp_path, performer, operation, language, day, why
):
    records = [read_consent(write(tmp_path, RECORD))]
    with pytest.raises(ConsentMissing, match=why) as refused:
        require(records, performer, operation, language, day)
    assert f"dubsync consent REEL --form {performer}" in (refused.value.hint or "")


def test_a_revoked_record_is_invalid_from_that_day_on(tmp_path):
    records = [read_consent(write(tmp_path, RECORD + "revoked = 2026-06-01\n"))]
    assert require(records, "elise", "lip_reenact", "fr", date(2026, 5, 31))
    with pytest.raises(ConsentMissing, match="revoked on 2026-06-01"):
        require(records, "elise", "lip_reenact", "fr", date(2026, 6, 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not toml [",
        "[other]\n",
        RECORD.replace('id = "C-1"\n', ""),
        RECORD + 'extra = "x"\n',
        RECORD.replace('["fr"]', '"fr"'),
        RECORD.replace("2026-12-31", '"2026-12-31"'),
        RECORD.replace("lip_reenact", "voice_clone"),
        RECORD.replace('basis = "consent"', 'basis = "hearsay"'),
        RECORD.replace('signatory = "E. Lise"', 'signatory = " "'),
    ],
)
def test_a_record_with_missing_or_unknown_values_is_refused(tmp_path, text):
    with pytest.raises(SettingsError):
        read_consent(write(tmp_path, text))


def test_an_unfilled_form_is_not_consent(tmp_path):
    with pytest.raises(SettingsError, match="statement is not filled in"):
        read_consent(write(tmp_path, template("ELISE", "elise", ["fr-FR"], DAY)))


def test_the_hint_for_an_empty_key_is_not_what_is_written_there_already(tmp_path):
    form = template("", "elise", [], DAY)
    with pytest.raises(SettingsError, match="languages is not filled in") as refused:
        read_consent(write(tmp_path, form))
    assert '"de-DE"' in refused.value.hint and '["..."]' not in refused.value.hint
    form = form.replace('["..."]', '["fr"]')
    with pytest.raises(SettingsError, match="statement is not filled in") as refused:
        read_consent(write(tmp_path, form))
    assert "what was agreed, in words" in refused.value.hint


def test_the_template_is_a_form_that_reads_once_it_is_filled_in(tmp_path):
    form = template("ELISE", "elise", "fr-FR", date(2028, 2, 29))
    record = read_consent(write(tmp_path, form.replace('"..."', '"E. Lise agreed to this"')))
    assert record.performer == "elise"
    assert record.valid_until == date(2029, 2, 28)
