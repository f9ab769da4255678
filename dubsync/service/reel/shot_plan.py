"""The plan of one shot, computed once and shared by sync, check, review and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from dubsync.core.progress import Progress
from dubsync.core.result import Pick
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.reel.actor_library import ActorLibrary
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.reel.frame_keys import FrameKeys, frame_keys
from dubsync.service.reel.heads.reach_warnings import reach_warnings
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.pipeline import FaceMotion, Part, drive_shot, with_actor
from dubsync.service.reel.render_key import render_key

#: The motion of every face of a shot, and warnings about takes and actors.
Motions = tuple[tuple[FaceMotion, ...], tuple[ProjectWarning, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class DrivenShot:
    """The motion of every dubbed face of a shot, and warnings about takes and actors."""

    parts: tuple[Part, ...]
    warnings: tuple[ProjectWarning, ...]


@dataclass(frozen=True, eq=False)
class ShotPlan:
    """The dubbed faces of one shot, its keys, and the motion of the faces.

    The keys and the motion (about 2 KB for each frame of a face) are cached.  Face tracks and
    actors are references to those of the casting and the library; no picture and no sound is held.

    warnings  faces that recognition could not decide; `DrivenShot.warnings` begins with them
    """

    shot: Shot
    faces: tuple[DubbedFace, ...]
    warnings: tuple[ProjectWarning, ...]
    reel: ReelInputs = field(repr=False)
    actors: ActorLibrary = field(repr=False)
    _motion: list[Motions] = field(default_factory=list, init=False, repr=False)

    @property
    def picks(self) -> Mapping[str, Pick]:
        """Character -> their renderer, and why it was picked."""
        return {face.character: face.pick for face in self.faces}

    @cached_property
    def render_key(self) -> str:
        """Digest of every input and setting that the shot's picture depends on."""
        return render_key(self.reel, self.shot, self.faces)

    @cached_property
    def frame_keys(self) -> FrameKeys:
        """A key for each frame, so that frames can be reused after a recut.

        Separate from `render_key`, because they take about a millisecond per frame.
        """
        return frame_keys(self.reel, self.shot, self.faces)

    def driven(self, progress: Progress) -> DrivenShot:
        """The motion of every face, computed at the first call; loads or learns the actors.

        Raises:
            ConsentMissing: no consent record covers training on a performer.
            NoFace, EngineError: an actor cannot be learnt or read.
        """
        if not self._motion:
            self._motion.append(self._drive(self.faces, progress))
        return self._drawn(*self._motion[0], progress)

    def driven_with(self, tweak: Tweak, progress: Progress) -> DrivenShot:
        """The same with `tweak` for every face, instead of the artist's; not cached."""
        if all(face.tweak == tweak for face in self.faces):
            return self.driven(progress)
        faces = [replace(face, tweak=tweak) for face in self.faces]
        return self._drawn(*self._drive(faces, progress), progress)

    def _drawn(
        self,
        motions: Sequence[FaceMotion],
        warnings: tuple[ProjectWarning, ...],
        progress: Progress,
    ) -> DrivenShot:
        """The motions with their actors and heads, which the library holds."""
        parts = []
        for one in motions:
            actor = self.actors.drawn_by(one.character, one.renderer, progress)
            head = self.actors.head(actor, progress) if one.whole_head else None
            parts.append(with_actor(one, actor, head))
        told = [w for part in parts for w in reach_warnings(self.shot, part, self.reel.engine)]
        return DrivenShot(tuple(parts), (*warnings, *dict.fromkeys(told)))

    def _drive(self, faces: Sequence[DubbedFace], progress: Progress) -> Motions:
        reel = self.reel
        motions, warnings = drive_shot(
            self.shot,
            faces,
            self.actors,
            engine=reel.engine,
            face_tracks=reel.face_tracks,
            audio_analysis=reel.audio_analysis,
            in_front=reel.in_front,
            progress=progress,
        )
        if reel.renderer_setting(self.shot) == "auto":
            drawn = [face.character for face in faces if face.pick.renderer != "plate"]
            warnings += tuple(stale for one in drawn if (stale := self.actors.stale(one)))
        return motions, (*self.warnings, *warnings)
