"""Photographs of a performer as footage: each is one more frame that a head is drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

from dubsync.core.errors import NoFace, SettingsError
from dubsync.core.face import OTHER_FACE, FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.plural import counted
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.steps import Engine, Footage
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.faces.consented_face import photograph_frame

#: Longest side that is kept of each, pixels.
LONGEST = 2048
_ONE = FrameRange(0, 1, Fraction(25))


def photograph_footage(
    files: Sequence[Path], known: Sequence[FaceTrack], engine: Engine, progress: Progress
) -> list[Footage]:
    """The photographs as footage of one frame each, of the face most like the `known` ones.

    Raises:
        MissingMedia, MediaError: a photograph cannot be read.
        NoFace: one shows no face.
        SettingsError: one shows somebody else.
    """
    result = []
    for n, path in enumerate(files):
        result.append(_footage(path, known, engine))
        progress(Step("photographs", path.name, n + 1, len(files), unit="photographs"))
    return result


def _footage(path: Path, known: Sequence[FaceTrack], engine: Engine) -> Footage:
    frame = _frame(path)
    faces = engine.track([frame], _ONE, shot=path.name, progress=silent)
    if not faces:
        raise NoFace(
            f"{path.name} shows no face", hint="take it out of the photos of the project file"
        )

    def apart(face: FaceTrack) -> float:
        return min((face.apart(one) for one in known), default=0.0)

    face = min(faces, key=apart)
    if apart(face) >= OTHER_FACE:
        among = f", which shows {counted(len(faces), 'face')}," if len(faces) > 1 else ""
        raise SettingsError(
            f"{path.name}{among} does not show the performer of the plates: the faces are "
            f"{apart(face):.2f} apart, and one person's less than {OTHER_FACE}",
            hint="take it out of the photos of the project file",
        )
    return Footage(f"photograph {path.name}", face, partial(_read, path))


def _read(path: Path, _numbers: Sequence[int]) -> Iterator[Frame]:
    yield _frame(path)


def _frame(path: Path) -> Frame:
    return photograph_frame(path, LONGEST)
