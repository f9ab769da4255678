"""Models that nothing needs any more: a newer one stands, and no render that stays was drawn by it.

An actor as learnt stays with the one that was trained from it, whose key it shares; so does the
head that was learnt with it, and what a recut kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from dubsync.core.errors import DeliveryError
from dubsync.service.reel.actor_cache import kept_actors
from dubsync.service.reel.models import ModelRecord, all_models
from dubsync.service.render.older.referred import RenderVersion
from dubsync.service.render.provenance import whole_record
from dubsync.service.store.folder import Store

#: Kinds of models of which older ones pile up.
_KINDS = ("learnt", "trained", "head")


def superseded_models(
    store: Store, kept: Sequence[RenderVersion]
) -> tuple[tuple[Path, ...], Mapping[Path, str]]:
    """The folders of models that can go; those that stay, and why.

    Args:
        kept: the versions of renders that stay.
    """
    models = [one for one in all_models(store) if one.kind in _KINDS]
    drawn = set(_drawn(one.folder for one in kept))
    recut = {actor.key for actor in (kept_actors(store) or {}).values()}
    used: dict[Path, str] = {}
    for one in models:
        if _newest_of(one, models) == one.folder:
            used[one.folder] = "the newest"
        elif one.digest and one.digest in drawn:
            used[one.folder] = "a render that stays was drawn by it"
        elif _key(one) in recut:
            used[one.folder] = "kept by the recut"
        elif not one.facts:
            used[one.folder] = "its record cannot be read"
    keys = {(one.character, _key(one)) for one in models if one.folder in used}
    for one in models:
        if one.kind == "learnt" and (one.character, _key(one)) in keys:
            used.setdefault(one.folder, "one that stays was trained from it")
    return tuple(one.folder for one in models if one.folder not in used), used


def _key(model: ModelRecord) -> str:
    """The digest in the name of its folder."""
    return (model.folder.parent if model.kind == "trained" else model.folder).name


def _newest_of(model: ModelRecord, models: Iterable[ModelRecord]) -> Path:
    alike = [one for one in models if (one.kind, one.character) == (model.kind, model.character)]
    return max(alike, key=lambda one: (str(one.facts.get("made", "")), str(one.folder))).folder


def _drawn(folders: Iterable[Path]) -> Iterable[str]:
    """The digests of all models that the records in these folders name."""
    for folder in folders:
        try:
            record = whole_record(folder)
        except DeliveryError:
            continue
        yield from map(str, record["actors"].values())
        yield from (str(one.get("head", "")) for one in record.get("redrawn", {}).values())
        yield from (str(one.get("actor", "")) for one in record.get("lineage", ()))
