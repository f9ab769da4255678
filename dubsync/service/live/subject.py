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
from dubsync.core.errors import SettingsError
from dubsync.core.face import Point
from dubsync.core.progress import Progress
from dubsync.core.settings import EngineSettings
from dubsync.service.consent.given import allows, given_record
from dubsync.service.consent.live import LiveConsent
from dubsync.service.consent.operations import LIVE, PORTRAIT
from dubsync.service.consent.records import ConsentRecord, require
from dubsync.service.faces.both_faces import write_both
from dubsync.service.faces.consented_face import require_their_photographs
from dubsync.service.plugins import load_engine
from dubsync.service.portrait.found_stills import find_stills
from dubsync.service.portrait.still_faults import still_faults
from dubsync.service.project import Project

#: Longest side of a photograph as it is read: a head of it is drawn 480 lines high.
LONGEST_PX = 1600


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
    paths: Sequence[Path], consent: Path | None, *, whole: bool = False, face: Point | None = None
) -> ShownPerson:
    """One person's photographs, when their consent record allows them to move, and live.

    Args:
        paths: the first is the one that moves.
        whole: show the whole photograph, not its head and shoulders.
        face: which face of the first, as `find_stills` takes it.

    Raises:
        ConsentMissing: no record is given, or it does not allow it today.
        MediaError: a photograph that cannot be read.
        NoFace, FaceQuestion: a photograph without a face, or one that cannot be moved; several.
        SettingsError: the record cannot be read.
    """
    check = allows(consent, (PORTRAIT, LIVE))
    engine = load_engine(EngineSettings())
    if engine.moving_still is None:
        raise SettingsError("this engine cannot move a photograph", hint="use dubsync's own engine")
    found = find_stills(paths, engine, face=face, longest=LONGEST_PX, beside=Path())
    assert consent is not None  # `allows` found it
    whose = require_their_photographs(
        given_record(consent)[1], consent.parent,
        [(path, still.face) for path, still in zip(paths, found.stills, strict=True)],
        engine, lambda one, other: write_both(Path(), one, other), LONGEST_PX,
    )  # fmt: skip
    faults = still_faults(found, engine.moving_still(found.stills, found.alpha))
    return ShownPerson(
        LiveSubject(
            "still",
            tuple(_display(still.picture) for still in found.stills),
            tuple(still.face.landmarks[0] for still in found.stills),
            whole=whole,
        ),
        "synthetic: a photograph driven live by another person, made by dubsync",
        check,
        (given_record(consent)[1],),
        tuple(_input("photograph", path) for path in paths),
        tuple(f"{one.about}: {one.message}" for one in (*found.warnings, *faults, *whose)),
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


def open_character(
    reel: Path, character: str, language: str, progress: Progress
) -> ShownPerson:  # fmt: skip
    """A character of a reel, by the head that is learnt from its plates, the first time now.

    Args:
        reel: the project's folder.
        language: one of the project's; "": its first.

    Raises:
        ConsentMissing: no record in the project's consent/ folder allows it today.
        SettingsError: no such project or character, or a record that cannot be read.
        EngineError: the head cannot be learnt.
    """
    project = Project.open(reel)
    project = project.into(language) if language else project
    performers = project.file.performers
    if character not in performers:
        raise SettingsError(
            f"{reel} has no character {character!r}",
            hint=f"characters: {', '.join(sorted(performers))}",
        )
    consents = LiveConsent(reel / "consent")

    def record() -> ConsentRecord:
        return require(
            consents.read(), performers[character], LIVE, project.language, date.today()
        )  # fmt: skip

    def check() -> None:
        record()

    allowed = record()
    actors = project.reel.look(progress).actors
    actor = actors.learnt(character, progress)
    head = actors.head(actor, progress)
    folder = actors.head_folder(actor)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return ShownPerson(
        LiveSubject("head", head=folder),
        f"synthetic: {character}'s head driven live by another person, made by dubsync",
        check,
        (allowed,),
        tuple(_input("head", path) for path in files),
        head.notes,
    )


def _input(role: str, path: Path) -> Mapping[str, str]:
    return {"role": role, "name": path.name, "sha256": file_digest(path)}


def _display(rgb: Array) -> Rgb8:
    return np.asarray(np.rint(np.clip(rgb, 0, 1) * 255), np.uint8)
