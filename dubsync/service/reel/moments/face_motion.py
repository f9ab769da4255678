"""The motion of one face of a shot, and the actor that it is drawn from."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from dubsync.core.face import FaceTrack, MotionTrack, Performance
from dubsync.core.learning.head import Head
from dubsync.core.learning.take_mouth import TakeMouths
from dubsync.core.steps import Actor, RendererName
from dubsync.core.tweak.choices import regions_at
from dubsync.core.tweak.tweak import Tweak

NEUTRAL = Tweak()


@dataclass(frozen=True, slots=True, eq=False)
class FaceMotion:
    """One face track of a shot: the original and the corrected motion, and the renderer.

    tweak  the artist's, which shapes the matte
    inside  takes that lend the mouth's inside; None: none does
    by_moment  the same at each moment that the frames show, which is drawn; None: they are one
            moment each
    """

    character: str
    track: FaceTrack
    original: MotionTrack
    performance: Performance
    corrected: MotionTrack
    renderer: RendererName = "warp"
    tweak: Tweak = NEUTRAL
    inside: TakeMouths | None = None
    by_moment: FaceMotion | None = None

    @property
    def whole_head(self) -> bool:
        """Whether the whole head is redrawn in any frame."""
        return "head" in regions_at(self.tweak.region, self.track.frames)


@dataclass(frozen=True, slots=True, eq=False)
class Part(FaceMotion):
    """A FaceMotion with the actor that it is drawn from, which may be hundreds of MB.

    head  the actor's whole head, for frames of region "head"; None where there are none
    """

    actor: Actor = field(kw_only=True)
    head: Head | None = field(kw_only=True, default=None)


def with_actor(motion: FaceMotion, actor: Actor, head: Head | None = None) -> Part:
    """The Part of `motion` that `actor` draws, with the actor's head where it is redrawn."""
    values = {one.name: getattr(motion, one.name) for one in fields(FaceMotion)}
    return Part(**values, actor=actor, head=head)
