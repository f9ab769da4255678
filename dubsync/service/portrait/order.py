"""What is asked of a portrait, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dubsync.core.errors import DeliveryError, MissingMedia, SettingsError
from dubsync.core.face import Point
from dubsync.core.learning.moving_still import MOST_STILLS
from dubsync.core.plural import counted
from dubsync.core.settings import Settings
from dubsync.core.shot import ProjectWarning
from dubsync.core.sound.tracks import WHOLE, SoundChoice
from dubsync.media.drawn_movie import MOVIES, SEQUENCES, check_free

#: Longest side of a portrait, pixels, unless the order says otherwise; and the largest.
LONGEST, MOST = 1920, 4096
#: Frames per second of a portrait that follows no movie.
RATE = "25"


@dataclass(frozen=True, slots=True)
class PortraitOrder:
    """One portrait.

    photos     1 to 32 photographs of one person; the first is the one that is moved
    out        the movie, or image sequence, to write
    take       a movie of the driver
    dub        a sound to speak
    consent    the record that allows it
    face       which face of the first photograph; None: the only one
    take_face  which person in the take: a number; 0: the only one
    language   of the dub, BCP-47; "": the record's only one
    heard      the sound track and channel of the dub that the user names
    longest    the longest side of what is written, pixels, where the photograph is as large
    rate       frames per second without a take, as a fraction
    """

    photos: tuple[Path, ...]
    out: Path
    take: Path | None = None
    dub: Path | None = None
    consent: Path | None = None
    face: Point | None = None
    take_face: int = 0
    language: str = ""
    heard: SoundChoice = WHOLE
    longest: int = LONGEST
    rate: str = RATE
    settings: Settings = Settings()

    @property
    def beside(self) -> Path:
        """The folder for the record, the sheet and the pictures of questions."""
        return self.out.parent / f"{self.out.stem.partition('%')[0].rstrip('._')}.dubsync"


@dataclass(frozen=True, slots=True)
class PortraitResult:
    """A portrait.

    out      the movie, or the printf pattern of the sequence
    frames   how many
    quality  the mark of its quality: "1 still", "8 stills"
    record   path of the provenance record
    sheet    path of a picture of some of its frames
    """

    out: str
    frames: int
    rate: str
    size: tuple[int, int]
    quality: str
    record: str
    sheet: str
    warnings: tuple[ProjectWarning, ...]
    name: str = ""


def quality_mark(stills: int) -> str:
    """The mark of quality in record and report: from how many stills a portrait is drawn."""
    return counted(stills, "still")


def check_order(order: PortraitOrder) -> None:
    """Refuse what cannot be done, before anything takes long.

    Raises:
        SettingsError: too many photographs, nothing or two things to follow, an unknown suffix.
        MissingMedia: a file or the folder is not there.
        DeliveryError: the movie, or a file of the sequence, exists.
    """
    if not 1 <= len(order.photos) <= MOST_STILLS:
        raise SettingsError(
            f"{counted(len(order.photos), 'photograph')} given; 1 to {MOST_STILLS} can be used",
            hint="give those in which the face is largest and sharpest",
        )
    if order.take is None and order.dub is None:
        raise SettingsError(
            "there is nothing for the portrait to follow",
            hint="give --take MOVIE, --dub SOUND, or --reactions like,haha,wow,sad,angry,idle",
        )
    if order.take is not None and order.dub is not None:
        raise SettingsError(
            "a portrait follows a take or a dub, not both",
            hint="leave out --dub: the take's own sound is kept",
        )
    for path in (*order.photos, *(p for p in (order.take, order.dub) if p)):
        if not path.is_file():
            raise MissingMedia(f"{path} does not exist", hint="check the path")
    check_out(order.out)


def check_out(out: Path) -> None:
    """Raises what `check_order` does of the movie to write."""
    if out.suffix.lower() not in (*MOVIES, *SEQUENCES):
        raise SettingsError(
            f"a portrait cannot be written as {out.suffix or 'a file without suffix'}",
            hint="-o NAME.mov (ProRes 4444), NAME.mkv (lossless), NAME.mp4 (plays anywhere), "
            "NAME.png or NAME.exr (image sequence)",
        )
    if not out.parent.is_dir():
        raise MissingMedia(f"the folder {out.parent} does not exist", hint="create it first")
    try:
        check_free(out)
    except DeliveryError as error:
        free = next_free(out)
        raise DeliveryError(
            f"{error}, and dubsync does not overwrite files",
            hint=f"choose another name, such as -o {free}",
        ) from error


def next_free(out: Path) -> Path:
    """`out` as its next version: NAME_v002.mov, NAME_v003.mov, ..."""
    for number in range(2, 1000):
        path = out.with_stem(f"{out.stem}_v{number:03d}")
        try:
            check_free(path)
        except DeliveryError:
            continue
        return path
    return out.with_stem(f"{out.stem}_new")


def said(warnings: Sequence[ProjectWarning]) -> list[dict[str, str]]:
    """Warnings as JSON values."""
    return [{"about": w.about, "message": w.message, "hint": w.hint} for w in warnings]
