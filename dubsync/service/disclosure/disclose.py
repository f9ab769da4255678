"""Writes what was altered in a version of a film: for viewers, for machines, for the cutting room.

A disclosure is a new version of disclosure/: the credit, disclosure.json, an EDL with a comment at
each altered shot, and markers for Media Composer and Resolve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from dubsync.core.errors import IncompleteDelivery
from dubsync.core.progress import Progress
from dubsync.core.proof.disclosure import Altered, Disclosure
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Shot
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedMarker,
    ProbedTimeline,
    frame_text,
    probed_range,
)
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.version import __version__
from dubsync.editorial.cmx3600.write import write_corrected_alone
from dubsync.editorial.lists.listed_markers import (
    ListedMarker,
    write_avid_markers,
    write_resolve_markers,
)
from dubsync.editorial.notes.as_markers import NOTE
from dubsync.editorial.tracks.carry_over import timeline_of
from dubsync.editorial.tracks.corrected_clips import corrected_events
from dubsync.service.delivery import counted_cut
from dubsync.service.disclosure.altered import altered_in, most_altered
from dubsync.service.disclosure.credit import credit_lines
from dubsync.service.judging.choice import CHOSEN, Choice
from dubsync.service.judging.judgement_store import JudgementStore
from dubsync.service.ledger.signed_text import signed_text
from dubsync.service.reel.reel import Reel
from dubsync.service.render.deliverable import Deliverable, deliverable, still_allowed
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import NewVersion

SCHEMA = "dubsync.disclosure/1"
#: IPTC NewsCodes, digital source type: of a composite that holds output of a trained model.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
_COLOUR = "magenta"  #: of the markers; notes that are open have others


def disclose(
    reel: Reel, name: str, progress: Progress, *, choice: Choice = CHOSEN,
    allow_missing: bool = False,
) -> Disclosure:  # fmt: skip
    """Write the disclosure of what a delivery of this reel would hold.

    Every render is read and verified first, as `dubsync deliver` does.

    Args:
        name: the cut's, with which the files' names begin.
        allow_missing: also if a shot that should be corrected is not; it is then listed as kept.

    Raises:
        IncompleteDelivery: a shot is missing, and that is not allowed; nothing is written.
        ConsentMissing: a performer's consent was withdrawn meanwhile.
        DeliveryError: a record is damaged, or the folder cannot be written.
    """
    ready = deliverable(reel, progress, choice)
    if not ready.corrected or (ready.missing and not allow_missing):
        lacking = (*ready.missing, *ready.unapproved)
        raise IncompleteDelivery(len(ready.corrected), lacking, bool(ready.unapproved))
    judgements = JudgementStore(reel.store.folder, reel.store.layout)
    found = [altered_in(one, judgements) for one in ready.corrected]
    altered = tuple(sorted(found, key=lambda one: (one.record.start, one.shot)))
    said = Disclosure(
        reel.language, altered, _kept(ready), credit_lines(reel.language, most_altered(altered))
    )
    return _written(reel, ready, said, name)


def _kept(ready: Deliverable) -> tuple[tuple[str, str], ...]:
    """Every shot that is not altered, and why."""
    return (*ready.kept, *ready.unapproved, *ready.missing)


def _written(reel: Reel, ready: Deliverable, said: Disclosure, name: str) -> Disclosure:
    """The disclosure with its files, which appear together."""
    cut, _ = counted_cut(reel)
    placed = corrected_events(cut, ready.corrected, language=reel.language)
    timeline = timeline_of(cut, placed)
    marked = replace(cut, markers=_locators(said.altered, reel.language, timeline))
    lists = write_corrected_alone(marked, placed)
    markers = [_listed(one, reel.language) for one in said.altered]
    with NewVersion(reel.store, "disclosure") as version:
        stem = f"{name}_{reel.language}_{version.name}"
        data: dict[str, tuple[str, bytes]] = {
            "credit": ("_credit.txt", ("\n".join(said.credit) + "\n").encode()),
            "json": ("_disclosure.json", _document(reel, ready.corrected, said, cut)),
            "markers-avid": ("_markers.txt", write_avid_markers(markers, timeline)),
            "markers-resolve": ("_markers.edl", write_resolve_markers(markers, timeline)),
        }
        for label, written in lists.items():
            over = f"_{label.replace('/', '-')}" if label else ""
            data[f"edl{over.replace('_', '-')}"] = (f"_disclosure{over}.edl", written.data)
        for ending, content in data.values():
            write_whole(version.folder / f"{stem}{ending}", content)
        still_allowed(reel, ready)
    files = {key: str(version.final / f"{stem}{ending}") for key, (ending, _) in data.items()}
    losses = [f"{loss.where}: {loss.what}" for one in lists.values() for loss in one.losses]
    return replace(said, files=files, losses=tuple(dict.fromkeys(losses)))


def _locators(
    altered: Sequence[Altered], language: str, timeline: ProbedTimeline
) -> tuple[ProbedMarker, ...]:
    """A locator at the first record frame of each altered shot; none if no rate is stated."""
    if timeline.rate is None:
        return ()
    return tuple(
        ProbedMarker(
            _sentence(one, language), NOTE,
            probed_range(Fraction(one.record.start), Fraction(one.record.start + 1),
                         timeline.rate, timeline.drop),
            colour=_COLOUR, track=one.track, timeline=timeline.name, where=one.shot,
        )
        for one in altered
    )  # fmt: skip


def _listed(one: Altered, language: str) -> ListedMarker:
    """A marker as long as its shot."""
    words = _sentence(one, language)
    return ListedMarker(
        one.record.start, one.track, _COLOUR, f"AI {one.shot}", words, words,
        frames=len(one.record),
    )  # fmt: skip


def _sentence(one: Altered, language: str) -> str:
    return f"ALTERED WITH AI ({language}): {one.words} [{one.shot} {one.version}]"


# -- for machines --------------------------------------------------------------------------------


def _document(
    reel: Reel, corrected: Sequence[RenderedShot], said: Disclosure, cut: ProbedCut
) -> bytes:
    """disclosure.json, signed by the house.  It names characters and records, never performers."""
    shots = {one.shot.name: one.shot for one in corrected}
    drop = reel.turnover.cut.drop
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_by": f"dubsync {__version__}",
        "cut": reel.turnover.cut.name,
        "cut_sha256": cut.digest,
        "language": said.language,
        "ai_altered": bool(said.altered),
        "digital_source_type": SOURCE_TYPE,
        "credit": list(said.credit),
        "altered": [_row(one, shots[one.shot], drop) for one in said.altered],
        "not_altered": [{"shot": shot, "why": why} for shot, why in said.kept],
        "sound": "dubsync alters no sound",
    }
    return signed_text(body, indent=2).encode()


def _row(one: Altered, shot: Shot, drop: bool) -> dict[str, Any]:
    return {
        "shot": one.shot,
        "version": one.version,
        "parts": dict(one.parts),
        "plate": shot.plate.name,
        "source": _span(one.source, shot.plate.drop),
        "record": _span(one.record, drop),
        "frames_altered": one.frames,
        "approved": one.approved,
        "record_sha256": one.digest,
    }


def _span(frames: FrameRange, drop: bool) -> Mapping[str, Any]:
    """First and last + 1 frame, as numbers and as timecode."""
    rate = frames.rate
    texts = [frame_text(Fraction(edge), rate, drop) for edge in (frames.start, frames.stop)]
    return {"first": frames.start, "stop": frames.stop, "rate": str(rate), "timecode": texts}
