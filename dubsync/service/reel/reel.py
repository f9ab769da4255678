"""A reel before and after the analysis of its plates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dubsync.core.errors import SettingsError
from dubsync.core.face import Point
from dubsync.core.plural import counted
from dubsync.core.progress import Progress
from dubsync.service.consent.records import LIP_REENACT
from dubsync.service.faces.cast import Casting
from dubsync.service.faces.kept_questions import Questions, keep_questions, kept_questions
from dubsync.service.faces.people import everyone_in
from dubsync.service.faces.plate_sound import PlateSound
from dubsync.service.faces.recognition import NOBODY, Recognition, recognised
from dubsync.service.reel.actor_library import ActorLibrary
from dubsync.service.reel.footage import SeenIn
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.looked import LookedReel


@dataclass(frozen=True, eq=False)
class Reel(ReelInputs):
    """A reel whose plates are not analysed yet: its inputs, consent, and `look`."""

    earlier: Sequence[Reel] = ()
    _looked: list[LookedReel] = field(default_factory=list, init=False, repr=False)

    def look(self, progress: Progress) -> LookedReel:
        """The reel with its faces recognised; plates are tracked and heard at the first call.

        Only shots that may be rendered in some language are analysed; if there are none, no engine
        is loaded.
        """
        if not self._looked:
            from dubsync.service.faces.face_sheet import write_face_sheet  # brings OpenCV

            earlier = [reel.look(progress).recognition for reel in self.earlier]
            known = self._recognised([one.casting for one in earlier], progress)
            write_face_sheet(self.store, self.turnover.shots, known.casting)
            keep_questions(self.store, self.turnover.shots, self.pointed, known.casting)
            self._looked.append(LookedReel(self, known, self._library([*earlier, known])))
        return self._looked[0]

    def forget_plans(self) -> None:
        """Hold no shot's motion any more; what `look` found stays."""
        for looked in self._looked:
            looked.forget_plans()

    def questions(self) -> Questions:
        """Shot name -> the warnings about faces of the last analysis; analyses no plate."""
        return kept_questions(self.store, self.turnover.shots, self.pointed)

    def spots(self, name: str, at: Sequence[Point], progress: Progress) -> tuple[Point, ...]:
        """The points of `at`; for a face's number a point on it, and the plate frame.

        Args:
            name: the shot's.

        Raises:
            SettingsError: the shot shows no face of that number.
            ConsentMissing: the shot's plate may not be analysed.
        """
        return tuple(self._spot(name, p[0], progress) if len(p) == 1 else p for p in at)

    def _spot(self, name: str, number: float, progress: Progress) -> Point:
        shot = self.shot(name)
        if not self.may_be_looked_at(shot):
            self.consent(shot, LIP_REENACT)
        people = everyone_in(shot, self.face_tracks.in_shot(shot, progress=progress))
        for person in people:
            if person.number == number:
                x, y, frame = person.spot
                return round(x, 1), round(y, 1), frame
        raise SettingsError(
            f"{name} has no face {number:.0f}; it shows {counted(len(people), 'face')}",
            hint=f"the faces in question are numbered in {self.asking.picture}; or point: X,Y",
        )

    def _recognised(self, earlier: Sequence[Casting], progress: Progress) -> Recognition:
        """The characters seen in the shots; the castings of the earlier languages are kept."""
        shots = [shot for shot in self.turnover.shots if self.may_be_looked_at(shot)]
        if not shots:
            return NOBODY
        return recognised(
            shots,
            self.pointed,
            face_tracks=self.face_tracks,
            plate_sound=PlateSound(self.store, self.engine, self.audio_analysis, self.face_tracks),
            progress=progress,
            earlier=earlier,
            performers=self.performers,
            asking=self.asking,
        )

    def _library(self, known: Sequence[Recognition]) -> ActorLibrary:
        """The actors: each is learnt from the shots of the first language with the character.

        So a further language changes no actor, and no picture drawn with one.
        """
        seen: dict[str, tuple[SeenIn, ...]] = {}
        for reel, recognition in zip((*self.earlier, self), known, strict=True):
            people = {name for cast in recognition.casting.tracks.values() for name in cast}
            for character in sorted(people - seen.keys()):
                tracks = recognition.seen(character)
                seen[character] = tuple(
                    SeenIn(shot, tracks[shot.name])
                    for shot in reel.turnover.shots
                    if shot.name in tracks and reel.may_learn(character, shot)
                )
        return ActorLibrary(self, seen)
