"""The models that drew a render, with the plates, takes and photographs they were learnt from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.documents import DamagedDocument, read_json
from dubsync.service.house_base.places import CARD, base_folder
from dubsync.service.reel.models import RECORD, Kind, ModelRecord, all_models, read_model
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.render.frame_cache import FrameReuse
from dubsync.service.store.folder import Store

#: Facts of a model's record that its lineage repeats, and the keys of each of their entries.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "plates": ("name", "sha256", "frames"),
    "takes": ("name", "sha256"),
    "consent": ("id", "sha256", "basis"),
}


def lineage_of(plan: ShotPlan, drawn: Mapping[str, str]) -> list[dict[str, Any]]:
    """An entry for each model that a render of the planned shot used.

    Args:
        drawn: character -> digest of the actor that was drawn.

    Returns:
        For each model: character, kind, digest of the actor, SHA-256 of its own record, and from
        that when it was made, and its plates, takes, photographs and consents by id and digest.
        A model without a record has "unknown" instead, which says so.
    """
    own = [
        _entry(model)
        for face in plan.faces
        if face.character in drawn
        for model in _models(plan, face.character, drawn[face.character])
    ]
    base = plan.reel.settings.engine.base
    return [*own, base_entry(base)] if base else own


def base_entry(reference: str) -> dict[str, Any]:
    """The house's base "NAME/v001" that actors started from, by its card on this machine."""
    named = {"kind": "base", "actor": reference}
    path = base_folder(reference) / CARD
    try:
        card = read_json(path)
        taught = [plate for one in card["sources"] for plate in one["plates"]]
        consents = card["consents"]
    except (OSError, DamagedDocument, KeyError, TypeError):
        return {**named, "unknown": "its card cannot be read"}
    return {
        **named,
        "record": _record_digest(path),
        "made": str(card.get("made", "")),
        "plates": [_parts_of(one, "plates") for one in taught],
        "consent": [_parts_of(one, "consent") for one in consents],
    }


def taken_lineage(reused: FrameReuse) -> list[dict[str, Any]]:
    """The models of the earlier renders that frames are taken over from, each once."""
    found: list[dict[str, Any]] = []
    for render in reused.sources:
        unknown = {"unknown": f"the record of {render.name} is of an older version"}
        for entry in render.record.get("lineage", [unknown]):
            if entry not in found:
                found.append(dict(entry))
    return found


def _models(plan: ShotPlan, character: str, actor: str) -> Iterator[ModelRecord]:
    """The actor that was drawn, the head that belongs to it, and the speaking style."""
    store: Store = plan.reel.store
    face = next(face for face in plan.faces if face.character == character)
    kind: Kind = "learnt"
    own = store.actor_folder(character, face.actor_key)
    if face.pick.renderer == "actor":
        trained = plan.actors.trained(character)
        kind, own = "trained", own if trained is None else trained.folder
    yield read_model(kind, character, own)
    if "head" in face.regions(plan.shot.render):
        heads = (one for one in all_models(store) if one.kind == "head")
        yield from (one for one in heads if one.character == character and one.digest == actor)
    if face.speaking_style_key:
        folder = store.derived / "speaking_styles" / character / face.speaking_style_key
        yield read_model("speaking_style", character, folder)


def _entry(model: ModelRecord) -> dict[str, Any]:
    named = {"character": model.character, "kind": model.kind}
    if not model.facts:
        return {**named, "unknown": "it has no record of its training"}
    parts = {name: [_parts_of(one, name) for one in model.facts.get(name, ())] for name in _PARTS}
    photographs = model.facts.get("options", {}).get("photographs", ())
    stills = [{"name": one["name"], "sha256": one["sha256"]} for one in photographs]
    return {
        **named,
        "actor": model.digest,
        "record": _record_digest(model.folder / RECORD),
        "made": str(model.facts.get("made", "")),
        **{name: found for name, found in parts.items() if found},
        **({"photographs": stills} if stills else {}),
    }


def _parts_of(one: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: one[key] for key in _PARTS[name] if key in one}


def _record_digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError:  # withdrawn while it was read
        return ""
