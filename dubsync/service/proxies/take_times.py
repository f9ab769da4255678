"""Where a take speaks: its frame for each moment of the programme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.shot import Shot, Stem, Take
from dubsync.service.proxies.sources import PictureSource, take_source
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.conform_stems import IN_PLACE, StemConform
from dubsync.service.store.folder import Store

BESIDE_S = 0.5  #: a take's ends are held for so long


@dataclass(frozen=True, slots=True, eq=False)
class TakeTimes:
    """A take and the record time, in seconds, at which each of its frames is heard: (T,)."""

    take: Take
    source: PictureSource
    times: NDArray[np.float64]

    def frame(self, seconds: float) -> int | None:
        """The take's frame at a record time; None: it does not speak there."""
        if not self.times[0] - BESIDE_S <= seconds <= self.times[-1] + BESIDE_S:
            return None
        place = int(np.searchsorted(self.times, seconds, side="right")) - 1
        return self.source.file.frames.start + min(max(place, 0), len(self.times) - 1)


def take_times(
    shot: Shot,
    take: Take,
    stems: Mapping[str, Stem],
    store: Store,
    *,
    conform: StemConform = IN_PLACE,
    device: str = "auto",
) -> TakeTimes:
    """The take against its character's dub; read from memory where turnover aligned it.

    Raises:
        MediaError: the take is silent, or its words are not in the dub.
    """
    stem = stems[take.character]
    times, _ = AudioAnalysisCache(store, device).align_take(take.plate, stem)
    moved = conform.stem(stem, shot.name).start - stem.start
    return TakeTimes(take, take_source(take), np.maximum.accumulate(times) + float(moved))
