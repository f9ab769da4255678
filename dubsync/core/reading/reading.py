"""How a plate's file is read, as far as its picture format does not say it.

A frame's own format says how its samples lie: pixel aspect, turned, in fields.  The Reading says
what more there is between the file's frames and the moments they show.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from dubsync.core.timeline.timecode import FrameRange


@dataclass(frozen=True, slots=True)
class Reading:
    """How a plate's file is read.

    times  seconds from the first frame at which each frame of a file of variable rate is shown,
           exact and rising; () where frames are evenly spaced
    told   what else a person must know of it, as sentences ("its frames are flagged ...")
    film   where 2:3 pulldown put film frames into its fields: (frame from which it holds, counted
           from 0, field of that frame's group of five at which a film frame begins, 0 to 9), in
           order; () where it is no telecine
    flagged  the earlier of two fields as the file's flags have it, which a render is given again;
           "" where it is flagged progressive
    file   the file's own frames, in a plate that counts moments instead (`core.reading.moments`);
           None: it counts frames
    """

    times: tuple[Fraction, ...] = ()
    told: tuple[str, ...] = ()
    film: tuple[tuple[int, int], ...] = ()
    flagged: Literal["", "top", "bottom"] = ""
    file: FrameRange | None = None


AS_STORED = Reading()
