"""Known speed differences between sound and picture (pull-up, pull-down, PAL), by name."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class SpeedMismatch:
    """A sound that is `ratio` times as long as the picture it was made for.

    ratio   exact; above 1 the sound is slow and falls behind
    name    the cause, for messages
    remedy  what to do about it
    """

    ratio: Fraction
    name: str
    remedy: str

    @property
    def percent(self) -> float:
        """How much longer the sound is, in percent; negative if shorter."""
        return float((self.ratio - 1) * 100)


PULL = Fraction(1001, 1000)
PAL = Fraction(25, 24)
KNOWN = (
    SpeedMismatch(PULL, "0.1 % slow: made against a 23.976 (29.97) fps picture, the cut runs at "
                  "24 (30)", "pull the dub up by 1001/1000, or ask for it at the cut's rate"),
    SpeedMismatch(1 / PULL, "0.1 % fast: made against a 24 (30) fps picture, the cut runs at "
                  "23.976 (29.97)",
                  "pull the dub down by 1000/1001, or ask for it at the cut's rate"),
    SpeedMismatch(PAL, "4 % slow: made against 24 fps, the cut is sped up to 25 (PAL)",
                  "speed the dub up by 25/24, or ask for it against this cut"),
    SpeedMismatch(1 / PAL, "4 % fast: made against a 25 fps (PAL) picture, the cut runs at 24",
                  "slow the dub down by 24/25, or ask for it against this cut"),
    SpeedMismatch(PAL * PULL, "4 % slow: made against 23.976 fps, the cut is sped up to 25 (PAL)",
                  "speed the dub up by 25025/24000, or ask for it against this cut"),
    SpeedMismatch(1 / (PAL * PULL), "4 % fast: made against a 25 fps (PAL) picture, the cut runs "
                  "at 23.976", "slow the dub down by 24000/25025, or ask for it against this cut"),
)  # fmt: skip


def known_mismatch(ratio: float, margin: float) -> SpeedMismatch | None:
    """The known mismatch within `margin` of a measured ratio of lengths.

    None where no mismatch is that close, or where the right speed is closer.

    >>> known_mismatch(1.0416, 2e-4).percent > 4
    True
    >>> known_mismatch(1.0001, 2e-4) is None
    True
    """
    near = min((*KNOWN, None), key=lambda known: abs(float(known.ratio if known else 1) - ratio))
    if near is None or abs(float(near.ratio) - ratio) > margin:
        return None
    return near


def between_rates(made_at: Fraction, played_at: Fraction) -> SpeedMismatch | None:
    """The mismatch of sound made for one frame rate when the same frames play at another.

    None for equal rates, and for rates that conversion keeps in sync (25 and 50; 24 and 30).

    >>> between_rates(Fraction(24), Fraction(24000, 1001)).name[:10]
    '0.1 % fast'
    """
    ratio = played_at / made_at  # the same frames last 1/played_at now and 1/made_at then
    return next((known for known in KNOWN if known.ratio == ratio), None)
