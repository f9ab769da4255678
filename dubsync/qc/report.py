"""The QC report: an HTML page for editors and a JSON document for programs.

The JSON's schema, "dubsync.qc/1" (every key is always present; null where nothing was measured):

    schema, project, language, date     text; date is ISO 8601
    verdict                             "pass", "review" or "fail": the worst of all shots
    counts      {wanted, shots, pass, review, fail, skipped, blocked, failed, warnings};
                shots: those checked, of the wanted
    versions    {name: version}
    shots       [{name, version, verdict, characters, plate, reel,
                  frames {first, stop, rate, timecode}    plate frames, half open
                  files {role: path}                      relative to the report
                  facts {name: text}                      digest, consent ids, ...
                  renderers {character: {renderer, reason}}
                  findings [{character, measure, value, unit, limit, verdict, note, frames,
                             message, remedy}]            frames [first, last]: the worst frames
                  contacts [{kind, character, line, frame, timecode, met, ms, why}]
                             met null: not judged, for the reason in why; ms late (+) or early (-)
                  curves [{title, unit, series {label: [value per frame]}, limit}]}]
    skipped, blocked, failed         [{name, reason}]
    warnings      [{about, message, hint, blocking}]
    coverage    [{character, frames, lacking, map, shots, fills}]   what the footage lacks

In both, the worst shots come first.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np

from dubsync.core.contact import Contact
from dubsync.core.result import Finding, Pick
from dubsync.core.shot import ProjectWarning
from dubsync.core.timeline.timecode import FrameRange
from dubsync.qc.chart import Chart, svg, timecode
from dubsync.qc.findings import Verdict
from dubsync.qc.measures import MEASURES, Measure, short, worded

if TYPE_CHECKING:
    from jinja2 import Template

SCHEMA = "dubsync.qc/1"
_BADNESS = {"fail": 0, "review": 1, "not measured": 2, "pass": 3}


@dataclass(frozen=True, slots=True)
class Strip:
    """Before and after of one face, in columns of one picture.

    columns   label under each column ("01:00:02:11"), as many as the picture has
    rows      label of each row of pictures, from the top
    heights   of the rows, in any one unit
    jpeg      the picture, all columns of one width
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    heights: tuple[int, ...]
    jpeg: bytes

    @property
    def source(self) -> str:
        """The picture as a data URL."""
        return "data:image/jpeg;base64," + base64.b64encode(self.jpeg).decode("ascii")


@dataclass(frozen=True, slots=True)
class Map:
    """Coverage of one character: which mouths the dub needs and the footage contains.

    sentence  the map in words
    lines     shots with missing coverage, and what would fill it
    facts     the same for programs: plain JSON values
    """

    character: str
    sentence: str
    lines: tuple[str, ...]
    png: bytes
    facts: Mapping[str, Any]

    @property
    def source(self) -> str:
        """The picture as a data URL."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


@dataclass(frozen=True, slots=True)
class Link:
    """A rendered file.  `path` is relative to the report's folder, with "/"."""

    role: str
    path: str


