"""Claims about pixels: what a render was made from, and that nothing else of it was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from dubsync.core.digest import digest, file_digest
from dubsync.core.errors import DubsyncError, MediaError
from dubsync.core.plural import counted
from dubsync.core.proof.verification import Claim, failed, not_checked, verified
from dubsync.core.shot import Plate
from dubsync.core.timeline.as_shown import AsShown, numbers_of
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.probe import probe_plate
from dubsync.media.stills.sequence import still_path
from dubsync.media.verify import count_changed_outside_matte
from dubsync.service.render.provenance import Proof
from dubsync.service.verification.delivery_form import SOURCE, MediaEntry
from dubsync.service.verification.media_claims import MediaCheck
from dubsync.service.verification.media_roots import MediaRoots, OutsideRoots, plain_path

SOURCES, OUTSIDE = "made from", "outside the matte"


def source_claims(
    shot: str, entries: Sequence[MediaEntry], check: MediaCheck, *, current: bool = True
) -> list[Claim]:
    """Whether plate, dubs and takes are those that a render was made from.

    Args:
        current: whether a source that changed since makes the claim fail, which it does for the
            newest render of a shot, and not for one that was delivered.
    """
    mine = [one for one in entries if one.shot == shot and one.role == SOURCE]
    absent, same, claims = [], [], []
    for entry in mine:
        try:
            path = _source_path(entry, check.roots)
            if path is None:
                absent.append(entry.name)
                continue
            sha = check.roots.digest(path) if "%" not in path.name else _sequence_digest(path)
        except (OutsideRoots, OSError, DubsyncError) as error:
            claims.append(
                not_checked(
                    SOURCES,
                    shot,
                    f"{entry.what} {entry.name}: {error}",
                    "name the folder that it lies in: --media FOLDER",
                )
            )
            continue
        if sha == entry.sha256:
            check.found[shot, SOURCE, entry.what] = path
            same.append(entry.name)
        else:
            why = f"the {entry.what} {path.name} here is not the one that the render was made from"
            hint = "dubsync sync renders it again from this one, or restore the old one"
            claims.append(
                failed(SOURCES, shot, why, hint)
                if current
                else not_checked(SOURCES, shot, why, "find the old one")
            )
    if same:
        claims.append(verified(SOURCES, shot, f"made from {', '.join(dict.fromkeys(same))}"))
    if absent:
        why = f"not at hand: {', '.join(dict.fromkeys(absent))}"
        hint = "name the folder that they lie in: --media FOLDER"
        claims.append(not_checked(SOURCES, shot, why, hint))
    return claims


def outside_claims(shot: str, record: Mapping[str, Any], check: MediaCheck) -> list[Claim]:
    """Count again, on plate, picture and matte, what a lossless render changed and where.

    Nothing is claimed, and nothing counted, where the picture was not written without loss.
    """
    if record["settings"]["delivery"]["picture"] != "lossless":
        return []
    picture, matte = (check.found.get((shot, role, "")) for role in ("picture", "matte"))
    plate = check.found.get((shot, SOURCE, "plate"))
    lacking = [
        name
        for name, path in (("picture", picture), ("matte", matte), ("plate", plate))
        if path is None
    ]
    if picture is None or matte is None or plate is None:
        why = f"cannot be counted without the true {' and '.join(lacking)}"
        return [not_checked(OUTSIDE, shot, why, "have them at hand: --media FOLDER")]
    frames = record["frames"]
    span = FrameRange(frames["first"], frames["stop"], Fraction(frames["rate"]))
    try:
        counted_ = count_changed_outside_matte(
            _plate(plate, span, record), str(picture), str(matte), span
        )
    except DubsyncError as error:
        return [not_checked(OUTSIDE, shot, f"cannot be counted: {error}", error.hint)]
    now = Proof(
        counted_.frames,
        counted_.frames_changed,
        counted_.changed_outside,
        counted_.plate_digest,
        counted_.picture_digest,
    )
    if asdict(now) != dict(record["proof"]):
        why = (
            f"its record says that {record['proof']['frames_changed']} of "
            f"{record['proof']['frames']} frames were changed and "
            f"{record['proof']['changed_outside']} samples outside the matte; its files show "
            f"{now.frames_changed} of {now.frames}, and {now.changed_outside}"
        )
        return [failed(OUTSIDE, shot, why, "do not rely on this record: ask the house")]
    if now.changed_outside:
        why = f"{counted(now.changed_outside, 'sample')} outside the matte differ from the plate"
        return [failed(OUTSIDE, shot, why, "render the shot again")]
    why = (
        f"counted again: {now.frames_changed} of {now.frames} frames changed, and not one "
        "sample outside the matte"
    )
    return [verified(OUTSIDE, shot, why)]


def _source_path(entry: MediaEntry, roots: MediaRoots) -> Path | None:
    """Where a source is; of a sequence its pattern."""
    if "%" not in entry.name:
        return roots.find(entry.path)
    parts = plain_path(entry.path)
    for folder in roots.folders:
        pattern = folder / parts
        if pattern.parent.is_dir() and any(pattern.parent.glob(f"*{pattern.suffix}")):
            return pattern
    return None


def _plate(path: Path, span: FrameRange, record: Mapping[str, Any]) -> Plate:
    """The plate of a render, as the cut shows it where it was drawn for each record frame."""
    if "shown" not in record:
        return probe_plate(path, rate=span.rate)
    file, runs = record["shown"]["file"], record["shown"]["runs"]
    if sum(count for _, _, count in runs) != len(span):
        raise MediaError(f"its record does not say which frame of {path.name} each frame shows")
    plate = probe_plate(path, rate=Fraction(file["rate"]))
    shown = AsShown(plate.frames, plate.frames, numbers_of(runs))
    return replace(plate, frames=span, shown=shown)


def _sequence_digest(pattern: Path) -> str:
    """The digest of a plate that is a sequence, as `Store.plate_digest` makes it."""
    plate = probe_plate(pattern)
    first = plate.first_number or 0
    files = (still_path(pattern, n) for n in range(first, first + len(plate.frames)))
    return digest([file_digest(file) for file in files])
