"""Reads EBU STL: the general block, and a subtitle of one or more text blocks.

Source: EBU Tech 3264-E (1991), "Specification of the EBU Subtitling data exchange format".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.script import Script, ScriptLine
from dubsync.core.timeline.losses import ASSUMED, LOST, ODD, LossReport
from dubsync.core.timeline.timecode import DROP_RATES, NTSC, Timecode, counting_base
from dubsync.editorial.files.text import plain
from dubsync.editorial.script.rows import MOST_LINES, ScriptBuilder
from dubsync.editorial.script.srt import name_in
from dubsync.editorial.script.stl_text import TABLES, text_of

GENERAL, BLOCK = 1024, 128
#: Disk format code -> frames per second, and the rate that the same count may also mean.
_RATES = {
    b"STL23.01": (Fraction(24000, NTSC), Fraction(24000, NTSC)),
    b"STL24.01": (Fraction(24), Fraction(24000, NTSC)),
    b"STL25.01": (Fraction(25), Fraction(25)),
    b"STL30.01": (Fraction(30), Fraction(30000, NTSC)),
    b"STL50.01": (Fraction(50), Fraction(50)),
}
#: Language code -> BCP 47, those of Tech 3264-E that name a language of Europe.
_LANGUAGES = {
    "01": "sq", "02": "br", "03": "ca", "04": "hr", "05": "cy", "06": "cs", "07": "da", "08": "de",
    "09": "en", "0A": "es", "0B": "eo", "0C": "et", "0D": "eu", "0E": "fo", "0F": "fr", "10": "fy",
    "11": "ga", "12": "gd", "13": "gl", "14": "is", "15": "it", "16": "se", "17": "la", "18": "lv",
    "19": "lb", "1A": "lt", "1B": "hu", "1C": "mt", "1D": "nl", "1E": "no", "1F": "oc", "20": "pl",
    "21": "pt", "22": "ro", "23": "rm", "24": "sr", "25": "sk", "26": "sl", "27": "fi", "28": "sv",
    "29": "tr", "2A": "nl-BE", "2B": "wa",
}  # fmt: skip
_LAST, _USER = 0xFF, 0xFE  #: extension block numbers: the last block, user data


def looks_like_stl(data: bytes) -> bool:
    """Whether a file begins with an EBU STL general block."""
    return len(data) >= GENERAL and data[3:6] == b"STL" and data[6:8].isdigit()


@dataclass(slots=True)
class _Subtitle:
    """A subtitle whose blocks are being read: its times in frames, and its text fields."""

    number: int
    begin: bytes
    end: bytes
    where: str
    fields: list[bytes] = field(default_factory=list)


def read_stl(
    data: bytes, *, path: str = "", rate: Fraction | None = None, drop: bool = False
) -> Script:
    """The subtitles of an EBU STL file, in record time.

    Args:
        rate: frames per second, for a format whose count two rates share (24, 30).
        drop: whether its timecode is drop-frame, which the format cannot state.

    Raises:
        TurnoverError: an unknown format or code table, a rate that contradicts it, no subtitle.
    """
    builder = ScriptBuilder(path.rsplit("/", 1)[-1] or "the subtitles")
    frame_rate = _rate(data, rate, builder)
    drop = drop and frame_rate in DROP_RATES
    table = data[12:14].decode("latin-1")
    if table not in TABLES:
        known = ", ".join(TABLES)
        raise TurnoverError(
            f"{builder.where} has character code table {table!r}; known are {known}",
            hint="export it again, or as WebVTT",
        )
    body = data[GENERAL:]
    if len(body) % BLOCK:
        builder.lose(builder.where, "the last block is incomplete; skipped", LOST)
    if len(body) // BLOCK > 4 * MOST_LINES:
        raise TurnoverError(f"{builder.where} has too many blocks", hint="is it a script?")
    named = unknown = 0
    for one in _subtitles(body, builder):
        text, strange = "", 0
        for part in one.fields:
            piece, count = text_of(part, table)
            text, strange = text + piece, strange + count
        unknown += strange
        named += _add(one, plain(text), frame_rate, drop, builder)
    if unknown:
        what = f"{unknown} bytes are not in the character table of the file; shown as \ufffd"
        builder.lose(builder.where, what, LOST)
    if named:
        what = f"{named} lines begin with a name in capitals and a colon, used as the character"
        builder.assume(what)
    lines = builder.finish("export the subtitles again")
    language = _LANGUAGES.get(data[14:16].decode("latin-1").upper(), "")
    return Script(
        path, f"EBU {data[3:11].decode('latin-1').strip()}", lines, language, "", frame_rate, drop,
        _start(data, frame_rate, drop, builder), losses=LossReport.of(builder.losses),
    )  # fmt: skip


def _rate(data: bytes, given: Fraction | None, builder: ScriptBuilder) -> Fraction:
    code = data[3:11]
    if code not in _RATES:
        known = ", ".join(name.decode() for name in _RATES)
        raise TurnoverError(
            f"{builder.where} has disk format code {code.decode('latin-1')!r}; known are {known}",
            hint="export it again",
        )
    usual, other = _RATES[code]
    if given in (usual, other):
        return given or usual
    if given is not None:
        what = f"the file counts {usual} fps; the given {given} fps are not used"
        builder.lose(builder.where, what, ASSUMED)
    elif usual != other:
        what = f"{code.decode()} counts {usual} frames a second; {usual} fps are used, not {other}"
        builder.assume(what, f"if it is NTSC: --rate {other}")
    return usual


def _subtitles(body: bytes, builder: ScriptBuilder) -> list[_Subtitle]:
    """The subtitles of the text blocks; comments and user data are left out."""
    result: list[_Subtitle] = []
    current: _Subtitle | None = None
    comments = cumulative = 0
    for n in range(len(body) // BLOCK):
        block = body[n * BLOCK : (n + 1) * BLOCK]
        extension, comment = block[3], block[15]
        if extension == _USER:
            continue
        if comment == 1:
            comments += 1
            continue
        cumulative += block[4] in (2, 3)
        number = int.from_bytes(block[1:3], "little")
        if current is None or current.number != number:
            current = _Subtitle(number, block[5:9], block[9:13], f"block {n + 1}")
            result.append(current)
        current.fields.append(block[16:])
        if extension == _LAST:
            current = None
    if comments:
        builder.lose(builder.where, f"{comments} comments are not subtitles; skipped", LOST)
    if cumulative:
        what = f"{cumulative} subtitles add to the one before (cumulative); each is a line"
        builder.lose(builder.where, what, ODD)
    return result


def _add(one: _Subtitle, text: str, rate: Fraction, drop: bool, builder: ScriptBuilder) -> int:
    """Add a subtitle; return whether it names a character."""
    times = []
    for stamp in (one.begin, one.end):
        frame = _frame(stamp, rate, drop)
        if frame is None:
            what = f"{_printed(stamp)} is not a timecode at {rate} fps; skipped"
            builder.lose(one.where, what, LOST)
            return 0
        times.append(frame / rate)
    if not text:
        builder.lose(one.where, "a subtitle without text is skipped", ODD)
        return 0
    if times[1] <= times[0]:
        builder.lose(one.where, f"{_printed(one.begin)} to {_printed(one.end)} has no length; "
                     "skipped", LOST)  # fmt: skip
        return 0
    character, words = name_in(text)
    number = str(one.number)
    builder.add(ScriptLine(character, words, times[0], times[1], number, where=one.where))
    return bool(character)


def _frame(stamp: bytes, rate: Fraction, drop: bool) -> Fraction | None:
    """The frame of a binary timecode; None if it is not valid."""
    hours, minutes, seconds, frames = stamp
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= counting_base(rate):
        return None
    try:
        return Fraction(Timecode.parse(_printed(stamp), rate, drop=drop).frame)
    except TimecodeError:  # a frame that drop-frame counting skips
        return None


def _printed(stamp: bytes) -> str:
    return ":".join(f"{part:02d}" for part in stamp)


def _start(data: bytes, rate: Fraction, drop: bool, builder: ScriptBuilder) -> Fraction | None:
    """Record time of the programme's first frame; None if it is not stated."""
    text = data[256:264]
    if not text.isdigit():
        return None
    stamp = bytes(int(text[n : n + 2]) for n in (0, 2, 4, 6))
    frame = _frame(stamp, rate, drop)
    if frame is None:
        what = f"the start of programme, {_printed(stamp)}, is not a timecode at {rate} fps"
        builder.lose(builder.where, what, ODD)
        return None
    return frame / rate
