"""One person's stills, ready to be moved by a take, by sound, or by a reaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.learning.moving_still import Reaction, Still, StillFacts, StillMotion, StillReach
from dubsync.core.steps import AlignedAudio, Seconds, frame_seconds
from dubsync.engine.geometry.lips import gaps
from dubsync.engine.geometry.pose import to_vectors
from dubsync.engine.portrait.bridge import across_bridge
from dubsync.engine.portrait.calm_skins import CalmSkins
from dubsync.engine.portrait.channels import moves_of, sampled
from dubsync.engine.portrait.open_mouths import donors_for
from dubsync.engine.portrait.spoken import spoken_moves
from dubsync.engine.still.draw_still import DriverFrame, StillRenderer, drawn_landmarks
from dubsync.engine.still.driver_motion import DriverMotion, DriverMove
from dubsync.engine.still.idle import breath_of, breathing, idle_faces
from dubsync.engine.still.lent import choose_lent
from dubsync.engine.still.still_model import StillModel, learn_still
from dubsync.engine.still.transfer import DrivenFace, Shares, driven_face
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES, Landmarker

Values = NDArray[np.float64]

#: A reaction is of the still itself: it keeps its own expression, and takes every turn.
OF_THE_STILL = Shares(expression=1.0, turn=1.0, shift=1.0, own=0.0)
#: Speech needs lips that can meet, so a still's smile is mostly taken out.
OF_SPEECH = Shares(expression=1.0, turn=1.0, shift=1.0, own=0.85)
_BLINKS = tuple(BLENDSHAPE_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right"))


def learn_portrait(
    stills: Sequence[Still], alpha: Array | None = None, *, landmarker: Callable[[], Landmarker]
) -> Portrait:
    """Implements `core.learning.moving_still.LearnMovingStill`."""
    model = learn_still(
        [still.picture for still in stills],
        landmarker(),
        [still.face.landmarks[0] for still in stills],
    )
    return Portrait(model, tuple(stills), landmarker(), alpha)


@dataclass(frozen=True, eq=False)
class Portrait:
    """Implements `core.learning.moving_still.MovingStill`."""

    model: StillModel
    stills: tuple[Still, ...]
    landmarker: Landmarker
    alpha: Array | None = None

    @property
    def facts(self) -> tuple[StillFacts, ...]:
        return tuple(
            _facts(still, pose_of.face.pose.rotation, pose_of.face.front)
            for still, pose_of in zip(self.stills, self.model.keys, strict=True)
        )

    @property
    def reach(self) -> StillReach:
        return self.model.range

    def by_take(self, track: FaceTrack) -> StillMotion:
        motion = DriverMotion.of(track, self.landmarker.expression)
        seen = np.array([move is not None for move in motion.moves])
        moves = _held(motion.moves)
        skins = CalmSkins.of(moves, seen)
        laid = self._laid(moves, [Shares()] * len(seen), seen, skins)
        return replace(
            laid, neutral=motion.neutral, calm=motion.calm, calm_frames=skins.like, lend=skins.lend
        )

    def by_sound(self, dub: AlignedAudio, seed: int) -> StillMotion:
        face = self.model.key.face
        start = np.asarray(face.front - OF_SPEECH.own * face.worn, np.float64)
        moves = spoken_moves(self.stills[0].face, dub, seed, start)
        breath = breath_of(len(moves), 1 / frame_seconds(dub.times))
        targets = [
            breathing(driven_face(face, move, OF_SPEECH), float(air))
            for move, air in zip(moves, breath, strict=True)
        ]
        return self._drawn(targets)

    def by_reaction(self, reaction: Reaction, times: Seconds) -> StillMotion:
        if not reaction.curves:
            face, count = self.model.key.face, len(times)
            return self._drawn(idle_faces(face, count, count / reaction.seconds))
        values = sampled(reaction, times)
        moves = moves_of(self.stills[0].face, values)
        own = values.get("own", np.zeros(len(times)))
        shares = [replace(OF_THE_STILL, own=float(part)) for part in own]
        return self._laid(moves, shares, np.ones(len(moves), bool))

    def _laid(
        self,
        moves: Sequence[DriverMove],
        shares: Sequence[Shares],
        seen: NDArray[np.bool_],
        skins: CalmSkins | None = None,
    ) -> StillMotion:
        """The moves on the first still."""
        face = self.model.key.face
        targets = [driven_face(face, m, s) for m, s in zip(moves, shares, strict=True)]
        turns = to_vectors(np.stack([np.asarray(m.turn, np.float64) for m in moves]))
        share = np.array([s.turn for s in shares])[:, None]

        def filmed(number: int, picture: Array) -> DriverFrame:
            rest = None if skins is None else skins.of_frame(number)
            return DriverFrame(picture, moves[number], rest)

        laid = self._drawn(targets, None if skins is None else filmed)
        return replace(laid, seen=seen, turned=np.asarray(_told(turns) * share, np.float32))

    def _drawn(
        self,
        targets: Sequence[DrivenFace],
        filmed: Callable[[int, Array], DriverFrame] | None = None,
    ) -> StillMotion:
        """A frame for each of `targets`, turned as they are; `filmed` lends a driver's picture."""
        render = StillRenderer(self.model)
        lent = choose_lent(self.model, targets)
        donors = donors_for(_openings(targets)) if filmed is None else None

        def draw(number: int, driver: Array | None) -> Array:
            shown = None
            if driver is not None and filmed is not None:
                shown = filmed(number, driver)
            elif donors is not None:
                shown = donors[number]
            return render.draw(targets[number], shown, lent=lent[number])

        turned = np.stack([np.asarray(target.turned, np.float64) for target in targets])
        return StillMotion(
            seen=np.ones(len(targets), bool),
            turned=np.asarray(turned * (-1, -1, 1), np.float32),
            held=np.asarray([target.held_back for target in targets], np.float32),
            opening=_openings(targets),
            draw=draw,
            matte=self._matte(targets),
            landmarks=lambda number: drawn_landmarks(self.model.key, targets[number]),
        )

    def _matte(self, targets: Sequence[DrivenFace]) -> Callable[[int], Array] | None:
        if self.alpha is None:
            return None
        alpha, render = np.asarray(self.alpha, np.float32), StillRenderer(self.model)
        return lambda number: render.alpha(targets[number], alpha)


