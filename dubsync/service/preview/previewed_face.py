"""One face track of a shot: its motion under any tweak, and single frames of it drawn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from dubsync.core.face import FaceTrack
from dubsync.core.learning.head import Head, HeadShot
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Shot
from dubsync.core.steps import AlignedAudio, Engine, Patch, Prepare, Renderer
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.landmark_edit import mended
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.pixels.cut_out import cut, cuts_at
from dubsync.service.preview.at_scale import Scale, motion_at, part_of, track_at
from dubsync.service.preview.plates import PlateFrame, PlateFrames
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.reel.pipeline import FaceMotion, FaceToDrive, drawn_region, driven_face

T = TypeVar("T")

#: Seconds beside a word by hand in which it has an effect.
WORD_S = 2.5
#: A track up to this many frames is driven as a whole, as for a render.  A longer one is driven in
#: blocks, each with some frames around it, so that a change costs the same in every shot.
WHOLE, BLOCK, AROUND = 1500, 1000, 250
#: Frames drawn by one renderer, and frames on either side that its choice of exemplars sees.
DRAWN, BESIDE = 16, 16
#: Motions, renderers and widths that are held of one track.  Of a long one three motions of each
#: block are held besides, for its curves; a frame of a motion takes a tenth of what its track does.
MOTIONS_HELD, RENDERERS_HELD, WIDTHS_HELD = 24, 6, 2


@dataclass(slots=True, eq=False)
class _Width:
    """What is kept at one picture width: the engine's own memory, and the newest renderers."""

    prepare: Prepare
    renderers: OrderedDict[Hashable, Renderer]
    warm: bool = False


class PreviewedFace:
    """Draws frames of one face track; use it in one thread.

    drives  how many times its motion was worked out
    """

    def __init__(
        self,
        shot: Shot,
        face: DubbedFace,
        to_drive: FaceToDrive,
        engine: Engine,
        head: Callable[[], Head] | None = None,
        known_head: Callable[[], Head | None] = lambda: None,
        progress: Progress = silent,
    ) -> None:
        """`head` finds the actor's whole head, and may learn it; None: heads are not previewed.

        `known_head` finds it where it was learnt before.  `progress` is told of what takes long
        when a frame is drawn, such as the clean plate behind a head.
        """
        self._shot, self.face, self._to_drive, self._head = shot, face, to_drive, head
        self.known_head, self._progress = known_head, progress
        drive = engine.redriving() if engine.redriving else engine.drive
        self._engine = replace(engine, drive=drive)
        self._motions: OrderedDict[Hashable, FaceMotion] = OrderedDict()
        self._widths: OrderedDict[Hashable, _Width] = OrderedDict()
        self.drives = 0

    @property
    def character(self) -> str:
        return self.face.character

    @property
    def track(self) -> FaceTrack:
        return self._to_drive.track

    @property
    def to_drive(self) -> FaceToDrive:
        return self._to_drive

    @property
    def blocks(self) -> tuple[FrameRange, ...]:
        """The frames of the track, in the runs in which they are driven."""
        frames = self.track.frames
        step = len(frames) if len(frames) <= WHOLE else BLOCK
        starts = range(frames.start, frames.stop, max(step, 1))
        return tuple(FrameRange(a, min(a + step, frames.stop), frames.rate) for a in starts)

    def landmarks(self, frame: int, scale: Scale, tweak: Tweak) -> NDArray[np.float32] | None:
        """(478, 2) of the plate's face, as mended by `tweak`; None where it is not seen.

        In picture pixels.
        """
        t = frame - self.track.frames.start
        if frame not in self.track.frames or self.track.confidence[t] <= 0:
            return None
        points = mended(self.track.landmarks, self.track.frames.start, tweak.landmarks)
        return np.asarray(points[t, :, :2] * np.array(scale), np.float32)

    def motion(self, tweak: Tweak, block: FrameRange) -> FaceMotion:
        """The motion under `tweak` over `block`, and over some frames beside it in a long track."""
        whole = self.track.frames
        frames = block
        if len(whole) > WHOLE:
            frames = FrameRange(
                max(block.start - AROUND, whole.start), min(block.stop + AROUND, whole.stop),
                whole.rate,
            )  # fmt: skip
        tweak = tweak.moving
        key = (frames.start, *_in(tweak, frames))
        most = MOTIONS_HELD + 3 * (len(self.blocks) - 1)
        return _held(self._motions, key, lambda: self._driven(tweak, frames), most)

    def draw(self, held: PlateFrame, tweak: Tweak, scale: Scale, plates: PlateFrames) -> Drawn:
        """The patch of one frame, on the plate at viewer size."""
        frame = held.frame.number
        if frame not in self.track.frames:
            return Drawn(None, "")
        block = next(block for block in self.blocks if frame in block)
        motion = self.motion(tweak, block)
        if motion.performance.weight[frame - motion.track.frames.start] <= 0:
            return Drawn(None, "")
        width = self._at(held.frame.format.width, scale, tweak)
        if not width.warm:
            width.warm = True
            self._see_light(width, scale, plates, held.frame.format.width, tweak)
        wide = held.frame.format.width
        drawn_by = self._renderer(width, motion, tweak, frame, scale, plates, wide)
        patch = drawn_by([held.frame])[0]
        if patch is not None and tweak.cut_outs:
            patch = cut(patch, cuts_at(tweak.cut_outs, frame, scale))
        return Drawn(patch, motion.renderer)

    # -- internal --------------------------------------------------------------------------------

    def _driven(self, tweak: Tweak, frames: FrameRange) -> FaceMotion:
        self.drives += 1
        face = replace(self.face, tweak=tweak)
        return driven_face(self._shot, _part(self._to_drive, frames), face, self._engine)

    def _at(self, width: int, scale: Scale, tweak: Tweak) -> _Width:
        """What is kept at a width; what the engine keeps of a plate is of its landmarks too."""

        def make() -> _Width:
            previewing = self._engine.previewing
            prepare = previewing(scale[0]) if previewing else self._engine.prepare
            return _Width(prepare, OrderedDict())

        return _held(self._widths, (width, tweak.landmarks), make, WIDTHS_HELD)

    def _region(
        self, tweak: Tweak, frames: FrameRange, plates: PlateFrames, wide: int
    ) -> dict[str, Any]:
        """What `prepare` needs of regions: nothing where only the mouth changes in `frames`."""
        region = drawn_region(tweak, frames)
        if "head" not in region.get("region", ()) or self._head is None:
            return region

        def read(numbers: Sequence[int]) -> Iterator[Frame]:
            return (plates.at(number, wide).frame for number in numbers)

        shot = self._shot
        head = HeadShot(self._head(), read, shot.plate.name, shot.name, shot.render,
                        self._progress)  # fmt: skip
        return region | {"head": head}

    def _renderer(
        self, width: _Width, motion: FaceMotion, tweak: Tweak, frame: int, scale: Scale,
        plates: PlateFrames, wide: int,
    ) -> Renderer:  # fmt: skip
        """The renderer of the run of frames that `frame` is in."""
        whole = motion.track.frames
        first = self.track.frames.start + (frame - self.track.frames.start) // DRAWN * DRAWN
        frames = FrameRange(
            max(first - BESIDE, whole.start), min(first + DRAWN + BESIDE, whole.stop), whole.rate
        )

        def make() -> Renderer:
            start, stop = frames.start - whole.start, frames.stop - whole.start
            rows, track = slice(start, stop), motion.track.part(start, stop)
            shape = tweak.matte_shape(frames)
            shaped: dict[str, Any] = {} if shape is None else {"matte": shape.at_scale(min(scale))}
            shaped |= self._region(tweak, frames, plates, wide)
            return width.prepare(
                self._to_drive.actor,
                track_at(track, scale),
                motion_at(part_of(motion.original, rows, track), scale),
                motion_at(part_of(motion.corrected, rows, track), scale),
                motion.performance.weight[rows],
                renderer=motion.renderer,
                **shaped,
            )

        key = (frames.start, *_in(replace(tweak, cut_outs=()), whole))
        return _held(width.renderers, key, make, RENDERERS_HELD)

    def _see_light(
        self, width: _Width, scale: Scale, plates: PlateFrames, wide: int, tweak: Tweak
    ) -> None:
        """Draw the first frame that a render draws: it chooses exemplars in the light of that."""
        usual = replace(self.face.tweak, landmarks=tweak.landmarks)
        motion = self.motion(usual, self.blocks[0])
        shown = (motion.performance.weight > 0) & (motion.track.confidence > 0)
        if shown.any():
            frame = motion.track.frames.start + int(np.argmax(shown))
            held = plates.at(frame, wide)
            self._renderer(width, motion, usual, frame, scale, plates, wide)([held.frame])


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The patch of one face in one frame, None where the plate stays; the renderer's name."""

    patch: Patch | None
    renderer: str


