"""What depends on each performer's consent, and the withdrawal of that consent."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dubsync.core.errors import DeliveryError, SettingsError
from dubsync.service.consent.countersigned import countersignatures
from dubsync.service.consent.form import new_form
from dubsync.service.consent.operations import OPERATIONS
from dubsync.service.consent.records import ConsentRecord, read_all, read_consent
from dubsync.service.consent.scope import COUNTED, spoken
from dubsync.service.consent.state import WITHDRAWN, withdrawn_in
from dubsync.service.faces.face_tracks import forget_faces
from dubsync.service.house_base.kept import bases_of, refuse
from dubsync.service.keys.house_key import house_key
from dubsync.service.ledger.append import append
from dubsync.service.ledger.left_the_house import LeftTheHouse, deliveries_with
from dubsync.service.ledger.read_ledger import read_ledger
from dubsync.service.reel.models import ModelRecord, all_models
from dubsync.service.render.provenance import read_record
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.store.atomic_write import sync_folder, unwritable
from dubsync.service.store.folder import Store
from dubsync.service.store.review_names import strip_characters
from dubsync.service.voices.voice_memory import forget

#: How the name of a render's record ends.
RECORD = ".record.json"


@dataclass(frozen=True, slots=True)
class Render:
    """One version of a rendered shot; `consent` holds the ids in its record.

    name  with which the names of its files begin
    """

    shot: str
    version: str
    language: str
    folder: Path
    characters: tuple[str, ...]
    consent: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Dependents:
    """A performer's consent records, and everything that depends on them.

    characters  the characters they play
    dubs       the characters they dub; speaking styles may be learnt from their takes
    records    consent records in the project's consent/ folder
    withdrawn  file names of withdrawn records
    models     learnt, trained or partly trained on this performer; speaking styles from their takes
    renders    versions in which this performer is re-animated
    reviews    folders of review strips and movies that show them
    bases      house bases taught on them, "NAME/v001"; refused from the withdrawal on
    deliveries  those that hold one of the renders: they left the house
    """

    performer: str
    characters: tuple[str, ...]
    dubs: tuple[str, ...]
    records: tuple[ConsentRecord, ...]
    withdrawn: tuple[str, ...]
    models: tuple[ModelRecord, ...]
    renders: tuple[Render, ...]
    reviews: tuple[Path, ...]
    bases: tuple[str, ...] = ()
    deliveries: tuple[LeftTheHouse, ...] = ()


def dependents(file: ProjectFile, store: Store) -> tuple[Dependents, ...]:
    """Every performer of the project or of a consent record, with what depends on them.

    Raises:
        SettingsError: a consent record that cannot be read.
    """
    folder = file.folder / "consent"
    records = read_all(folder)
    withdrawn = [(path.name, read_consent(path)) for path in withdrawn_in(folder)]
    models, renders = list(all_models(store)), _renders(store)
    reviews, ledger = _reviews(store), read_ledger(file.folder)
    known = dict.fromkeys(
        list(file.performers.values())
        + [performer for _, performer in file.voice_actors]
        + [r.performer for r in records]
        + [r.performer for _, r in withdrawn]
    )
    result = []
    for performer in known:
        characters = tuple(c for c, id_ in file.performers.items() if id_ == performer)
        dubs = tuple(dict.fromkeys(c for c, id_ in file.voice_actors if id_ == performer))
        own = tuple(r for r in records if r.performer == performer)
        past = [(name, r) for name, r in withdrawn if r.performer == performer]
        ids = {r.id for r in (*own, *(r for _, r in past))}
        drawn = tuple(r for r in renders
                      if ids & set(r.consent) or set(characters) & set(r.characters))  # fmt: skip
        names = {(r.language, r.shot, r.version): r.name for r in drawn}
        result.append(
            Dependents(
                performer,
                characters,
                dubs,
                own,
                tuple(name for name, _ in past),
                tuple(m for m in models if _depends(m, performer, characters, dubs)),
                drawn,
                tuple(p for p, seen in reviews if set(characters) & seen),
                tuple(
                    base.name
                    for base in bases_of(
                        performer, tuple(ids), [r.digest for r in (*own, *(r for _, r in past))]
                    )
                    if not base.refused
                ),
                deliveries_with(file.folder, ledger, names) if names else (),
            )
        )  # fmt: skip
    return tuple(result)


def form_for(
    file: ProjectFile, performer: str, operations: Sequence[str] = (), basis: str = "consent"
) -> Path:
    """Write an empty record for a performer into consent/; see `consent.form.new_form`."""
    plays = ", ".join(name for name, id_ in file.performers.items() if id_ == performer)
    return new_form(
        performer, file.folder / "consent", character=plays, languages=file.languages,
        suffix=".toml.example", operations=operations, basis=basis,
    )  # fmt: skip


def one_performer(every: Sequence[Dependents], performer: str) -> Dependents:
    """The performer with that id.  Raises SettingsError, which lists the ids."""
    for one in every:
        if one.performer == performer:
            return one
    raise SettingsError(
        f"unknown performer {performer!r}",
        hint="performers: " + ", ".join(one.performer for one in every),
    )


def withdraw(file: ProjectFile, store: Store, performer: Dependents) -> tuple[Path, ...]:
    """Withdraw the performer's records; delete their models and the project's face tracks; refuse
    the house bases that were taught on them.

    Renders, reviews and tweaks stay.

    The records are renamed first: from then on nothing of this performer is trained or rendered,
    even if the rest fails.

    Returns:
        The renamed records.

    Raises:
        DeliveryError: a record cannot be renamed or a model cannot be deleted.
    """
    folder = file.folder / "consent"
    renamed = []
    for path in sorted(folder.glob("*.toml")):
        if read_consent(path).performer == performer.performer:
            renamed.append(_set_aside(path))
    if renamed:
        sync_folder(folder)
    for name in performer.bases:
        refuse(name, "a performer that it was taught on withdrew consent")
    # Listed again: one may have been made while the user was asked to confirm.
    for model in list(all_models(store)):
        if not _depends(model, performer.performer, performer.characters, performer.dubs):
            continue
        try:
            if model.folder.is_dir() and not model.folder.is_symlink():
                shutil.rmtree(model.folder)
            else:  # a file or a link that somebody put there
                model.folder.unlink()
        except OSError as error:
            raise DeliveryError(
                f"the model in {model.folder} cannot be deleted: {error.strerror or error}",
                hint="the consent is withdrawn already; delete the folder by hand",
            ) from error
    forget(store, performer.characters)
    forget_faces(store, file.languages)
    what = {
        "records": [{"id": one.id, "sha256": one.digest} for one in performer.records],
        "deliveries": [{"folder": one.folder, "proof": one.sha256} for one in performer.deliveries],
    }
    append(file.folder, "withdrawal", what, house_key())
    return tuple(renamed)


def dependents_json(theirs: Dependents) -> dict[str, Any]:
    """One performer in the JSON of `dubsync consent --json`."""
    return {
        "performer": theirs.performer,
        "characters": list(theirs.characters),
        "dubs": list(theirs.dubs),
        "records": [
            {"id": r.id, "operations": list(r.operations), "languages": list(r.languages),
             "basis": r.basis, "valid_from": r.valid_from.isoformat(),
             "valid_until": r.valid_until.isoformat(),
             "revoked": r.revoked.isoformat() if r.revoked else None, **_grown(r)}
            for r in theirs.records
        ],
        "not_allowed": [
            name for name in OPERATIONS if not any(name in r.operations for r in theirs.records)
        ],
        "withdrawn": list(theirs.withdrawn),
        "models": [
            {"character": m.character, "kind": m.kind, "folder": str(m.folder),
             "made": m.facts.get("made"), "consent": [c["id"] for c in m.facts.get("consent", ())]}
            for m in theirs.models
        ],
        "renders": [
            {"shot": r.shot, "version": r.version, "language": r.language,
             "folder": str(r.folder), "consent": list(r.consent)}
            for r in theirs.renders
        ],
        "reviews": [str(folder) for folder in theirs.reviews],
        "bases": list(theirs.bases),
        "deliveries": [
            {"folder": d.folder, "shots": [list(one) for one in d.shots], "made": d.made,
             "sha256": d.sha256, "there": d.there}
            for d in theirs.deliveries
        ],
    }  # fmt: skip


def _grown(record: ConsentRecord) -> dict[str, Any]:
    """How far a record reaches, who signed it, and what proves it."""
    scope, signing, kept = record.scope, record.signing, record.retention
    return {
        "territory": list(scope.territory),
        "media": list(scope.media),
        "shots": list(scope.shots),
        "role": scope.role,
        "left": {kind: scope.left(kind, record.used) for kind in COUNTED},
        "limits": list(spoken(scope, record.used)),
        "capacity": signing.capacity,
        "minor": signing.minor,
        "reason": record.reason,
        "retention_until": str(kept.until) if kept.until else None,
        "delete_after": str(kept.delete_after) if kept.delete_after else None,
        "evidence": [one.file for one in record.evidence],
        "face": record.face,
        "sha256": record.digest,
        "fault": record.fault,
    }


def _depends(
    model: ModelRecord, performer: str, characters: Sequence[str], dubs: Sequence[str]
) -> bool:
    """Whether a model depends on a performer: by its record, or by its character without one."""
    if model.facts:
        return performer in (model.facts.get("performer"), model.facts.get("voice_actor"))
    return model.character in characters or (
        model.kind == "speaking_style" and model.character in dubs
    )


def _renders(store: Store) -> list[Render]:
    """The renders of every language, also of those no longer in the project."""
    result = []
    for folder in _versions(store.folder / "renders"):
        try:
            record = read_record(folder)
        except DeliveryError:
            continue  # not a dubsync render: a version folder is always complete
        result.append(
            Render(
                folder.parent.name,
                folder.name,
                str(record.get("language", "")),
                folder,
                tuple(record.get("characters", ())),
                tuple(c.get("id", "") for c in record.get("consent", ())),
                next((p.name.removesuffix(RECORD) for p in folder.glob(f"*{RECORD}")), folder.name),
            )
        )
    return result


def _reviews(store: Store) -> list[tuple[Path, set[str]]]:
    """Folders of reviews, and the characters that have a strip in each."""
    reports = store.folder / "reports"
    homes = {reports / "review": ""}
    homes |= {home: home.parent.name for home in sorted(reports.glob("*/review"))}
    return [
        (folder, strip_characters(folder, language))
        for home, language in homes.items()
        for folder in _versions(home)
    ]


def _versions(home: Path) -> list[Path]:
    """SHOT/vNNN and LANGUAGE/SHOT/vNNN."""
    return sorted(p for p in [*home.glob("*/v*"), *home.glob("*/*/v*")] if p.is_dir())


def _set_aside(path: Path) -> Path:
    """Rename a record, and its countersignatures with it; the record's new path."""
    signed = [(one.file, one.file.name.removeprefix(path.name)) for one in countersignatures(path)]
    aside, n = path.with_name(path.name + WITHDRAWN), 1
    while aside.exists():
        n += 1
        aside = path.with_name(f"{path.name}{WITHDRAWN}{n}")
    try:
        path.rename(aside)
        for file, suffix in signed:
            file.rename(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise unwritable(path, error) from error
    return aside
