"""Reads DAPT and other TTML: script events with character, language and on-screen status.

DAPT: one div is one script event, and each p in it is its text in one language. Other TTML and
IMSC: one p is one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.script import (
    DIALOGUE,
    SCRIPT_KINDS,
    OnScreen,
    Script,
    ScriptKind,
    ScriptLine,
)
from dubsync.core.timeline.losses import ASSUMED, LOST, ODD, LossReport
from dubsync.core.timeline.timecode import Timecode
from dubsync.editorial.files.text import plain
from dubsync.editorial.files.xml_names import with_namespaces
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.script.dapt_names import (
    CONTENT_PROFILE,
    DAPTM,
    ID,
    LANG,
    OWN,
    TT,
    TT_SPACE,
    TTM,
    TTP,
    UNKNOWN_LANGUAGE,
)
from dubsync.editorial.script.rows import ScriptBuilder
from dubsync.editorial.script.ttml_text import (
    agents_of,
    descriptions,
    origin_timecode,
    preserves,
    text_in,
)
from dubsync.editorial.script.ttml_time import TtmlClock, ttml_clock

MOST_MEMORY = 350 << 20  #: bytes of a document's tree, which is copied once

_ON_SCREEN: dict[str, OnScreen] = {
    "ON": "on", "OFF": "off", "ON_OFF": "on_off", "OFF_ON": "off_on",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Text:
    """One p.

    source  daptm:langSrc, the language it was translated from; "" for the original
    """

    language: str
    source: str
    text: str
    line: int

    @property
    def original(self) -> bool:
        """Whether its language is the picture's original language."""
        return self.source.lower() in ("", self.language.lower())


@dataclass(frozen=True, slots=True)
class _Inherited:
    """What an element inherits from its ancestors."""

    begin: Fraction = Fraction(0)
    end: Fraction | None = None
    language: str = ""
    source: str = ""
    represents: str = ""
    agents: tuple[str, ...] = ()
    preserve: bool = False


@dataclass(slots=True)
class _Document:
    """The state of reading a document.

    language_given  whether the user chose the language
    zero            record time of the document's time zero, in seconds
    sources         original language -> number of lines
    """

    dapt: bool
    kind: ScriptKind
    language: str
    language_given: bool
    clock: TtmlClock
    agents: Mapping[str, tuple[str, str]]
    builder: ScriptBuilder
    zero: Fraction
    says_on_screen: bool
    sources: dict[str, int] = field(default_factory=dict)


def looks_like_ttml(data: bytes) -> bool:
    """Whether the beginning of a document names a TTML namespace."""
    head = data[:4096].replace(b"\0", b"")
    return TT_SPACE.encode() in head or b"http://www.w3.org/2006/10/ttaf1" in head


def read_ttml(
    data: bytes,
    *,
    path: str = "",
    language: str = "",
    rate: Fraction | None = None,
    drop: bool = False,
) -> Script:
    """The lines of a DAPT script, or of any TTML.

    Args:
        language: the dub's language, BCP-47; "": the document's own.
        rate: frame rate of the origin timecode if the document states none.
        drop: whether that timecode is drop-frame, which DAPT cannot state.

    Raises:
        TurnoverError: not TTML, or with rows that cannot be read, each with its line number.
    """
    where = path.rsplit("/", 1)[-1] or "the script"
    root = with_namespaces(xml_tree(data, where, most=MOST_MEMORY), where)
    if root.tag != TT + "tt":
        raise TurnoverError(
            f"{where} begins with {root.tag.rpartition('}')[2]!r}, and is not TTML",
            hint="export it as DAPT, TTML2 or IMSC",
        )
    builder = ScriptBuilder(where)
    document = _document(root, builder, language, rate, drop)
    body = root.first(TT + "body")
    if body is not None:
        inherited = _Inherited(language=root.get(LANG), source=root.get(DAPTM + "langSrc"),
                     represents=_represents(root))  # fmt: skip
        _walk(body, replace(inherited, begin=document.zero), document)
    if document.dapt and not document.says_on_screen:
        builder.assume(
            "no script event has daptm:onScreen; the picture decides instead",
            "DAPT's own default is ON",
        )
    lines = builder.finish("correct these lines, or export the script again")
    original = max(document.sources, key=document.sources.__getitem__, default="")
    from_start = not document.clock.smpte and document.zero == 0 and not origin_timecode(root)
    return Script(
        path,
        "DAPT" if document.dapt else "TTML",
        lines,
        document.language,
        "" if original == UNKNOWN_LANGUAGE else original,
        document.clock.rate or (rate if origin_timecode(root) else None),
        document.clock.drop or (drop and not from_start),
        document.zero if origin_timecode(root) else None,
        from_start,
        document.kind,
        LossReport.of(builder.losses),
    )


