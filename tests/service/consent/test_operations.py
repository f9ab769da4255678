"""Each operation is asked for by what it does to a face, and only what a record states counts."""

import re
from datetime import date

import pytest

from dubsync.core.errors import ConsentMissing, SettingsError
from dubsync.core.tweak.controls import CONTROLS
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.consent.blank_form import template
from dubsync.service.consent.form import new_form
from dubsync.service.consent.given import allows
from dubsync.service.consent.operations import OPERATIONS, needed_operations
from dubsync.service.consent.records import read_consent, require
from tests.service.consent.test_consent import DAY, RECORD, write


@pytest.mark.parametrize("control", ["intensity", "closure", "slip_ms", "take", "matte_grow"])
def test_a_tweak_of_the_mouth_needs_what_it_always_needed(control):
    assert needed_operations(Tweak().held(control, 0.5)) == ("lip_reenact",)
    assert needed_operations(Tweak().showing("closed", 1, 4)) == ("lip_reenact",)


@pytest.mark.parametrize(
    ("control", "needed"),
    [
        ("head", "head_reenact"),
        ("yaw", "head_reenact"),
        ("nod", "head_reenact"),
        ("smile", "expression_edit"),
        ("gaze_x", "expression_edit"),
        ("blink_left", "expression_edit"),
        ("brows", "expression_edit"),
        ("blinks", "expression_edit"),
        ("gaze", "expression_edit"),
    ],
)
def test_a_tweak_beyond_the_mouth_needs_an_operation_of_its_own(control, needed):
    tweak = Tweak().keyed(control, 1010, 0.0).keyed(control, 1020, 1.0)
    assert needed_operations(tweak) == ("lip_reenact", needed)
    assert needed_operations(tweak.cleared(control)) == ("lip_reenact",)


def test_a_region_needs_what_it_redraws_wherever_in_the_shot_it_is_set():
    face = Tweak().chosen("region", "face", 1010, 1020)
    assert needed_operations(face) == ("lip_reenact", "expression_edit")
    head = Tweak().chosen("region", "head")
    assert needed_operations(head) == ("lip_reenact", "head_reenact", "expression_edit")
    look = Tweak().chosen("look_at", "camera", 1010, 1020)
    assert needed_operations(look) == ("lip_reenact", "expression_edit")


def test_every_control_asks_for_known_operations():
    for name, control in CONTROLS.items():
        value = control.high if control.high != control.default else control.low
        assert set(needed_operations(Tweak().held(name, value))) <= set(OPERATIONS)


def test_a_record_of_before_serves_mouths_and_says_what_it_lacks(tmp_path):
    records = [read_consent(write(tmp_path, RECORD))]
    assert require(records, "elise", "lip_reenact", "fr", DAY)
    with pytest.raises(ConsentMissing, match="C-1 allows only lip_reenact, train_model") as refused:
        require(records, "elise", "head_reenact", "fr", DAY)
    assert "whether they agree to redrawing the whole head" in refused.value.hint
    assert "--form elise --operation head_reenact" in refused.value.hint


def test_no_operation_is_part_of_another(tmp_path):
    for own in OPERATIONS:
        text = RECORD.replace('"lip_reenact", "train_model"', f'"{own}"')
        records = [read_consent(write(tmp_path, text))]
        for other in OPERATIONS:
            if other == own:
                assert require(records, "elise", own, "fr", DAY)
                continue
            with pytest.raises(ConsentMissing):
                require(records, "elise", other, "fr", DAY)


def filled(basis, **values):
    """A form with every blank filled in."""
    text = template("", "mona", [], date.today(), renamed=False, basis=basis, **values)
    return re.sub(r'= (\[?)"\.\.\."', r'= \1"said in words"', text)


@pytest.mark.parametrize("basis", ["public-domain", "owned"])
def test_a_work_is_named_with_its_source_its_ground_and_who_says_so(tmp_path, basis):
    record = read_consent(write(tmp_path, filled(basis)))
    assert record.work is not None and record.work.ground == "said in words"
    assert record.operations == ("portrait",) and record.languages == ("*",)
    for key in ("name", "source", "ground", "depicts"):
        blank = re.sub(rf'^{key} = ".*?"', f'{key} = "..."', filled(basis), flags=re.M)
        with pytest.raises(SettingsError, match=f"work.{key} is not filled in"):
            read_consent(write(tmp_path, blank))
    with pytest.raises(SettingsError, match="has no .consent.work. table"):
        read_consent(write(tmp_path, filled(basis).partition("[consent.work]")[0]))


def test_a_work_is_no_way_round_the_consent_of_a_person(tmp_path):
    text = filled("public-domain").replace('["portrait"]', '["portrait", "lip_reenact"]')
    with pytest.raises(SettingsError, match="does not allow lip_reenact"):
        read_consent(write(tmp_path, text))
    text = filled("public-domain").replace('basis = "public-domain"', 'basis = "consent"')
    with pytest.raises(SettingsError, match="has a .consent.work. on the basis 'consent'"):
        read_consent(write(tmp_path, text))
    with pytest.raises(SettingsError, match="can allow train_model"):
        new_form("mona", tmp_path, operations=["train_model"], basis="owned")


def test_nobodys_consent_is_refused_with_the_form_to_fill_in():
    with pytest.raises(ConsentMissing, match="no consent record is given") as refused:
        allows(None, ("portrait",))
    assert "--form NAME --operation portrait" in refused.value.hint


@pytest.mark.parametrize("operation", ["portrait", "live"])
def test_consent_that_is_withdrawn_meanwhile_ends_the_work(tmp_path, operation):
    today = RECORD.replace('"lip_reenact", "train_model"', f'"{operation}"').replace(
        "2026-12-31", "2099-12-31"
    )
    path = write(tmp_path, today)
    check = allows(path, (operation,))
    path.rename(tmp_path / "c.toml.withdrawn")
    with pytest.raises(ConsentMissing):
        check()
