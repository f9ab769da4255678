"""What is written as edit media, and from what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from dubsync.core.edit.codec import EditCodec
from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.progress import Progress, Step
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import TIMECODE_RATES, FrameRange, Timecode
from dubsync.media.pixels.square import upright
from dubsync.media.plate import open_plate


@dataclass(frozen=True, slots=True)
class EditJob:
    """One render to be written in one codec; the fields are `write_edit_media`'s arguments.

    form   of the pictures to write: the master's, with the colour tags and HDR metadata of its
           plate; upright where the container cannot say that a picture is to be turned
    """

    source: Plate
    folder: Path
    name: str
    codec: EditCodec
    container: str
    form: PictureFormat
    plate: Plate
    span: FrameRange
    digest: str
    sound: Path | None
    progress: Progress
    shot: str

    @property
    def timecode(self) -> str:
        """Source timecode of the first frame, ";" for drop frame; "" where there is none."""
        if not (self.plate.has_timecode and self.span.rate in TIMECODE_RATES):
            return ""
        return str(Timecode(self.span.start, self.span.rate, self.plate.drop))

    @property
    def made(self) -> str:
        """When the master's first file was written, UTC: the same at every delivery."""
        first = self.source.first_number
        path = Path(self.source.path)
        file = path if first is None else path.with_name(path.name % first)
        at = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def frames(self) -> Iterator[Frame]:
        """The master's frames in order; progress is told after each has been written."""
        total = len(self.span)
        with open_plate(self.source) as reader:
            for done, frame in enumerate(reader.frames(self.source.frames), start=1):
                yield frame if self.form.turned else upright(frame)
                self.progress(Step("edit media", self.shot, done, total))


def stated_format(render: PictureFormat, plate: PictureFormat) -> PictureFormat:
    """The render's format with the colour tags and HDR metadata that only its plate states."""
    return replace(
        render,
        primaries=render.primaries or plate.primaries,
        transfer=render.transfer or plate.transfer,
        mastering_display=render.mastering_display or plate.mastering_display,
        content_light=render.content_light or plate.content_light,
    )
