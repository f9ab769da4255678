"""How well footage covers the mouths, poses and expressions that are needed, before rendering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.coverage import Cells, cell_of, cells
from dubsync.core.errors import DubsyncError
from dubsync.core.face import SAME_FACE, FaceTrack
from dubsync.core.plural import counted
from dubsync.core.progress import Progress
from dubsync.core.shot import Plate, Shot
from dubsync.service.qc.coverage.beyond_footage import ShotBeyond, beyond_json, helpful_plates
from dubsync.service.qc.coverage.of_shot import (
    ShotCoverage,
    ShotNeed,
    frames_of_face,
    shot_coverage,
)
from dubsync.service.reel.footage import SeenIn
from dubsync.service.reel.pipeline import Part
from dubsync.service.reel.reel import Reel
from dubsync.service.render.sync import stays_plate


@dataclass(frozen=True, slots=True, eq=False)
class CharacterCoverage:
    """One character's exemplar bank against everything the dub needs of it.

    wanted, lacking, seen  (5, 9) frames in each cell of core.coverage.cells
    shots                  those that lack most come first
    fills                  plate -> its frames in lacking cells of which the bank has none
    beyond                 poses and expressions that tweaks ask and the footage does not hold
    turned                 for each of `beyond`: plate -> its frames that would help
    """

    character: str
    wanted: Cells
    lacking: Cells
    seen: Cells
    shots: tuple[ShotNeed, ...]
    fills: Mapping[str, int]
    beyond: tuple[ShotBeyond, ...] = ()
    turned: tuple[Mapping[str, int], ...] = ()

    @property
    def frames(self) -> int:
        return int(self.wanted.sum())

    @property
    def missing(self) -> int:
        return int(self.lacking.sum())

    @property
    def sentence(self) -> str:
        """The coverage in one sentence."""
        said = "the footage covers all of them"
        if self.missing:
            share = 100 * self.missing / self.frames
            said = f"the footage does not cover {self.missing} of them ({share:.0f} %)"
        if self.beyond:
            shots = len({one.shot for one in self.beyond})
            said += f"; poses or expressions go beyond it in {counted(shots, 'shot')}"
        return f"{self.frames} frames needed; {said}"

    @property
    def lacks(self) -> bool:
        """Whether another plate would help."""
        return bool(self.missing or self.beyond)


class Covering:
    """Collects coverage shot by shot, as counts; no actor and no plan is held."""

    def __init__(self, reel: Reel) -> None:
        self._reel = reel
        self._needs: dict[str, list[ShotNeed]] = {}
        self._wanted: dict[str, list[Array]] = {}
        self._lacking: dict[str, list[Array]] = {}
        self._seen: dict[str, Array] = {}
        self._shown: dict[str, dict[str, list[Array]]] = {}
        self._beyond: list[ShotBeyond] = []
        self._known: set[str] = set()

    def add(self, shot: Shot, parts: Sequence[Part]) -> None:
        """Add the frames that `shot` needs of each face, and those that its plate shows."""
        self.put(shot_coverage(shot, parts, self._reel.engine))

    def put(self, found: ShotCoverage) -> None:
        """Add what was found of one shot, now or by another process."""
        self._beyond += found.beyond
        self._known.add(found.plate)
        for one in found.faces:
            who = one.character
            self._needs.setdefault(who, []).append(one.need)
            self._wanted.setdefault(who, []).append(one.wanted)
            self._lacking.setdefault(who, []).append(one.lacking)
            self._seen[who] = one.seen
            self._shown.setdefault(who, {}).setdefault(found.plate, []).append(one.shown)

    def look_in(self, plate: Plate, progress: Progress) -> None:
        """Add all frames in which `plate` shows a known character, recognised by appearance."""
        reel, actors = self._reel, self._reel.look(progress).actors
        tracks = reel.face_tracks.faces(plate, plate.frames, shot=plate.name, progress=progress)
        for character in self._needs:
            theirs = [track for track in tracks if _is_seen(actors.seen(character), track)]
            if not theirs:
                continue
            actor = actors.actor(character, progress)
            shown = [
                frames_of_face(actor, track, reel.engine.fit(track, actor), reel.engine)
                for track in theirs
            ]
            self._shown[character][plate.name] = shown

    def found(self) -> tuple[CharacterCoverage, ...]:
        """The coverage of every character so far."""
        return tuple(self._of(character) for character in self._needs)

    def _of(self, character: str) -> CharacterCoverage:
        lacking = cells(np.concatenate(self._lacking[character]))
        seen = cells(self._seen[character])
        bare = (lacking > 0) & (seen == 0)
        fills = {
            plate: int(bare[cell_of(np.concatenate(frames))].sum())
            for plate, frames in self._shown[character].items()
        }
        beyond = tuple(one for one in self._beyond if one.character == character)
        known = [*self._known, *self._plates_of(character)]
        return CharacterCoverage(
            character,
            cells(np.concatenate(self._wanted[character])),
            lacking,
            seen,
            tuple(sorted(_joined(self._needs[character]), key=lambda need: -need.lacking)),
            {plate: n for plate, n in sorted(fills.items(), key=lambda f: -f[1]) if n},
            beyond,
            tuple(helpful_plates(one, self._shown[character], known) for one in beyond),
        )

    def _plates_of(self, character: str) -> list[str]:
        """The plates of the cut that show a character: the actor is learnt from them."""
        shots = self._reel.turnover.shots
        return [shot.plate.name for shot in shots if character in shot.characters]


def _is_seen(known: Sequence[SeenIn], track: FaceTrack) -> bool:
    """Whether `track` looks like the character whose faces are `known`."""
    faces = [face for one in known for face in one.tracks]
    return min(face.apart(track) for face in faces) <= SAME_FACE


def cover_reel(
    reel: Reel, names: Sequence[str], plates: Sequence[Plate], progress: Progress
) -> tuple[tuple[CharacterCoverage, ...], dict[str, str]]:
    """Every character's coverage over the named shots; and shot or plate -> why it was left out.

    Args:
        plates: searched from end to end for lacking frames; slow.
    """
    covering, left_out = Covering(reel), {}
    for shot in (reel.shot(name) for name in names):
        refused = stays_plate(reel, shot) or reel.refusal(shot)
        if refused is not None:
            left_out[shot.name] = refused.reason
            continue
        try:
            parts = reel.look(progress).plan(shot).driven(progress).parts
        except DubsyncError as error:
            left_out[shot.name] = str(error)
            continue
        covering.add(shot, parts)
    for plate in plates if any(result.lacks for result in covering.found()) else ():
        try:
            covering.look_in(plate, progress)
        except DubsyncError as error:
            left_out[plate.name] = str(error)
    return covering.found(), left_out


def coverage_json(result: CharacterCoverage) -> dict[str, Any]:
    """One character's coverage as the command line and the report give it."""
    return {
        "character": result.character,
        "frames": result.frames,
        "lacking": result.missing,
        "map": {"wanted": result.wanted.tolist(), "lacking": result.lacking.tolist(),
                "seen": result.seen.tolist()},
        "shots": [
            {"shot": n.shot, "frames": n.frames, "lacking": n.lacking,
             "runs": [list(run) for run in n.runs]}
            for n in result.shots
        ],
        "fills": dict(result.fills),
        "beyond": [beyond_json(one, plates)
                   for one, plates in zip(result.beyond, result.turned, strict=True)],
    }  # fmt: skip


def _joined(needs: Sequence[ShotNeed]) -> list[ShotNeed]:
    """One for each shot: a face that leaves and returns has several parts."""
    joined: dict[str, ShotNeed] = {}
    for need in needs:
        old = joined.get(need.shot, ShotNeed(need.shot, 0, 0))
        joined[need.shot] = ShotNeed(
            need.shot, old.frames + need.frames, old.lacking + need.lacking, old.runs + need.runs
        )
    return list(joined.values())
