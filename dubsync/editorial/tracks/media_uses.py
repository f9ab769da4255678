"""Which files rows of clips play, and how much of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Media, all_clips

Key = tuple[str, str, Fraction]


@dataclass(slots=True)
class Use:
    """How much of a file is played, in its own frames, and of what in it."""

    media: Media
    low: Fraction
    high: Fraction
    picture: bool = False
    sound: bool = False


def add_uses(uses: dict[Key, Use], rows: Iterable[LaidOutTrack]) -> None:
    """Take note of all files that rows play, fades included."""
    for row, clip in all_clips(rows):
        if clip.media is None or clip.map is None or clip.inside:
            continue
        low, high = played(clip, row)
        use = uses.setdefault(key_of(clip.media), Use(clip.media, low, high))
        held = clip.media.frames or (low, high)
        use.low, use.high = min(use.low, low, held[0]), max(use.high, high, held[1])
        use.picture, use.sound = use.picture or not row.sound, use.sound or row.sound


def played(clip: Clip, row: LaidOutTrack) -> tuple[Fraction, Fraction]:
    """Media frames that a clip plays, fades included, from whole to whole."""
    assert clip.map is not None
    edges = [source for _, source in clip.map.within(*row.reach(clip)).keyframes]
    low = Fraction(floor(min(edges)))
    return low, max(Fraction(ceil(max(edges))), low + 1)


def key_of(media: Media) -> Key:
    """What tells one file from another."""
    return media.path or f"\0{media.name}", media.reel, media.rate
