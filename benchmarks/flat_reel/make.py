"""Makes a flat reel from real footage, and says where its cuts, dissolves and fades are.

A reel is scenes of two sources, cut against each other as a film does: shot and reverse, punch-ins,
jump cuts in one take.  Some shots are dark, grainy, letterboxed or hand-held; some hold a flash
or a whip, which are no cuts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.flat_reel.sources import HIGH, WIDE, Picture, frames_of
from benchmarks.flat_reel.troubles import LEAST, TROUBLES

DISSOLVES = (6, 8, 12, 16, 24, 32, 48)
FADES = (8, 12, 16, 24)
#: Shots of a scene, frames of a shot, frames read of each source of a scene.
SCENE, SHOT, READ = (6, 14), (14, 130), 320
#: Shots of a take in a reel of jump cuts, frames of one, frames read of a take.
JUMPS, JUMP_SHOT, JUMP_READ = (5, 9), (14, 60), 220
#: A jump cut leaves out at least this many frames of its take.
LEFT_OUT = 15
#: A jump cut goes to the most different of so many places: an editor's jump is one that is seen,
#: and two random frames of a person who sits still are the same to the eye.
CHOICES = 6
#: Pictures of grain; each is used shifted and mirrored at random.
GRAINS = 6


@dataclass(slots=True)
class Truth:
    """What a reel is made of, in frames from its first.

    cuts       the first frame after each hard cut -> its kind ("other", "reverse", "punch", "jump")
    dissolves  (first mixed frame, first frame after) of each
    fades      the same of each fade to or from black
    flashes, whips  the same of each
    troubles   kind of trouble -> the same of each
    """

    cuts: dict[int, str] = field(default_factory=dict)
    dissolves: list[tuple[int, int]] = field(default_factory=list)
    fades: list[tuple[int, int]] = field(default_factory=list)
    flashes: list[tuple[int, int]] = field(default_factory=list)
    whips: list[tuple[int, int]] = field(default_factory=list)
    troubles: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a reel is made: the share of shots with a trouble, and how it is coded.

    jumps  whether it is takes in turn, each cut against itself, and no scenes
    """

    troubled: float = 0.0
    crf: int = 19
    preset: str = "ultrafast"
    jumps: bool = False


PLAIN = Recipe()


@dataclass(frozen=True, slots=True)
class _Look:
    """How a shot is framed and graded: crop (centre x, y and size as shares), and the rest."""

    x: float
    y: float
    size: float
    flip: bool
    gain: float
    grain: float
    bars: int
    shake: float


@dataclass(frozen=True, slots=True)
class _Shot:
    """Pictures; how they differ from the shot before; a flash, a whip, a trouble in them."""

    pictures: Picture
    kind: str
    flash: tuple[int, int] | None = None
    whip: tuple[int, int] | None = None
    trouble: tuple[str, tuple[int, int]] | None = None


def make_reel(
    path: Path, names: tuple[str, ...], frames: int, rate: int, seed: int, recipe: Recipe = PLAIN
) -> Truth:
    """Write a reel of about `frames` frames to `path` (.mov, H.264, from 01:00:00:00)."""
    rng = np.random.default_rng(seed)
    truth = Truth()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate))
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv420p"
        stream.options = {"crf": str(recipe.crf), "preset": recipe.preset, "g": "48"}
        stream.metadata["timecode"] = "01:00:00:00"
        for picture in _pictures(truth, names, frames, rng, recipe):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            truth.frames += 1
        container.mux(stream.encode())
    return truth


def _pictures(
    truth: Truth, names: tuple[str, ...], frames: int, rng: np.random.Generator, recipe: Recipe
) -> Iterator[Picture]:
    """The reel's pictures; what is put between two shots is noted in `truth`."""
    before: _Shot | None = None  # the shot that waits for what follows it
    at = 0  # frames given
    for shot in (_jumps if recipe.jumps else _shots)(names, rng, recipe):
        if before is not None:
            out, before = _joined(truth, before, shot, at, rng)
            yield from out
            at += len(out)
        else:
            before = shot
        _note(truth, before, at)
        if at >= frames:
            break
    if before is not None:
        yield from before.pictures


def _note(truth: Truth, shot: _Shot, at: int) -> None:
    """Note the flash or the whip of a shot whose first frame is `at`."""
    if shot.flash:
        truth.flashes.append((at + shot.flash[0], at + shot.flash[1]))
    if shot.whip:
        truth.whips.append((at + shot.whip[0], at + shot.whip[1]))
    if shot.trouble:
        kind, (first, stop) = shot.trouble
        truth.troubles.setdefault(kind, []).append((at + first, at + stop))


