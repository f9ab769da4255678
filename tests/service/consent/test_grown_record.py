"""What a record can say besides: who signed for whom, why, what proves it, how long it is kept."""

from datetime import date
from hashlib import sha256

import pytest

from dubsync.core.errors import ConsentMissing, SettingsError
from dubsync.service.consent.blank_form import template
from dubsync.service.consent.live import LiveConsent
from dubsync.service.consent.records import read_consent, require
from tests.service.consent.test_consent import DAY, RECORD


def written(tmp_path, more="", text=RECORD):
    path = tmp_path / "elise.toml"
    path.write_text(text + more)
    return path


@pytest.mark.parametrize(("more", "says"), [
    ("minor = true\n", "no guardian signed"),
    ('capacity = "guardian"\n', "nobody who is a minor"),
    ("deceased = 2020-01-01\n", "their estate did not sign"),
    ('capacity = "estate"\n', "living person"),
    ("of_age = 2030-01-01\n", "of_age is for minors"),
    ('territory = ["EU"]\n', "each country"),
    ('media = ["tape"]\n', "no medium"),
    ("uses = { films = 2 }\n", "how many renders or deliveries"),
    ("uses = { renders = -1 }\n", "how many renders or deliveries"),
    ('role = "extra"\n', "unknown role"),
    ("retention_until = 2027-01-01\ndelete_after = 2026-06-01\n", "is after delete_after"),
    ('face = "elise.png"\n', "not among the evidence"),
    ('[[consent.evidence]]\nfile = "../a.pdf"\nsha256 = "aa"\n', "no file beside the record"),
    ('[[consent.evidence]]\nfile = "/etc/passwd"\nsha256 = "aa"\n', "no file beside the record"),
    ('[[consent.evidence]]\nfile = "a.pdf"\nsha256 = "aa"\n', "is no digest"),
])  # fmt: skip
def test_what_contradicts_itself_is_refused_with_the_reason(tmp_path, more, says):
    with pytest.raises(SettingsError, match=says):
        read_consent(written(tmp_path, more))


@pytest.mark.parametrize("basis", ["exempt", "contractual"])
def test_where_nobody_was_asked_the_record_must_say_why_that_is_enough(tmp_path, basis):
    text = RECORD.replace('basis = "consent"', f'basis = "{basis}"')
    with pytest.raises(SettingsError, match="needs a reason"):
        read_consent(written(tmp_path, text=text))
    record = read_consent(written(tmp_path, 'reason = "clause 7"\n', text))
    assert record.reason == "clause 7"


def test_a_guardians_signature_ends_the_day_the_performer_comes_of_age(tmp_path):
    more = 'minor = true\ncapacity = "guardian"\nof_age = 2026-11-22\n'
    records = [read_consent(written(tmp_path, more))]
    assert require(records, "elise", "lip_reenact", "fr", DAY)
    with pytest.raises(ConsentMissing, match="of age since 2026-11-22"):
        require(records, "elise", "lip_reenact", "fr", date(2026, 11, 22))


def test_what_was_learnt_is_not_used_after_retention_until_and_nothing_after_delete_after(tmp_path):
    more = "retention_until = 2026-11-21\ndelete_after = 2026-11-25\n"
    records = [read_consent(written(tmp_path, more))]
    after = date(2026, 11, 22)
    assert require(records, "elise", "train_model", "fr", DAY)
    assert require(records, "elise", "lip_reenact", "fr", after)
    with pytest.raises(ConsentMissing, match="retention_until"):
        require(records, "elise", "train_model", "fr", after)
    with pytest.raises(ConsentMissing, match="delete_after, 2026-11-25"):
        require(records, "elise", "lip_reenact", "fr", date(2026, 11, 26))


def test_evidence_that_was_swapped_makes_the_record_count_for_nothing(tmp_path):
    (tmp_path / "deal.pdf").write_bytes(b"signed")
    right = sha256(b"signed").hexdigest()
    more = f'[[consent.evidence]]\nfile = "deal.pdf"\nsha256 = "{right}"\n'
    written(tmp_path, more)
    live = LiveConsent(tmp_path)
    assert require(live.read(), "elise", "lip_reenact", "fr", DAY)
    (tmp_path / "deal.pdf").write_bytes(b"other")
    with pytest.raises(ConsentMissing, match=r"deal\.pdf, which is not the file") as refused:
        require(live.read(), "elise", "lip_reenact", "fr", DAY)
    assert "--countersign" in refused.value.hint


def test_evidence_may_be_kept_elsewhere(tmp_path):
    more = f'[[consent.evidence]]\nfile = "vault/deal.pdf"\nsha256 = "{"a" * 64}"\n'
    record = read_consent(written(tmp_path, more))
    assert record.fault == "" and record.evidence[0].state(tmp_path) == "not here"


def test_the_forms_further_keys_read_once_they_are_uncommented(tmp_path):
    form = template("ELISE", "elise", ["fr"], DAY).replace('"..."', '"E. Lise agreed"')
    lines = [line.removeprefix("#: ") for line in form.splitlines()]
    record = read_consent(written(tmp_path, text="\n".join(lines) + "\n"))
    assert record.scope.territory == ("DE", "AT") and record.scope.deliveries == 1
    assert record.retention.delete_after is not None and record.signing.capacity == "performer"
