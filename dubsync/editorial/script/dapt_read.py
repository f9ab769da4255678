"""DAPT and other TTML in: script events, who speaks them, in which language, on screen or off.

DAPT: one div is one script event, its p are its text in one language each. Other TTML and IMSC:
one p is one line.
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
    said_text,
)
from dubsync.editorial.script.ttml_time import TtmlClock, ttml_clock

MOST_MEMORY = 350 << 20  #: of a document's tree, of which a copy is made

_ON_SCREEN: dict[str, OnScreen] = {
    "ON": "on", "OFF": "off", "ON_OFF": "on_off", "OFF_ON": "off_on",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Text:
    """One p: its language, and whether that is the picture's own."""

    language: str
    source: str
    text: str
    line: int

    @property
    def original(self) -> bool:
        return self.source.lower() in ("", self.language.lower())


@dataclass(frozen=True, slots=True)
class _Held:
    """What an element has from those above it."""

    begin: Fraction = Fraction(0)
    end: Fraction | None = None
    language: str = ""
    source: str = ""
    represents: str = ""
    agents: tuple[str, ...] = ()
    preserve: bool = False


@dataclass(slots=True)
class _Document:
    """What is known of the document while it is read."""

    dapt: bool
    kind: ScriptKind
    language: str
    asked: bool
    clock: TtmlClock
    agents: Mapping[str, tuple[str, str]]
    found: ScriptBuilder
    zero: Fraction
    says_on_screen: bool
    sources: dict[str, int] = field(default_factory=dict)


