"""Delivers the corrected cut in the requested formats, as a new version of delivery/.

Each file is composed in memory, written to a temporary folder, read back by the reader of its
format and compared with the cut frame by frame.  The version appears only if every file agrees.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from dubsync.core.errors import DeliveryError, LossyDelivery, SettingsError
from dubsync.core.note import Note
from dubsync.core.result import Delivery, RenderedShot
from dubsync.core.shot import Turnover
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import APPROXIMATE, LOST, Loss, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, ProbedTimeline
from dubsync.editorial.cmx3600.write import write_corrected_alone
from dubsync.editorial.conform.beside import cut_beside
from dubsync.editorial.conform.for_another_house import (
    cut_for_others,
    path_for_others,
    turnover_for_others,
)
from dubsync.editorial.conform.into_edl import corrected_edl
from dubsync.editorial.conform.into_otio import corrected_otio
from dubsync.editorial.files.text_file import file_bytes
from dubsync.editorial.formats import DELIVERED, format_of, named
from dubsync.editorial.lists.ale_write import write_ale
from dubsync.editorial.lists.note_list import (
    write_avid_list,
    write_note_list,
    write_resolve_list,
)
from dubsync.editorial.lists.pull_list import write_pull_list
from dubsync.editorial.lists.shot_list import write_shot_list
from dubsync.editorial.notes.as_markers import PlacedNote, note_markers, placed_notes
from dubsync.editorial.notes.words import names_one_of
from dubsync.editorial.otio.write import write_otio_master
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.tracks.carry_over import timeline_of
from dubsync.editorial.tracks.corrected_clips import corrected_events, counted_as
from dubsync.editorial.tracks.verify import differences
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import NewVersion

#: Delivered whatever format the cut came in.
_ALWAYS = ("otio", "edl")
#: Delivered also before anything is rendered.
UNRENDERED = frozenset({"pull", "notes"})


#: Writes folders beside the cut's files, whose names begin with the second argument; their keys
#: and names, and what they lack.
Folders = Callable[[Path, str], tuple[Mapping[str, str], Sequence[str]]]
#: Puts the proof of all that lies in the first folder beside it; that becomes the second folder.
Signed = Callable[[Path, Path], object]


@dataclass(frozen=True, slots=True)
class _Made:
    """A file to be written.

    key     its key in Delivery.files: the format, and which of several
    name    appended to the delivery's name: "_V2.edl"
    shows   the cut that it must read back as; None if it is not a timeline
    placed  corrected clips in it, whose source frames are their own media's
    """

    key: str
    name: str
    written: Written
    shows: ProbedCut | None = None
    placed: Sequence[Corrected] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    """One delivery: the cut and its renders, with paths relative to its folder and absolute.

    cut       as it is written: without paths of this machine where the settings say so
    far       the renders by absolute paths, or as `near` where the settings say so
    turnover  the reel's, with its plates named as in `cut`
    beside    makes the cut with paths relative to the folder, and all frames of its plates
    """

    reel: ReelInputs
    cut: ProbedCut
    rendered: Sequence[RenderedShot]
    near: Sequence[Corrected]
    far: Sequence[Corrected]
    own: str
    folder: Path
    original: bytes | None
    turnover: Turnover
    beside: Callable[[], ProbedCut]
    notes: tuple[PlacedNote, ...] = ()

    @property
    def timeline(self) -> ProbedTimeline:
        """The timeline that the notes stand in."""
        return timeline_of(self.cut, self.near)

    def marks(self, key: str) -> tuple[ProbedMarker, ...]:
        """The notes as markers of a format."""
        return note_markers(self.notes, self.timeline, named(key).marks)

    def noted(self, key: str) -> ProbedCut:
        """The cut with the notes as markers, in place of those that it had of them."""
        if not self.notes:
            return self.cut
        names = {one.note.name for one in self.notes}
        kept = (m for m in self.cut.markers if not names_one_of(m.name, names))
        return replace(self.cut, markers=(*kept, *self.marks(key)))


def deliver(
    reel: ReelInputs,
    rendered: Sequence[RenderedShot],
    *,
    name: str,
    report: str,
    formats: Sequence[str] = (),
    strict: bool = False,
    notes: Sequence[Note] = (),
    beside: Sequence[str] = (),
    allowed: Callable[[], object] = lambda: None,
    folders: Folders | None = None,
    signed: Signed = lambda folder, final: None,
) -> Delivery:
    """Write the cut with `rendered` in it, beside the plates.

    Args:
        allowed: called last, before anything appears; raises if the renders may not be delivered.
        formats: names from formats.DELIVERED; empty: .otio, EDL, the cut's own format and `beside`.
        beside: formats that are delivered too where `formats` is empty: those of a host.
        strict: write nothing if a format would lose something that the cut holds.
        notes: written as markers in each format that has them, and as a list.
        folders: writes what is no file of the cut (a VFX turnover) into the version's folder.

    Raises:
        SettingsError: an unknown format.
        LossyDelivery: `strict`, and something would be lost; nothing is written.
        DeliveryError: nothing is rendered, a file does not read back as the cut, or the folder
            cannot be written.
    """
    check_formats(formats)
    if not rendered and not (formats and set(formats) <= UNRENDERED):
        raise DeliveryError("no shot is rendered, so there is nothing to deliver",
                            hint="run dubsync sync first")  # fmt: skip
    with NewVersion(reel.store, "delivery") as version:
        stem = f"{name}_{reel.language}_{version.name}"
        placed, unplaced = placed_notes(notes, reel.turnover.shots)
        job = replace(_job(reel, rendered, version.final), notes=placed)
        made = [one for wanted in formats or _usual(job, beside) for one in _make(wanted, job)]
        losses = [
            f"{one.key}: {loss.where}: {loss.what}" for one in made for loss in _reported(one)
        ]
        if strict and losses:
            raise LossyDelivery(tuple(losses))
        files = [one for one in made if one.written.data]
        for one in files:
            path = version.folder / f"{stem}{one.name}"
            write_whole(path, one.written.data)
            _check(one, path, job)
        written, lacking = folders(version.folder, stem) if folders is not None else ({}, ())
        losses += lacking
        if strict and lacking:
            raise LossyDelivery(tuple(losses))
        allowed()
        signed(version.folder, version.final)
    result = {one.key: str(version.final / f"{stem}{one.name}") for one in files}
    result |= {key: str(version.final / name) for key, name in written.items()}
    names = tuple(shot.shot.name for shot in rendered)
    losses += [f"note {loss.where}: {loss.what}" for loss in unplaced]
    return Delivery(files=result, report=report, losses=tuple(losses), corrected=names)


def check_formats(formats: Sequence[str]) -> None:
    """Raise SettingsError for a format that is not in DELIVERED."""
    for unknown in (f for f in formats if f not in DELIVERED):
        raise SettingsError(f"unknown delivery format {unknown!r}",
                            hint=f"choose from: {', '.join(DELIVERED)}")  # fmt: skip


def counted_cut(reel: ReelInputs) -> tuple[ProbedCut, bytes]:
    """The reel's cut as its turnover counted it, and the bytes of its file.

    Raises:
        DeliveryError: the file has changed since the turnover.
    """
    read = reel.turnover.cut
    path = Path(read.path)
    data = file_bytes(path)
    probed = read.probed or probe_cut(path, read.rate)
    if probed.digest not in ("", sha256(data).hexdigest()):
        raise DeliveryError(
            f"{path.name} has changed since its turnover", hint="run the turnover again"
        )
    return counted_as(probed, read.drop), data


def _job(reel: ReelInputs, rendered: Sequence[RenderedShot], folder: Path) -> _Job:
    cut, data = counted_cut(reel)
    near = [_counted_from(shot, folder) for shot in rendered]
    far = [_paths(shot, os.path.abspath) for shot in rendered]
    shown, turnover, written = cut, reel.turnover, None
    if reel.settings.delivery.media_paths == "relative":
        written = partial(path_for_others, folder=folder, project=reel.store.folder)
        shown = cut_for_others(cut, Path(turnover.cut.path).parent, written)
        turnover, far = turnover_for_others(turnover, written), near
    return _Job(
        reel,
        shown,
        near,
        corrected_events(cut, near, language=reel.language),
        corrected_events(cut, far, language=reel.language),
        format_of(cut).name,
        folder,
        data,
        turnover=turnover,
        beside=partial(cut_beside, cut, reel.turnover, folder, written),
    )


def _usual(job: _Job, beside: Sequence[str]) -> tuple[str, ...]:
    """The formats delivered by default: .otio, EDL, the cut's own, a host's, and the notes."""
    own = (job.own,) if job.own in DELIVERED else ()
    return (*dict.fromkeys((*_ALWAYS, *own, *beside)), *(("notes",) if job.notes else ()))


def _reported(one: _Made) -> list[Loss]:
    return [loss for loss in one.written.losses if loss.kind in (LOST, APPROXIMATE)]


def _check(one: _Made, path: Path, job: _Job) -> None:
    """Read a timeline back.  Raises DeliveryError if it shows other frames than the cut."""
    if one.shows is None:
        return
    again = probe_cut(path, job.reel.turnover.cut.rate)
    timeline = next((one.shows.events[c.event].timeline for c in job.near), "")
    whole = not any(loss.kind == LOST for loss in one.written.losses)
    if result := differences(one.shows, one.placed, again, timeline=timeline, whole=whole):
        raise DeliveryError(
            f"{path.name} does not read back as the cut it was written from: {'; '.join(result)}",
            hint="deliver in another format with --as, and send us the cut",
        )


# -- the files of each format --------------------------------------------------------------------


def _otio(job: _Job) -> list[_Made]:
    """The master, in which plates stay beside the dub, and a flat timeline."""
    turnover = job.turnover
    if job.own in ("otio", "edl"):
        text = corrected_otio(turnover.cut, turnover, job.rendered, language=job.reel.language,
                              notes=job.marks("otio"))  # fmt: skip
        master = _Made("otio", ".otio", Written(text.encode()), job.cut)
    else:
        written = write_otio_master(job.noted("otio"), job.near, language=job.reel.language)
        master = _Made("otio", ".otio", written, job.cut)
    original = job.original if job.own == "otio" else None
    flat = _written("otio", job, job.near, original)
    return [master, _Made("otio-flat", "_flat.otio", flat, job.cut, job.near)]


def _edl(job: _Job) -> list[_Made]:
    """A list for each track with corrected clips, and one of the corrected clips alone."""
    if job.own == "edl":  # line for line as the original
        text, losses = corrected_edl(job.reel.turnover.cut, job.rendered, job.marks("edl"))
        report = LossReport.of(Loss("the list", what, APPROXIMATE) for what in losses)
        made = [_Made("edl", ".edl", Written(text.encode("ascii"), report), job.cut, job.near)]
    else:
        write = named("edl").write
        assert write is not None
        made, parts = [], write(job.noted("edl"), job.near)
        for n, part in enumerate(parts):
            key = "edl" if n == 0 else f"edl-{part.track}"
            name = ".edl" if len(parts) == 1 else f"_{_in_a_name(part.track)}.edl"
            placed = [c for c in job.near if part.shows.events[c.event].enabled]
            made.append(_Made(key, name, part.written, part.shows, placed))
    for track, written in write_corrected_alone(job.noted("edl"), job.near).items():
        over = f"_{_in_a_name(track)}" if track else ""
        key = f"edl-corrected{over.replace('_', '-')}"
        made.append(_Made(key, f"_corrected{over}.edl", written))
    return made


def _in_a_name(track: str) -> str:
    """The track's name as part of a file name."""
    return track.replace("/", "-")