def _held(moves: Sequence[DriverMove | None]) -> list[DriverMove]:
    """The moves; where there is none, the last before it, or the first after."""
    last = next(move for move in moves if move is not None)
    result = []
    for move in moves:
        last = move or last
        result.append(last)
    return result


def _told(vectors: Values) -> Values:
    """Rotation vectors (T, 3), radians, as degrees of pitch (+ back), yaw (+ to the picture's
    right) and roll (+ clockwise)."""
    return np.degrees(vectors) * (-1, -1, 1)


def _openings(targets: Sequence[DrivenFace]) -> Array:
    """(T,) how far the lips are apart, eye distances."""
    fronts = np.stack([np.asarray(target.front, np.float64) for target in targets])
    return np.asarray(np.clip(gaps(fronts)[:, 2:7].mean(axis=1), 0, None), np.float32)


def _facts(still: Still, rotation: Values, front: Array) -> StillFacts:
    pitch, yaw, roll = _told(to_vectors(rotation))[0]
    scores = still.face.blendshapes[0]
    points = np.asarray(still.face.landmarks[0], np.float64)
    eyes = np.linalg.norm(points[[33, 133], :2].mean(axis=0) - points[[362, 263], :2].mean(axis=0))
    opening = float(np.clip(gaps(np.asarray(front, np.float64)[None])[0, 2:7].mean(), 0, None))
    return StillFacts(
        float(yaw), float(pitch), float(roll), float(eyes / max(np.cos(np.radians(yaw)), 0.3)),
        float(scores[list(_BLINKS)].min()), opening,
        across_bridge(still.picture, still.face.landmarks[0]),
    )  # fmt: skip
