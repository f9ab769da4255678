"""A timeline laid out for writing: clips of a track abut or leave holes, and fade at their cuts.

Formats disagree on what a transition does to its clips: CMX3600 lets the incoming one begin with
it and the outgoing one end before; FCP7 XML and AAF let both run through it; FCPXML and .otio let
them meet inside it.  Here they always meet at the fade's cut, and every clip's map of time says
what plays beyond its edges: a writer whose format lets clips overlap takes them as far as they
show (`LaidOutTrack.shown`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.probed import ProbedCut
from dubsync.core.timeline.runs import TimeMap
from dubsync.editorial.timeline.cut_builder import LossNotes

NEST_KINDS = ("compound", "multicam", "sync")
GAP_KINDS = ("gap", "black")
#: What the system that plays them draws, unless a file is named.
GENERATED_KINDS = ("title", "caption", "generator", "adjustment")


@dataclass(frozen=True, slots=True)
class Media:
    """A file that clips play: `path` as its cut gives it, "" where it names none.

    frames  (first, past the last) that the file is known to hold, in its own count; else None
    """

    path: str
    name: str
    reel: str
    rate: Fraction
    drop: bool = False
    frames: tuple[Fraction, Fraction] | None = None
    format: PictureFormat | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """What plays from record frame `start` up to `stop`.

    map     record to media frames, beyond the edges too; None where nobody says
    inside  rows of a nest, in the same record frames
    event   its place in ProbedCut.events
    """

    name: str
    kind: str
    start: Fraction
    stop: Fraction
    event: int
    where: str
    map: TimeMap | None = None
    media: Media | None = None
    enabled: bool = True
    remarks: tuple[str, ...] = ()
    inside: tuple[LaidOutTrack, ...] = ()
    channel: int = 0
    corrected: Corrected | None = None

    @property
    def generated(self) -> bool:
        """Whether no file holds it: some titles and generators count source frames all the same."""
        named = self.corrected is not None or (self.media is not None and bool(self.media.path))
        return self.kind in GENERATED_KINDS and not named


@dataclass(frozen=True, slots=True)
class TrackTransition:
    """A transition over record frames `start`..`stop` between two clips that meet at `cut`.

    incoming  the event that comes in by it, where that is one of CMX3600's
    """

    start: Fraction
    stop: Fraction
    cut: Fraction
    kind: str
    name: str
    incoming: int | None = None

    @property
    def middle(self) -> Fraction:
        """Half way, a whole number of frames after its start."""
        return self.start + (self.stop - self.start) // 2


@dataclass(frozen=True, slots=True)
class LaidOutTrack:
    """One track, its clips and fades in order of time, no clip over another.

    height  its number from below, 1 for V1 or A1; V-1 lies under V1
    """

    label: str
    height: int
    sound: bool
    clips: tuple[Clip, ...]
    transitions: tuple[TrackTransition, ...] = ()

    def transition_at(self, cut: Fraction) -> TrackTransition | None:
        """The fade whose clips meet at record frame `cut`."""
        n = bisect_left(self.transitions, cut, key=lambda transition: transition.cut)
        return (
            self.transitions[n]
            if n < len(self.transitions) and self.transitions[n].cut == cut
            else None
        )

    def clip_ending_at(self, cut: Fraction) -> int | None:
        """The place of the clip that ends at record frame `cut`."""
        n = bisect_left(self.clips, cut, key=lambda clip: clip.stop)
        return n if n < len(self.clips) and self.clips[n].stop == cut else None

    def clip_starting_at(self, cut: Fraction) -> int | None:
        """The place of the clip that begins at record frame `cut`."""
        n = bisect_left(self.clips, cut, key=lambda clip: clip.start)
        return n if n < len(self.clips) and self.clips[n].start == cut else None

    def sides(self, transition: TrackTransition) -> tuple[Clip | None, Clip | None]:
        """The clips that go out and come in by a fade; None for nothing."""
        out, come = self.clip_ending_at(transition.cut), self.clip_starting_at(transition.cut)
        return (
            None if out is None else self.clips[out],
            None if come is None else self.clips[come],
        )

    def record_range(self, clip: Clip) -> tuple[Fraction, Fraction]:
        """Record frames in which a clip of the row shows, its fades included."""
        head, tail = self.transition_at(clip.start), self.transition_at(clip.stop)
        return (head.start if head else clip.start, tail.stop if tail else clip.stop)

    def shown(self, clip: Clip) -> Clip:
        """A clip of the row from where it comes in to where it has gone out."""
        start, stop = self.record_range(clip)
        map = clip.map.slice(start, stop) if clip.map else None
        return replace(clip, start=start, stop=stop, map=map)


@dataclass(slots=True)
class Layout(LossNotes):
    """What laying out a cut has found so far."""

    cut: ProbedCut


def all_clips(tracks: Iterable[LaidOutTrack]) -> list[tuple[LaidOutTrack, Clip]]:
    """Every clip with its row, those inside nests after theirs."""
    result = []
    for track in tracks:
        for clip in track.clips:
            result.append((track, clip))
            result += all_clips(clip.inside)
    return result


def picture_tracks(tracks: Iterable[LaidOutTrack]) -> list[LaidOutTrack]:
    """Picture rows, those inside nests after the row of their nest."""
    result = []
    for track in tracks:
        if not track.sound:
            result.append(track)
            for clip in track.clips:
                result += picture_tracks(clip.inside)
    return result


def clash(one: LaidOutTrack, other: LaidOutTrack) -> bool:
    """Whether two rows show anything in the same record frame."""
    held = sorted(one.record_range(clip) for clip in one.clips)
    for start, stop in (other.record_range(clip) for clip in other.clips):
        n = bisect_left(held, (stop,))  # clips of a row overlap their neighbours alone
        if any(record_range[1] > start for record_range in held[max(n - 2, 0) : n]):
            return True
    return False


def merged(one: LaidOutTrack, other: LaidOutTrack) -> LaidOutTrack:
    """`one` with the clips and fades of a row that does not clash with it."""
    clips = sorted((*one.clips, *other.clips), key=lambda clip: clip.start)
    transitions = sorted(
        (*one.transitions, *other.transitions), key=lambda transition: transition.cut
    )
    return replace(one, clips=tuple(clips), transitions=tuple(transitions))


def enabled_only(track: LaidOutTrack) -> LaidOutTrack:
    """The row without its clips that are switched off; what they faded with fades with nothing."""
    clips = tuple(
        replace(clip, inside=tuple(enabled_only(inner) for inner in clip.inside))
        for clip in track.clips
        if clip.enabled
    )
    kept = replace(track, clips=clips)
    return replace(
        kept,
        transitions=tuple(
            transition for transition in track.transitions if any(kept.sides(transition))
        ),
    )


def centred(track: LaidOutTrack) -> LaidOutTrack:
    """The row with every cut moved to the middle of its fade, where both sides have a clip."""
    clips, transitions = list(track.clips), []
    for transition in track.transitions:
        left, right = track.clip_ending_at(transition.cut), track.clip_starting_at(transition.cut)
        if left is None or right is None:
            transitions.append(transition)
            continue
        if clips[left].start < transition.middle < clips[right].stop:
            clips[left] = replace(clips[left], stop=transition.middle)
            clips[right] = replace(clips[right], start=transition.middle)
            transition = replace(transition, cut=transition.middle)
        transitions.append(transition)
    return replace(track, clips=tuple(clips), transitions=tuple(transitions))