def _document(
    root: Element, builder: ScriptBuilder, language: str, rate: Fraction | None, drop: bool
) -> _Document:
    profiles = root.get(TTP + "contentProfiles")
    dapt = CONTENT_PROFILE.removesuffix("/content") in profiles or DAPTM + "scriptType" in (
        root.attributes
    )
    value = root.get(DAPTM + "scriptType")
    if dapt and value not in SCRIPT_KINDS:
        builder.lose(builder.where, f"daptm:scriptType {value[:40]!r} is not one of DAPT's", ODD)
    if dapt and not root.get(DAPTM + "scriptRepresents"):
        builder.lose(builder.where, "daptm:scriptRepresents is missing; DAPT requires it", ODD)
    kind: ScriptKind = value if value in SCRIPT_KINDS else "preRecording"
    clock = ttml_clock(root, builder.where)
    return _Document(
        dapt=dapt,
        kind=kind,
        language=language or root.get(LANG),
        language_given=bool(language),
        clock=clock,
        agents=agents_of(root),
        builder=builder,
        zero=_zero(root, clock, builder, rate, drop),
        says_on_screen=any(DAPTM + "onScreen" in e.attributes for e in root.descendants()),
    )


def _zero(
    root: Element, clock: TtmlClock, builder: ScriptBuilder, rate: Fraction | None, drop: bool
) -> Fraction:
    """Record time of the document's time zero, in seconds since midnight."""
    origin = origin_timecode(root)
    if not origin or clock.smpte:
        return Fraction(0)
    at = clock.rate or rate
    if at is None:
        builder.refuse("daptm:daptOriginTimecode", f"{origin} needs a ttp:frameRate")
        return Fraction(0)
    try:
        return Fraction(Timecode.parse(origin, at, drop=drop).frame) / at
    except TimecodeError as error:
        builder.refuse("daptm:daptOriginTimecode", str(error))
        return Fraction(0)


# -- walking ---------------------------------------------------------------------------------


def _walk(element: Element, above: _Inherited, document: _Document) -> None:
    """Read every line below `element`, a body or div."""
    inherited = _timed(element, above, document)
    if inherited is None:
        return
    paragraphs = element.all(TT + "p")
    divisions = element.all(TT + "div")
    is_event = document.dapt and element.tag == TT + "div" and (paragraphs or not divisions)
    if is_event:
        _event(element, inherited, paragraphs, document)
    else:
        for paragraph in paragraphs:
            inner = _timed(paragraph, inherited, document)
            if inner is not None:
                _event(paragraph, inner, [paragraph], document)
    for division in divisions:
        _walk(division, inherited, document)


def _timed(element: Element, above: _Inherited, document: _Document) -> _Inherited | None:
    """What the children of `element` inherit; None if its times cannot be read, which is noted."""
    where = f"line {element.line}"
    if element.get("timeContainer", "par") != "par":
        document.builder.refuse(where, "sequential time (timeContainer=seq) is not supported")
        return None
    smpte = document.clock.smpte
    try:
        times = {
            name: document.clock.seconds(element.get(name))
            for name in ("begin", "end", "dur")
            if name in element.attributes
        }
    except ValueError as error:
        document.builder.refuse(where, str(error))
        return None
    base = Fraction(0) if smpte else above.begin
    begin = base + times["begin"] if "begin" in times else above.begin
    ends = [base + times["end"]] if "end" in times else []
    ends += [begin + times["dur"]] if "dur" in times else []
    ends += [above.end] if above.end is not None and (not ends or above.end > begin) else []
    agents = tuple(element.get(TTM + "agent").split()) or above.agents
    return _Inherited(
        begin,
        min(ends) if ends else None,
        element.get(LANG) if LANG in element.attributes else above.language,
        element.attributes.get(DAPTM + "langSrc", above.source),
        element.get(DAPTM + "represents") or above.represents,
        agents,
        preserves(element, above.preserve),
    )


