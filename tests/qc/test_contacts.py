"""A contact that the dub asks for is met, late or open; what cannot be seen is not judged."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.contact import CONTACTS, Contact, ContactKey, contact_of
from dubsync.core.errors import SettingsError
from dubsync.core.settings import QCSettings
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.phones import PHONES
from dubsync.qc.contacts.findings import contact_findings, missed_lines
from dubsync.qc.contacts.judge import SEEN, Shown, contacts, sight_of
from dubsync.qc.findings import FindingsBuilder
from dubsync.qc.mouth import mouth_curves
from tests.qc.qc_synthesis import landmarks_of

FPS = 25.0
TIMES = np.arange(100) / FPS
BUILDER = FindingsBuilder("SC01_010", "ELISE", 1000, QCSettings())


def sound(at: float, kind: str = "closed lips") -> AudioFeatures:
    """Four seconds of speech with one contact at `at` seconds."""
    bump = np.exp(-(((np.arange(400) / 100 - at) / 0.03) ** 2))
    phones = np.zeros((400, len(PHONES)))
    if kind != "closed lips":
        phone = {"lip to teeth": "f", "rounded lips": "u", "teeth near": "s"}[kind]
        phones[:, PHONES.index(phone)] = bump
    phones[:, PHONES.index("ə")] = 1 - phones.sum(axis=1)
    level = AudioFeatures.of_level(
        Fraction(0), np.zeros((400, 40)), np.full(400, 0.5), np.ones(400),
        bump if kind == "closed lips" else np.zeros(400),
    )  # fmt: skip
    return replace(level, phones=np.asarray(phones, np.float32))


def shown(opening: np.ndarray, planned: np.ndarray | None = None, **face: float) -> Shown:
    """The mouth of a face 60 px between the eyes, on a plate that speaks widely."""
    points = landmarks_of(opening, **face)
    seen = np.ones(len(opening), bool)
    plate = mouth_curves(landmarks_of(0.2 + 0.2 * np.sin(np.arange(len(opening)))), seen)
    never = np.full(len(opening), np.nan) if planned is None else planned
    return Shown(mouth_curves(points, seen), plate, never, sight_of(points, seen, seen))


def shut_at(frame: int) -> np.ndarray:
    opening = np.full(100, 0.25)
    opening[frame] = 0.0
    return opening


def only(found: tuple[Contact, ...], kind: str = "closed lips") -> Contact:
    (one,) = [contact for contact in found if contact.kind == kind]
    return one


@settings(max_examples=40)
@given(st.floats(-0.14, 0.14))
def test_lips_that_meet_within_ebu_r37_are_in_time_and_others_are_off_by_their_distance(late):
    at = 2.0 - late
    contact = only(contacts(shown(shut_at(50)), sound(at), TIMES, 1000))
    off = 1000 * max(abs(late) - 0.5 / FPS, 0)
    if contact.ms is None:
        assert off > 145
        return
    assert abs(contact.ms) == pytest.approx(off, abs=6)
    if not 35 < off < 65:
        assert contact.met == (off <= (40 if late > 0 else 60))


def test_lips_that_stay_apart_are_open_and_say_where():
    contact = only(contacts(shown(np.full(100, 0.25)), sound(2.0), TIMES, 1000, "ELISE"))
    assert contact == Contact("closed lips", "ELISE", "", 1050, False)


@pytest.mark.parametrize("kind", CONTACTS)
def test_every_kind_of_contact_is_asked_for_by_its_sound(kind):
    found = contacts(shown(shut_at(50)), sound(2.0, kind), TIMES, 1000)
    assert only(found, kind).frame == 1050 and len(found) == 1


def test_a_closure_that_was_planned_is_asked_for_without_evidence_in_the_sound():
    planned = np.full(100, 0.2)
    planned[30:32] = 0.0
    quiet = replace(sound(2.0), closure=np.zeros(400, np.float32))
    contact = only(contacts(shown(np.full(100, 0.25), planned), quiet, TIMES, 1000))
    assert contact.met is False and contact.frame in (1030, 1031)
    assert only(contacts(shown(shut_at(31), planned), quiet, TIMES, 1000)).met


def test_a_mouth_that_cannot_be_seen_is_not_judged_and_says_why():
    small = only(contacts(shown(shut_at(50), eyes_px=20.0), sound(2.0), TIMES, 0))
    assert small.met is None and small.ms is None and "too small" in small.why
    points = landmarks_of(shut_at(50))
    turned = points.copy()
    turned[..., 2] = 3 * (points[..., 0] - 130)  # about 70 degrees
    yes = np.ones(100, bool)
    for sight, word in (
        (sight_of(turned, yes, yes), "turned away"),
        (sight_of(points, ~yes, yes), "covered"),
        (sight_of(points, yes, ~yes), "not found"),
    ):
        contact = only(contacts(replace(shown(shut_at(50)), sight=sight), sound(2.0), TIMES, 0))
        assert contact.met is None and word in contact.why
    assert (sight_of(points, yes, yes) == SEEN).all()


def test_an_artists_slip_moves_what_is_asked():
    late = TIMES - 0.2  # the mouth was slipped 200 ms later
    contact = only(contacts(shown(shut_at(55)), sound(2.0), late, 0))
    assert contact.met and contact.frame == 55


CLOSED = [Contact("closed lips", "ELISE", "L1", 1000 + 10 * n, n != 2) for n in range(8)]


def test_open_closures_are_named_by_line_and_frame():
    late = Contact("closed lips", "ELISE", "L1", 1090, False, 83.0)
    found = [*CLOSED, late, Contact("closed lips", "ELISE", "L2", 1200, None, why="covered")]
    assert missed_lines(found) == (
        "1 of 9 closures of L1 stay open: frames 1020",
        "1 of 9 closures of L1 not in time: frames 1090 (83 ms late)",
    )
    closures = contact_findings(BUILDER, found)[0]
    assert closures.value == pytest.approx(100 * 7 / 9) and closures.verdict == "pass"
    assert "1020" in closures.note and "1 not judged: covered" in closures.note
    assert closures.frames == (1020, 1020)


def test_a_shot_whose_lips_stay_open_needs_review_and_one_without_closures_is_not_measured():
    most = [replace(contact, met=not contact.met) for contact in CLOSED]
    assert contact_findings(BUILDER, most)[0].verdict == "review"
    assert all(f.verdict == "not measured" and f.note for f in contact_findings(BUILDER, []))


def test_a_contact_is_named_in_full_by_a_word_or_by_a_phone():
    assert [contact_of(kind) for kind in CONTACTS] == list(CONTACTS)
    assert contact_of("B") == contact_of("closed-lips") == "closed lips"
    with pytest.raises(SettingsError, match="unknown contact"):
        contact_of("smile")
    with pytest.raises(SettingsError, match="backwards"):
        ContactKey(5, 4, "closed lips")
