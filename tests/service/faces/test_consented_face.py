"""Consent is that of the person who is seen: another face is refused, with a picture of both."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.face import FaceTrack
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.consent.records import read_consent
from dubsync.service.faces import consented_face
from dubsync.service.faces.consented_face import (
    ConsentedFaces,
    NotTheirFace,
    Seen,
    require_one_person,
    require_their_face,
)
from tests.service.consent.test_consent import RECORD

SPAN = FrameRange(0, 2, 25)
BOTH = Path("both.png")


def face(apart=0.0, side=100.0):
    """A face `apart` from the one at 0; `side` pixels high."""
    looks = np.zeros(128, np.float32)
    looks[0], looks[1] = 1, apart
    marks = np.zeros((2, 478, 3), np.float32)
    marks[:, ::2, 1] = side
    return FaceTrack(1, SPAN, marks, np.zeros((2, 52)), np.ones(2), looks)


def seen(apart, about="ELISE in shot A"):
    return Seen(about, (face(apart),))


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """What a record with a picture of elise shows; `faces` are those found in the picture."""

    def make(*faces):
        (tmp_path / "elise.png").write_bytes(b"a picture")
        digest = sha256(b"a picture").hexdigest()
        text = f'{RECORD}face = "elise.png"\n[[consent.evidence]]\nfile = "elise.png"\n'
        (tmp_path / "elise.toml").write_text(f'{text}sha256 = "{digest}"\n')
        monkeypatch.setattr(consented_face, "faces_in", lambda path, engine: faces)
        consented = ConsentedFaces(tmp_path, None, lambda: type("E", (), {"version": "1"})())
        return consented.of([read_consent(tmp_path / "elise.toml")], "elise")

    return make


def test_the_same_person_is_taken_and_a_stranger_refused_with_a_picture_of_both(shown):
    pictures = shown(face())
    drawn = []
    both = lambda one, other: drawn.append((one.about, other.about)) or BOTH  # noqa: E731
    assert require_their_face(pictures, [seen(0.3)], both) == ()
    with pytest.raises(NotTheirFace, match="somebody else than elise.png of C-1") as refused:
        require_their_face(pictures, [seen(0.2), seen(0.8, "take T01.mov")], both)
    assert drawn == [("take T01.mov", "elise.png of C-1")] and "both.png" in refused.value.hint


def test_a_face_between_alike_and_stranger_is_told_and_not_refused(shown):
    (warning,) = require_their_face(shown(face()), [seen(0.42)], lambda one, other: BOTH)
    assert "may show somebody else" in warning.message and not warning.blocking


@pytest.mark.parametrize(("faces", "says"), [
    ((), "no face"), ((face(), face(0.9)), "2 faces"),
])  # fmt: skip
def test_a_picture_that_does_not_show_one_person_is_refused(shown, faces, says):
    with pytest.raises(NotTheirFace, match=says):
        shown(*faces)


def test_somebody_small_in_the_background_does_not_matter(shown):
    assert len(shown(face(), face(0.9, side=20.0))) == 1


def test_a_record_without_a_picture_compares_nothing(tmp_path):
    (tmp_path / "elise.toml").write_text(RECORD)
    consented = ConsentedFaces(tmp_path, None, lambda: pytest.fail("no engine is needed"))
    pictures = consented.of([read_consent(tmp_path / "elise.toml")], "elise")
    assert require_their_face(pictures, [seen(0.9)], lambda one, other: BOTH) == ()


def test_takes_of_one_voice_actor_show_one_person(shown):
    takes = [seen(0.0, "take 1"), seen(0.1, "take 2"), seen(0.9, "take 3")]
    require_one_person(takes[:2], lambda one, other: BOTH)
    with pytest.raises(NotTheirFace, match="take 2 and take 3 show two people|take 1 and take 3"):
        require_one_person(takes, lambda one, other: BOTH)
