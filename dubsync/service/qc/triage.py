"""Ranks shots by how badly the plate's mouths contradict the dub, before rendering.

Poses and expressions that tweaks ask beyond the footage are told beside the scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import DubsyncError
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Shot
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.pixels.square import square_format
from dubsync.media.stills.encode import png
from dubsync.qc.mismatch import Mismatch, mismatch, visibility
from dubsync.qc.mouth import Curve, mouth_curves, opening_of
from dubsync.qc.pictures.triage_strip import TriageRow, triage_strip
from dubsync.service.qc.coverage.beyond_footage import ShotBeyond, beyond_footage, beyond_json
from dubsync.service.qc.kept_triage import NAME, kept
from dubsync.service.reel.pipeline import Part
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import NewVersion
from dubsync.service.tweaks.commands import record_text

#: Scores from which the advice is to work on a shot, and to look at it.
BAD, SOME = 30.0, 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Triaged:
    """One face of one shot.

    frames  first and last plate frame of the worst second
    record  record timecode of its first frame
    alone   share of the dubbed frames that keep the plate's mouth because it already matches
    beyond  poses and expressions that its tweak asks and the footage does not hold
    """

    shot: str
    character: str
    found: Mismatch
    frames: tuple[int, int]
    record: str
    alone: float
    beyond: tuple[ShotBeyond, ...] = ()

    @property
    def advice(self) -> str:
        """The advice for this score."""
        score = self.found.score
        return "work on it" if score >= BAD else "look at it" if score >= SOME else "can wait"


@dataclass(frozen=True, slots=True, eq=False)
class Triage:
    """Every face, worst first.

    left_out  shot -> why it could not be scored
    picture   path of the PNG
    """

    faces: tuple[Triaged, ...]
    left_out: Mapping[str, str]
    picture: str


def triage_reel(reel: Reel, names: Sequence[str], progress: Progress = silent) -> Triage:
    """Rank the named shots by how badly the plate contradicts the dub; write the picture.

    The picture is reports/triage/vNNN/triage.png, and triage.json beside it holds the scores.
    Faces are tracked and actors learnt if that was not done yet.

    Raises:
        DeliveryError: the picture cannot be written.
    """
    faces: list[Triaged] = []
    left_out: dict[str, str] = {}
    for shot in (reel.shot(name) for name in names):
        refused = reel.refusal(shot)
        if refused is not None:
            left_out[shot.name] = refused.reason
            continue
        try:
            plan = reel.look(progress).plan(shot)
            driven = plan.driven_with(Tweak(), progress)
            asked = () if _asks_nothing(plan) else plan.driven(progress).parts
        except DubsyncError as error:
            left_out[shot.name] = str(error)
            continue
        if not driven.parts:
            left_out[shot.name] = (
                "; ".join(d.message for d in driven.warnings) or "no dubbed character is seen"
            )
        beyond = tuple(beyond_footage(shot, asked, reel.engine))
        faces += [face for part in driven.parts if (face := _scored(reel, shot, part, beyond))]
    ranked = tuple(sorted(_one_each(faces), key=lambda face: -face.found.score))
    with NewVersion(reel.store, "reports", "triage") as version:
        rows = [TriageRow(f.shot, f.character, f.found.score, f.found.course, f.found.reasons)
                for f in ranked]  # fmt: skip
        picture = triage_strip(rows, "Plates against the dub, worst first")
        write_whole(version.folder / "triage.png", png(picture))
        result = Triage(ranked, left_out, str(version.final / "triage.png"))
        write_whole(version.folder / NAME, kept(triage_json(result)))
    return result


def triage_json(result: Triage) -> dict[str, Any]:
    """The body of `dubsync.triage/1`."""
    return {
        "shots": [
            {
                "shot": face.shot,
                "character": face.character,
                "score": round(face.found.score, 1),
                "advice": face.advice,
                "reasons": list(face.found.reasons),
                "opening_off": round(face.found.off, 4),
                "closures": face.found.closures,
                "closures_open": face.found.open_closures,
                "silent_motion_s": round(face.found.silent_s, 2),
                "visible": round(face.found.visible, 3),
                "seconds": round(face.found.seconds, 2),
                "plate_kept_share": round(face.alone, 3),
                "beyond": [beyond_json(one) for one in face.beyond],
                "worst": {"first": face.frames[0], "last": face.frames[1], "record": face.record},
            }
            for face in result.faces
        ],
        "skipped": dict(result.left_out),
        "picture": result.picture,
    }


def _asks_nothing(plan: ShotPlan) -> bool:
    return all(face.tweak.moving.neutral for face in plan.faces)


def _scored(reel: Reel, shot: Shot, part: Part, beyond: tuple[ShotBeyond, ...]) -> Triaged | None:
    """The part scored against its dub over the frames that the cut shows; None if it shows none."""
    both = part.track.frames.overlap(shot.source)
    if both is None:
        return None
    own = slice(both.start - part.track.frames.start, both.stop - part.track.frames.start)
    seen = np.asarray(part.track.confidence) > 0
    plate = mouth_curves(part.track.landmarks, seen)
    here = mouth_curves(part.track.landmarks[own], seen[own])
    performance = part.performance
    opening, width = (
        opening_of(performance.mouth, part.original.mouth, known)[own]
        for known in (plate.opening, plate.width)
    )
    alone = _plate_kept(part)
    owned = (np.asarray(performance.weight) > 0) | alone
    heard = reel.audio_analysis.dub_audio(
        reel.stem(part.character, shot), shot, both, reel.spoken(part.character, shot.name)
    )
    visible = visibility(
        part.track.landmarks[own], seen[own], square_format(shot.plate.format).height
    )
    times = np.asarray(heard.times)
    result = mismatch(here, opening, width, owned[own], visible, heard.features, times)
    frames = _worst(result.course, both.start, float(both.rate))
    drop = reel.turnover.cut.drop
    share = float(alone[own].sum() / max(owned[own].sum(), 1))
    return Triaged(
        shot.name, part.character, result, frames, record_text(frames[0], shot, drop), share,
        tuple(one for one in beyond if one.character == part.character),
    )  # fmt: skip


def _plate_kept(part: Part) -> NDArray[np.bool_]:
    """(T,) whether the frame keeps the plate's mouth because it already matches."""
    first, alone = part.track.frames.start, np.zeros(len(part.track.frames), bool)
    for stretch in part.performance.stretches:
        if stretch.source == "plate":
            alone[stretch.first - first : stretch.last - first + 1] = True
    return alone


def _worst(course: Curve, first: int, rate: float) -> tuple[int, int]:
    """First and last frame of the second with the highest sum of `course`."""
    second = min(max(round(rate), 1), len(course))
    total = np.convolve(course, np.ones(second), mode="valid")
    at = int(total.argmax())
    return first + at, first + at + second - 1


def _one_each(faces: Sequence[Triaged]) -> list[Triaged]:
    """The worst for each character of each shot: a face that leaves and returns has several."""
    worst: dict[tuple[str, str], Triaged] = {}
    for face in faces:
        key = (face.shot, face.character)
        if key not in worst or face.found.score > worst[key].found.score:
            worst[key] = face
    return list(worst.values())
