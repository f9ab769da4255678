"""What depends on a performer's consent, and what becomes of it when consent is taken back."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dubsync.core.errors import DeliveryError, SettingsError
from dubsync.service.consent.records import ConsentRecord, read_all, read_consent
from dubsync.service.reel.models import ModelRecord, all_models
from dubsync.service.render.provenance import read_record
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.store.atomic_write import sync_folder, unwritable
from dubsync.service.store.folder import Store
from dubsync.service.voices.voice_memory import forget

WITHDRAWN = ".withdrawn"


@dataclass(frozen=True, slots=True)
class Render:
    """One version of one shot; `consent` are the ids in its record."""

    shot: str
    version: str
    language: str
    folder: Path
    characters: tuple[str, ...]
    consent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dependents:
    """A performer's consent, and everything made by it.

    characters  whom they play; dubs: whom they dub, so that their takes teach
    records    records that are in the project's consent/ folder
    withdrawn  names of records that were set aside
    models     learnt, trained, or half trained, of this performer; speaking styles from their takes
    renders    versions in which this performer is re-animated
    reviews    folders of strips and movies that show them
    """

    performer: str
    characters: tuple[str, ...]
    dubs: tuple[str, ...]
    records: tuple[ConsentRecord, ...]
    withdrawn: tuple[str, ...]
    models: tuple[ModelRecord, ...]
    renders: tuple[Render, ...]
    reviews: tuple[Path, ...]


def dependents(file: ProjectFile, store: Store) -> tuple[Dependents, ...]:
    """Every performer of the project, or of a consent record, with what depends on them.

    Raises:
        SettingsError: a consent record that cannot be read.
    """
    folder = file.folder / "consent"
    records = read_all(folder)
    aside = [(path.name, read_consent(path)) for path in sorted(folder.glob(f"*{WITHDRAWN}*"))]
    models, renders = list(all_models(store)), _renders(store)
    reviews = _reviews(store)
    known = dict.fromkeys(
        list(file.performers.values())
        + [who for _, who in file.voice_actors]
        + [r.performer for r in records]
        + [r.performer for _, r in aside]
    )
    result = []
    for performer in known:
        characters = tuple(who for who, id_ in file.performers.items() if id_ == performer)
        dubs = tuple(dict.fromkeys(who for who, id_ in file.voice_actors if id_ == performer))
        theirs = tuple(r for r in records if r.performer == performer)
        past = [(name, r) for name, r in aside if r.performer == performer]
        ids = {r.id for r in (*theirs, *(r for _, r in past))}
        result.append(
            Dependents(
                performer,
                characters,
                dubs,
                theirs,
                tuple(name for name, _ in past),
                tuple(m for m in models if _whose(m, performer, characters, dubs)),
                tuple(r for r in renders
                      if ids & set(r.consent) or set(characters) & set(r.characters)),
                tuple(p for p, seen in reviews if set(characters) & seen),
            )
        )  # fmt: skip
    return tuple(result)


def one_performer(every: Sequence[Dependents], performer: str) -> Dependents:
    """The performer of that id.  Raises SettingsError with the ids there are."""
    for theirs in every:
        if theirs.performer == performer:
            return theirs
    raise SettingsError(
        f"no performer is called {performer!r}",
        hint="performers: " + ", ".join(d.performer for d in every),
    )


def withdraw(file: ProjectFile, store: Store, theirs: Dependents) -> tuple[Path, ...]:
    """Set the performer's records aside and delete their models; renders, reviews, tweaks stay.

    Records go first: from then on nothing of this performer is trained or rendered, whatever
    happens to the rest.

    Returns:
        The records as they lie now.

    Raises:
        DeliveryError: a record cannot be renamed or a model cannot be deleted.
    """
    folder = file.folder / "consent"
    renamed = []
    for path in sorted(folder.glob("*.toml")):
        if read_consent(path).performer == theirs.performer:
            renamed.append(_set_aside(path))
    if renamed:
        sync_folder(folder)
    # Listed again: one may have been made while the person was being asked.
    for model in list(all_models(store)):
        if not _whose(model, theirs.performer, theirs.characters, theirs.dubs):
            continue
        try:
            shutil.rmtree(model.folder)
        except OSError as error:
            raise DeliveryError(
                f"the model in {model.folder} cannot be deleted: {error.strerror or error}",
                hint="the consent is set aside already; delete the folder by hand",
            ) from error
    forget(store, theirs.characters)
    return tuple(renamed)


def dependents_json(theirs: Dependents) -> dict[str, Any]:
    """One performer as the command line's JSON gives it."""
    return {
        "performer": theirs.performer,
        "characters": list(theirs.characters),
        "dubs": list(theirs.dubs),
        "records": [
            {"id": r.id, "operations": list(r.operations), "languages": list(r.languages),
             "basis": r.basis, "valid_from": r.valid_from.isoformat(),
             "valid_until": r.valid_until.isoformat(),
             "revoked": r.revoked.isoformat() if r.revoked else None}
            for r in theirs.records
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
    }  # fmt: skip


def _whose(
    model: ModelRecord, performer: str, characters: Sequence[str], dubs: Sequence[str]
) -> bool:
    """By the model's own record; one without a record goes by its character."""
    if model.facts:
        return performer in (model.facts.get("performer"), model.facts.get("voice_actor"))
    return model.character in characters or (
        model.kind == "speaking_style" and model.character in dubs
    )


def _renders(store: Store) -> list[Render]:
    """Of every language, also of those that are in the project no more."""
    result = []
    for folder in _versions(store.folder / "renders"):
        try:
            record = read_record(folder)
        except DeliveryError:
            continue  # not a render of ours, or not whole: no version is ever left so
        result.append(
            Render(
                folder.parent.name,
                folder.name,
                str(record.get("language", "")),
                folder,
                tuple(record["characters"]),
                tuple(c["id"] for c in record["consent"]),
            )
        )
    return result


def _reviews(store: Store) -> list[tuple[Path, set[str]]]:
    """Folders of reviews, and which characters each has a strip of.

    A strip is called SHOT_vNNN_CHARACTER.png, or SHOT_LANGUAGE_vNNN_CHARACTER.png.
    """
    reports = store.folder / "reports"
    homes = {reports / "review": "_"}
    homes |= {home: f"_{home.parent.name}_" for home in sorted(reports.glob("*/review"))}
    result = []
    for home, tag in homes.items():
        for folder in _versions(home):
            begin = f"{folder.parent.name}{tag}{folder.name}_"
            result.append((folder, {p.stem.removeprefix(begin) for p in folder.glob("*.png")}))
    return result


def _versions(home: Path) -> list[Path]:
    """SHOT/vNNN and LANGUAGE/SHOT/vNNN."""
    return sorted(p for p in [*home.glob("*/v*"), *home.glob("*/*/v*")] if p.is_dir())


def _set_aside(path: Path) -> Path:
    aside, n = path.with_name(path.name + WITHDRAWN), 1
    while aside.exists():
        n += 1
        aside = path.with_name(f"{path.name}{WITHDRAWN}{n}")
    try:
        path.rename(aside)
    except OSError as error:
        raise unwritable(path, error) from error
    return aside
