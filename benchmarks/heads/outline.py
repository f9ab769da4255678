"""Error of the foretold outline: hair, neck and shoulders on frames that were not learnt from.

    python -m benchmarks.heads.outline --kept FOLDER [CLIP ...]

The first four fifths of a clip are learnt from; its next 48 frames are foretold from their pose and
compared with the outline followed in them.  Mean distance in working pixels (an eye distance is
50), head and hair / shoulders.  Further rows: fewer frames learnt from, and turns beyond those
learnt from (the inner 55 % of turns learnt, the outer 20 % foretold).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.heads.clips import SHARED, Clip, prepared
from dubsync.core.picture import Region
from dubsync.core.progress import silent
from dubsync.engine import actor as actors
from dubsync.engine.actor import LearntActor
from dubsync.engine.device import one_thread
from dubsync.engine.head.head_key import HeadKey
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.head_path import Values, joined_path, path_of
from dubsync.engine.head.join_keys import key_of, reference_of
from dubsync.engine.head.key_choice import Poses
from dubsync.engine.head.learn_head import learn_head
from dubsync.engine.head.outline import Outline, base, outline_on
from dubsync.engine.head.person_matte import PersonMatte
from dubsync.engine.head.read_keys import Reader, Rest
from dubsync.engine.motion.fit import fit, frontal, gaze_of

CLIPS = ("katiehill_512_8s.mp4", "obama_address_30s.mov", "man_black_sweater_1080x1920_20s.mp4",
         "woman_braids_720p_24s.mp4")  # fmt: skip
TESTS = 48
FEW = (1, 8, 32)
#: Points that the ellipsoid's guess gives more and less of the head's movement than these are head
#: and hair, and shoulders.
HEAD, SHOULDERS = 0.7, 0.3
#: Quantiles of turn: learnt from below the first, foretold above the second.
INNER, OUTER = 0.55, 0.8
Frames = NDArray[np.intp]


@click.command()
@click.argument("names", nargs=-1)
@click.option("--kept", type=Path, required=True, help="Folder for tracked clips.")
def main(names: Sequence[str], kept: Path) -> None:
    """Print one table a clip."""
    one_thread()
    for name in names or CLIPS:
        clip = prepared(SHARED / "footage" / name, kept)
        known = int(len(clip) * 0.8)
        actor = actors.learn(
            clip.name, [clip.footage(0, known)], most=60, widest_px=1024, progress=silent
        )
        started = time.process_time()
        head = _learnt(clip, actor, np.arange(known))
        seconds = time.process_time() - started
        tests = np.arange(known, min(known + TESTS, len(clip)))
        click.echo(f"\n{clip.name}: {len(head.outline)} points, learnt in {seconds:.1f} s")
        for row, found in _rows(clip, actor, head, tests):
            click.echo(f"  {row:36s} {found}")
        for few in FEW:
            frames = np.unique(np.linspace(0, known - 1, few).round().astype(int))
            less = _learnt(clip, actor, frames)
            click.echo(f"  {f'learnt from {few}':36s} {_foretold(clip, actor, less, tests)}")
        turned = np.linalg.norm(_poses(clip, actor).path.turn - head.middle_turn, axis=1)[:known]
        inner = np.flatnonzero(turned <= np.quantile(turned, INNER))
        outer = np.flatnonzero(turned > np.quantile(turned, OUTER))
        less = _learnt(clip, actor, inner)
        spread = outer[np.linspace(0, len(outer) - 1, TESTS).round().astype(int)]
        for row, found in _rows(clip, actor, less, spread):
            click.echo(f"  {f'beyond: {row}':36s} {found}")


def _learnt(clip: Clip, actor: LearntActor, frames: Frames) -> HeadModel:
    """The head of the actor, from these frames alone."""
    unseen = np.ones(len(clip), bool)
    unseen[frames] = False
    footage = clip.footage()
    return learn_head(
        actor, [replace(footage, track=footage.track.without(unseen))], progress=silent
    )


def _truth(clip: Clip, actor: LearntActor, head: HeadModel, frames: Frames) -> list[HeadKey]:
    """The frames with the head's outline followed in them, in the crop and rest of its keys."""
    key = head.keys[head.reference]
    size = key.picture.shape
    left, top = key.origin
    region = Region(left, top, left + size[1], top + size[0])
    rest = Rest(
        key.path.rest_shift[0] * key.scale + key.origin, float(key.path.rest_scale[0]) * key.scale
    )
    reader = Reader(actor.model, actor.appearance, PersonMatte(), np.asarray(head.middle_turn))
    reference, result = reference_of(head), []
    for n in frames:
        look = reader.look(
            clip.frame(int(n)), clip.name, clip.landmarks[n], region, key.scale, rest
        )
        result.append(key_of(head, look, reference))
    return result


def _rows(clip: Clip, actor: LearntActor, head: HeadModel, tests: Frames) -> list[tuple[str, str]]:
    truth = _truth(clip, actor, head, tests)
    features = _poses(clip, actor).features()
    offered = features[[key.frame for key in head.keys]]
    near = ((features[tests][:, None] - offered) ** 2).sum(axis=-1).argmin(axis=1)
    path = joined_path([key.path for key in truth])
    foretold = head.foretold(path, np.stack([key.features for key in truth]))
    own = np.stack([head.residual(int(n)) for n in near])
    rows = {
        "exemplar unmoved": np.stack([head.keys[n].grid for n in near]),
        "rigid proxy, as guessed": base(_guessed(head), path),
        "rigid proxy, fitted": base(head.outline, path),
        "proxy + ridge": foretold,
        "the same, exemplar's residual kept": foretold + own,
        "the same, half of it kept": foretold + 0.5 * own,
    }
    return [(row, _told(head, found, truth)) for row, found in rows.items()]


def _foretold(clip: Clip, actor: LearntActor, head: HeadModel, tests: Frames) -> str:
    truth = _truth(clip, actor, head, tests)
    path = joined_path([key.path for key in truth])
    return _told(head, head.foretold(path, np.stack([key.features for key in truth])), truth)


def _guessed(head: HeadModel) -> Outline:
    key = head.keys[head.reference]
    return outline_on(key.matte, key.landmarks, key.path, np.asarray(head.rest))


def _poses(clip: Clip, actor: LearntActor) -> Poses:
    faces = frontal(clip.track(), actor.model)
    return Poses(path_of(fit(clip.track(), actor.model)), faces, gaze_of(faces))


def _told(head: HeadModel, found: Values, truth: list[HeadKey]) -> str:
    apart = np.linalg.norm(found - np.stack([key.grid for key in truth]), axis=-1)
    share = _guessed(head).share
    parts = (share > HEAD, share < SHOULDERS)
    means = [f"{apart[:, part].mean():.2f}" if part.any() else "-" for part in parts]
    return f"{apart.mean():5.2f}  ({' / '.join(means)})"


if __name__ == "__main__":
    main()
