"""Reads Cappella's rythmo bands (.detx): lines, characters, and the lips marked by hand.

The marks are those of the original actor, to which the dub's text was written: where lips meet
(labial), come near each other (semi-labial) or part.  The marks at the ends of a line say whether
it begins and ends with the mouth open or closed; Cappella sets "open" by itself, so that only
"closed" is evidence.

Source: Cappella 3 files as exported; Chinkel publishes no description.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.script import LipMark, Lips, OnScreen, Script, ScriptLine, UntimedLine
from dubsync.core.timeline.losses import ASSUMED, LOST, ODD, LossReport
from dubsync.core.timeline.timecode import Timecode, counting_base
from dubsync.editorial.files.text import one_line, plain
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.script.rows import ScriptBuilder

MOST_MEMORY = 350 << 20  #: bytes of a document's tree
#: Type of a mark, without separators, -> what it says of the lips.
_LIPS: Mapping[str, Lips] = {
    "labial": "closed", "labiale": "closed", "mbp": "closed", "mpb": "closed", "closed": "closed",
    "close": "closed", "inclose": "closed", "outclose": "closed", "inclosed": "closed",
    "outclosed": "closed", "semilabial": "semi", "semilabiale": "semi", "halflabial": "semi",
    "semi": "semi", "fv": "semi", "open": "open", "opening": "open", "aperture": "open",
    "ouverture": "open",
}  # fmt: skip
#: Marks that only divide the text, or that state what Cappella sets by itself.
_SILENT = frozenset({"", "neutral", "neutre", "inopen", "outopen"})
#: Frame numbers seen, and marks needed, for a rate to follow from them: 25 fps alone counts to 24.
_PROVES_25, _ENOUGH = 24, 100


@dataclass(frozen=True, slots=True)
class _Band:
    """The state of reading a band: its rate, the names of its roles, and what was found."""

    rate: Fraction
    drop: bool
    roles: Mapping[str, str]
    builder: ScriptBuilder
    unknown: Counter[str]

    def time(self, element: Element) -> Fraction:
        """The record time of an element's timecode.  Raises TimecodeError."""
        text = element.get("timecode")
        return Fraction(Timecode.parse(text, self.rate, drop=self.drop).frame) / self.rate


def looks_like_detx(data: bytes) -> bool:
    """Whether a document begins as a Cappella file does."""
    return b"<detx" in data[:4096].replace(b"\0", b"")


def read_detx(
    data: bytes, *, path: str = "", rate: Fraction | None = None, drop: bool = False
) -> Script:
    """The lines of a rythmo band, with the marks of lips, in record time.

    Args:
        rate: frames per second of its timecode, which the file does not state.
        drop: whether that timecode is drop-frame.

    Raises:
        TurnoverError: not a band, unsafe, no rate, or no line.
    """
    where = path.rsplit("/", 1)[-1] or "the band"
    root = xml_tree(data, where, most=MOST_MEMORY)
    if root.tag != "detx":
        raise TurnoverError(f"{where} begins with <{root.tag[:40]}>, not <detx>",
                            hint="export the band from Cappella")  # fmt: skip
    builder = ScriptBuilder(where)
    rate = _rate(root, rate, builder)
    roles = {
        role.get("id"): one_line(role.get("name")) or role.get("id")
        for holder in root.all("roles") for role in holder.all("role")
    }  # fmt: skip
    band = _Band(rate, drop, roles, builder, Counter())
    body = root.first("body")
    for element in body.children if body else ():
        if element.tag == "line":
            _line(element, band)
        elif element.tag not in ("loop", "shot"):
            what = f"<{element.tag[:40]}> of a band is not read"
            builder.lose(f"line {element.line}", what, LOST)
    _report(body, band)
    lines = builder.finish("export the band again")
    return Script(
        path, "Cappella rythmo band", lines, rate=rate, drop=drop, start=_start(root, band),
        losses=LossReport.of(builder.losses), untimed=tuple(builder.untimed),
    )  # fmt: skip


