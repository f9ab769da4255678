"""What a viewer can show of a shot: its plate, its renders, their mattes, its takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dubsync.core.errors import MissingMedia
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Plate, Shot, Take
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.pixels.square import square_format
from dubsync.media.plate import coloured_like
from dubsync.media.probe import probe_plate
from dubsync.service.render.older.deleted_note import read_note
from dubsync.service.render.provenance import whole_record
from dubsync.service.store.folder import Store


@dataclass(frozen=True, slots=True)
class PictureSource:
    """A movie or image sequence whose frames answer to a plate's frame numbers.

    name    "Plate", "v003", "v003 matte", or a take's file name
    file    as it was probed
    shift   added to a plate frame number, gives the file's own
    like    how its samples lie, so that its frames are made square and upright; None: they are
    """

    name: str
    file: Plate
    shift: int = 0
    like: PictureFormat | None = None

    @property
    def frames(self) -> FrameRange:
        """The plate frame numbers that it has."""
        held = self.file.frames
        return FrameRange(held.start - self.shift, held.stop - self.shift, held.rate)

    @property
    def key(self) -> tuple[str, str, int]:
        """Sources with equal keys show the same pictures."""
        return self.name, self.file.path, self.shift

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of its frames in square pixels."""
        square = square_format(self.like or self.file.format)
        return square.width, square.height


def plate_source(shot: Shot) -> PictureSource:
    """The shot's plate."""
    return PictureSource("Plate", shot.plate, 0, shot.plate.format)


def take_source(take: Take) -> PictureSource:
    """A take, by its own frame numbers."""
    return PictureSource(take.name, take.plate, 0, take.plate.format)


def version_names(store: Store, shot: Shot) -> tuple[str, ...]:
    """The shot's finished renders, newest first: ("v003", "v001")."""
    folders = store.versions("renders", shot.name)
    return tuple(folder.name for folder in folders if read_note(folder) is None)


def version_sources(
    store: Store, shot: Shot, version: str
) -> tuple[PictureSource, PictureSource | None]:
    """The picture of a render and its matte; None where it has no matte.

    The record is trusted for names and numbers only: what is delivered is verified elsewhere.

    Raises:
        MissingMedia: there is no such version.
        DeliveryError: its record is missing or damaged.
        MediaError: a file is missing or cannot be read.
    """
    folders = store.versions("renders", shot.name)
    folder = next((one for one in folders if one.name == version), None)
    if folder is None:
        raise MissingMedia(
            f"{shot.name} has no {version}", hint="it was removed: choose another version"
        )
    record = whole_record(folder)
    picture = _output(folder, record, "picture", shot, version)
    if picture is None:
        raise MissingMedia(f"{version} of {shot.name} has no picture", hint="render it again")
    return picture, _output(folder, record, "matte", shot, f"{version} matte")


def _output(
    folder: Path, record: Mapping[str, Any], role: str, shot: Shot, name: str
) -> PictureSource | None:
    if role not in record["outputs"]:
        return None
    file = probe_plate(folder / record["outputs"][role]["file"], rate=shot.plate.frames.rate)
    if role == "picture":
        file = coloured_like(file, shot.plate)
    shift = file.frames.start - int(record["frames"]["first"])
    return PictureSource(name, file, shift, shot.plate.format)
