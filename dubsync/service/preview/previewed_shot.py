"""A dubbed shot, any frame of which is shown at once with a tweak that is not saved."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import SettingsError
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.pixels.square import square_format
from dubsync.media.stills.encode import rgb8
from dubsync.service.consent.records import LIP_REENACT, TRAIN_MODEL
from dubsync.service.preview.at_scale import Scale
from dubsync.service.preview.picture import PreviewPicture
from dubsync.service.preview.plates import PlateFrames
from dubsync.service.preview.previewed_face import PreviewedFace
from dubsync.service.reel.pipeline import faces_to_drive
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import ShotPlan

if TYPE_CHECKING:
    from dubsync.service.project import Project

Tweaks = Mapping[str, Tweak]


class PreviewedShot:
    """One shot, opened for preview; see `open_preview`.  Use it in one thread.

    What a tweak does not change is worked out once: tracks, fits, sound, takes, actors.  Held for
    each face: some motions by their tweak, and what its renderer needs again; for the plate: frames
    at viewer size.  None of it grows with the shot but the tracks, which the reel holds anyway.

    warnings  about takes and faces, as a render would have them
    """

    def __init__(
        self,
        reel: Reel,
        plan: ShotPlan,
        faces: tuple[PreviewedFace, ...],
        plates: PlateFrames,
        warnings: tuple[ProjectWarning, ...],
    ) -> None:
        self.reel, self.shot, self.faces, self.warnings = reel, plan.shot, faces, warnings
        self.plates = plates
        self._saved = {face.character: face.tweak for face in plan.faces}

    @property
    def frames(self) -> FrameRange:
        """The plate frames that are rendered, handles included."""
        return self.shot.render

    @property
    def characters(self) -> tuple[str, ...]:
        """The dubbed characters, in order of their first line, seen in the plate or not."""
        return self.shot.characters

    def plate(self, frame: int, width: int) -> NDArray[np.uint8]:
        """(H, W, 3) the plate alone, at most `width` pixels wide.

        Raises:
            SettingsError: the shot has no such frame, or no such width can be shown.
            MediaError: the plate is missing, has changed, or does not decode there.
        """
        return self.plates.at(self._checked(frame), width).rgb

    def picture(self, frame: int, tweaks: Tweaks | None = None, *, width: int) -> PreviewPicture:
        """Plate frame `frame` as a render with `tweaks` would have it, at most `width` wide.

        It differs from a render: the picture is drawn at viewer size; landmarks and colour are
        smoothed over time only from one frame asked for to the next.

        Args:
            tweaks: of some characters, in place of the saved ones; None: all as saved.

        Raises:
            ConsentMissing: a performer's consent was withdrawn meanwhile.
            SettingsError, MediaError: as `plate`; or a character that is not dubbed here.
        """
        meant = self.meant(tweaks)
        self.require_consent(meant)
        held = self.plates.at(self._checked(frame), width)
        scale = self._scale(width)
        landmarks, patches, renderers = {}, [], []
        for face in self.faces:
            points = face.landmarks(frame, scale, meant[face.face.character])
            if points is not None:
                landmarks[face.face.character] = points
            drawn = face.draw(held, meant[face.face.character], scale, self.plates)
            if drawn.patch is not None:
                patches.append(drawn.patch)
                renderers.append(drawn.renderer)
        made = self.reel.engine.composite(held.frame, patches)
        if not made.changed:
            return PreviewPicture(self.shot.name, frame, held.rgb, None, landmarks, "")
        rgb = np.array(held.rgb)
        for patch in made.patches:
            _show(made.frame, patch.region, rgb)
        drawn_by = ", ".join(sorted(set(renderers)))
        return PreviewPicture(self.shot.name, frame, rgb, made.matte, landmarks, drawn_by)

    def meant(self, tweaks: Tweaks | None) -> dict[str, Tweak]:
        """Character -> the tweak to show: the one of `tweaks`, else the saved one.

        Raises:
            SettingsError: a character that is not dubbed in the shot.
        """
        unknown = [name for name in tweaks or () if name not in self.characters]
        if unknown:
            raise SettingsError(
                f"{unknown[0]!r} is not dubbed in {self.shot.name}",
                hint="dubbed there: " + ", ".join(self.characters),
            )
        return {**dict.fromkeys(self.characters, Tweak()), **self._saved, **(tweaks or {})}

    def require_consent(self, tweaks: Tweaks | None = None) -> None:
        """Raises ConsentMissing if a performer's consent was withdrawn meanwhile.

        Args:
            tweaks: of all characters, which may need more than a dub does.
        """
        for operation in (LIP_REENACT, TRAIN_MODEL):
            self.reel.consent(self.shot, operation)
        if tweaks is not None:
            self.reel.with_tweaks(self.shot.name, tweaks).tweak_consents(self.shot)

    def close(self) -> None:
        """Close the plate."""
        self.plates.close()

    def _checked(self, frame: int) -> int:
        if frame not in self.frames:
            raise SettingsError(
                f"frame {frame} is not in {self.shot.name}",
                hint=f"it has plate frames {self.frames.start} to {self.frames.stop - 1}",
            )
        return frame

    def _scale(self, width: int) -> Scale:
        square = square_format(self.shot.plate.format)
        wide, high = self.plates.size(width)
        return wide / square.width, high / square.height


def open_preview(
    project: Project,
    shot_name: str,
    *,
    progress: Progress = silent,
    plates: PlateFrames | None = None,
) -> PreviewedShot:
    """Open the shot called `shot_name`: everything but the tweak is worked out now, or read.

    A reel that was never analysed is analysed first, and a missing actor is learnt, which may take
    minutes; of one that was rendered it takes seconds.

    Args:
        plates: frames of its plate that are held already.

    Raises:
        ConsentMissing: a performer has not consented to what a render needs.
        FaceQuestion: a person must say first who is who.
        EngineError: no such shot, or it cannot be worked on.
    """
    project.turnover(look=project.intake.waiting, progress=progress)
    return preview_of(project.reel, shot_name, progress=progress, plates=plates)


def preview_of(
    reel: Reel, shot_name: str, *, progress: Progress = silent, plates: PlateFrames | None = None
) -> PreviewedShot:
    """The same in a reel that is open already; see `open_preview`."""
    shot = reel.shot(shot_name)
    for operation in (LIP_REENACT, TRAIN_MODEL):
        reel.consent(shot, operation)
    progress = reel.watching(progress, shot)
    plan = reel.look(progress).plan(shot)
    faces, warnings = _faces(reel, plan, progress)
    return PreviewedShot(reel, plan, faces, plates or PlateFrames(shot.plate), warnings)


def _faces(
    reel: Reel, plan: ShotPlan, progress: Progress
) -> tuple[tuple[PreviewedFace, ...], tuple[ProjectWarning, ...]]:
    """Every face that is drawn, a PreviewedFace for each of its tracks; warnings."""
    faces: list[PreviewedFace] = []
    warnings = list(plan.warnings)
    for face in plan.faces:
        if face.pick.renderer == "plate":
            continue
        actor = plan.actors.drawn_by(face.character, face.pick.renderer, progress)
        style = plan.actors.speaking_style(actor, progress)
        tracks, unusable = faces_to_drive(
            plan.shot, face, actor, style, engine=reel.engine, face_tracks=reel.face_tracks,
            audio_analysis=reel.audio_analysis, in_front=reel.in_front, progress=progress,
        )  # fmt: skip
        warnings += unusable
        head = partial(plan.actors.head, actor, progress)
        if tracks and "head" in face.regions(plan.shot.render):
            head()  # now, while progress is shown
        known = partial(plan.actors.known_head, actor, progress)
        faces += [PreviewedFace(plan.shot, face, one, reel.engine, head, known, progress)
                  for one in tracks]  # fmt: skip
    return tuple(faces), tuple(warnings)


def _show(frame: Frame, region: Region, rgb: NDArray[np.uint8]) -> None:
    """Write what `frame` shows in `region` into `rgb`; a little more where chroma is shared."""
    form = frame.format
    wide = Region(region.left - 4, region.top - 4, region.right + 4, region.bottom + 4)
    part = wide.aligned(form)
    rgb[part.rows, part.columns] = rgb8(frame, part)


def shot_of(project: Project, name: str) -> Shot:
    """The shot called `name`, whether it may be dubbed or not; nothing is analysed.

    Raises:
        EngineError: there is none.
    """
    return project.reel.shot(name)