@dataclass(frozen=True, slots=True, eq=False)
class ShotPage:
    """Everything the report shows of one rendered shot.

    frames  plate frames rendered
    facts   (name, text) pairs from the shot's record
    picks   (character, the renderer chosen)
    contacts   every contact of the mouth that the dub asks for
    """

    name: str
    version: int
    characters: tuple[str, ...]
    plate: str
    reel: str
    frames: FrameRange
    drop: bool
    findings: tuple[Finding, ...]
    strips: tuple[Strip, ...] = ()
    charts: tuple[Chart, ...] = ()
    links: tuple[Link, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    picks: tuple[tuple[str, Pick], ...] = ()
    contacts: tuple[Contact, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of its findings; a shot without any measured finding needs review."""
        result = {f.verdict for f in self.findings}
        for verdict in ("fail", "review", "pass"):
            if verdict in result:
                return verdict
        return "review"

    @property
    def worst_first(self) -> tuple[Finding, ...]:
        """Its findings, failures first, otherwise in the order measured."""
        return tuple(sorted(self.findings, key=lambda f: _BADNESS[f.verdict]))

    @property
    def first_timecode(self) -> str:
        return timecode(self.frames.start, self.frames, self.drop)

    @property
    def last_timecode(self) -> str:
        return timecode(self.frames.stop - 1, self.frames, self.drop)


@dataclass(frozen=True, slots=True, eq=False)
class ReelPage:
    """Everything the report shows of a reel.

    versions    (name, version) of the software that made it
    skipped, blocked, failed   (shot or event, reason) of everything that was not rendered
    """

    project: str
    language: str
    date: str
    shots: tuple[ShotPage, ...]
    versions: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    blocked: tuple[tuple[str, str], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    warnings: tuple[ProjectWarning, ...] = ()
    maps: tuple[Map, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """ "fail" when any shot failed; "review" when any shot needs review or is blocked."""
        verdicts = {shot.verdict for shot in self.shots}
        if "fail" in verdicts or self.failed:
            return "fail"
        return "review" if "review" in verdicts or self.blocked else "pass"

    @property
    def verdict_text(self) -> str:
        """The verdict in words."""
        if len(self.shots) < self.counts["wanted"] or not self.shots:
            return "no shot was checked" if not self.shots else "not every shot was checked"
        return {
            "pass": "every shot within limits",
            "review": "some shots need review",
            "fail": "some shots are out of limits",
        }[self.verdict]

    @property
    def worst_first(self) -> tuple[ShotPage, ...]:
        """Shots by how many findings fail, then by how many need review."""

        def badness(shot: ShotPage) -> tuple[int, ...]:
            count = Counter(f.verdict for f in shot.findings)
            return -count["fail"], -count["review"]

        return tuple(sorted(self.shots, key=badness))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, worst shot first."""
        return tuple(f for shot in self.worst_first for f in shot.worst_first)

    @property
    def counts(self) -> dict[str, int]:
        """How many shots have which verdict, and how many were not rendered."""
        verdicts = Counter(shot.verdict for shot in self.shots)
        return {
            "wanted": len(self.shots) + len(self.blocked) + len(self.failed),
            "shots": len(self.shots),
            "pass": verdicts["pass"],
            "review": verdicts["review"],
            "fail": verdicts["fail"],
            "skipped": len(self.skipped),
            "blocked": len(self.blocked),
            "failed": len(self.failed),
            "warnings": len(self.warnings),
        }


def report_html(reel: ReelPage) -> str:
    """The page, self-contained: styles and pictures are embedded, nothing is fetched."""
    shots = reel.worst_first
    page = _template().render(
        reel=reel,
        shots=shots,
        anchors={id(shot): f"shot-{n}" for n, shot in enumerate(shots, 1)},
        columns=_columns(shots),
    )
    # A file name that is not UTF-8 arrives with lone surrogates, which cannot be encoded.
    return page.encode("utf-8", "replace").decode("utf-8")


def report_json(reel: ReelPage) -> str:
    """The JSON document (schema in this module's docstring)."""
    document = {
        "schema": SCHEMA,
        "project": reel.project,
        "language": reel.language,
        "date": reel.date,
        "verdict": reel.verdict,
        "counts": reel.counts,
        "versions": dict(reel.versions),
        "shots": [_shot_object(shot) for shot in reel.worst_first],
        "skipped": _reasons(reel.skipped),
        "blocked": _reasons(reel.blocked),
        "failed": _reasons(reel.failed),
        "warnings": [asdict(warning) for warning in reel.warnings],
        "coverage": [dict(result.facts) for result in reel.maps],
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def shown(finding: Finding) -> str:
    """A finding's value as a person reads it ("12 ms late", "21,800 pixels", "–")."""
    if finding.value is None:
        return "–"
    value = worded(finding.value, finding.unit)
    return f"{value} the plate's" if finding.unit == "times the plate's" else value


def brief(finding: Finding) -> str:
    """A finding's value for a narrow column, without units that the column's head implies."""
    if finding.value is None:
        return "–"
    text = short(finding.value, finding.unit)
    for unit in (" pixels", " pixel", " frames", " frame"):
        text = text.removesuffix(unit)
    return text


def measure_of(finding: Finding) -> Measure:
    """The finding's measure; one without explanation if it is not in MEASURES."""
    return MEASURES.get(finding.measure, Measure(finding.measure, finding.measure, "", "", ""))


def _shot_object(shot: ShotPage) -> dict[str, Any]:
    return {
        "name": shot.name,
        "version": shot.version,
        "verdict": shot.verdict,
        "characters": list(shot.characters),
        "plate": shot.plate,
        "reel": shot.reel,
        "frames": {
            "first": shot.frames.start,
            "stop": shot.frames.stop,
            "rate": str(shot.frames.rate),
            "timecode": shot.first_timecode,
        },
        "files": {link.role: link.path for link in shot.links},
        "facts": dict(shot.facts),
        "renderers": {character: asdict(pick) for character, pick in shot.picks},
        "findings": [_finding_object(finding) for finding in shot.worst_first],
        "contacts": [
            {
                **asdict(one),
                "ms": _number(one.ms),
                "timecode": timecode(one.frame, shot.frames, shot.drop),
            }
            for one in shot.contacts
        ],
        "curves": [_curves_object(chart) for chart in shot.charts],
    }


def _finding_object(finding: Finding) -> dict[str, Any]:
    result = asdict(finding)
    del result["shot"]
    result["value"] = _number(finding.value)
    result["frames"] = list(finding.frames) if finding.frames else None
    return result


def _curves_object(chart: Chart) -> dict[str, Any]:
    return {
        "title": chart.title,
        "unit": chart.unit,
        "series": {s.label: [_number(v) for v in s.values] for s in chart.series},
        "limit": chart.limit,
    }


def _number(value: float | None) -> float | None:
    """Rounded to the precision of the measures; JSON has no NaN."""
    return round(float(value), 4) if value is not None and np.isfinite(value) else None


def _reasons(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "reason": reason} for name, reason in pairs]


def _columns(shots: Sequence[ShotPage]) -> list[Measure]:
    """The summary's columns: measures that some shot has, in the order of MEASURES."""
    present = {f.measure: measure_of(f) for shot in shots for f in shot.findings}
    order = list(MEASURES)
    return sorted(
        present.values(), key=lambda m: order.index(m.name) if m.name in order else len(order)
    )


def _cell(shot: ShotPage, measure: str) -> Finding | None:
    """The worst finding of `measure` in `shot`."""
    result = [f for f in shot.worst_first if f.measure == measure]
    return result[0] if result else None


def _place(finding: Finding, shot: ShotPage) -> str:
    """Where a finding is worst, in timecode."""
    if finding.frames is None:
        return "whole shot"
    first, last = (timecode(frame, shot.frames, shot.drop) for frame in finding.frames)
    return first if first == last else f"{first} – {last}"


def _href(path: str) -> str:
    """A relative path as a link target; never a URL with a scheme, whatever the file's name."""
    return "./" + quote(path.replace("\\", "/"), errors="surrogateescape")


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    page = Environment(
        loader=PackageLoader("dubsync.qc", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters.update(shown=shown, brief=brief, measure=measure_of, href=_href, ident=id)
    page.globals.update(cell=_cell, place=_place, svg=lambda chart: Markup(svg(chart)))
    return page.get_template("report.html")
