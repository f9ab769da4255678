"""The folder of one shot in a VFX turnover: its names, and the numbers of its frames.

SHOT/SHOT.nk                      rebuilds the comp from what lies beside it
SHOT/layers/SHOT.0918466.exr      the layers of each frame
SHOT/plate/SHOT_plate.0918466.exr (or .dpx, .png)
SHOT/faces/SHOT_NAME.csv  SHOT_NAME.json  SHOT_NAME_head_render.chan  SHOT.usdc
SHOT/SHOT.vfx.json                the record
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dubsync.core.settings import VfxFrames
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange

#: The number of the first frame, handles included, in "1001" numbering.
FIRST = 1001
#: Least digits of a frame's number: as many as a day of frames at 24 a second has.
DIGITS = {"source": 7, "1001": 4}


@dataclass(frozen=True, slots=True)
class ShotFolder:
    """Names and frame numbers in `folder`, whose files begin with `name`.

    span    plate frames of the render, handles included
    copied  whether the plate's own files are copied; else it is written as EXR
    """

    folder: Path
    name: str
    plate: Plate
    span: FrameRange
    frames: VfxFrames
    copied: bool

    def number(self, frame: int) -> int:
        """The file number of a plate frame.

        In "source" numbering that of the plate's own file, or of a movie its timecode as frames.
        """
        if self.frames == "1001":
            return FIRST + frame - self.span.start
        if self.plate.first_number is not None:
            return self.plate.rendered_number(frame)
        return frame

    @property
    def numbers(self) -> range:
        """The file numbers of all frames."""
        return range(self.number(self.span.start), self.number(self.span.stop - 1) + 1)

    def layers(self, frame: int) -> Path:
        """The layers of a plate frame."""
        return self.folder / "layers" / f"{self.name}.{self._padded(frame)}.exr"

    def plate_file(self, frame: int) -> Path:
        """The plate's own frame, as the script reads it."""
        return self.folder / "plate" / f"{self.name}_plate.{self._padded(frame)}{self.suffix}"

    @property
    def suffix(self) -> str:
        """Of the plate's files."""
        return Path(self.plate.path).suffix.lower() if self.copied else ".exr"

    def pattern(self, kind: str) -> str:
        """A printf pattern for the script, from its own folder: "layers", "plate" or "comp"."""
        end = {"layers": "", "plate": "_plate", "comp": "_comp"}[kind]
        suffix = ".exr" if kind == "layers" else self.suffix
        return f"{kind}/{self.name}{end}.%0{self._digits}d{suffix}"

    def beside(self, ending: str) -> Path:
        """A file of the whole shot, in the shot's own folder."""
        return self.folder / f"{self.name}{ending}"

    def faces(self, ending: str, character: str = "") -> Path:
        """A file of the shot's faces, or of one character's."""
        who = f"_{in_a_name(character)}" if character else ""
        return self.folder / "faces" / f"{self.name}{who}{ending}"

    @property
    def _digits(self) -> int:
        return max(DIGITS[self.frames], len(str(self.numbers.stop - 1)))

    def _padded(self, frame: int) -> str:
        return f"{self.number(frame):0{self._digits}d}"


def in_a_name(text: str) -> str:
    """A name with what VFX houses allow in file names alone: A-Z, a-z, 0-9, ".", "_", "-"."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip(".") or "_"
