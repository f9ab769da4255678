"""A timeline laid out for writing: clips of a track never overlap; transitions join them at cuts.

Formats differ in what a transition does to its clips: in CMX3600 the incoming clip begins with it
and the outgoing clip ends before it; in FCP7 XML and AAF both run through it; in FCPXML and .otio
they meet inside it.  Here they always meet at the transition's cut, and the time map of every clip
extends beyond its edges. Writers for formats with overlapping clips use `LaidOutTrack.shown`.
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
#: Kinds that the editing system generates, unless a file is named.
GENERATED_KINDS = ("title", "caption", "generator", "adjustment")


@dataclass(frozen=True, slots=True)
class Media:
    """A media file: `path` as the cut states it, "" if it states none.

    frames  (first, past the last) frame of the file in its own count; None if unknown
    first_number  number in the name of a sequence's first file; None: that of its first frame
    """

    path: str
    name: str
    reel: str
    rate: Fraction
    drop: bool = False
    frames: tuple[Fraction, Fraction] | None = None
    format: PictureFormat | None = None
    first_number: int | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip over record frames `start`..`stop`.

    map     record to media frames, also beyond the edges; None if unknown
    inside  the tracks of a nest, in the same record frames
    event   index in ProbedCut.events
    channel index of an audio clip among the tracks of its event
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
        """Whether it has no file. Some titles and generators have source frames nevertheless."""
        named = self.corrected is not None or (self.media is not None and bool(self.media.path))
        return self.kind in GENERATED_KINDS and not named


@dataclass(frozen=True, slots=True)
class TrackTransition:
    """A transition over record frames `start`..`stop` between two clips that meet at `cut`.

    incoming  index of the event that comes in by it, for CMX3600 events; else None
    """

    start: Fraction
    stop: Fraction
    cut: Fraction
    kind: str
    name: str
    incoming: int | None = None

    @property
    def middle(self) -> Fraction:
        """Its middle, a whole number of frames after its start."""
        return self.start + (self.stop - self.start) // 2


@dataclass(frozen=True, slots=True)
class LaidOutTrack:
    """One track: its clips and transitions in order of time, without overlaps.

    label   its name in the cut ("V1", "V1/V2" in a nest)
    height  its number from below, 1 for V1 or A1; V-1 is below V1
    """

    label: str
    height: int
    sound: bool
    clips: tuple[Clip, ...]
    transitions: tuple[TrackTransition, ...] = ()

    def transition_at(self, cut: Fraction) -> TrackTransition | None:
        """The transition whose cut is at record frame `cut`, or None."""
        n = bisect_left(self.transitions, cut, key=lambda transition: transition.cut)
        return (
            self.transitions[n]
            if n < len(self.transitions) and self.transitions[n].cut == cut
            else None
        )

    def clip_ending_at(self, cut: Fraction) -> int | None:
        """The index of the clip that ends at record frame `cut`, or None."""
        n = bisect_left(self.clips, cut, key=lambda clip: clip.stop)
        return n if n < len(self.clips) and self.clips[n].stop == cut else None

    def clip_starting_at(self, cut: Fraction) -> int | None:
        """The index of the clip that begins at record frame `cut`, or None."""
        n = bisect_left(self.clips, cut, key=lambda clip: clip.start)
        return n if n < len(self.clips) and self.clips[n].start == cut else None

    def sides(self, transition: TrackTransition) -> tuple[Clip | None, Clip | None]:
        """The outgoing and incoming clip of a transition; None for nothing."""
        outgoing, incoming = (
            self.clip_ending_at(transition.cut),
            self.clip_starting_at(transition.cut),
        )
        return (
            None if outgoing is None else self.clips[outgoing],
            None if incoming is None else self.clips[incoming],
        )

    def record_range(self, clip: Clip) -> tuple[Fraction, Fraction]:
        """Record frames in which a clip of the track is visible, its transitions included."""
        head, tail = self.transition_at(clip.start), self.transition_at(clip.stop)
        return (head.start if head else clip.start, tail.stop if tail else clip.stop)

    def shown(self, clip: Clip) -> Clip:
        """A clip of the track over its `record_range`: with the overlap of its transitions."""
        start, stop = self.record_range(clip)
        map = clip.map.slice(start, stop) if clip.map else None
        return replace(clip, start=start, stop=stop, map=map)


@dataclass(slots=True)
class Layout(LossNotes):
    """A cut that is laid out, and the losses noted so far."""

    cut: ProbedCut


def all_clips(tracks: Iterable[LaidOutTrack]) -> list[tuple[LaidOutTrack, Clip]]:
    """Every (track, clip); the clips inside a nest follow the nest."""
    result = []
    for track in tracks:
        for clip in track.clips:
            result.append((track, clip))
            result += all_clips(clip.inside)
    return result


def picture_tracks(tracks: Iterable[LaidOutTrack]) -> list[LaidOutTrack]:
    """The picture tracks; the tracks inside a nest follow the track of the nest."""
    result = []
    for track in tracks:
        if not track.sound:
            result.append(track)
            for clip in track.clips:
                result += picture_tracks(clip.inside)
    return result


def clash(one: LaidOutTrack, other: LaidOutTrack) -> bool:
    """Whether two tracks have clips in the same record frames."""
    ranges = sorted(one.record_range(clip) for clip in one.clips)
    for start, stop in (other.record_range(clip) for clip in other.clips):
        n = bisect_left(ranges, (stop,))  # clips of a track overlap only their neighbours
        if any(last > start for _, last in ranges[max(n - 2, 0) : n]):
            return True
    return False


def merged(one: LaidOutTrack, other: LaidOutTrack) -> LaidOutTrack:
    """`one` with the clips and transitions of a track that does not clash with it."""
    clips = sorted((*one.clips, *other.clips), key=lambda clip: clip.start)
    transitions = sorted(
        (*one.transitions, *other.transitions), key=lambda transition: transition.cut
    )
    return replace(one, clips=tuple(clips), transitions=tuple(transitions))


def enabled_only(track: LaidOutTrack) -> LaidOutTrack:
    """The track without disabled clips; transitions with them become fades from or to nothing."""
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
    """The track with each cut in the middle of its transition, if both sides have a clip."""
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
