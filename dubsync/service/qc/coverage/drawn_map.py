"""Coverage as a picture and as text: head turn across, mouth opening upwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.coverage import OPENINGS, TURNS
from dubsync.core.plural import counted
from dubsync.core.progress import Progress
from dubsync.core.shot import Plate
from dubsync.media.stills.encode import png
from dubsync.service.qc.coverage.of_reel import CharacterCoverage, cover_reel
from dubsync.service.reel.reel import Reel
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import NewVersion

RGB = NDArray[np.uint8]

CELL = (76, 44)  #: width, height, pixels
LEFT_PX, TOP_PX, FOOT_PX = 96, 14, 62
GROUND, INK, QUIET, EDGE = (31, 34, 38), (223, 226, 230), (162, 169, 178), (54, 59, 66)
SEEN, NEAR, LACKING = (61, 70, 80), (44, 110, 126), (158, 108, 32)  # amber: no limit is past

ROWS = ("closed", *(f"{low:.2f}" for low in OPENINGS))
COLUMNS = tuple(
    f"{low:+.0f}" if low else "0"
    for low in (TURNS[0] - 7.5, *((a + b) / 2 for a, b in zip(TURNS, TURNS[1:], strict=False)),
                TURNS[-1] + 7.5)
)  # fmt: skip
#: The character for each kind of cell in the text map.
GLYPHS = {"lacking": "!", "near": "+", "seen": "o", "bare": "."}
LEGEND = "! needed, missing   + needed, covered   o covered, not needed   . neither"


@dataclass(frozen=True, slots=True)
class ReelCoverage:
    """Every character's coverage.

    pictures  character -> path of the map's PNG
    left_out  shot or plate -> why it could not be planned or searched
    unseen    plates of the media folders that were not searched
    """

    characters: tuple[CharacterCoverage, ...]
    pictures: Mapping[str, str]
    left_out: Mapping[str, str]
    unseen: tuple[str, ...]


def map_reel(
    reel: Reel, names: Sequence[str], plates: Sequence[Plate], *, look: bool, progress: Progress
) -> ReelCoverage:
    """Coverage over the named shots (none: all); writes the maps.

    The maps are reports/coverage/vNNN/CHARACTER.png.

    Args:
        plates: every plate of the media folders.
        look: search every one of them for lacking frames; slow.
    """
    shots = names or [shot.name for shot in reel.turnover.shots]
    result, left_out = cover_reel(reel, shots, plates if look else (), progress)
    with NewVersion(reel.store, "reports", "coverage") as version:
        for one in result:
            write_whole(version.folder / f"{one.character}.png", coverage_png(one))
    pictures = {one.character: str(version.final / f"{one.character}.png") for one in result}
    looked_at = {shot.plate.path for shot in reel.turnover.shots}
    unseen = tuple(p.name for p in plates if p.path not in looked_at and not look)
    return ReelCoverage(result, pictures, left_out, unseen)


def coverage_text(result: CharacterCoverage) -> str:
    """The map as text, its legend, and the shots with lacking frames."""
    lines = [f"{result.character}: {result.sentence}", f"{'lips apart':>12}   turn of the head, °"]
    for row in reversed(range(len(ROWS))):
        marks = "".join(f"{GLYPHS[_kind(result, row, c)]:>5}" for c in range(len(COLUMNS)))
        lines.append(f"{ROWS[row]:>12}{marks}")
    lines.append(" " * 12 + "".join(f"{name:>5}" for name in COLUMNS))
    lines.append(f"  {LEGEND}")
    lines += [f"  {line}" for line in coverage_lines(result)]
    return "\n".join(lines)


def coverage_lines(result: CharacterCoverage) -> list[str]:
    """A line for each shot with lacking frames, poses or expressions, and what would help."""
    lines = []
    for need in (need for need in result.shots if need.lacking):
        runs = ", ".join(f"{a}-{b}" if a != b else f"{a}" for a, b in need.runs)
        lines.append(f"{need.shot}: {need.lacking} of {need.frames} frames missing: {runs}")
    helpful = (
        f"plate {plate} has {n} frames with missing mouth shapes"
        for plate, n in result.fills.items()
    )
    return [*lines, *helpful, *_beyond_lines(result)]


def _beyond_lines(result: CharacterCoverage) -> Iterator[str]:
    """What tweaks ask beyond the footage, and what would help."""
    for asked, plates in zip(result.beyond, result.turned, strict=True):
        yield f"{asked.shot}: {asked.said}: {asked.one.helps}"
        for plate, count in plates.items():
            yield f"plate {plate} shows the head turned so in {counted(count, 'frame')}"


def coverage_png(result: CharacterCoverage) -> bytes:
    """The map as a PNG: each cell gives the frames wanted there, and how many are lacking."""
    rows, columns = len(ROWS), len(COLUMNS)
    size = (TOP_PX + rows * CELL[1] + FOOT_PX, LEFT_PX + columns * CELL[0] + 14, 3)
    picture: RGB = np.full(size, GROUND, np.uint8)
    for row, column in np.ndindex(rows, columns):
        _cell(picture, result, row, column)
    for row, name in enumerate(ROWS):
        _write(picture, name, (10, _top(row) + 27), QUIET)
    foot = TOP_PX + rows * CELL[1]
    for column, name in enumerate(COLUMNS):
        _write(picture, name, (LEFT_PX + column * CELL[0] + 20, foot + 20), QUIET)
    x = LEFT_PX
    for colour, words in ((LACKING, "not covered"), (NEAR, "covered"), (SEEN, "not needed")):
        cv2.rectangle(picture, (x, foot + 36), (x + 14, foot + 50), colour, -1)
        _write(picture, words, (x + 20, foot + 49), INK)
        x += 170
    return png(picture)


def _cell(picture: RGB, result: CharacterCoverage, row: int, column: int) -> None:
    kind = _kind(result, row, column)
    left, top = LEFT_PX + column * CELL[0], _top(row)
    right, bottom = left + CELL[0] - 3, top + CELL[1] - 3
    colours = {"lacking": LACKING, "near": NEAR, "seen": SEEN}
    if kind == "bare":
        cv2.rectangle(picture, (left, top), (right, bottom), EDGE, 1)
        return
    cv2.rectangle(picture, (left, top), (right, bottom), colours[kind], -1)
    wanted, lacking = int(result.wanted[row, column]), int(result.lacking[row, column])
    words = f"{lacking} of {wanted}" if lacking else str(wanted) if wanted else ""
    _write(picture, words, (left + 6, top + 26), INK)


def _kind(result: CharacterCoverage, row: int, column: int) -> str:
    return next(_kinds(result, row, column))


def _kinds(result: CharacterCoverage, row: int, column: int) -> Iterator[str]:
    for kind, counts in (
        ("lacking", result.lacking), ("near", result.wanted), ("seen", result.seen),
    ):  # fmt: skip
        if counts[row, column]:
            yield kind
    yield "bare"


def _top(row: int) -> int:
    """The top of a row of cells, pixels: open mouths are above."""
    return TOP_PX + (len(ROWS) - 1 - row) * CELL[1]


def _write(picture: RGB, words: str, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
    cv2.putText(picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)