def looks_like_ttml(data: bytes) -> bool:
    """Whether a document's first elements are TTML's."""
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
        language: which of several languages is the dub's, BCP-47; "": the document's own.
        rate: that the origin timecode counts at where the document states no frame rate.
        drop: whether that timecode drops; DAPT cannot say.

    Raises:
        TurnoverError: not TTML, or rows that cannot be read, each with its line of the file.
    """
    where = path.rsplit("/", 1)[-1] or "the script"
    root = with_namespaces(xml_tree(data, where, most=MOST_MEMORY), where)
    if root.tag != TT + "tt":
        raise TurnoverError(
            f"{where} begins with {root.tag.rpartition('}')[2]!r}, and is no TTML of our day",
            hint="export it as DAPT, TTML2 or IMSC",
        )
    builder = ScriptBuilder(where)
    document = _document(root, builder, language, rate, drop)
    body = root.first(TT + "body")
    if body is not None:
        held = _Held(language=root.get(LANG), source=root.get(DAPTM + "langSrc"),
                     represents=_represents(root))  # fmt: skip
        _walk(body, replace(held, begin=document.zero), document)
    if document.dapt and not document.says_on_screen:
        builder.assume(
            "no script event says daptm:onScreen; the pictures are asked instead",
            "DAPT's own default is ON",
        )
    lines = builder.finish("mend the lines named, or export the script again")
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
    told = root.get(DAPTM + "scriptType")
    if dapt and told not in SCRIPT_KINDS:
        builder.lose(builder.where, f"daptm:scriptType {told[:40]!r} is none of DAPT's", ODD)
    if dapt and not root.get(DAPTM + "scriptRepresents"):
        builder.lose(builder.where, "no daptm:scriptRepresents, which DAPT requires", ODD)
    kind: ScriptKind = told if told in SCRIPT_KINDS else "preRecording"
    clock = ttml_clock(root, builder.where)
    return _Document(
        dapt=dapt,
        kind=kind,
        language=language or root.get(LANG),
        asked=bool(language),
        clock=clock,
        agents=agents_of(root),
        found=builder,
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
        builder.refuse("daptm:daptOriginTimecode", f"{origin} with no ttp:frameRate to count it")
        return Fraction(0)
    try:
        return Fraction(Timecode.parse(origin, at, drop=drop).frame) / at
    except TimecodeError as error:
        builder.refuse("daptm:daptOriginTimecode", str(error))
        return Fraction(0)


# -- walking ---------------------------------------------------------------------------------


def _walk(element: Element, above: _Held, document: _Document) -> None:
    """Every line below `element`: body or div."""
    held = _timed(element, above, document)
    if held is None:
        return
    paragraphs = element.all(TT + "p")
    divisions = element.all(TT + "div")
    is_event = document.dapt and element.tag == TT + "div" and (paragraphs or not divisions)
    if is_event:
        _event(element, held, paragraphs, document)
    else:
        for paragraph in paragraphs:
            inner = _timed(paragraph, held, document)
            if inner is not None:
                _event(paragraph, inner, [paragraph], document)
    for division in divisions:
        _walk(division, held, document)


def _timed(element: Element, above: _Held, document: _Document) -> _Held | None:
    """What `element` is under; None, and noted, where its times cannot be read."""
    where = f"line {element.line}"
    if element.get("timeContainer", "par") != "par":
        document.found.refuse(where, "its parts follow one another (timeContainer=seq)")
        return None
    smpte = document.clock.smpte
    try:
        times = {
            name: document.clock.seconds(element.get(name))
            for name in ("begin", "end", "dur")
            if name in element.attributes
        }
    except ValueError as error:
        document.found.refuse(where, str(error))
        return None
    base = Fraction(0) if smpte else above.begin
    begin = base + times["begin"] if "begin" in times else above.begin
    ends = [base + times["end"]] if "end" in times else []
    ends += [begin + times["dur"]] if "dur" in times else []
    ends += [above.end] if above.end is not None and (not ends or above.end > begin) else []
    agents = tuple(element.get(TTM + "agent").split()) or above.agents
    return _Held(
        begin,
        min(ends) if ends else None,
        element.get(LANG) if LANG in element.attributes else above.language,
        element.attributes.get(DAPTM + "langSrc", above.source),
        element.get(DAPTM + "represents") or above.represents,
        agents,
        preserves(element, above.preserve),
    )


def _represents(root: Element) -> str:
    told = (root.get(DAPTM + "represents") or root.get(DAPTM + "scriptRepresents")).split()
    speaks = not told or any(t in ("audio", DIALOGUE) for t in told)
    return DIALOGUE if speaks else told[0]


def _event(element: Element, held: _Held, paragraphs: list[Element], document: _Document) -> None:
    """One script event, or one p of other TTML, as a line for each who speaks it."""
    where = f"line {element.line}"
    if held.end is None:
        if paragraphs and not any(said_text(p, held.preserve) for p in paragraphs):
            return
        document.found.refuse(where, "it does not say when it ends")
        return
    texts = [_text(p, held, document) for p in paragraphs]
    if any(
        "begin" in e.attributes for p in paragraphs for e in p.descendants() if e is not element
    ):
        document.found.lose(where, "times of single words inside a line", LOST)
    chosen, original = _chosen(texts, document, where)
    if not document.dapt and not (chosen and chosen.text):
        return
    notes = "\n".join(descriptions(element))
    line = ScriptLine(
        character="",
        text=chosen.text if chosen else "",
        start=held.begin,
        stop=held.end,
        number=element.attributes.get(OWN + "number", element.get(ID) if document.dapt else ""),
        original=original.text if original else "",
        language=_other(chosen.language if chosen else "", document.language),
        on_screen=_on_screen(element, document),
        reason=element.get(OWN + "reason"),
        notes=notes,
        represents=held.represents,
        where=where,
    )
    for agent in held.agents or ("",):
        if agent and agent not in document.agents:
            document.found.lose(where, f"agent {agent[:60]!r} is defined nowhere", ODD)
        character, performer = document.agents.get(agent, (agent, ""))
        document.found.add(replace(line, character=character, performer=performer))


def _other(language: str, usual: str) -> str:
    """A line's language where it is not the script's own."""
    return "" if language.lower() == usual.lower() else language


def _on_screen(element: Element, document: _Document) -> OnScreen | None:
    told = element.get(DAPTM + "onScreen")
    if told in _ON_SCREEN:
        return _ON_SCREEN[told]
    if told:
        document.found.refuse(f"line {element.line}", f"daptm:onScreen {told[:20]!r}")
    return "on" if document.says_on_screen else None  # DAPT: ON where it is left out


def _text(paragraph: Element, held: _Held, document: _Document) -> _Text:
    where = f"line {paragraph.line}"
    language = paragraph.attributes.get(LANG, held.language)
    source = paragraph.attributes.get(DAPTM + "langSrc", held.source)
    text = plain(said_text(paragraph, preserves(paragraph, held.preserve)))
    if not language and text:
        if document.dapt:
            document.found.refuse(where, "no xml:lang says which language it is in")
        else:
            document.found.lose(document.found.where, "no xml:lang anywhere", ASSUMED)
    return _Text(language, source, text, paragraph.line)


def _chosen(
    texts: list[_Text], document: _Document, where: str
) -> tuple[_Text | None, _Text | None]:
    """The text in the script's language, and the original's where that is another."""
    wanted = document.language.lower()
    same = [t for t in texts if t.language.lower() == wanted]
    near = [t for t in texts if t.language.split("-")[0].lower() == wanted.split("-")[0]]
    chosen = next(iter(same), None) or (near[0] if len(near) == 1 else None)
    if chosen is None and len(texts) == 1 and not document.asked:
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
            document.found.lose(where, f"its text in {text.language} is not kept", LOST,
                                f"to have it: --language {text.language}")  # fmt: skip
    return chosen, original
