"""The charts of a checked shot: mouth and dub, and the render's fine detail."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubsync.core.contact import Contact
from dubsync.core.result import RenderedShot
from dubsync.core.settings import QCSettings
from dubsync.core.steps import AlignedAudio
from dubsync.qc.chart import Chart, Mark, Series
from dubsync.qc.like_mouths import LikeMouths
from dubsync.qc.sync import readings, spoken
from dubsync.service.qc.retrack import Face, Mouth


def mouth_chart(
    face: Face,
    mouth: Mouth,
    dub: AlignedAudio,
    contacts: Sequence[Contact],
    rendered: RenderedShot,
) -> Chart:
    """The mouth's opening in plate, plan and render over the dub's loudness."""
    times = np.asarray(dub.times)
    loudness = readings(np.asarray(dub.features.loudness, np.float64), dub.features, times)
    return Chart(
        f"{face.character}: mouth opening and the dub",
        "% of the eye distance",
        rendered.frames,
        rendered.shot.plate.drop,
        (
            Series("dub, loudness", loudness, "sound"),
            Series("plate", 100 * mouth.plate.opening, "plate"),
            Series("target", 100 * mouth.wanted, "wanted"),
            Series("render (re-tracked)", 100 * mouth.render.opening, "render"),
        ),
        spoken(dub.features, times),
        tuple(
            Mark(contact.frame, contact.met)
            for contact in contacts
            if contact.kind == "closed lips" and contact.met is not None
        ),
    )


def sharpness_chart(
    alike: LikeMouths, face: Face, settings: QCSettings, rendered: RenderedShot
) -> Chart:
    """Fine detail of mouth and skin beside the plate's."""
    return Chart(
        f"{face.character}: fine detail of the render",
        "times the plate's",
        rendered.frames,
        rendered.shot.plate.drop,
        (
            Series("skin round the mouth, same frame", alike.skin, "plate"),
            Series("mouth, against the plate's mouths that are as open", alike.lips, "render"),
        ),
        limit=settings.sharpness,
    )
