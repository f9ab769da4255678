"""Who is shown in a live picture, and whether they agreed to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.digest import file_digest
from dubsync.core.driven.live import LiveSubject, Rgb8
from dubsync.media.photo.photograph import read_photograph
from dubsync.service.consent.given import allows, given_record
from dubsync.service.consent.live import LiveConsent
from dubsync.service.consent.operations import LIVE
from dubsync.service.consent.records import ConsentRecord, require
from dubsync.service.settings.project_file import ProjectFile

#: Longest side of a photograph as it is read: a head of it is drawn 480 lines high.
LONGEST_PX = 2160


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """Who is shown, opened and allowed.

    subject   what the engine draws
    made      the mark: what is synthetic in the picture
    check     raises ConsentMissing once they no longer agree; reads the records again
    consents  the records that allow it
    inputs    role, name and sha256 of each file that went in
    notes     what is to be said before anything is shown
    """

    subject: LiveSubject
    made: str
    check: Callable[[], None]
    consents: tuple[ConsentRecord, ...]
    inputs: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...] = ()


def open_photographs(
    paths: Sequence[Path], consent: Path | None, *, whole: bool = False
) -> ShownPerson:
    """One person's photographs, when their consent record allows to drive them live.

    Args:
        paths: the first is the one that moves.
        whole: show the whole photograph, not its head and shoulders.

    Raises:
        ConsentMissing: no record is given, or it does not allow it today.
        MediaError: a photograph that cannot be read.
        SettingsError: the record cannot be read.
    """
    check = allows(consent, (LIVE,))
    read = [read_photograph(path, longest=LONGEST_PX) for path in paths]
    pictures = tuple(_display(photo.over(0.5)) for photo in read)
    return ShownPerson(
        LiveSubject("still", pictures, whole=whole),
        "synthetic: a photograph driven live by another person, made by dubsync",
        check,
        (given_record(consent)[1],),
        tuple(_input("photograph", path) for path in paths),
        tuple(f"{photo.path.name}: {note}" for photo in read for note in photo.notes),
    )


def open_own_gaze(consent: Path | None) -> ShownPerson:
    """The person at the camera, whose gaze is corrected, when their record allows it.

    Raises:
        ConsentMissing, SettingsError: as `open_photographs`.
    """
    check = allows(consent, (LIVE,))
    return ShownPerson(
        LiveSubject("gaze"),
        "synthetic: gaze corrected towards the camera by dubsync",
        check,
        (given_record(consent)[1],),
        (),
    )


def open_character(file: ProjectFile, character: str, head: Path) -> ShownPerson:
    """A character of a reel by the learnt head in the file `head`, when the performer agreed.

    Args:
        file: the project's file, in one of its languages.

    Raises:
        ConsentMissing: no record in the project's consent/ folder allows it today.
        SettingsError: a record cannot be read.
    """
    consents = LiveConsent(file.folder / "consent")
    performer = file.performers[character]

    def record() -> ConsentRecord:
        return require(consents.read(), performer, LIVE, file.language, date.today())

    def check() -> None:
        record()

    return ShownPerson(
        LiveSubject("head", head=head),
        f"synthetic: {character}'s head driven live by another person, made by dubsync",
        check,
        (record(),),
        (_input("head", head),),
    )


def _input(role: str, path: Path) -> Mapping[str, str]:
    return {"role": role, "name": path.name, "sha256": file_digest(path)}


def _display(rgb: Array) -> Rgb8:
    return np.asarray(np.rint(np.clip(rgb, 0, 1) * 255), np.uint8)
