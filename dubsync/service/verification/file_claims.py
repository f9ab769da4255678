"""Verifies one file, wherever it lies and whatever it is called: which render it is, and whose.

Its record is looked for by the file's bytes, then by its frames: a copy in another wrapper, a
trimmed copy and one with dropped frames are known by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dubsync.core.errors import DubsyncError
from dubsync.core.progress import Progress, Step
from dubsync.core.proof.same_frames import SameFrames, same_frames
from dubsync.core.proof.verification import Claim, Verification, failed, not_checked, verified
from dubsync.media.frame_digests import Digested, digests_of
from dubsync.service.ledger.read_ledger import Ledger, read_ledger
from dubsync.service.verification.credential_claims import SIDECAR, of_media
from dubsync.service.verification.delivery_claims import read_manifest
from dubsync.service.verification.delivery_form import EDIT, OUTPUTS, PROOF, MediaEntry, media_in
from dubsync.service.verification.media_roots import MediaRoots
from dubsync.service.verification.record_claims import (
    ReadRecord,
    drawn_shot,
    ledger_claims,
    read_record_file,
)
from dubsync.service.verification.trust import Trust
from dubsync.service.verification.versions import renders_in

_COMPARE = "name the delivery or project that it came from: --records FOLDER"


@dataclass(frozen=True, slots=True)
class Known:
    """A file that a record or a delivery names, and the digests of its frames."""

    record: ReadRecord
    ledger: Ledger
    entry: MediaEntry
    frames: Sequence[str] = ()
    digested: Digested = "samples"


def verify_file(
    path: Path, target: str, trust: Trust, places: Sequence[Path], progress: Progress
) -> Verification:
    """Every claim about one media file.

    Args:
        places: projects and deliveries in which its record is looked for.
    """
    known = [one for place in places for one in _known(place, trust)]
    claims: list[Claim] = [*_credentials(path, trust)]
    found, match = _by_bytes(path, known), None
    if found is not None:
        other = f"; it was called {found.entry.name}" * (path.name != found.entry.name)
        why = f"its bytes are those of {_what(found)}{other}"
        claims.append(verified("file", path.name, why))
    else:
        found, match = _by_frames(path, known, progress)
        if found is not None and match is not None:
            claims += _frame_claims(path, found, match)
    if found is None:
        if not claims:
            why = "no record at hand names this file or any of its frames"
            hint = _COMPARE if not places else f"{_COMPARE}; or read its mark: dubsync mark find"
            claims.append(not_checked("file", path.name, why, hint))
        return Verification(target, "file", tuple(claims))
    claims += found.record.claims
    claims += ledger_claims([found.record], found.ledger)
    drawn = drawn_shot(found.record, found.ledger)
    return Verification(target, "file", tuple(claims), (drawn,) if drawn else ())


def _known(place: Path, trust: Trust) -> Iterator[Known]:
    """Every media file that the records of a project or a delivery name."""
    if (place / PROOF).is_dir():
        manifest = read_manifest(place, trust)
        if manifest.value is None:
            return
        entries, trust = media_in(manifest.value), manifest.trust
        files = [
            place / PROOF / shot["record"]
            for shot in manifest.value["shots"]
            if ".." not in shot["record"]
        ]
        ledger = read_ledger(place / PROOF, trust.houses or trust.enclosed)
    else:
        entries = ()
        files = [path for one in renders_in(place) for path in one.folder.glob("*.record.json")]
        ledger = read_ledger(place, trust.houses)
    for path in files:
        one = read_record_file(path, trust)
        if one.record is None:
            continue
        shot, frames = one.record["shot"], one.record.get("frame_digests", ())
        for role, out in one.record["outputs"].items():
            entry = MediaEntry(shot, role, "", out["file"], out["bytes"], out["sha256"])
            if role == OUTPUTS[0]:
                over = one.record.get("frame_digests_of", "samples")
                yield Known(one, ledger, entry, frames, over)
            else:
                yield Known(one, ledger, entry)
        for entry in entries:
            if entry.role == EDIT and entry.shot == shot:
                yield Known(one, ledger, entry, entry.frames, "coded")


def _by_bytes(path: Path, known: Sequence[Known]) -> Known | None:
    """The known file with exactly these bytes, or that has it as one file of a sequence."""
    sha = MediaRoots([]).digest(path)
    for one in known:
        many = one.entry.sha256
        if sha == many or (not isinstance(many, str) and sha in many.values()):
            return one
    return None


def _by_frames(
    path: Path, known: Sequence[Known], progress: Progress
) -> tuple[Known | None, SameFrames | None]:
    """The known file that has most of this file's frames; None: none has any."""
    compared = [one for one in known if one.frames]
    if not compared:
        return None, None
    progress(Step("compare", path.name, 0, 1))
    held = {over: _digests(path, over) for over in {one.digested for one in compared}}
    progress(Step("compare", path.name, 1, 1))
    best, like = None, None
    for one in compared:
        first = one.record.rendered.first if one.record.rendered else 0
        now = same_frames(held[one.digested], one.frames, first)
        if now.share > (like.share if like else 0):
            best, like = one, now
    return best, like


def _digests(path: Path, over: Digested) -> tuple[str, ...]:
    """The digests of a file's frames; () where it is no picture that can be decoded."""
    try:
        return tuple(digests_of(path, over))
    except DubsyncError:
        return ()


def _frame_claims(path: Path, found: Known, like: SameFrames) -> list[Claim]:
    first = found.record.rendered.first if found.record.rendered else 0
    said = like.sentence(first, len(found.frames))
    if like.likeness == "same":
        return [
            verified("frames", path.name, f"{said}: those of {_what(found)}"),
            failed(
                "file",
                path.name,
                f"it is not the file {found.entry.name} that was signed: "
                "the same frames in another wrapper",
                "use the file that was delivered, or accept that only its frames are proven",
            ),
        ]
    hint = "use the file that was delivered"
    return [failed("frames", path.name, f"it is made of {_what(found)}; {said}", hint)]


def _what(found: Known) -> str:
    return f"{found.entry.shot} {found.record.version}, its {found.entry.role}"


def _credentials(path: Path, trust: Trust) -> list[Claim]:
    """What the file's own C2PA manifest says, if it has one, within or beside it."""
    beside = [path.with_name(path.name + SIDECAR), path.with_suffix(SIDECAR)]
    sidecar = next((one for one in beside if one.is_file()), None)
    return of_media(path, sidecar, trust)
