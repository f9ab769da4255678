"""Results: renders, QC findings, deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from dubsync.core.contact import Contact
from dubsync.core.edit.media import EditMedia
from dubsync.core.face import Stretch
from dubsync.core.plural import counted
from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import FrameRange

Status = Literal["done", "unchanged", "blocked", "failed", "skipped"]

#: What may render a face: core.steps.RendererName, or "plate": the plate is kept.
Drawn = Literal["actor", "warp", "plate"]


@dataclass(frozen=True, slots=True)
class Pick:
    """The renderer chosen for a face, and why, in a sentence."""

    renderer: Drawn
    reason: str


@dataclass(frozen=True, slots=True)
class RenderedShot:
    """One version of one shot, on disk.

    picture, matte, layer   paths (or sequence patterns) of the full frame, the matte (8-bit
                            gray, 0 untouched), and the generated pixels alone with alpha
    frames                  plate frames they hold, first to last, as their timecode counts
    frames_changed          number of frames in which any sample was written
    samples_changed_outside_matte   counted on the files as written; must be 0.  None where the
                            picture is not lossless, so that nothing can be counted
    characters              characters that were synced
    record                  path of the provenance record
    picks                   character -> the renderer chosen
    mouths                  character -> the source of each stretch of their mouth
    edit                    its edit media; None: the cut points at `picture`, the master
    """

    shot: Shot
    version: int
    frames: FrameRange
    picture: str
    matte: str
    layer: str
    frames_changed: int
    samples_changed_outside_matte: int | None
    characters: tuple[str, ...]
    digest: str
    record: str = ""
    picks: Mapping[str, Pick] = field(default_factory=dict)
    mouths: Mapping[str, tuple[Stretch, ...]] = field(default_factory=dict)
    edit: EditMedia | None = None

    @property
    def in_cut(self) -> str:
        """The picture that a delivered cut points at: the edit media, or else the master."""
        return self.edit.picture if self.edit else self.picture

    @property
    def first_number(self) -> int:
        """Number in the name of the first file of `in_cut`, if that is a sequence.

        Masters have the numbers of their plate's files, edit media those of source timecode.
        """
        if self.edit is not None or self.shot.plate.first_number is None:
            return self.frames.start
        return self.shot.plate.rendered_number(self.frames.start)


@dataclass(frozen=True, slots=True)
class Finding:
    """One measure of one shot, against its limit.

    limit     as printed ("at most 40 ms")
    verdict   "pass", "review" (by a person), or "fail"; "not measured" with the reason in `note`
    frames    first and last frame where it is worst, or None for the whole shot
    message   the value as a sentence; where it is not measured, the reason
    remedy    what to do, where the verdict is "review" or "fail"
    """

    shot: str
    character: str
    measure: str
    value: float | None
    unit: str
    limit: str
    verdict: Literal["pass", "review", "fail", "not measured"]
    note: str = ""
    frames: tuple[int, int] | None = None
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class QCReport:
    """Every Finding of a reel, worst shot first, and where the report was written.

    verdicts   shot -> its verdict, for every shot that was checked
    unchecked  (shot, reason) of every shot that was to be checked and could not be
    contacts   shot -> every contact of its mouths that the dub asks for
    checked    shot -> the version of its render that was checked
    """

    findings: tuple[Finding, ...]
    html: str = ""
    json: str = ""
    verdicts: Mapping[str, str] = field(default_factory=dict)
    unchecked: tuple[tuple[str, str], ...] = ()
    contacts: Mapping[str, tuple[Contact, ...]] = field(default_factory=dict)
    checked: Mapping[str, int] = field(default_factory=dict)

    def only(self, names: Sequence[str]) -> QCReport:
        """The report's part on the named shots; no name: all of it."""
        if not names:
            return self
        return replace(
            self,
            findings=tuple(f for f in self.findings if f.shot in names),
            verdicts={shot: v for shot, v in self.verdicts.items() if shot in names},
            unchecked=tuple(left for left in self.unchecked if left[0] in names),
            contacts={shot: c for shot, c in self.contacts.items() if shot in names},
            checked={shot: n for shot, n in self.checked.items() if shot in names},
        )

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of shots with a failing measure, each once."""
        return tuple(dict.fromkeys(f.shot for f in self.findings if f.verdict == "fail"))

    @property
    def counts(self) -> dict[str, int]:
        """How many shots were to be checked and how many were, by verdict."""
        by = [list(self.verdicts.values()).count(v) for v in ("pass", "review", "fail")]
        total = len(self.verdicts) + len(self.unchecked)
        names = ("shots", "checked", "pass", "review", "fail")
        return dict(zip(names, (total, len(self.verdicts), *by), strict=True))

    @property
    def summary(self) -> str:
        """The counts in words: "2 of 4 shots checked: 1 pass, 1 review; not: SH020 (reason)"."""
        counts = self.counts
        text = f"{counts['checked']} of {counted(counts['shots'], 'shot')} checked"
        shown = [f"{counts[v]} {v}" for v in ("pass", "review", "fail") if counts[v]]
        text += f": {', '.join(shown)}" if shown else ""
        if self.unchecked:
            text += "; not: " + ", ".join(f"{shot} ({why})" for shot, why in self.unchecked)
        return text


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivered cut: files for editorial, and what the formats could not hold.

    files      format, or format and which ("edl-V2", "otio-flat", "pull-ale") -> path
    corrected  names of the corrected shots
    missing    (shot, reason) of every shot that should be corrected and is not
    kept       (shot, reason) of every shot that keeps its plate on purpose
    unapproved (shot, reason) of every shot that keeps it because no version is approved
    versions   shot -> the version in the cut, "v002"
    host       what it was delivered for; "": nothing in particular
    media      kinds of media that the corrected clips point at: "DNxHR HQX in MXF OP-Atom"
    opens      key of a file with clips -> names of the hosts that import it and open its media
    unopened   hosts that do not open the media, by their makers' lists
    edit       shot -> picture of its edit media, if it has such
    proof      folder of what the house signed of it; "": the machine has no house key
    """

    files: Mapping[str, str]
    report: str
    losses: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    unapproved: tuple[tuple[str, str], ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
    media: tuple[str, ...] = ()
    opens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unopened: tuple[str, ...] = ()
    edit: Mapping[str, str] = field(default_factory=dict)
    proof: str = ""
