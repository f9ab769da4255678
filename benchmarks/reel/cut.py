"""The cut of the long reel: scenes of shot and reverse shot between shots without a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.reel.plates import RATE, MadePlate

#: Record time of the first frame, frames.
START = RATE * 3600
#: Frames that no event uses at either end of a plate: handles, and a dissolve's.
SPARE = 14
#: Every so many events, the next begins with a dissolve of so many frames.
DISSOLVED, DISSOLVE = 23, 12


@dataclass(frozen=True, slots=True)
class Cutting:
    """One event: a plate's frames on the record; `spoken`: whether its character is dubbed there.

    dissolve  frames of a dissolve from the event before, which begin at `record`
    """

    plate: MadePlate
    source: int
    record: int
    frames: int
    spoken: bool
    dissolve: int = 0


def make_cut(
    plates: Sequence[MadePlate], *, seconds: float, events: int, spoken: float, seed: int = 20
) -> list[Cutting]:
    """A cut of so many events that fills `seconds`, the share `spoken` of them with dialogue.

    Dialogue comes in scenes of two people by turns; each plate is cut in from several times.
    """
    dice, total = Random(seed), round(seconds * RATE)
    talks = _talking(events, round(events * spoken), dice)
    lengths = _lengths(talks, total, dice)
    cursors = {plate.path: plate.first + SPARE for plate in plates}
    by_character: dict[str, list[MadePlate]] = {}
    for plate in plates:
        by_character.setdefault(plate.character, []).append(plate)
    people, scene = sorted(by_character), list[str]()
    cut, record = list[Cutting](), START
    for n, (talk, frames) in enumerate(zip(talks, lengths, strict=True)):
        if talk and (not scene or not talks[n - 1]):
            scene = dice.sample(people, 2)
        who = scene[n % 2] if talk else dice.choice(people)
        plate = dice.choice(by_character[who])
        wanted = min(frames, plate.frames - 2 * SPARE)
        first = cursors[plate.path]
        if first + wanted + SPARE > plate.first + plate.frames:
            first = plate.first + SPARE + dice.randrange(0, 5)
        cursors[plate.path] = first + wanted
        dissolve = DISSOLVE if n and n % DISSOLVED == 0 and wanted > 3 * DISSOLVE else 0
        cut.append(Cutting(plate, first, record, wanted, talk, dissolve))
        record += wanted
    return cut


def edl(cut: Sequence[Cutting], title: str) -> str:
    """The cut as a CMX 3600 EDL, non-drop."""
    lines = [f"TITLE: {title}", "FCM: NON-DROP FRAME", ""]
    for n, one in enumerate(cut, 1):
        source = f"{timecode(one.source)} {timecode(one.source + one.frames)}"
        record = f"{timecode(one.record)} {timecode(one.record + one.frames)}"
        reel = one.plate.path.name[:8]
        if one.dissolve:
            before = cut[n - 2]
            end = timecode(before.source + before.frames)
            at = timecode(one.record)
            lines.append(
                f"{n:03d}  {before.plate.path.name[:8]} V     C        {end} {end} {at} {at}"
            )
            lines.append(f"{n:03d}  {reel} V     D    {one.dissolve:03d} {source} {record}")
            lines.append(f"* FROM CLIP NAME: {before.plate.path.name}")
            lines.append(f"* TO CLIP NAME: {one.plate.path.name}")
        else:
            lines.append(f"{n:03d}  {reel} V     C        {source} {record}")
            lines.append(f"* FROM CLIP NAME: {one.plate.path.name}")
    return "\n".join(lines) + "\n"


def timecode(frame: int) -> str:
    """HH:MM:SS:FF of a frame number."""
    seconds, frames = divmod(frame, RATE)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"


def _talking(events: int, spoken: int, dice: Random) -> list[bool]:
    """Which events have dialogue: in scenes of 4 to 12 events, others between them."""
    result: list[bool] = []
    silent = events - spoken
    while spoken or silent:
        scene = min(spoken, dice.randint(4, 12))
        result += [True] * scene
        spoken -= scene
        pause = min(silent, dice.randint(1, 6)) if spoken else silent
        result += [False] * pause
        silent -= pause
    return result


def _lengths(talks: Sequence[bool], total: int, dice: Random) -> list[int]:
    """Frames of each event: those with dialogue 1.2 to 3.6 s, the others fill the reel."""
    spoken = [round(RATE * min(3.6, max(1.2, dice.lognormvariate(0.55, 0.35)))) for _ in talks]
    left = total - sum(n for n, talk in zip(spoken, talks, strict=True) if talk)
    shares = [0.0 if talk else dice.uniform(0.5, 1.5) for talk in talks]
    whole = sum(shares) or 1.0
    return [
        n if talk else max(RATE, round(left * share / whole))
        for n, talk, share in zip(spoken, talks, shares, strict=True)
    ]
