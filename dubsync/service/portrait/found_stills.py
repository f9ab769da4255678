"""The one person in a portrait's photographs: whose face it is in each, and who is a stranger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.errors import FaceQuestion, NoFace
from dubsync.core.face import OTHER_FACE, SAME_FACE, FaceTrack, Point
from dubsync.core.learning.moving_still import Still
from dubsync.core.picture import Frame, PictureFormat, frozen
from dubsync.core.plural import counted
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.shot import ProjectWarning
from dubsync.core.steps import Engine
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.photo.photograph import Photograph, read_photograph
from dubsync.service.portrait.faces_picture import write_faces

#: A face lower than this share of the tallest is somebody in the background.
BACKGROUND = 0.4
#: A photograph as a plate of one frame.
_ONE = FrameRange(0, 1, Fraction(25))


@dataclass(frozen=True, slots=True, eq=False)
class FoundStills:
    """The photographs of one person.

    stills  as the engine takes them; the first is moved
    photos  the same, as read
    """

    stills: tuple[Still, ...]
    photos: tuple[Photograph, ...]
    warnings: tuple[ProjectWarning, ...]

    @property
    def alpha(self) -> Array | None:
        """(H, W) transparency of the first photograph; None: it has none."""
        return self.photos[0].alpha


def find_stills(
    paths: Sequence[Path], engine: Engine, *, face: Point | None, longest: int, beside: Path,
    progress: Progress = silent,
) -> FoundStills:  # fmt: skip
    """Read the photographs, and find the person in each.

    The first photograph says who it is; in the others it is the face most like theirs.

    Args:
        face: which face of the first: (number,) or (x, y) in pixels; None: the only one.
        longest: longest side, pixels.
        beside: folder for the picture of faces, where there is a question.

    Raises:
        MediaError: a photograph cannot be read.
        NoFace: one shows no face.
        FaceQuestion: the first shows several people, and `face` does not say which is meant.
        StrangerAmongStills: one shows somebody else.
    """
    stills: list[Still] = []
    photos: list[Photograph] = []
    warnings: list[ProjectWarning] = []
    for n, path in enumerate(paths):
        photo = read_photograph(path, longest=longest)
        faces = faces_in(photo, engine)
        if not faces:
            raise _no_face(path)
        chosen = _chosen(faces, face, photo, beside) if not n else _alike(faces, stills[0])
        warnings += [ProjectWarning(path.name, note) for note in photo.notes]
        if n and (other := _stranger(path, chosen, stills[0])):
            warnings.append(other)
        stills.append(Still(shown(photo), chosen))
        photos.append(photo)
        progress(Step("photographs", path.name, n + 1, len(paths), unit="photographs"))
    return FoundStills(tuple(stills), tuple(photos), tuple(warnings))


def faces_in(photo: Photograph, engine: Engine) -> tuple[FaceTrack, ...]:
    """The faces in a photograph, numbered from left to right; those in the background last."""
    frame = _frame(shown(photo))
    seen = engine.track([frame], _ONE, shot=photo.path.name, progress=silent)
    if not seen:
        return ()
    tallest = max(_height(track) for track in seen)
    order = sorted(seen, key=lambda t: (_height(t) < BACKGROUND * tallest, _middle(t)[0]))
    return tuple(replace(track, face=n) for n, track in enumerate(order, 1))


def shown(photo: Photograph) -> Array:
    """(H, W, 3) the photograph's colours, grey where it is transparent."""
    if photo.alpha is None:
        return photo.rgb
    clear = (photo.alpha == 0)[..., None]
    return np.asarray(np.where(clear, np.float32(0.5), photo.rgb), np.float32)


def _frame(rgb: Array) -> Frame:
    samples = np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
    height, width = samples.shape[:2]
    form = PictureFormat(width, height, "rgb", 8, matrix="rgb", full_range=True, storage="gbrp")
    return Frame(0, tuple(frozen(samples[..., c]) for c in range(3)), form)


def _chosen(
    faces: Sequence[FaceTrack], face: Point | None, photo: Photograph, beside: Path
) -> FaceTrack:
    """The face that is meant in the first photograph."""
    if face is not None and len(face) == 1:
        for track in faces:
            if track.face == face[0]:
                return track
        raise FaceQuestion(
            f"{photo.path.name} has no face {face[0]:.0f}; it shows {counted(len(faces), 'face')}",
            hint=f"the faces are numbered in {write_faces(beside, shown(photo), faces)}",
        )
    if face is not None:
        return min(faces, key=lambda t: float(np.hypot(*(_middle(t) - np.array(face[:2])))))
    tallest = max(_height(track) for track in faces)
    near = [track for track in faces if _height(track) >= BACKGROUND * tallest]
    if len(near) == 1:
        return near[0]
    picture = write_faces(beside, shown(photo), faces)
    raise FaceQuestion(
        f"{photo.path.name} shows {counted(len(near), 'face')}, and a portrait is of one person",
        hint=f"look at {picture} and give the number: --face 1",
    )


def _alike(faces: Sequence[FaceTrack], first: Still) -> FaceTrack:
    return min(faces, key=first.face.apart)


def _stranger(path: Path, face: FaceTrack, first: Still) -> ProjectWarning | None:
    """A warning where it may be somebody else.  Raises StrangerAmongStills where it is."""
    apart = first.face.apart(face)
    if apart >= OTHER_FACE:
        raise StrangerAmongStills(
            f"{path.name} shows somebody else than the first photograph (their faces are "
            f"{apart:.2f} apart; one person's are up to {SAME_FACE})",
            hint="give photographs of one person only",
        )
    if apart <= SAME_FACE:
        return None
    return ProjectWarning(
        path.name,
        f"it may show somebody else than the first photograph (their faces are {apart:.2f} apart)",
        "leave it out if it does",
    )


class StrangerAmongStills(FaceQuestion):
    """A photograph shows somebody else than the first."""


def _no_face(path: Path) -> NoFace:
    return NoFace(
        f"no human face is found in {path.name}",
        hint="give a photograph in which the person looks about at the camera, with both eyes seen "
        "and a face at least 60 pixels high",
    )


def _height(track: FaceTrack) -> float:
    return float(np.ptp(track.landmarks[0, :, 1]))


def _middle(track: FaceTrack) -> Array:
    return np.asarray(track.landmarks[0, :, :2].mean(axis=0), np.float32)
