"""One face in several runs is one person; two plainly seen people are a question (case 05)."""

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.progress import silent
from dubsync.core.shot import Event, Line, Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.faces.cast import cast
from dubsync.service.faces.questions import Asking
from dubsync.service.faces.recognition import not_followed

CASE = "cases/picture-and-sound/05-cut-inside-clip"


@pytest.fixture(scope="module")
def tracker() -> FaceTracker:
    return FaceTracker()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """The folder of the clips of case 05, made by its make.sh."""
    if shutil.which("ffmpeg") is None or not (shared / CASE / "make.sh").is_file():
        pytest.skip("no ffmpeg, or no ../shared/cases")
    folder = tmp_path_factory.mktemp("case05")
    subprocess.run(["bash", str(shared / CASE / "make.sh"), str(folder)], check=True)
    return folder


def clip_of(tracker, path, first=0, count=None):
    """The clip as `dubsync clip` casts it: its shot, and the casting of its one speaker."""
    plate = probe_plate(path)
    start = plate.frames.start + first
    span = FrameRange(start, start + count if count else plate.frames.stop, plate.frames.rate)
    record = FrameRange(0, len(span), span.rate)
    event = Event("1", "clip", plate.name, "", plate.path, record, span)
    line = Line("SPEAKER_L001", "SPEAKER", "de", "dub.wav", record)
    shot = Shot("clip", event, plate, span, record, span, lines=(line,))
    with open_plate(plate) as reader:
        tracks = tracker(reader.frames(span), span, shot="clip", progress=silent)
    return shot, cast([shot], {"clip": tracks}, {}, asking=Asking(clip=True))


@pytest.mark.parametrize(
    ("name", "runs", "left"),
    [
        ("cutaway", [(0, 24), (50, 74)], ((25, 49),)),
        ("jump", [(0, 24), (25, 49), (50, 74)], ()),
    ],
)
def test_one_person_between_cuts_is_followed_through_all_runs_and_nobody_is_asked(
    tracker, case, name, runs, left
):
    shot, casting = clip_of(tracker, case / f"{name}.mp4")

    assert casting.warnings["clip"] == ()
    tracks = casting.tracks["clip"]["SPEAKER"]
    assert [(t.frames.start, t.frames.stop - 1) for t in tracks] == runs
    assert not_followed(shot, "SPEAKER", tracks) == left


def test_two_plainly_seen_people_are_a_question_with_numbers(tracker, shared):
    path = shared / "footage" / "debate_two_faces_001.avi"

    _, casting = clip_of(tracker, path, count=20)

    (question,) = casting.warnings["clip"]
    assert question.blocking and "2 faces are seen" in question.message
    assert "--face 1 or --face 2" in question.hint
    assert casting.tracks["clip"] == {}
    left, right = casting.people["clip"]
    assert left.spot[0] < 640 < right.spot[0]


def test_two_women_in_shot_and_reverse_shot_are_two_people(tracker, shared):
    pieces = [("katiehill_512_8s.mp4", 0), ("woman_braids_720p_24s.mp4", 50)] * 2
    pieces = [(name, first + 60 * (n // 2)) for n, (name, first) in enumerate(pieces)]
    shots, tracks = [], {}
    for n, (name, first) in enumerate(pieces):
        shot, casting = clip_of(tracker, shared / "footage" / name, first, 16)
        who = "KATIE" if n % 2 == 0 else "BRAIDS"
        lines = [Line(f"{who}_{n}", who, "de", "dub.wav", shot.record)]
        if n == 1:  # a line of KATIE that goes on over the cut, in speech
            tail = FrameRange(0, 6, Fraction(25))
            lines.append(Line("KATIE_0", "KATIE", "de", "dub.wav", tail))
        named = f"SH{n}"
        shots.append(
            Shot(named, shot.event, shot.plate, shot.source, shot.record, shot.render,
                 lines=tuple(lines))
        )  # fmt: skip
        tracks[named] = [t for person in casting.people["clip"] for t in person.tracks]

    result = cast(shots, tracks, {})

    for n, shot in enumerate(shots):
        who = "KATIE" if n % 2 == 0 else "BRAIDS"
        assert list(result.tracks[shot.name]) == [who], "nobody is drawn on the other's face"
        assert not any(w.blocking for w in result.warnings[shot.name])
    (note,) = result.warnings["SH1"]
    assert "KATIE speaks, but is not among the faces seen here" in note.message
    learnt = [t.appearance for shot in shots for t in result.tracks[shot.name].get("KATIE", ())]
    assert max(float(np.linalg.norm(a - b)) for a in learnt for b in learnt) < 0.34