def _timeline(key: str, job: _Job) -> list[_Made]:
    """One file, with corrected clips on a track of their own."""
    original = job.original if job.own == key else None
    written = _written(key, job, job.far, original)
    return [_Made(key, named(key).suffixes[0], written, job.cut, job.far)]


def _beside(key: str, job: _Job) -> list[_Made]:
    """A project with relative paths, so that it can be moved; the cut's own has absolute ones."""
    original = job.original if job.own == key else None
    if original is not None:
        return _timeline(key, job)
    cut = job.beside()
    written = _written(key, replace(job, cut=cut), job.near, None)
    return [_Made(key, named(key).suffixes[0], written, cut, job.near)]


def _written(
    key: str, job: _Job, corrected: Sequence[Corrected], original: bytes | None
) -> Written:
    """The cut, written into its own file if that is of this format, else as a new file."""
    form = named(key)
    if original is not None and form.patch is not None:
        return form.patch(job.noted(key), corrected, original, job.marks(key))
    assert form.write is not None
    return form.write(job.noted(key), corrected)[0].written


def _ale(job: _Job) -> list[_Made]:
    return [_Made("ale", ".ale", write_ale(job.cut, job.far))]


def _csv(job: _Job) -> list[_Made]:
    return [_Made("csv", "_shots.csv", write_shot_list(job.cut, job.near))]


