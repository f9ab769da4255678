"""Teach a house's own base on the actors of its reels whose performers consented to that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from dubsync.core.errors import ConsentMissing, HouseKeyError
from dubsync.core.learning.house_base import TaughtBase
from dubsync.core.progress import Progress
from dubsync.core.steps import Actor, Footage
from dubsync.core.version import __version__
from dubsync.service.consent.live import watched
from dubsync.service.consent.operations import HOUSE_BASE
from dubsync.service.consent.records import ConsentRecord, require
from dubsync.service.house_base.kept import SCHEMA
from dubsync.service.house_base.places import CARD, HEAD, NETWORK, base_name, bases_folder
from dubsync.service.keys.house_key import HouseKey, house_key
from dubsync.service.keys.signing import signed
from dubsync.service.project import Project
from dubsync.service.reel.footage import footage_of
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import whole_folder

MINUTES = 20.0


@dataclass(frozen=True, slots=True)
class Pupil:
    """A character of a reel whose performer consented."""

    project: Project
    character: str
    consent: ConsentRecord


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What a pupil gives: the actor as learnt, the footage, digests and frames of its plates."""

    pupil: Pupil
    actor: Actor
    footage: Sequence[Footage]
    plates: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A character that teaches nothing: the reel's folder name, and why."""

    reel: str
    character: str
    why: str


@dataclass(frozen=True, slots=True)
class BaseResult:
    """What was taught: "NAME/v001", its folder, the signed card, and who was left out."""

    name: str
    folder: str
    card: dict[str, Any] = field(hash=False)
    left_out: tuple[LeftOut, ...]


def teach_house_base(
    projects: Sequence[Project], name: str, *, minutes: float = MINUTES, steps: int = 0,
    progress: Progress,
) -> BaseResult:  # fmt: skip
    """Teach the next version of the base `name` on every consented actor of `projects`.

    Nothing is used of a performer whose record does not allow HOUSE_BASE.  Consent is asked again
    while it is taught, and before the base is written.

    Raises:
        HouseKeyError: this machine has no key that can sign.
        ConsentMissing: nobody consented; or a consent ended meanwhile.
        EngineError: too little footage.
    """
    home, key = bases_folder() / base_name(name), _signing_key()
    pupils, left_out = _consented(projects)
    if not pupils:
        raise ConsentMissing(
            "no performer of these reels consented to a house base"
            + "".join(f"\n{one.reel}, {one.character}: {one.why}" for one in left_out[:5]),
            hint=f'ask them, then add "{HOUSE_BASE}" to the operations of their consent records',
        )

    def check() -> None:
        for pupil in pupils:
            _consent(pupil.project, pupil.character)

    tell = watched(progress, check)
    lessons = [_lesson(pupil, tell) for pupil in pupils]
    engine = pupils[0].project.reel.engine
    taught = engine.teach_base(
        [(one.actor, one.footage) for one in lessons],
        minutes=minutes, steps=steps, kept=None, progress=tell,
    )  # fmt: skip
    check()
    version = _next_version(home)
    facts = {
        "name": f"{name}/{version}",
        "house": key.house,
        "options": {"minutes": minutes, "steps": steps},
        "versions": {"dubsync": __version__, "engine": engine.version},
    }
    card = signed({**_card(taught, lessons), **facts}, key)
    with whole_folder(home / version) as aside:
        (aside / NETWORK).write_bytes(taught.network)
        if taught.head:
            (aside / HEAD).write_bytes(taught.head)
        write_whole(aside / CARD, json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    return BaseResult(f"{name}/{version}", str(home / version), card, tuple(left_out))


def _signing_key() -> HouseKey:
    key = house_key()
    if key is None:
        raise HouseKeyError(
            "a base is signed with the key of the house, and this machine has none",
            hint="make one: dubsync keys new --house NAME",
        )
    key.ready()
    return key


def _consented(projects: Sequence[Project]) -> tuple[list[Pupil], list[LeftOut]]:
    pupils, left_out = [], []
    for project in projects:
        for character in project.file.performers:
            try:
                pupils.append(Pupil(project, character, _consent(project, character)))
            except ConsentMissing as error:
                left_out.append(LeftOut(project.file.folder.name, character, str(error)))
    return pupils, left_out


def _consent(project: Project, character: str) -> ConsentRecord:
    """The record that allows a house base of the character's performer.  Raises ConsentMissing."""
    reel = project.reel
    reel.train_consent(character)
    return require(
        reel.consents.read(), reel.performers[character], HOUSE_BASE, reel.language, date.today()
    )


def _lesson(pupil: Pupil, progress: Progress) -> Lesson:
    reel = pupil.project.reel
    actors = reel.look(progress).actors
    actor, seen = actors.learnt(pupil.character, progress), actors.seen(pupil.character)
    plates = [
        {"sha256": reel.store.plate_digest(one.shot.plate),
         "frames": [[t.frames.start, t.frames.stop] for t in one.tracks]}
        for one in seen
    ]  # fmt: skip
    footage = footage_of(seen, reel.audio_analysis, reel.in_front, reel.face_tracks, progress)
    return Lesson(pupil, actor, footage, plates)


def _next_version(home: Path) -> str:
    numbers = [int(path.name[1:]) for path in home.glob("v[0-9]*") if path.name[1:].isdigit()]
    return f"v{max(numbers, default=0) + 1:03d}"


def _card(taught: TaughtBase, lessons: Sequence[Lesson]) -> dict[str, Any]:
    """The card of a base: sources by digest, consents by id and digest; no name of a person."""
    files = {NETWORK: sha256(taught.network).hexdigest()}
    if taught.head:
        files[HEAD] = sha256(taught.head).hexdigest()
    return {
        "schema": SCHEMA,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": files,
        "licence": "for this house alone, as far as the consents below go",
        "facts": dict(taught.facts),
        "sources": [{"actor": one.actor.digest, "plates": list(one.plates)} for one in lessons],
        "consents": [
            {"performer": consent.performer, "id": consent.id, "sha256": consent.digest,
             "operation": HOUSE_BASE}
            for consent in (one.pupil.consent for one in lessons)
        ],
    }  # fmt: skip