def _rate(root: Element, given: Fraction | None, builder: ScriptBuilder) -> Fraction:
    """The given rate if it has every frame number, else the one that they prove.

    Raises:
        TurnoverError: there is none.
    """
    frames = [
        int(tail) for e in root.descendants()
        if (tail := e.get("timecode").rpartition(":")[2]).isdecimal() and len(tail) < 4
    ]  # fmt: skip
    highest = max(frames, default=0)
    if given is not None and highest < counting_base(given):
        return given
    if highest == _PROVES_25 and len(frames) >= _ENOUGH:
        stated = "no frame rate is stated" if given is None else f"{given} fps cannot be right"
        what = f"{stated}; the frame numbers of {len(frames)} marks run to 24, so 25 fps"
        builder.assume(what, "if it is not: --rate")
        return Fraction(25)
    if given is not None:
        raise TurnoverError(
            f"{builder.where} is not at {given} fps: its frame numbers run to {highest}",
            hint="give the rate of the band, as --rate 25",
        )
    raise TurnoverError(
        f"{builder.where} states no frame rate (its frame numbers run to {highest})",
        hint="give the rate, as --rate 25 or --rate 24000/1001; a project uses that of the cut",
    )


def _line(element: Element, band: _Band) -> None:
    where, builder = f"line {element.line}", band.builder
    role = element.get("role")
    if role and role not in band.roles:
        builder.lose(where, f"role {role[:60]!r} is not defined", ODD)
    character = band.roles.get(role, one_line(role))
    text = plain("".join("".join(e.pieces) for e in element.all("text")))
    times: list[Fraction] = []
    marks: list[LipMark] = []
    for child in element.children:
        if child.tag == "text":
            continue
        if child.tag != "lipsync":
            builder.lose(f"line {child.line}", f"<{child.tag[:40]}> of a line is not read", LOST)
            continue
        try:
            times.append(band.time(child))
        except TimecodeError as error:
            builder.lose(f"line {child.line}", f"a mark is not read: {error}", LOST)
            continue
        if lips := _lips(child, band):
            marks.append(LipMark(times[-1], lips))
    closed = len(element.children) > 1 and element.children[-1].tag == "lipsync"
    begin, end = min(times, default=None), max(times, default=None)
    on_screen = _on_screen(element)
    if begin is None or end is None or end <= begin or not closed:
        builder.add_untimed(UntimedLine(character, text, begin, on_screen=on_screen, where=where))
        return
    shapes = tuple(sorted(marks, key=lambda mark: mark.time))
    builder.add(
        ScriptLine(character, text, begin, end, on_screen=on_screen, marks=shapes, where=where)
    )


def _lips(mark: Element, band: _Band) -> Lips | None:
    kind = "".join(c for c in mark.get("type").lower() if c.isalnum())
    if kind in _LIPS:
        return _LIPS[kind]
    if kind not in _SILENT:
        band.unknown[mark.get("type")[:40]] += 1
    return None


def _on_screen(line: Element) -> OnScreen | None:
    """Whether the line says that its speaker is off screen."""
    return "off" if line.get("voice").lower() == "off" else None


def _report(body: Element | None, band: _Band) -> None:
    builder = band.builder
    for name, count in sorted(band.unknown.items()):
        builder.lose(builder.where, f"marks of type {name!r} say nothing of the lips that is "
                     f"known; number of them: {count}", LOST)  # fmt: skip
    counted = Counter(element.tag for element in body.children) if body else Counter[str]()
    if counted["loop"] or counted["shot"]:
        what = f"{counted['loop']} loops and {counted['shot']} changes of shot are not kept"
        builder.lose(builder.where, what, LOST)
    backwards = sum(line.stop - line.start > 600 for line in builder.lines)
    if backwards:
        what = f"{backwards} lines last over ten minutes"
        builder.lose(builder.where, what, ODD, "check their last mark")


def _start(root: Element, band: _Band) -> Fraction | None:
    """Record time of the programme's first frame: the timecode of the band's video."""
    video = root.first("header", "videofile")
    if video is None or not video.get("timestamp"):
        return None
    try:
        code = Timecode.parse(video.get("timestamp"), band.rate, drop=band.drop)
    except TimecodeError as error:
        band.builder.lose(f"line {video.line}", f"the video's timecode: {error}", ASSUMED)
        return None
    return Fraction(code.frame) / band.rate
