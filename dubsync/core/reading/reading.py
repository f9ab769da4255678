"""How a plate's file is read, as far as its picture format does not say it.

A frame's own format says how its samples lie: pixel aspect, turned, in fields.  The Reading says
what more there is between the file's frames and the moments they show.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Reading:
    """How a plate's file is read.

    times  seconds from the first frame at which each frame of a file of variable rate is shown,
           exact and rising; () where frames are evenly spaced
    told   what else a person must know of it, as sentences ("its frames are flagged ...")
    """

    times: tuple[Fraction, ...] = ()
    told: tuple[str, ...] = ()


AS_STORED = Reading()
