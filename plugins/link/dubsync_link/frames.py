"""Rates and timecode, for hosts that tell them as text.  Exact: no float names a frame."""

from fractions import Fraction

NTSC = (24, 30, 48, 60, 120)


def exact_rate(told):
    """The exact rate of "23.976", 29.97, "29.97 DF" or "24000/1001"; None if it is none."""
    text = str(told).upper().replace("DF", "").replace("NDF", "").strip()
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
    if rate <= 0 or "/" in text:
        return rate if rate > 0 else None
    for whole in NTSC:
        if abs(rate - Fraction(whole * 1000, 1001)) < Fraction(1, 200):
            return Fraction(whole * 1000, 1001)
    return Fraction(round(rate)) if abs(rate - round(rate)) < Fraction(1, 200) else rate


def rate_text(rate):
    """A rate as the protocol writes it: "24000/1001"."""
    return f"{rate.numerator}/{rate.denominator}"


def frames_of(timecode, rate):
    """The frame that a timecode names, "01:00:00:00" or, drop-frame, "01:00:00;00"; None: none."""
    drop = ";" in timecode or "," in timecode
    parts = timecode.replace(";", ":").replace(",", ":").split(":")
    if len(parts) != 4 or not all(part.isdigit() for part in parts):
        return None
    hours, minutes, seconds, frames = (int(part) for part in parts)
    base = -(-rate.numerator // rate.denominator)
    count = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    if drop:
        every = hours * 60 + minutes
        count -= base // 15 * (every - every // 10)
    return count
