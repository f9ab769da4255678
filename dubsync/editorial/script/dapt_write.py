"""Writes a script as DAPT: one div per line, with a p for its text and one for the original."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import lcm
from xml.sax.saxutils import escape, quoteattr

from dubsync.core.errors import DeliveryError
from dubsync.core.script import DIALOGUE, Script, ScriptLine, UntimedLine
from dubsync.core.timeline.corrected import Written
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, Loss, LossReport
from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode, counting_base
from dubsync.editorial.script.dapt_names import (
    CONTENT_PROFILE,
    DAPTM_SPACE,
    OWN_SPACE,
    TT_SPACE,
    TTM_SPACE,
    TTP_SPACE,
    UNKNOWN_LANGUAGE,
)

MOST_TICKS = 10**9  #: ticks per second, finer than any media clock
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,80}")
_CLOCK_DIGITS = 6


def write_dapt(script: Script) -> Written:
    """The script as a DAPT document, UTF-8.

    Times are whole frames if all are on frames of the script's rate, else decimal seconds, else
    ticks; all are exact. If the record times of the script are known as timecode, its origin is
    written as daptm:daptOriginTimecode.

    Raises:
        DeliveryError: no language, which DAPT requires, or a line before the programme's start.
    """
    if not script.language:
        raise DeliveryError(
            "DAPT requires the language of every text, and this script states none",
            hint="give the language, as --language de-DE",
        )
    losses: list[Loss] = []
    origin, zero = _origin(script, losses)
    begins = [line.start for line in script.lines]
    begins += [line.begin for line in script.untimed if line.begin is not None]
    if any(begin < zero for begin in begins):
        raise DeliveryError(
            "a line begins before the programme's first frame", hint="check --start"
        )
    clock, print_time = _clock(script, zero, losses)
    agents = _agents(script)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', _root(script, clock), "  <head>",
             "    <metadata>", *_agent_lines(script, agents)]  # fmt: skip
    if origin:
        lines.append(f"      <daptm:daptOriginTimecode>{origin}</daptm:daptOriginTimecode>")
    lines += ["    </metadata>", "  </head>", "  <body>"]
    names = iter(_event_names((*script.lines, *script.untimed)))
    for line, name in zip(script.lines, names, strict=False):
        ends = ("begin", line.start), ("end", line.stop)
        times = {attribute: print_time(time - zero) for attribute, time in ends}
        lines += _event(line, name, times, agents, script)
    for untimed, name in zip(script.untimed, names, strict=False):
        begin = untimed.begin
        times = {} if begin is None else {"begin": print_time(begin - zero)}
        lines += _event(untimed, name, times, agents, script)
    lines += ["  </body>", "</tt>", ""]
    return Written("\n".join(lines).encode(), LossReport.of(losses))


def _origin(script: Script, losses: list[Loss]) -> tuple[str, Fraction]:
    """(timecode of the document's time zero, the same in seconds); ("", zero) if unknown."""
    if script.from_start and script.start is None:
        return "", Fraction(0)
    if script.rate is None or script.rate not in TIMECODE_RATES:
        return "", script.start or Fraction(0)
    zero = script.start
    if zero is None or (zero * script.rate).denominator != 1:
        begins = [line.start for line in script.lines]
        begins += [line.begin for line in script.untimed if line.begin is not None]
        first = min(begins, default=Fraction(0))
        hour = Fraction(3600 * counting_base(script.rate)) / script.rate
        zero = Fraction(first // hour) * hour
        losses.append(
            Loss("daptm:daptOriginTimecode", "the script does not state the programme's start; "
                 "the full hour before its first line is used", ASSUMED, "give the start: --start")
        )  # fmt: skip
    code = str(Timecode(int(zero * script.rate), script.rate, script.drop))
    if ";" in code:
        losses.append(
            Loss("daptm:daptOriginTimecode", "DAPT cannot state drop-frame timecode", ASSUMED,
                 "use --drop when it is read")
        )  # fmt: skip
    return code.replace(";", ":"), zero


def _clock(
    script: Script, zero: Fraction, losses: list[Loss]
) -> tuple[str, Callable[[Fraction], str]]:
    """(attributes of the root, the function that prints a time)."""
    times = [t - zero for line in script.lines for t in (line.start, line.stop)]
    times += [line.begin - zero for line in script.untimed if line.begin is not None]
    rate = script.rate
    framed = f' ttp:frameRate="{counting_base(rate)}"' if rate else ""
    if rate and rate.denominator != 1:
        ratio = rate / counting_base(rate)
        framed += f' ttp:frameRateMultiplier="{ratio.numerator} {ratio.denominator}"'
    if rate and all((t * rate).denominator == 1 for t in times):
        return framed, lambda t: f"{int(t * rate)}f"
    if all((t * 10**_CLOCK_DIGITS).denominator == 1 for t in times):
        return framed, _seconds
    ticks = lcm(*(t.denominator for t in times))
    if ticks <= MOST_TICKS:
        return f'{framed} ttp:tickRate="{ticks}"', lambda t: f"{int(t * ticks)}t"
    losses.append(Loss("times", "rounded to a millionth of a second", APPROXIMATE))
    return framed, _seconds


def _seconds(time: Fraction) -> str:
    whole, part = divmod(round(time * 10**_CLOCK_DIGITS), 10**_CLOCK_DIGITS)
    decimals = f"{part:0{_CLOCK_DIGITS}d}".rstrip("0")
    return f"{whole}.{decimals}s" if decimals else f"{whole}s"


def _root(script: Script, clock: str) -> str:
    every = [line.represents for line in script.lines]
    every += [line.represents for line in script.untimed]
    represented = " ".join(dict.fromkeys(every)) or DIALOGUE
    source = _source(script)
    spaces = {"": TT_SPACE, ":ttp": TTP_SPACE, ":ttm": TTM_SPACE, ":daptm": DAPTM_SPACE,
              ":dubsync": OWN_SPACE}  # fmt: skip
    declared = "\n    ".join(f'xmlns{prefix}="{space}"' for prefix, space in spaces.items())
    return (
        f'<tt {declared}\n    ttp:contentProfiles="{CONTENT_PROFILE}"{clock}\n'
        f"    xml:lang={quoteattr(script.language or UNKNOWN_LANGUAGE)}"
        + (f" daptm:langSrc={quoteattr(source)}" if source else "")
        + f"\n    daptm:scriptRepresents={quoteattr(represented)} "
        f'daptm:scriptType="{script.kind}">'
    )


def _source(script: Script) -> str:
    """The language from which the texts are translated; "" for a transcript."""
    if script.kind == "originalTranscript":
        return ""
    return script.original_language or UNKNOWN_LANGUAGE


def _agents(script: Script) -> dict[tuple[str, str], str]:
    """(character, performer) -> xml:id."""
    pairs = [(line.character, line.performer) for line in script.lines]
    pairs += [(line.character, line.performer) for line in script.untimed]
    known = [pair for pair in dict.fromkeys(pairs) if pair[0]]
    return {pair: f"character_{n}" for n, pair in enumerate(known, start=1)}


def _agent_lines(script: Script, agents: Mapping[tuple[str, str], str]) -> Iterator[str]:
    people = dict.fromkeys(performer for _, performer in agents if performer)
    ids = {performer: f"actor_{n}" for n, performer in enumerate(people, start=1)}
    for performer, own in ids.items():
        yield f'      <ttm:agent type="person" xml:id="{own}">'
        yield f'        <ttm:name type="full">{escape(performer)}</ttm:name>'
        yield "      </ttm:agent>"
    for (character, performer), own in agents.items():
        yield f'      <ttm:agent type="character" xml:id="{own}">'
        yield f'        <ttm:name type="alias">{escape(character)}</ttm:name>'
        if performer:
            yield f'        <ttm:actor agent="{ids[performer]}"/>'
        yield "      </ttm:agent>"


def _event_names(lines: tuple[ScriptLine | UntimedLine, ...]) -> list[str]:
    """An xml:id for each line: its number if that is a valid and unique name."""
    reserved = re.compile(r"(character|actor|event)_\d+")
    taken: set[str] = set()
    names = []
    for place, line in enumerate(lines, start=1):
        free = _NAME.fullmatch(line.number) and not reserved.fullmatch(line.number)
        name = line.number if free and line.number not in taken else f"event_{place}"
        taken.add(name)
        names.append(name)
    return names


def _event(
    line: ScriptLine | UntimedLine,
    name: str,
    times: Mapping[str, str],
    agents: Mapping[tuple[str, str], str],
    script: Script,
) -> Iterator[str]:
    attributes = {"xml:id": name, **times}
    if line.character:
        attributes["ttm:agent"] = agents[line.character, line.performer]
    attributes["daptm:represents"] = line.represents
    if line.on_screen:
        attributes["daptm:onScreen"] = line.on_screen.upper()
    if line.number != name:
        attributes["dubsync:number"] = line.number
    if line.reason:
        attributes["dubsync:reason"] = line.reason
    yield (
        "    <div "
        + " ".join(f"{key}={quoteattr(value)}" for key, value in attributes.items())
        + ">"
    )
    for note in line.notes.splitlines():
        yield f"      <ttm:desc>{escape(note)}</ttm:desc>"
    source = script.original_language or UNKNOWN_LANGUAGE
    if line.original:
        yield _paragraph(line.original, source, source)
    yield _paragraph(line.text, line.language or script.language, _source(script))
    yield "    </div>"


def _paragraph(text: str, language: str, source: str) -> str:
    lines = "<br/>".join(escape(part) for part in text.split("\n"))
    return f"      <p xml:lang={quoteattr(language)} daptm:langSrc={quoteattr(source)}>{lines}</p>"
