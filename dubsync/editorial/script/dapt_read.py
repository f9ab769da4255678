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
    UntimedLine,
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
    SHOWN,
    TT,
    TT_SPACE,
    TTM,
    TTP,
    UNKNOWN_LANGUAGE,
)
from dubsync.editorial.script.dapt_rules import encoding_faults, faults_of, is_event
from dubsync.editorial.script.rows import NO_TEXT, ScriptBuilder
from dubsync.editorial.script.ttml_text import (
    agents_of,
    descriptions,
    origin_timecode,
    preserves,
    text_in,
)
from dubsync.editorial.script.ttml_time import (
    TtmlClock,
    end_inside,
    end_within,
    starts_in,
    ttml_clock,
)

MOST_MEMORY = 350 << 20  #: bytes of a document's tree, which is copied once


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
    """What an element inherits from its ancestors.

    begun     whether one of them states a begin
    unplaced  whether it follows something without an end in a sequence, so that it has no time
    """

    begin: Fraction = Fraction(0)
    end: Fraction | None = None
    language: str = ""
    source: str = ""
    represents: str = ""
    agents: tuple[str, ...] = ()
    preserve: bool = False
    begun: bool = False
    unplaced: bool = False


@dataclass(slots=True)
class _Document:
    """The state of reading a document.

    language_given  whether the user chose the language
    zero            record time of the document's time zero, in seconds
    named           whether script events have an xml:id, as DAPT requires
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
    named: bool
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
    if _is_dapt(root):
        for place, fault in (*encoding_faults(data), *faults_of(root)):
            builder.refuse(place, fault)
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
    hint = "correct these lines, or export the script again" if builder.wrong else NO_TEXT
    lines = builder.finish(hint, may_be_empty=document.dapt)
    original = max(document.sources, key=document.sources.__getitem__, default="")
    from_start = not document.clock.smpte and document.zero == 0 and not origin_timecode(root)
    return Script(
        path,
        "DAPT" if document.dapt else "TTML",
        lines,
        "" if document.language == UNKNOWN_LANGUAGE else document.language,
        "" if original == UNKNOWN_LANGUAGE else original,
        document.clock.rate or (rate if origin_timecode(root) else None),
        document.clock.drop or (drop and not from_start),
        document.zero if origin_timecode(root) else None,
        from_start,
        document.kind,
        LossReport.of(builder.losses),
        tuple(builder.untimed),
    )


def _is_dapt(root: Element) -> bool:
    """Whether a document says that it is DAPT: by its profile, or by what only DAPT has."""
    profiles = root.get(TTP + "contentProfiles")
    return CONTENT_PROFILE.removesuffix("/content") in profiles or any(
        DAPTM + name in root.attributes for name in ("scriptType", "scriptRepresents")
    )


def _document(
    root: Element, builder: ScriptBuilder, language: str, rate: Fraction | None, drop: bool
) -> _Document:
    dapt = _is_dapt(root)
    value = root.get(DAPTM + "scriptType")
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
        named=dapt and any(e.tag == TT + "div" and is_event(e) for e in root.descendants()),
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
    if document.dapt and element.tag == TT + "div" and (paragraphs or not divisions):
        if is_event(element) or not document.named:
            _event(element, inherited, paragraphs, document)
        elif any(text_in(p, inherited.preserve).strip() for p in paragraphs):
            what = "a div without an xml:id is no script event; its text is not read"
            document.builder.lose(f"line {element.line}", what, LOST)
        paragraphs = []
    places = starts_in(element, inherited.begin, document.clock)
    for child in (*paragraphs, *divisions):
        begin = places[id(child)]
        above = replace(inherited, unplaced=True)
        if begin is not None:
            begun = inherited.begun or begin != inherited.begin
            above = replace(inherited, begin=begin, begun=begun)
        if child.tag == TT + "div":
            _walk(child, above, document)
        else:
            inner = _timed(child, above, document)
            if inner is not None:
                _event(child, inner, [child], document)


def _timed(element: Element, above: _Inherited, document: _Document) -> _Inherited | None:
    """What the children of `element` inherit; None if its times cannot be read, which is noted."""
    where = f"line {element.line}"
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
        min(ends) if ends and not above.unplaced else None,
        element.get(LANG) if LANG in element.attributes else above.language,
        element.attributes.get(DAPTM + "langSrc", above.source),
        element.get(DAPTM + "represents") or above.represents,
        agents,
        preserves(element, above.preserve),
        (above.begun or "begin" in times) and not above.unplaced,
        above.unplaced,
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
    end = inherited.end
    if end is None and not inherited.unplaced and len(paragraphs) == 1:
        within = end_inside if element is paragraphs[0] else end_within
        end = within(paragraphs[0], inherited.begin, document.clock)
    texts = [_text(p, inherited, document) for p in paragraphs]
    if any(
        "begin" in e.attributes for p in paragraphs for e in p.descendants() if e is not element
    ):
        document.builder.lose(where, "times of single words in a line are not kept", LOST)
    chosen, original = _chosen(texts, document, where)
    if not document.dapt and not (chosen and chosen.text):
        return
    untimed = UntimedLine(
        character="",
        text=chosen.text if chosen else "",
        begin=inherited.begin if inherited.begun else None,
        number=element.attributes.get(OWN + "number", element.get(ID) if document.dapt else ""),
        original=original.text if original else "",
        language=_other(chosen.language if chosen else "", document.language),
        on_screen=_on_screen(element, document),
        reason=element.get(OWN + "reason"),
        notes="\n".join(descriptions(element)),
        represents=inherited.represents,
        where=where,
    )
    for agent in inherited.agents or ("",):
        if agent and agent not in document.agents:
            document.builder.lose(where, f"agent {agent[:60]!r} is not defined", ODD)
        character, performer = document.agents.get(agent, (agent, ""))
        line = replace(untimed, character=character, performer=performer)
        if end is None:
            document.builder.add_untimed(line)
        else:
            document.builder.add(_timed_line(line, inherited.begin, end))


def _timed_line(line: UntimedLine, start: Fraction, stop: Fraction) -> ScriptLine:
    return ScriptLine(
        line.character, line.text, start, stop, line.number, line.original, line.language,
        line.on_screen, line.performer, line.reason, line.notes, line.represents, where=line.where,
    )  # fmt: skip


def _other(language: str, usual: str) -> str:
    """The language of a line if it differs from the script's, else ""."""
    return "" if language.lower() == usual.lower() else language


def _on_screen(element: Element, document: _Document) -> OnScreen | None:
    value = element.get(DAPTM + "onScreen")
    if value in SHOWN:
        return SHOWN[value]
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