def _joined(
    truth: Truth, earlier: _Shot, later: _Shot, at: int, rng: np.random.Generator
) -> tuple[list[Picture], _Shot]:
    """(pictures up to where the later shot is left alone, the rest of it)."""
    drawn = 1.0 if any(map(_marked, (earlier, later))) else rng.random()
    before, shot, kind = earlier.pictures, later.pictures, later.kind
    room = min(len(before), len(shot)) - 6
    lengths = [n for n in (DISSOLVES if drawn < 0.14 else FADES) if n <= room]
    if kind == "jump" or drawn >= 0.2 or not lengths:
        truth.cuts[at + len(before)] = kind
        return list(before), later
    n = int(rng.choice(lengths))
    share = (np.arange(1, n + 1) / (n + 1))[:, None, None, None]
    if drawn < 0.14:
        mixed = before[-n:] * (1 - share) + shot[:n] * share
        head = len(before) - n
        truth.dissolves.append((at + head, at + head + n))
        out = [*before[:head], *np.rint(mixed).astype(np.uint8)]
        return out, replace(later, pictures=shot[n:])
    down = np.rint(before[-n:] * (1 - share)).astype(np.uint8)
    up = np.rint(shot[:n] * share).astype(np.uint8)
    black = int(rng.integers(1, 16))
    head = len(before) - n
    truth.fades += [(at + head, at + head + n), (at + head + n + black, at + head + 2 * n + black)]
    out = [*before[:head], *down, *[np.zeros_like(before[0])] * black, *up]
    return out, replace(later, pictures=shot[n:])


def _marked(shot: _Shot) -> bool:
    """Whether something happens in a shot, so that no dissolve may lie over it."""
    return bool(shot.flash or shot.whip or shot.trouble)


def _shots(names: tuple[str, ...], rng: np.random.Generator, recipe: Recipe) -> Iterator[_Shot]:
    """Shots without end."""
    while True:
        chosen = rng.choice(len(names), 2, replace=False)
        takes = [frames_of(names[n], READ, rng) for n in chosen]
        looks = [_look(rng), _look(rng)]
        last = used = -1
        for n in range(int(rng.integers(*SCENE))):
            who = int(rng.integers(2)) if n else 0
            length = min(int(rng.integers(*SHOT)), len(takes[who]) - 2)
            kind = "other" if n == 0 else "reverse" if who != last else "jump"
            if kind == "jump" and rng.random() < 0.4:
                looks[who], kind = _look(rng, looks[who]), "punch"
            starts = rng.integers(len(takes[who]) - length, size=CHOICES)
            start = int(starts[0])
            if kind == "jump":
                start = _most_unlike(takes[who], used - 1, [int(one) for one in starts])
                if abs(start - used) < LEFT_OUT:
                    continue
            shot = _Shot(_filmed(takes[who][start : start + length], looks[who], rng), kind)
            last, used = who, start + length
            yield _marked_shot(shot, rng, recipe)


def _jumps(names: tuple[str, ...], rng: np.random.Generator, recipe: Recipe) -> Iterator[_Shot]:
    """Shots without end: some of a take in one look, each cut against the one before."""
    while True:
        for n in rng.permutation(len(names)):
            take, look, used = frames_of(names[n], JUMP_READ, rng), _look(rng), -1
            for k in range(int(rng.integers(*JUMPS))):
                length = min(int(rng.integers(*JUMP_SHOT)), len(take) - 2)
                starts = [int(one) for one in rng.integers(len(take) - length, size=CHOICES)]
                start = _most_unlike(take, used - 1, starts) if k else starts[0]
                if k and abs(start - used) < LEFT_OUT:
                    continue
                filmed = _filmed(take[start : start + length], look, rng)
                used = start + length
                yield _marked_shot(_Shot(filmed, "jump" if k else "other"), rng, recipe)


def _marked_shot(shot: _Shot, rng: np.random.Generator, recipe: Recipe) -> _Shot:
    """The shot, in some with a flash, a whip or a trouble."""
    length = len(shot.pictures)
    if rng.random() < 0.12:
        return _flashed(shot, rng)
    if rng.random() < 0.1 and length > 40:
        return _whipped(shot, rng)
    if recipe.troubled and rng.random() < recipe.troubled and length > LEAST:
        return _troubled(shot, rng)
    return shot


def _most_unlike(take: Picture, last: int, starts: list[int]) -> int:
    """The start whose picture differs most from picture `last` of the same take."""
    before = take[last, ::8, ::8].astype(np.int16)
    return max(starts, key=lambda n: float(np.abs(take[n, ::8, ::8] - before).mean()))


