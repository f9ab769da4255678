"""A reel before and after the analysis of its plates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dubsync.core.progress import Progress
from dubsync.service.faces.cast import Casting
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
            earlier = [reel.look(progress).recognition for reel in self.earlier]
            known = self._recognised([one.casting for one in earlier], progress)
            self._looked.append(LookedReel(self, known, self._library([*earlier, known])))
        return self._looked[0]

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
                    if shot.name in tracks
                )
        return ActorLibrary(self, seen)