def _represents(root: Element) -> str:
    value = (root.get(DAPTM + "represents") or root.get(DAPTM + "scriptRepresents")).split()
    speaks = not value or any(t in ("audio", DIALOGUE) for t in value)
    return DIALOGUE if speaks else value[0]


def _event(
    element: Element, inherited: _Inherited, paragraphs: list[Element], document: _Document
) -> None:
    """Add one script event, or one p of other TTML, as a line per character."""
    where = f"line {element.line}"
    if inherited.end is None:
        if paragraphs and not any(text_in(p, inherited.preserve) for p in paragraphs):
            return
        document.builder.refuse(where, "the end time is missing")
        return
    texts = [_text(p, inherited, document) for p in paragraphs]
    if any(
        "begin" in e.attributes for p in paragraphs for e in p.descendants() if e is not element
    ):
        document.builder.lose(where, "times of single words in a line are not kept", LOST)
    chosen, original = _chosen(texts, document, where)
    if not document.dapt and not (chosen and chosen.text):
        return
    notes = "\n".join(descriptions(element))
    line = ScriptLine(
        character="",
        text=chosen.text if chosen else "",
        start=inherited.begin,
        stop=inherited.end,
        number=element.attributes.get(OWN + "number", element.get(ID) if document.dapt else ""),
        original=original.text if original else "",
        language=_other(chosen.language if chosen else "", document.language),
        on_screen=_on_screen(element, document),
        reason=element.get(OWN + "reason"),
        notes=notes,
        represents=inherited.represents,
        where=where,
    )
    for agent in inherited.agents or ("",):
        if agent and agent not in document.agents:
            document.builder.lose(where, f"agent {agent[:60]!r} is not defined", ODD)
        character, performer = document.agents.get(agent, (agent, ""))
        document.builder.add(replace(line, character=character, performer=performer))


def _other(language: str, usual: str) -> str:
    """The language of a line if it differs from the script's, else ""."""
    return "" if language.lower() == usual.lower() else language


def _on_screen(element: Element, document: _Document) -> OnScreen | None:
    value = element.get(DAPTM + "onScreen")
    if value in _ON_SCREEN:
        return _ON_SCREEN[value]
    if value:
        document.builder.refuse(f"line {element.line}", f"daptm:onScreen {value[:20]!r}")
    return "on" if document.says_on_screen else None  # DAPT's default is ON


def _text(paragraph: Element, inherited: _Inherited, document: _Document) -> _Text:
    where = f"line {paragraph.line}"
    language = paragraph.attributes.get(LANG, inherited.language)
    source = paragraph.attributes.get(DAPTM + "langSrc", inherited.source)
    text = plain(text_in(paragraph, preserves(paragraph, inherited.preserve)))
    if not language and text:
        if document.dapt:
            document.builder.refuse(where, "its language is missing (xml:lang)")
        else:
            document.builder.lose(
                document.builder.where, "no language is stated (xml:lang)", ASSUMED
            )
    return _Text(language, source, text, paragraph.line)


def _chosen(
    texts: list[_Text], document: _Document, where: str
) -> tuple[_Text | None, _Text | None]:
    """(the text in the script's language, the original text if that is another one)."""
    wanted = document.language.lower()
    same = [t for t in texts if t.language.lower() == wanted]
    near = [t for t in texts if t.language.split("-")[0].lower() == wanted.split("-")[0]]
    chosen = next(iter(same), None) or (near[0] if len(near) == 1 else None)
    if chosen is None and len(texts) == 1 and not document.language_given:
        transcript = document.kind == "originalTranscript" or not document.dapt
        chosen = texts[0] if transcript or not texts[0].original else None
    original = next((t for t in texts if t.original and t is not chosen), None)
    source = (original.language if original else "") or (
        chosen.source if chosen and not chosen.original else ""
    )
    if source:
        document.sources[source] = document.sources.get(source, 0) + 1
    for text in texts:
        if text not in (chosen, original) and text.text:
            document.builder.lose(where, f"its text in {text.language} is not kept", LOST,
                                f"to read it: --language {text.language}")  # fmt: skip
    return chosen, original
