"""One dubbed character of a shot: their face, the dub it follows, and its renderer."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.core.face import FaceTrack
from dubsync.core.result import Pick
from dubsync.core.shot import Line, Stem
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import Region, regions_at
from dubsync.core.tweak.controls import Pauses
from dubsync.core.tweak.tweak import Tweak


@dataclass(frozen=True, slots=True, eq=False)
class DubbedFace:
    """One dubbed character of a shot.  The actor is named by key, not held: it may be large.

    tracks      their face in the shot: one FaceTrack for each time that it is in view
    pick        the renderer that draws it, and why
    stem        the dub on the record time of the shot
    tweak       the artist's tweak; Tweak() if there is none
    off_screen  lines that nobody on screen speaks: the mouth is not moved there
    actor_key   digest of everything that the learnt actor depends on
    speaking_style_key  digest of everything that the speaking style depends on; "" if no take
                        trains it
    trained     digest of the trained actor if the renderer is "actor", else None
    pauses      how the project file keeps their lips in pauses
    """

    character: str
    tracks: tuple[FaceTrack, ...]
    pick: Pick
    stem: Stem
    tweak: Tweak
    off_screen: tuple[Line, ...]
    actor_key: str
    speaking_style_key: str
    trained: str | None
    pauses: Pauses = "actor"

    def regions(self, frames: FrameRange) -> tuple[Region, ...]:
        """How much of the picture the tweak lets change in each of `frames`."""
        return regions_at(self.tweak.region, frames)

    @property
    def moved_by(self) -> Tweak:
        """The tweak that moves the mouth: the artist's, on top of what the project file says."""
        return self.tweak.shut_in_pauses() if self.pauses == "shut" else self.tweak