def _look(rng: np.random.Generator, before: _Look | None = None) -> _Look:
    """A shot's look; a punch-in keeps all but the crop of the shot before."""
    size = float(rng.uniform(0.45, 1))
    x, y = (float(rng.uniform(size / 2, 1 - size / 2)) for _ in "xy")
    if before is not None:
        size = before.size * 0.62 if before.size > 0.7 else min(1.0, before.size * 1.55)
        x, y = (float(np.clip(c, size / 2, 1 - size / 2)) for c in (before.x, before.y))
        return _Look(x, y, size, before.flip, before.gain, before.grain, before.bars, before.shake)
    return _Look(
        x, y, size, bool(rng.random() < 0.5),
        float(rng.uniform(0.06, 0.2)) if rng.random() < 0.15 else float(rng.uniform(0.7, 1.05)),
        float(rng.uniform(3, 12)) if rng.random() < 0.3 else 0.0,
        45 if rng.random() < 0.25 else 0,
        float(rng.uniform(0.002, 0.006)) if rng.random() < 0.25 else 0.0,
    )  # fmt: skip


def _filmed(take: Picture, look: _Look, rng: np.random.Generator) -> Picture:
    """A take in a look."""
    x, y, dx, dy = look.x, look.y, 0.0, 0.0
    shot = []
    for picture in take:
        if look.shake:
            dx, dy = (0.9 * d + float(rng.normal(0, look.shake)) for d in (dx, dy))
        shot.append(_cropped(picture, x + dx, y + dy, look.size))
    result = np.stack(shot)
    if look.flip:
        result = result[:, :, ::-1]
    if look.gain != 1 or look.grain:
        made = result.astype(np.float32) * look.gain
        if look.grain:
            for picture in made:
                shift = tuple(int(n) for n in rng.integers(HIGH, size=2))
                picture += np.roll(grains()[rng.integers(GRAINS)], shift, (0, 1)) * look.grain
        result = np.clip(made, 0, 255).astype(np.uint8)
    if look.bars:
        result = result.copy()
        result[:, : look.bars] = result[:, HIGH - look.bars :] = 0
    return np.asarray(result, np.uint8)


@cache
def grains() -> np.ndarray:
    """(GRAINS, HIGH, WIDE, 3) of deviation 1."""
    drawn = np.random.default_rng(5).standard_normal((GRAINS, HIGH, WIDE, 3), np.float32)
    return drawn


def _cropped(picture: Picture, x: float, y: float, size: float) -> Picture:
    centre = (float(np.clip(x, size / 2, 1 - size / 2)) * WIDE,
              float(np.clip(y, size / 2, 1 - size / 2)) * HIGH)  # fmt: skip
    wide, high = max(2, round(size * WIDE)), max(2, round(size * HIGH))
    cut = cv2.getRectSubPix(np.ascontiguousarray(picture), (wide, high), centre)
    return np.asarray(cv2.resize(cut, (WIDE, HIGH), interpolation=cv2.INTER_LINEAR), np.uint8)


def _flashed(taken: _Shot, rng: np.random.Generator) -> _Shot:
    """The shot with a flash of 1 to 4 frames."""
    shot = taken.pictures
    n = int(rng.integers(1, 5))
    first = int(rng.integers(4, max(5, len(shot) - n - 4)))
    if first + n + 4 > len(shot):
        return taken
    fall = np.linspace(rng.uniform(0.5, 1), 0.3, n)[:, None, None, None]
    lit = shot[first : first + n] * (1 - fall) + 255 * fall
    made = np.concatenate([shot[:first], lit.astype(np.uint8), shot[first + n :]])
    return replace(taken, pictures=made, flash=(first, first + n))


def _troubled(taken: _Shot, rng: np.random.Generator) -> _Shot:
    """The shot with one of TROUBLES."""
    trouble = TROUBLES[int(rng.integers(len(TROUBLES)))]
    pictures, span = trouble(taken.pictures, rng)
    return replace(taken, pictures=pictures, trouble=(trouble.__name__, span))


def _whipped(taken: _Shot, rng: np.random.Generator) -> _Shot:
    """The shot with a fast pan of 5 to 9 frames over it, blurred as a film camera does."""
    shot, n = taken.pictures, int(rng.integers(5, 10))
    travel = float(rng.uniform(0.5, 1.2)) * (1 if rng.random() < 0.5 else -1)
    first = int(rng.integers(12, len(shot) - n - 12))
    eased = (1 - np.cos(np.linspace(0, np.pi, n + 2))) / 2 * travel
    made = []
    for k, picture in enumerate(shot):
        way = 0.0 if k < first else eased[min(k - first + 1, n + 1)]
        speed = abs(eased[k - first + 1] - eased[k - first]) if first <= k < first + n + 1 else 0.0
        wide = np.concatenate([picture, picture[:, ::-1]], axis=1)  # mirrored beside itself
        rolled = np.roll(wide, -round(way * WIDE), axis=1)[:, :WIDE]
        blur = round(speed * WIDE / 2)
        made.append(cv2.blur(rolled, (blur, 1)) if blur > 1 else rolled)
    pictures = np.stack(made).astype(np.uint8)
    return replace(taken, pictures=pictures, whip=(first, first + n + 1))
