"""Reads FCPXML 1.8 to 1.14, as exported by Final Cut Pro: spines, lanes and compounds.

Times are rational throughout.  A clip's own time begins at its `start`; connected items are placed
in that time; a timeMap retimes it to media time.
"""

from __future__ import annotations

from fractions import Fraction

from dubsync.core.errors import DubsyncError, TurnoverError
from dubsync.core.timeline.losses import LOST, ODD, WARNS
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedTimeline,
)
from dubsync.editorial.fcpxml.census import GRAMMAR
from dubsync.editorial.fcpxml.parts import (
    AGAIN,
    Context,
    FcpxmlBuilder,
    Item,
    list_markers,
)
from dubsync.editorial.fcpxml.resources import (
    drops,
    resources_in,
    seconds,
)
from dubsync.editorial.fcpxml.walk import contents, own_rate, walk
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.timeline.unknown_xml import lose_unknown

KNOWN_VERSIONS = tuple(f"1.{minor}" for minor in range(8, 15))


def read_fcpxml(data: bytes, *, path: str = "") -> ProbedCut:
    """The projects, bins and loose clips of an FCPXML document.

    Raises:
        TimecodeError: an invalid time.
        TurnoverError: damaged, unsafe, or without a project or clip.
    """
    where = path.rsplit("/", 1)[-1] or "the document"
    root = xml_tree(data, where)
    if root.tag != "fcpxml":
        raise TurnoverError(
            f"{where} begins with <{root.tag[:40]}>, not <fcpxml>",
            hint="export it as XML from Final Cut Pro",
        )
    builder = FcpxmlBuilder(resources_in(root))
    version = root.get("version")
    if version not in KNOWN_VERSIONS:
        known = f"{KNOWN_VERSIONS[0]} to {KNOWN_VERSIONS[-1]}"
        what = f"FCPXML version {version[:20]!r} is not supported ({known} are); read as it is"
        builder.lose(where, what, ODD)
    for place, fault in builder.resources.faults:
        builder.lose(place, fault, LOST, AGAIN, WARNS)
    lose_unknown(root, GRAMMAR, builder, "check it in Final Cut Pro")
    timelines = _projects(root, builder) + _bins(root, builder)
    if not builder.events and builder.faults:
        raise builder.faults[0]
    if not timelines:
        raise TurnoverError(
            f"{where} has no project and no clip", hint="export the project, not its library"
        )
    for tag, count in sorted(builder.effects.items()):
        builder.lose(where, f"effect {tag} is not listed; number of uses: {count}")
    return builder.cut(path, f"FCPXML {version}", timelines)


def _projects(root: Element, builder: FcpxmlBuilder) -> list[ProbedTimeline]:
    """Each project as a timeline; one that cannot be read is a loss."""
    timelines = []
    for project in (e for e in root.descendants() if e.tag == "project"):
        listed = len(builder.events), len(builder.markers)
        try:
            timelines.append(_project(project, builder))
        except DubsyncError as error:
            del builder.events[listed[0] :], builder.markers[listed[1] :]
            name = project.get("name") or "untitled"
            builder.lose(f"line {project.line}", f"project {name!r} is not read: {error}", LOST,
                         AGAIN)  # fmt: skip
            builder.faults.append(error)
    return timelines


def _project(project: Element, builder: FcpxmlBuilder) -> ProbedTimeline:
    sequence = project.first("sequence")
    name = project.get("name") or "untitled"
    if sequence is None:
        builder.lose(f"line {project.line}", f"project {name!r} has no sequence", ODD)
        return ProbedTimeline(name, None)
    rate = builder.resources.rates.get(sequence.get("format"))
    where = f"line {sequence.line}"
    start = seconds(sequence.get("tcStart", "0s"), where)
    length = seconds(sequence.get("duration", "0s"), where)
    if rate is None:
        raise TurnoverError(
            f"{where}: the format of project {name!r} states no frame rate",
            hint="give the project a video format, and export it again",
        )
    drop = drops(sequence, rate)
    context = Context(name, rate, drop)
    contents(sequence.all("spine"), context, builder)
    list_markers(Item(sequence, start, start, length, None), context, builder)
    return ProbedTimeline(name, rate, start * rate, length * rate, drop)


def _bins(root: Element, builder: FcpxmlBuilder) -> list[ProbedTimeline]:
    """Clips in an event of the browser, or at the top of the document; no record time."""
    timelines = []
    for holder in [e for e in root.descendants() if e.tag in ("event", "fcpxml")]:
        clips = holder.all(
            "clip",
            "asset-clip",
            "ref-clip",
            "mc-clip",
            "sync-clip",
            "audition",
            "video",
            "audio",
            "title",
        )
        if not clips:
            continue
        name = holder.get("name") or "clips"
        timelines.append(ProbedTimeline(name, None))
        for clip in clips:
            rate = own_rate(clip, builder) or Fraction(1)
            walk(clip, Context(name, rate, False, record=False), builder)
        timelines += _compounds(clips, builder)
    return timelines


def _compounds(clips: list[Element], builder: FcpxmlBuilder) -> list[ProbedTimeline]:
    """The compounds in a bin, each as a timeline."""
    timelines = []
    for key in dict.fromkeys(clip.get("ref") for clip in clips if clip.tag == "ref-clip"):
        media = builder.resources.media.get(key)
        sequence = media.first("sequence") if media else None
        if media is None or sequence is None:
            continue
        if sequence.get("format") in builder.resources.rates:
            timelines.append(_project(media, builder))
        else:
            builder.lose(
                f"line {media.line}",
                f"compound {media.get('name')!r} states no frame rate; its contents are not listed",
            )
    return timelines
