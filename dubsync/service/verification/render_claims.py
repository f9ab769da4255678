"""Verifies the renders of a project: one version of a shot, or the newest of every shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dubsync.core.progress import Progress, Step
from dubsync.core.proof.verification import (
    Claim,
    Verification,
    failed,
    not_checked,
    verdict,
)
from dubsync.service.ledger.read_ledger import Ledger, read_ledger
from dubsync.service.render.older.deleted_note import read_note
from dubsync.service.render.records.faults import proof_faults
from dubsync.service.verification.consent_claims import consent_claims
from dubsync.service.verification.credential_claims import beside
from dubsync.service.verification.deleted_claims import deleted_claim
from dubsync.service.verification.delivery_form import OUTPUTS, SOURCE, MediaEntry
from dubsync.service.verification.media_claims import MediaCheck
from dubsync.service.verification.media_roots import MediaRoots
from dubsync.service.verification.pixel_claims import OUTSIDE, outside_claims, source_claims
from dubsync.service.verification.record_claims import (
    ReadRecord,
    drawn_shot,
    ledger_claims,
    read_record_file,
)
from dubsync.service.verification.trust import Trust, fault_claim
from dubsync.service.verification.versions import Version, media_of

_RENDER_AGAIN = "render the shot again: dubsync sync"


def verify_renders(
    root: Path,
    wanted: Sequence[Version],
    every: Sequence[Version],
    target: str,
    trust: Trust,
    media: Sequence[Path],
    progress: Progress,
) -> Verification:
    """Every claim about versions of renders in the project at `root`.

    Args:
        wanted: the versions to check in full.
        every: further versions, of which records and bytes alone are checked: what they were made
            from may have changed since, as it should.
    """
    media = (*media, *media_of(root))
    ledger = read_ledger(root, trust.houses)
    claims: list[Claim] = []
    records: list[ReadRecord] = []
    older = [one for one in every if one not in wanted]
    total = len(wanted) + len(older)
    for done, version in enumerate((*wanted, *older)):
        progress(Step("verify", "renders", done, total, unit="shots"))
        record, found = _one(root, version, trust, media, ledger, full=version in wanted)
        records.append(record)
        claims += found
    progress(Step("verify", "renders", total, total, unit="shots"))
    claims += ledger_claims(records, ledger)
    claims += _faults(root, trust) if every else []
    full = records[: len(wanted)]
    whole = [one.record for one in full if one.record is not None]
    claims += consent_claims(root / "consent", whole, "")
    drawn = [one for one in (drawn_shot(record, ledger) for record in full) if one]
    return Verification(target, "reel" if every else "render", tuple(claims), tuple(drawn))


def _one(
    root: Path, version: Version, trust: Trust, media: Sequence[Path], ledger: Ledger, *,
    full: bool,
) -> tuple[ReadRecord, list[Claim]]:  # fmt: skip
    """The record of one version, and the claims about it and its files."""
    files = sorted(version.folder.glob("*.record.json"))
    if not files:
        claim = failed("record", version.name, "there is no record of this render", _RENDER_AGAIN)
        return ReadRecord(version.folder, None, "", None, ()), [claim]
    one = read_record_file(files[0], trust)
    claims = list(one.claims)
    claims += [
        failed("record", path.name, "a second record of one render: it was put in", "move it away")
        for path in files[1:]
    ]
    rendered = one.rendered
    if one.record is None or rendered is None:
        return one, claims
    shot = one.record["shot"]
    if shot != version.shot or one.version != version.folder.name:
        why = f"it is that of {shot} {one.version}, not of {version.name}"
        return replace(one, record=None), [
            *claims,
            failed("record", files[0].name, why, "move it away"),
        ]
    if (note := read_note(version.folder)) is not None:
        return one, [*claims, deleted_claim(root, version, note, ledger)]
    check = MediaCheck(MediaRoots([version.folder, *media, root]), {shot: rendered}, at_home=True)
    outputs = [_output(shot, role, one.record) for role in OUTPUTS if role in one.record["outputs"]]
    for entry in outputs:
        claims += check.claim(entry, outputs)
    claims += _strangers(version, one.record, outputs)
    if picture := check.found.get((shot, "picture", "")):
        claims += beside(picture, trust)
    if full:
        sources = [
            MediaEntry(shot, SOURCE, put["role"], put["name"], 0, put["sha256"])
            for put in one.record["inputs"]
            if put["role"] != "holdout matte"
        ]
        claims += source_claims(shot, sources, check)
        if verdict(claims) == "failed":
            why = "not counted, for something of this render has failed before"
            claims.append(not_checked(OUTSIDE, shot, why, "correct that, and verify again"))
        else:
            claims += outside_claims(shot, one.record, check)
    return one, claims


def _output(shot: str, role: str, record: Any) -> MediaEntry:
    out = record["outputs"][role]
    return MediaEntry(shot, role, "", out["file"], out["bytes"], out["sha256"])


def _strangers(version: Version, record: Any, outputs: Sequence[MediaEntry]) -> list[Claim]:
    """Media files in the version's folder that its record does not name."""
    named = {
        name
        for entry in outputs
        for name in ([entry.name] if isinstance(entry.sha256, str) else entry.sha256)
    }
    suffixes = {Path(name).suffix for name in named}
    return [
        failed(
            "file", path.name, "its record does not name this file: it was put in", "move it away"
        )
        for path in sorted(version.folder.iterdir())
        if path.suffix in suffixes and path.name not in named
    ]


def _faults(root: Path, trust: Trust) -> list[Claim]:
    """Records and judgements that are gone, put in or edited, held against the ledger."""
    found = proof_faults(root, trust.houses).shots
    return [fault_claim("record or judgement", one.fault) for one in found]
