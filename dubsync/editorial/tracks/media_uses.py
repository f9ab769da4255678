"""The media files that tracks use, and the frames used of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Media, all_clips

Key = tuple[str, str, Fraction]


@dataclass(slots=True)
class Use:
    """The frames `low`..`high` used of a file, in its own count, as picture, sound or both."""

    media: Media
    low: Fraction
    high: Fraction
    picture: bool = False
    sound: bool = False


def add_media_uses(uses: dict[Key, Use], tracks: Iterable[LaidOutTrack]) -> None:
    """Add the files that tracks use, and the frames used of each, to `uses`."""
    for track, clip in all_clips(tracks):
        if clip.media is None or clip.map is None or clip.inside:
            continue
        low, high = frames_played(clip, track)
        use = uses.setdefault(media_key(clip.media), Use(clip.media, low, high))
        extent = clip.media.frames or (low, high)
        use.low, use.high = min(use.low, low, extent[0]), max(use.high, high, extent[1])
        use.picture, use.sound = use.picture or not track.sound, use.sound or track.sound


def frames_played(clip: Clip, track: LaidOutTrack) -> tuple[Fraction, Fraction]:
    """The whole media frames that a clip uses, its transitions included."""
    assert clip.map is not None
    edges = [source for _, source in clip.map.slice(*track.record_range(clip)).keyframes]
    low = Fraction(floor(min(edges)))
    return low, max(Fraction(ceil(max(edges))), low + 1)


def media_key(media: Media) -> Key:
    """The identity of a file."""
    return media.path or f"\0{media.name}", media.reel, media.rate
