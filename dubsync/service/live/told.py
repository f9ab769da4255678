"""What the person at the camera is told: beside the picture, never in it."""

from __future__ import annotations

from dubsync.core.driven.live import Hold

_TOLD = {
    Hold.STARTING: "Look at the camera, your face at rest: the neutral face is being taken",
    Hold.GRIMACE: "The neutral face needs your face at rest: mouth shut, eyes open",
    Hold.NOBODY: "No face is seen: the picture rests",
    Hold.AWAY: "You are turned too far from the camera: the picture holds",
    Hold.ANOTHER: "This is another face than before.  Press D to let it drive",
}


def driver_words(hold: Hold, others: int) -> tuple[str, ...]:
    """What to tell the driver, a line each; () where all is well."""
    lines = [_TOLD[hold]] if hold in _TOLD else []
    if others:
        lines.append("Somebody else is in the picture: the first face is followed")
    return tuple(lines)