def _part(one: FaceToDrive, frames: FrameRange) -> FaceToDrive:
    """`one` over `frames` only."""
    whole = one.track.frames
    if frames == whole:
        return one
    start, stop = frames.start - whole.start, frames.stop - whole.start
    rows, track = slice(start, stop), one.track.part(start, stop)
    sound = one.plate_audio
    return replace(
        one,
        track=track,
        original=part_of(one.original, rows, track),
        dub=AlignedAudio(one.dub.features, one.dub.times[rows]),
        plate_audio=sound and AlignedAudio(sound.features, sound.times[rows]),
    )


def _in(tweak: Tweak, frames: FrameRange) -> tuple[Hashable, ...]:
    """What of `tweak` has an effect in `frames`: two with the same move the mouth alike there."""
    reach = FrameRange(frames.start - tweak.ease - 1, frames.stop + tweak.ease + 1, frames.rate)

    def near(first: int, last: int) -> bool:
        return first < reach.stop and last >= reach.start

    heard = WORD_S * float(frames.rate)
    rest = replace(
        tweak,
        curves=(),
        visemes=tuple(key for key in tweak.visemes if near(key.first, key.last)),
        contacts=tuple(key for key in tweak.contacts if near(key.first, key.last)),
        spoken=tweak.spoken and tweak.spoken.near(frames.start - heard, frames.stop + heard),
    )
    curves = tuple(
        (name, tweak.at(name, frames).tobytes())
        for name, _ in tweak.curves
        if tweak.overrides(name, frames)
    )
    return rest, curves


def _held(known: OrderedDict[Hashable, T], key: Hashable, make: Callable[[], T], most: int) -> T:
    """The value of `key`, made if it is not held; the one unused for longest goes."""
    if key not in known:
        known[key] = make()
    known.move_to_end(key)
    while len(known) > most:
        known.popitem(last=False)
    return known[key]
