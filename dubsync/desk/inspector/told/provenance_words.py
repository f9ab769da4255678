"""What the Provenance tab says of a render's record: pure words and their order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from dubsync.core.face import Stretch
from dubsync.desk.inspector.told.told_list import ToldRow
from dubsync.desk.look import tokens
from dubsync.service.about_shot import AboutShot
from dubsync.service.consent.operations import OPERATIONS
from dubsync.service.consent.records import ConsentRecord
from dubsync.service.consent.scope import spoken
from dubsync.service.render.provenance import mouths_in

_PLAIN = ("minus", tokens.TX3)
_SOURCES = {
    "sound": ("speaker-high", tokens.CURVE_SOUND),
    "plate": ("film-strip", tokens.CURVE_PLATE),
}
_TAKE = ("picture-in-picture", tokens.CURVE_TAKE)


def consent_rows(about: AboutShot, today: date) -> tuple[ToldRow, ...]:
    """The records that allow the shot now; or why none does, and what would help."""
    why, hint = about.withheld
    if why:
        lines = tuple(
            (text, tone) for text, tone in ((why, tokens.TX2), (hint, tokens.TX3)) if text
        )
        mark = ("prohibit-fill", tokens.BLOCKED)
        return (ToldRow(mark, "It may not be rendered", "", lines, key="withheld"),)
    return tuple(_consent(record, today) for record in about.consents)


def _consent(record: ConsentRecord, today: date) -> ToldRow:
    left = (record.last_day - today).days
    colour = tokens.STALE if left <= 30 else tokens.APPROVED
    until = f"until {record.last_day:%d %b %Y}"
    done = [OPERATIONS[name].done for name in record.operations]
    allows = " and ".join([", ".join(done[:-1]), done[-1]] if len(done) > 1 else done)
    lines = ((f"{record.performer}, {record.basis}", tokens.TX2), (allows, tokens.TX3),
             (f"languages {', '.join(record.languages)}", tokens.TX3),
             *((limit, tokens.TX3) for limit in spoken(record.scope, record.used)))  # fmt: skip
    return ToldRow(("check", colour), record.id, until, lines, key=record.id)


def render_rows(about: AboutShot) -> tuple[ToldRow, ...]:
    """What the newest render is: when and by what, and what was counted in it."""
    record = about.record
    if not record:
        return ()
    proof = record.get("proof", {})
    outside = proof.get("changed_outside")
    clean = outside == 0
    counted = "not counted: not lossless" if outside is None else str(outside)
    rows = [
        ToldRow(("check", tokens.APPROVED) if clean else ("warning-fill", tokens.STALE),
                "Samples outside the matte", counted, key="outside"),
        ToldRow(_PLAIN, "Frames changed",
                f"{proof.get('frames_changed', 0)} of {proof.get('frames', 0)}", key="frames"),
        ToldRow(_PLAIN, "Made", made(str(record.get("made", ""))), _versions(record), key="made"),
    ]  # fmt: skip
    for character, pick in record.get("renderers", {}).items():
        reason = ((str(pick["reason"]), tokens.TX3),) if pick.get("reason") else ()
        rows.append(ToldRow(_PLAIN, f"Drawn for {character}", str(pick["renderer"]), reason,
                            key=("drawn", character)))  # fmt: skip
    key = str(record.get("key", ""))
    rows.append(ToldRow(_PLAIN, "Digest of all inputs", f"{key[:16]}\N{HORIZONTAL ELLIPSIS}",
                        told=f"Digest of all inputs: {key}", key="digest"))  # fmt: skip
    return tuple(rows)


def _versions(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    versions = record.get("versions", {})
    said = [f"{name} {versions[name]}" for name in ("dubsync", "engine") if name in versions]
    return ((", ".join(said), tokens.TX3),) if said else ()


def mouth_rows(record: Mapping[str, Any]) -> tuple[ToldRow, ...]:
    """What drove each stretch of each mouth, by frame."""
    rows = [
        _stretch(character, stretch)
        for character, stretches in mouths_in(record).items()
        for stretch in stretches
    ]
    return tuple(rows)


def _stretch(character: str, one: Stretch) -> ToldRow:
    source = "plate kept" if one.source == "plate" else one.source
    frames = str(one.first) if one.first == one.last else f"{one.first}..{one.last}"
    lines = ((one.reason, tokens.TX3),) if one.reason else ()
    mark = _SOURCES.get(one.source, _TAKE)
    return ToldRow(mark, f"{character}: {source}", "", lines, one.first, frames,
                   (character, one.first))  # fmt: skip


def input_rows(record: Mapping[str, Any]) -> tuple[ToldRow, ...]:
    """Every file that went in, with the start of its digest; all of it is in the tooltip."""
    return tuple(
        ToldRow(_PLAIN, str(one["name"]), str(one["sha256"])[:8], ((str(one["role"]), tokens.TX3),),
                key=(one["role"], one["name"]))
        for one in record.get("inputs", ())
    )  # fmt: skip


def made(text: str) -> str:
    """The local time of an ISO 8601 time: "30 Nov 2026, 14:02"."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%d %b %Y, %H:%M")
    except ValueError:
        return text