def _notes(job: _Job) -> list[_Made]:
    """The notes for a spreadsheet, and as markers that Media Composer and Resolve import."""
    if not job.notes:
        return []
    shots, timeline = job.reel.turnover.shots, job.timeline
    table = write_note_list(job.notes, shots, timeline)
    avid, resolve = write_avid_list(job.notes, timeline), write_resolve_list(job.notes, timeline)
    return [_Made("notes", "_notes.csv", Written(table)),
            _Made("notes-avid", "_notes.txt", Written(avid)),
            _Made("notes-resolve", "_notes.edl", Written(resolve))]  # fmt: skip


def _pull(job: _Job) -> list[_Made]:
    turnover = job.turnover
    lists = write_pull_list(turnover.cut.name, turnover.shots, record_drop=turnover.cut.drop)
    return [_Made(f"pull-{kind}", f"_pull.{kind}", lists[kind]) for kind in lists]


#: Formats for which a delivery writes something other than the cut as one file.
_MAKERS: dict[str, Callable[[_Job], list[_Made]]] = {
    "otio": _otio,
    "edl": _edl,
    "mlt": partial(_beside, "mlt"),
    "kdenlive": partial(_beside, "kdenlive"),
    "ale": _ale,
    "csv": _csv,
    "notes": _notes,
    "pull": _pull,
    "vfx": lambda job: [],  # written by `deliver`'s `folders`
}


def _make(key: str, job: _Job) -> list[_Made]:
    return _MAKERS[key](job) if key in _MAKERS else _timeline(key, job)


def _counted_from(shot: RenderedShot, folder: Path) -> RenderedShot:
    """The render with paths relative to `folder`, so that the project can be moved."""

    def near(path: str) -> str:
        return Path(os.path.relpath(path, folder)).as_posix()

    return _paths(shot, near)


def _paths(shot: RenderedShot, written: Callable[[str], str]) -> RenderedShot:
    """The render with each of its paths as `written` writes it."""
    edit = shot.edit
    if edit is not None:
        files = tuple(replace(one, path=written(one.path)) for one in edit.essences)
        edit = replace(edit, essences=files)

    def path(old: str) -> str:
        return written(old) if old else ""

    return replace(shot, edit=edit, picture=path(shot.picture), matte=path(shot.matte),
                   layer=path(shot.layer), record=path(shot.record))  # fmt: skip
