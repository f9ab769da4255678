"""Claims about media files: whether each is the file that the house signed, and if not, what it is.

A file's bytes decide.  Where they differ, the frames are decoded and compared one by one, so that
a copy in another wrapper, a trimmed one and one with dropped frames are told from an altered one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import DubsyncError
from dubsync.core.progress import Progress, Step
from dubsync.core.proof.same_frames import SameFrames, same_frames
from dubsync.core.proof.verification import Claim, failed, not_checked, verified
from dubsync.media.frame_digests import Digested, digests_of
from dubsync.service.store.output_files import output_files
from dubsync.service.verification.delivery_form import EDIT, OUTPUTS, MediaEntry
from dubsync.service.verification.media_roots import MediaRoots, OutsideRoots, plain_path

#: Files that may hold a render in another wrapper.
MOVIES = (".mov", ".mkv", ".mp4", ".mxf", ".m4v", ".avi", ".webm")
_AGAIN = "get the file again from the house that delivered it"


@dataclass(frozen=True, slots=True)
class Rendered:
    """The frames of a render, as its record names them.

    digests   of each frame of its picture, in order; () in a record of an earlier version
    digested  what they are over
    first     number of its first frame
    """

    digests: Sequence[str]
    digested: Digested
    first: int
    rate: Fraction


@dataclass(slots=True)
class MediaCheck:
    """Checks the media of one delivery or render.

    at_home  whether the media must be there: in the house's own project.  A second person may have
             been given a part of them
    renders  shot -> its frames
    found    (shot, role, what) -> the file of each entry whose bytes are those that were signed
    """

    roots: MediaRoots
    renders: dict[str, Rendered]
    at_home: bool = False
    found: dict[tuple[str, str, str], Path] = field(default_factory=dict)
    _frames: dict[tuple[Path, Digested], tuple[str, ...]] = field(default_factory=dict)

    def claims(self, entries: Sequence[MediaEntry], progress: Progress) -> list[Claim]:
        """What is found of every render output and edit medium among `entries`."""
        wanted = [one for one in entries if one.role in (*OUTPUTS, EDIT)]
        claims: list[Claim] = []
        for done, entry in enumerate(wanted):
            progress(Step("read", "media", done, len(wanted), unit="files"))
            claims += self.claim(entry, wanted)
        progress(Step("read", "media", len(wanted), len(wanted), unit="files"))
        return claims

    def claim(self, entry: MediaEntry, among: Sequence[MediaEntry] = ()) -> list[Claim]:
        """What is found of one render output or edit medium."""
        try:
            if isinstance(entry.sha256, str):
                return [self._movie(entry, entry.sha256, among)]
            return self._sequence(entry, dict(entry.sha256))
        except OutsideRoots as error:
            why = f"{error}; it was not read"
            return [
                failed(
                    entry.role,
                    entry.name,
                    why,
                    "name its folder with --media, or ask the "
                    "house for a delivery that stays in its folders",
                )
            ]
        except OSError as error:
            why = f"it cannot be read: {error.strerror or error}"
            return [not_checked(entry.role, entry.name, why, "check its disk")]

    def _movie(self, entry: MediaEntry, sha256: str, among: Sequence[MediaEntry]) -> Claim:
        path = self.roots.find(entry.path)
        if path is None:
            return self._not_there(entry, sha256, among)
        if path.stat().st_size == entry.bytes and self.roots.digest(path) == sha256:
            self.found[entry.shot, entry.role, entry.what] = path
            return verified(entry.role, entry.name, "each byte is as it was recorded")
        return failed(entry.role, entry.name, self._what_is_it(path, entry), _AGAIN)

    def _not_there(self, entry: MediaEntry, sha256: str, among: Sequence[MediaEntry]) -> Claim:
        """A file that is not where it was: renamed, in another wrapper, not copied, or lost."""
        renamed = self.roots.with_bytes(entry.bytes, sha256)
        if renamed is not None:
            self.found[entry.shot, entry.role, entry.what] = renamed
            why = f"it is not there under this name; {renamed.name} has its bytes: it was renamed"
            hint = f"rename it back to {entry.name}, for the cut points at that name"
            return failed(entry.role, entry.name, why, hint)
        taken = {one.name for one in among}
        for other in self.roots.of_suffixes(MOVIES) if self._wanted(entry) else ():
            if other.name in taken:
                continue
            like = self._like(other, entry)
            if like is not None and like.likeness != "other":
                said = self._said(like, entry)
                if like.likeness == "same":
                    said += ", in another wrapper: the file was re-wrapped"
                why = f"it is not there; {other.name} is made of it: {said}"
                return failed(entry.role, entry.name, why, _AGAIN)
        if self.at_home or self._its_folder(entry):
            return failed(entry.role, entry.name, "it is not there", _AGAIN)
        return not_checked(
            entry.role,
            entry.name,
            "it is not at hand",
            "name the folder that it lies in: --media FOLDER",
        )

    def _its_folder(self, entry: MediaEntry) -> bool:
        """Whether the folder is there in which the entry should lie, so that it was given."""
        parts = plain_path(entry.path)
        return len(parts.parts) > 1 and any(
            (root / parts.parent).is_dir() for root in self.roots.folders
        )

    def _sequence(self, entry: MediaEntry, wanted: dict[str, str]) -> list[Claim]:
        """The files of an image sequence, of which each that is not as it was is named."""
        parts = plain_path(entry.path)
        folder = next(
            (
                root / parts.parent
                for root in self.roots.folders
                if (root / parts.parent / sorted(wanted)[0]).exists()
            ),
            None,
        )
        if folder is None:
            first = self.roots.find(str(parts.parent / sorted(wanted)[0]))
            folder = first.parent if first else None
        if folder is None:
            state = failed if self.at_home else not_checked
            return [
                state(
                    entry.role,
                    entry.name,
                    "the sequence is not at hand",
                    "name the folder that it lies in: --media FOLDER",
                )
            ]
        there = {path.name for path in output_files(folder / parts.name)}
        claims = []
        for name in sorted(there - wanted.keys()):
            claims.append(
                failed(
                    entry.role,
                    name,
                    "nobody signed this file of the sequence",
                    "move it away: it does not belong to the delivery",
                )
            )
        for name, sha in wanted.items():
            path = self.roots.find(str(parts.parent / name))
            if path is None:
                claims.append(failed(entry.role, name, "this frame is not there", _AGAIN))
            elif self.roots.digest(path) != sha:
                claims.append(failed(entry.role, name, "this frame was altered", _AGAIN))
        if not claims:
            self.found[entry.shot, entry.role, entry.what] = folder / parts.name
            why = f"the bytes of its {len(wanted)} files are those that were recorded"
            claims.append(verified(entry.role, entry.name, why))
        return claims

    def _what_is_it(self, path: Path, entry: MediaEntry) -> str:
        """What a file is whose bytes are not those that were signed."""
        size = os.stat(path).st_size
        words = "its bytes are not those that were recorded"
        if size < entry.bytes:
            words = f"it has {size:,} of the {entry.bytes:,} bytes that were recorded"
        if not self._wanted(entry):
            return words
        like = self._like(path, entry)
        if like is None:
            return f"{words}, and its frames cannot be decoded any more"
        return f"{words}; {self._said(like, entry)}"

    def _said(self, like: SameFrames, entry: MediaEntry) -> str:
        mine = self.renders[entry.shot]
        return like.sentence(mine.first, len(self._wanted(entry)))

    def _wanted(self, entry: MediaEntry) -> Sequence[str]:
        """Digests of the frames that a file should have; () where they are not known."""
        if entry.role == EDIT:
            return entry.frames
        mine = self.renders.get(entry.shot)
        return mine.digests if mine and entry.role == "picture" else ()

    def _like(self, path: Path, entry: MediaEntry) -> SameFrames | None:
        """How the frames of a file are those of a render; None: it cannot be decoded."""
        mine = self.renders.get(entry.shot)
        if mine is None:
            return None
        key = path, "coded" if entry.role == EDIT else mine.digested
        if key not in self._frames:
            try:
                self._frames[key] = tuple(digests_of(path, key[1], rate=mine.rate))
            except DubsyncError:
                self._frames[key] = ()
        found = self._frames[key]
        return same_frames(found, self._wanted(entry), mine.first) if found else None
