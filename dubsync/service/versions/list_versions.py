"""Lists the renders of a shot: made when and from what, whole or altered, and judged how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dubsync.core.errors import DeliveryError
from dubsync.core.note import Judgement
from dubsync.service.judging.judgement_store import (
    JudgementStore,
    Verdict,
    last_on,
    standing_approval,
)
from dubsync.service.qc.checked_versions import CheckedVersions
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.record_form import SEAL
from dubsync.service.render.verify_render import altered
from dubsync.service.store.folder import Store, version_number
from dubsync.service.tweaks.tweak_store import TweakStore, TweakVersion, tweaks_plain


@dataclass(frozen=True, slots=True)
class ShotVersion:
    """One render of a shot.

    version    "v002"
    made       ISO 8601; "": its record cannot be read
    renderers  character -> "warp" or "actor"
    tweak      the version of the shot's tweaks that it was made with; 0: none
    request    the settings that made that one, as the user typed them
    first, last  the plate frames it holds
    files      role ("picture", "matte", "layer", "record") -> path
    fault      why it is not whole: altered, cut off, without a record; "": it is whole
    judgement  the last one of it; None: it was not judged
    approved   whether a delivery holds it because it is approved
    checked    QC's verdict on it, of the newest report on the shot; "": not measured there
    """

    version: str
    made: str = ""
    renderers: Mapping[str, str] | None = None
    tweak: int = 0
    request: tuple[str, ...] = ()
    first: int = 0
    last: int = 0
    files: Mapping[str, str] | None = None
    fault: str = ""
    judgement: Judgement | None = None
    approved: bool = False
    checked: str = ""


def list_versions(store: Store, shot: str, language: str) -> tuple[ShotVersion, ...]:
    """The renders of `shot` in `language`, newest first; damaged ones are listed with the fault.

    Raises:
        SettingsError: a file of tweaks or judgements is damaged.
    """
    verdicts = JudgementStore(store.folder, store.layout).of(shot)
    tweaks = TweakStore(store.folder, store.layout).versions(shot)[::-1]
    checked = CheckedVersions(store).newest().get(shot)
    result = []
    for folder in store.versions("renders", shot):
        said = last_on(verdicts, version_number(folder))
        try:
            record = whole_record(folder)
        except DeliveryError as error:
            result.append(ShotVersion(folder.name, fault=str(error), judgement=_of(said)))
            continue
        if record["language"] != language:
            continue
        seen = checked is not None and checked.version == version_number(folder)
        verdict = checked.verdict if checked and seen else ""
        result.append(_version(store, folder, record, tweaks, said, verdicts, verdict))
    return tuple(result)


def _version(
    store: Store, folder: Path, record: Mapping[str, Any], tweaks: Sequence[TweakVersion],
    said: Verdict | None, verdicts: Sequence[Verdict], checked: str,
) -> ShotVersion:  # fmt: skip
    tweak = _tweak_of(record, tweaks)
    files = {role: str(folder / output["file"]) for role, output in record["outputs"].items()}
    files["record"] = str(next(iter(sorted(folder.glob("*.record.json")))))
    fault = altered(store, folder, record)
    if said and said.seal not in ("", record[SEAL]):
        fault = fault or f"it is not the render that {said.judgement.by} judged"
    approval = standing_approval(verdicts)
    return ShotVersion(
        folder.name,
        str(record["made"]),
        {name: pick["renderer"] for name, pick in record["renderers"].items()},
        tweak.number if tweak else 0,
        tweak.request if tweak else (),
        record["frames"]["first"],
        record["frames"]["stop"] - 1,
        files,
        fault,
        _of(said),
        approval is not None and approval.version == version_number(folder),
        checked,
    )


def _tweak_of(record: Mapping[str, Any], tweaks: Sequence[TweakVersion]) -> TweakVersion | None:
    """The newest version of the tweaks that are the record's; None: none, or they are gone."""
    if not record["tweak"]:
        return None
    same = (one for one in reversed(tweaks) if tweaks_plain(one.tweaks) == record["tweak"])
    return next(same, None)


def _of(verdict: Verdict | None) -> Judgement | None:
    return verdict.judgement if verdict else None
