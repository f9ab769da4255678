"""How far the controls of a shot can go, and which go farther: told while a hand moves them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from dubsync.core.errors import ConsentMissing
from dubsync.core.learning.reach import Beyond, Held
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import regions_at
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.preview.packed import Packing, unpacked
from dubsync.service.preview.previewed_face import PreviewedFace
from dubsync.service.preview.previewed_shot import PreviewedShot, Tweaks


@dataclass(frozen=True, slots=True, eq=False)
class CharacterReach:
    """One character's reach over the T frames of a shot.

    held    what the footage shows of each control; NaN where the face is not seen
    beyond  controls of the tweak that go farther, the farthest first
    notes   what a person should know of the actor's whole head, where it is redrawn
    """

    held: tuple[Held, ...]
    beyond: tuple[Beyond, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ShotReach:
    """The reach of a shot's dubbed characters.

    refused, hint  what no consent allows of the tweaks, and what to do; "" where all is allowed
    """

    shot: str
    frames: FrameRange
    characters: Mapping[str, CharacterReach]
    refused: str = ""
    hint: str = ""


def shot_reach(shown: PreviewedShot, tweaks: Tweaks | None = None) -> ShotReach:
    """The reach of a shot with `tweaks`; see `PreviewedShot.picture`.

    A whole head that was never learnt is not learnt for it: until then the turns of the actor's
    tracked plates count.

    Raises:
        ConsentMissing, SettingsError: as `PreviewedShot.picture`; what the tweaks need besides a
            dub is told, not raised.
    """
    shown.require_consent()
    meant = shown.meant(tweaks)
    characters = {
        name: _reach([face for face in shown.faces if face.character == name], meant[name], shown)
        for name in shown.characters
    }
    try:
        shown.require_consent(meant)
    except ConsentMissing as error:
        return ShotReach(shown.shot.name, shown.frames, characters, str(error), error.hint)
    return ShotReach(shown.shot.name, shown.frames, characters)


def _reach(faces: Sequence[PreviewedFace], tweak: Tweak, shown: PreviewedShot) -> CharacterReach:
    held: dict[str, Held] = {}
    beyond: list[Beyond] = []
    notes: list[str] = []
    engine, frames = shown.reel.engine, shown.frames
    for face in faces:
        whole = "head" in regions_at(tweak.region, face.track.frames)
        head = face.known_head() if whole else None
        actor = face.to_drive.actor
        notes += head.notes if head is not None else ()
        for block in face.blocks:
            motion = face.motion(tweak, block)
            both = block.overlap(frames)
            if both is None:
                continue
            if engine.held is not None:
                regions = regions_at(tweak.region, motion.track.frames)
                for one in engine.held(actor, head, motion.original, regions):
                    _lay(held, one, motion.track.frames, both, frames)
            if engine.beyond is not None:
                found = engine.beyond(actor, head, motion.original, motion.corrected, tweak)
                beyond += (one for one in found if one.worst in block)
    ordered = sorted(beyond, key=lambda one: -one.by)
    return CharacterReach(tuple(held.values()), tuple(ordered), tuple(dict.fromkeys(notes)))


def _lay(
    held: dict[str, Held], one: Held, of: FrameRange, part: FrameRange, frames: FrameRange
) -> None:
    """Put the `part` of what is held in frames `of` among what is held in all `frames`."""
    known = held.get(one.name)
    laid = []
    for end in ("low", "high", "room"):
        values = np.full(len(frames), np.nan, np.float32)
        if known is not None:
            values[:] = getattr(known, end)
        here = slice(part.start - frames.start, part.stop - frames.start)
        values[here] = getattr(one, end)[part.start - of.start : part.stop - of.start]
        laid.append(values)
    held[one.name] = Held(one.name, *laid)


# -- between two processes ----------------------------------------------------------------------


def packed_reach(reach: ShotReach) -> tuple[dict[str, Any], bytes]:
    """The reach as JSON and bytes."""
    packing = Packing()
    frames = reach.frames
    characters = {
        name: {
            "held": [[one.name, packing.add(one.low), packing.add(one.high),
                      packing.add(one.room)]
                     for one in mine.held],
            "beyond": [asdict(one) for one in mine.beyond],
            "notes": list(mine.notes),
        }
        for name, mine in reach.characters.items()
    }  # fmt: skip
    body = {
        "shot": reach.shot,
        "frames": [frames.start, frames.stop, str(frames.rate)],
        "characters": characters,
        "refused": [reach.refused, reach.hint],
    }
    return body, packing.bytes


def unpacked_reach(body: Mapping[str, Any], data: memoryview) -> ShotReach:
    """The reach that `packed_reach` packed.  Raises ValueError, KeyError or TypeError."""
    start, stop, rate = body["frames"]
    refused, hint = body["refused"]
    characters = {str(name): _character(one, data) for name, one in body["characters"].items()}
    frames = FrameRange(int(start), int(stop), Fraction(rate))
    return ShotReach(str(body["shot"]), frames, characters, str(refused), str(hint))


def _character(body: Mapping[str, Any], data: memoryview) -> CharacterReach:
    return CharacterReach(
        tuple(
            Held(str(name), unpacked(low, data), unpacked(high, data), unpacked(room, data))
            for name, low, high, room in body["held"]
        ),
        tuple(_beyond(body["beyond"])),
        tuple(map(str, body["notes"])),
    )


def _beyond(rows: Sequence[Mapping[str, Any]]) -> Iterator[Beyond]:
    for row in rows:
        yield Beyond(
            str(row["what"]), int(row["first"]), int(row["last"]), int(row["worst"]),
            float(row["by"]), str(row["unit"]), str(row["why"]), str(row["helps"]),
        )  # fmt: skip
