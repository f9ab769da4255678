"""Where a face is, how it moves, and what it should do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from dubsync.core.arrays import Array, seal
from dubsync.core.timeline.timecode import FrameRange

LANDMARKS = 478  #: Face Landmarker v2: 468 of the face mesh, 10 of the irises
BLENDSHAPES = 52  #: Face Landmarker v2's named expression scores


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """One face through one run of a plate, over `frames` (T of them).

    face         which face of the plate this is: 1, 2, ... in order of first appearance
    landmarks    (T, 478, 3)  plate pixels, x right, y down, pixel centres at .5; z in pixels,
                 smaller is nearer.  Where confidence is 0 a straight line bridges the gap
    blendshapes  (T, 52)      0..1, in the order of `engine.landmarker.BLENDSHAPE_NAMES`
    confidence   (T,)         0 face not seen in this frame, else the landmarker's own score
    appearance   (D,)         what the face looks like, unit length, to match faces across shots
    """

    face: int
    frames: FrameRange
    landmarks: Array
    blendshapes: Array
    confidence: Array
    appearance: Array

    def __post_init__(self) -> None:
        t = len(self.frames)
        seal(self, "landmarks", t, LANDMARKS, 3)
        seal(self, "blendshapes", t, BLENDSHAPES)
        seal(self, "confidence", t)
        seal(self, "appearance", None)

    def part(self, start: int, stop: int) -> FaceTrack:
        """Its frames `start` up to `stop`, counted from its first."""
        first, rows = self.frames.start, slice(start, stop)
        return replace(
            self,
            frames=FrameRange(first + start, first + stop, self.frames.rate),
            landmarks=self.landmarks[rows],
            blendshapes=self.blendshapes[rows],
            confidence=self.confidence[rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class MotionTrack:
    """Parametric motion of one face over `frames` (T of them).

    basis   digest of the actor's linear model that `mouth` and `upper` count in
    mouth   (T, M)  jaw and lip coefficients; 0 is the actor's own closed rest
    upper   (T, U)  brow, lid and cheek coefficients; 0 is rest
    head    (T, 7)  rotation vector, radians; translation of the model's origin, plate pixels
                    (x, y, 0); scale, plate pixels per model unit (1 = distance between the eyes)
    gaze    (T, 4)  left then right iris, offset from the eye's centre in eye widths
    blendshapes (T, 52)  the tracker's scores for the same frames, an artist's vocabulary
    """

    frames: FrameRange
    basis: str
    mouth: Array
    upper: Array
    head: Array
    gaze: Array
    blendshapes: Array

    def __post_init__(self) -> None:
        t = len(self.frames)
        seal(self, "mouth", t, None)
        seal(self, "upper", t, None)
        seal(self, "head", t, 7)
        seal(self, "gaze", t, 4)
        seal(self, "blendshapes", t, BLENDSHAPES)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames `first` to `last`, both included, and where their mouth comes from.

    source  "sound", "plate" (skipped), or a take's name
    reason  why it is not a take's, or not the take's before it; "" where nothing is to be said
    """

    first: int
    last: int
    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """What the voice actor did, and where the picture must follow.

    mouth   (T, M)  wanted jaw and lip coefficients, in `basis`
    weight  (T,)    1 where the original or the dub is heard, so also where the original talks
                    on and the dub has stopped: the mouth must then rest.  0 where neither is

    The rest is what a take would add to the plate's own, at share 1; None where nothing shows it.

    brows   (T, U)  brow and cheek coefficients, in `basis`
    blinks  (T, U)  lid coefficients, in `basis`
    gaze    (T, 4)  as `MotionTrack.gaze`
    head    (T, 7)  rotation vector in the face's own frame, radians; translation, plate pixels;
                    scale, as a natural logarithm

    stretches  where the mouth comes from, in order of frames; what has no weight is in none,
               unless it was skipped because the plate says it already
    """

    source: Literal["audio", "take", "plate"]
    basis: str
    frames: FrameRange
    mouth: Array
    weight: Array
    brows: Array | None = None
    blinks: Array | None = None
    gaze: Array | None = None
    head: Array | None = None
    stretches: tuple[Stretch, ...] = ()

    def __post_init__(self) -> None:
        t = len(self.frames)
        seal(self, "mouth", t, None)
        seal(self, "weight", t)
        widths = {"brows": None, "blinks": None, "gaze": 4, "head": 7}
        for name, width in widths.items():
            if getattr(self, name) is not None:
                seal(self, name, t, width)
