"""Links a clip to its newest render in a dubsync project.

Renders are matched by the record beside them: by the plate's name and the plate frames, never by
the clip's name.  The plate keeps its own key.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import opentimelineio as otio

from dubsync.core.errors import DubsyncError, SettingsError
from dubsync.service.consent.records import read_all
from dubsync.service.render.provenance import intact, whole_record
from dubsync.service.settings.project_file import ProjectFile, read_project_file
from dubsync_otio.adapter_io import refusing

#: Seconds for which the list of a project's renders is cached.
FRESH = 5
_NUMBER = "%0{}d"


@dataclass(frozen=True)
class Render:
    """A version of a shot, with its record."""

    folder: Path
    record: Mapping[str, Any]

    @property
    def stem(self) -> str:
        return PurePosixPath(self.record["plate"]).stem.lower()

    def span(self, of: str) -> tuple[Fraction, Fraction]:
        """First and past-the-last plate time of "frames" or "source", in seconds."""
        frames = self.record[of]
        rate = Fraction(frames["rate"])
        return frames["first"] / rate, frames["stop"] / rate


def link(in_clip: Any, folder: Path, language: str) -> Any:
    """Make the newest render of a clip its active reference; None if there is none.

    Args:
        language: BCP-47; "": the project's first language.

    Raises:
        Refused: the project cannot be read, or has no such language.
    """
    with refusing():
        renders, project = _newest_renders(folder, int(time.monotonic() / FRESH))
        language = language or project.language
        if language not in project.languages:
            raise SettingsError(
                f"{project.name} is not dubbed into {language!r}",
                hint=f"its languages: {', '.join(project.languages)}",
            )
        result, why = _best(in_clip, [r for r in renders if r.record["language"] == language])
    if result is None:
        if why:
            _note(in_clip, {"linked": {"language": language, "reason": why}})
        return None
    reference = _reference(result)
    references = in_clip.media_references()
    key = f"dubbed-{language}"
    references[key] = reference
    in_clip.set_media_references(references, key)
    _note(in_clip, {"linked": _linked_facts(result, project.in_language(language))})
    return reference


@lru_cache(maxsize=4)
def _newest_renders(folder: Path, _: int) -> tuple[tuple[Render, ...], ProjectFile]:
    """The newest complete version of every shot in every language whose consent is still valid."""
    project = read_project_file(folder)
    allowed = {record.id for record in read_all(project.folder / "consent") if not record.revoked}
    newest: dict[tuple[str, str], Render] = {}
    shots = project.folder / "renders"
    versions = "v*/*.record.json"  # in each shot's folder, or in each language's below it
    for path in sorted([*shots.glob(f"*/{versions}"), *shots.glob(f"*/*/{versions}")]):
        try:
            record = whole_record(path.parent)
        except DubsyncError:
            continue  # an old or damaged record: `dubsync check` reports it
        if not {given["id"] for given in record["consent"]} <= allowed:
            continue
        key = record["shot"], record["language"]
        if key not in newest or newest[key].record["version"] < record["version"]:
            newest[key] = Render(path.parent, record)
    whole = (render for render in newest.values() if intact(render.folder, render.record))
    return tuple(whole), project


def _best(clip: Any, renders: list[Render]) -> tuple[Render | None, str]:
    """The render with all plate frames of a clip, or why there is none."""
    stem = _stem(clip)
    beside = [render for render in renders if stem and render.stem == stem]
    if not beside:
        return None, ""
    span = clip.trimmed_range()
    start = _seconds(span.start_time)
    stop = start + _seconds(span.duration)
    holding = [r for r in beside if r.span("frames")[0] <= start and stop <= r.span("frames")[1]]
    if holding:
        return min(holding, key=lambda r: abs(r.span("source")[0] - start)), ""
    nearest = min(beside, key=lambda r: abs(r.span("source")[0] - start))
    first, last = nearest.span("frames")
    if last <= start or stop <= first:
        return None, ""
    return None, f"{nearest.record['shot']} lacks frames of the clip; render it again"


def _stem(clip: Any) -> str:
    """The name of a clip's plate without folder and suffix, as its media names it."""
    media = clip.media_references().get(otio.schema.Clip.DEFAULT_MEDIA_KEY)
    if isinstance(media, otio.schema.ImageSequenceReference):
        padding = _NUMBER.format(media.frame_zero_padding) if media.frame_zero_padding else "%d"
        return PurePosixPath(f"{media.name_prefix}{padding}{media.name_suffix}").stem.lower()
    named = getattr(media, "target_url", "") or getattr(media, "name", "") or clip.name
    return PurePosixPath(unquote(urlsplit(named).path).replace("\\", "/")).stem.lower()


def _reference(render: Render) -> Any:
    record, frames = render.record, render.record["frames"]
    rate = float(Fraction(frames["rate"]))
    span = otio.opentime.TimeRange(
        otio.opentime.RationalTime(frames["first"], rate),
        otio.opentime.RationalTime(frames["stop"] - frames["first"], rate),
    )
    path = render.folder / record["outputs"]["picture"]["file"]
    made: Any
    prefix, percent, rest = path.name.partition("%")
    if percent:
        digits, _, suffix = rest.partition("d")
        made = otio.schema.ImageSequenceReference(
            target_url_base=render.folder.resolve().as_uri() + "/",
            name_prefix=prefix,
            name_suffix=suffix,
            start_frame=frames["first"],
            frame_step=1,
            rate=rate,
            frame_zero_padding=int(digits or 0),
            available_range=span,
        )
    else:
        made = otio.schema.ExternalReference(path.resolve().as_uri(), span)
    made.name = path.name
    kept = ("shot", "version", "language", "characters", "made", "synthetic_media")
    made.metadata["dubsync"] = {name: record[name] for name in kept if name in record}
    return made


def _linked_facts(render: Render, project: ProjectFile) -> dict[str, Any]:
    """The linked render, and the dubs and takes it was made of; with paths if they still exist."""
    record = render.record
    dubs, takes = [], []
    for given in record["inputs"]:
        role, _, name = given["role"].partition(" ")
        if role == "dub":
            stems = (str(r.dub) for r in project.roles if r.dub.name == given["name"])
            dubs.append({"character": name, "file": next(stems, given["name"])})
        elif role == "take":
            places = (folder / given["name"] for folder in project.takes)
            path = next((str(p) for p in places if p.is_file()), given["name"])
            takes.append({"line": name, "file": path})
    return {"shot": record["shot"], "version": record["version"], "language": record["language"],
            "dubs": dubs, "takes": takes}  # fmt: skip


def _note(clip: Any, facts: dict[str, Any]) -> None:
    known = clip.metadata.get("dubsync", {})
    clip.metadata["dubsync"] = {**dict(known), **facts}


def _seconds(at: Any) -> Fraction:
    return Fraction(at.value) / (Fraction(round(at.rate * 1001), 1001))
