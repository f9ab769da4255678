"""The contacts that one face of a render shows, with the lines they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.contact import Contact
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Line
from dubsync.core.steps import AlignedAudio
from dubsync.qc.contacts.judge import Shown, contacts, sight_of
from dubsync.qc.mouth import MouthCurves
from dubsync.service.qc.retrack import OURS, Face, Mouth

BESIDE_S = 0.3  #: a contact this near to a line belongs to it


def shown_contacts(
    face: Face,
    mouth: Mouth,
    landmarks: NDArray[np.float32],
    dub: AlignedAudio,
    slip_ms: float,
    rendered: RenderedShot,
) -> tuple[Contact, ...]:
    """Every contact of the face that the dub asks for; one outside its synced frames not.

    Args:
        landmarks: (T, 478, 3) of the face in the render.
        dub: against the render's frames.
        slip_ms: the artist's slip.
    """
    found = mouth.render.seen
    synced = face.weight > OURS
    sight = sight_of(landmarks, face.seen, found)
    times = np.asarray(dub.times)
    shown = Shown(talking_mouth(face, mouth), mouth.plate, mouth.wanted, sight)
    first = rendered.frames.start
    result = contacts(shown, dub.features, times - slip_ms / 1000, first, face.character)
    lines = [line for line in rendered.shot.lines if line.character == face.character]
    return tuple(
        replace(contact, line=_line(lines, float(times[contact.frame - first])))
        for contact in result
        if synced[contact.frame - first]
    )


def talking_mouth(face: Face, mouth: Mouth) -> MouthCurves:
    """The render's mouth where it is the dub's; its opening is NaN where the plate's is kept."""
    synced = face.weight > OURS
    return replace(mouth.render, opening=np.where(synced, mouth.render.opening, np.nan))


def _line(lines: Sequence[Line], at: float) -> str:
    """Name of the line that sounds at record time `at` or within BESIDE_S; "" for none."""

    def away(line: Line) -> float:
        start, stop = (float(edge / line.record.rate) for edge in (line.record.start,
                                                                   line.record.stop))  # fmt: skip
        return max(start - at, at - stop, 0.0)

    near = min(lines, key=away, default=None)
    return near.name if near is not None and away(near) <= BESIDE_S else ""
