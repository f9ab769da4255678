"""The edge of the matte as an artist shaped it, frame by frame, and how far it can be grown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import SettingsError
from dubsync.core.face import FaceTrack
from dubsync.core.tweak.matte_edit import MOST_GROWTH, MatteShape
from dubsync.engine.compositing.matte import eye_distance_px


def edge_at(matte: MatteShape | None, frame: int) -> tuple[float, float]:
    """(grow, feather) of plate frame `frame`, pixels of the picture; see `matte_of`."""
    if matte is None or frame not in matte.frames:
        return 0.0, 0.0
    n = frame - matte.frames.start
    return float(matte.grow[n]), float(matte.feather[n])


def check_growth(matte: MatteShape | None, track: FaceTrack, shown: NDArray[np.bool_]) -> None:
    """Raises SettingsError where the matte is to reach beyond what is drawn.

    Args:
        shown: (T,) frames of `track` that are drawn.
    """
    if matte is None:
        return
    for n in np.flatnonzero(shown):
        frame = track.frames.start + int(n)
        grow, _ = edge_at(matte, frame)
        most = MOST_GROWTH * eye_distance_px(track.landmarks[n])
        if grow > most + 1e-3:
            raise SettingsError(
                f"the matte is grown by {grow / matte.scale:.0f} px at frame {frame}, and nothing "
                f"is drawn there beyond {most / matte.scale:.0f} px",
                hint=f"matte_grow of at most {int(most / matte.scale)} at frame {frame}",
            )
