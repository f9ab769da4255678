"""Scripts for the tests of reading and writing them."""

from fractions import Fraction

from hypothesis import strategies as st

from dubsync.core.script import ON_SCREEN, Script, ScriptLine
from dubsync.editorial.files.text import one_line, plain

RATE = Fraction(24000, 1001)
HOUR = Fraction(86400) / RATE

said = st.text(max_size=40)
listed = said.map(one_line)


@st.composite
def script_lines(draw, rate=RATE):
    """A line somewhere in the programme's first hour, on frames."""
    start = draw(st.integers(0, 80_000))
    length = draw(st.integers(1, 400))
    return ScriptLine(
        character=draw(listed.filter(lambda t: t == t.strip())),
        text=draw(said.map(plain)),
        start=HOUR + Fraction(start) / rate,
        stop=HOUR + Fraction(start + length) / rate,
        number=draw(listed),
        original=draw(said.map(plain)),
        on_screen=draw(st.sampled_from(ON_SCREEN)),
        performer="",
        reason=draw(listed),
        notes=draw(said.map(plain)),
    )


def in_order(lines):
    """As a reader gives them."""
    return tuple(sorted(lines, key=lambda line: (line.start, line.stop)))


scripts = st.lists(script_lines(), min_size=1, max_size=6).map(
    lambda lines: Script("made", "made", in_order(lines), "de-DE", "en", RATE, start=HOUR)
)


def line(text="Wohin?", start=1, stop=3, character="ELISE", **more):
    """A line, `start` and `stop` in seconds after the hour."""
    return ScriptLine(character, text, HOUR + Fraction(start), HOUR + Fraction(stop), **more)


DAPT = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
    xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
    xmlns:d="http://www.w3.org/ns/ttml/profile/dapt#metadata"
    ttp:contentProfiles="http://www.w3.org/ns/ttml/profile/dapt1.0/content"
    {root} d:scriptRepresents="audio.dialogue" d:represents="audio.dialogue"
    d:scriptType="preRecording">
  <head><metadata>
    <ttm:agent type="person" xml:id="a1"><ttm:name type="full">Ada Roe</ttm:name></ttm:agent>
    <ttm:agent type="character" xml:id="c1"><ttm:name type="alias">ELISE</ttm:name>
      <ttm:actor agent="a1"/></ttm:agent>
    <ttm:agent type="character" xml:id="c2"><ttm:name type="alias">MARC</ttm:name></ttm:agent>
    {head}
  </metadata></head>
  <body>{body}</body>
</tt>
"""


def dapt(body, root='xml:lang="de" d:langSrc="en"', head=""):
    """A DAPT document, as bytes."""
    return DAPT.format(body=body, root=root, head=head).encode()


WEBVTT = b"""WEBVTT - made

NOTE a remark

1
00:01.000 --> 00:02.500 align:start
<v Elise>Wohin <i>denn</i>?</v>

00:03.000 --> 00:04.000
MARC: Nach &amp; Hause.
"""


def stl(*subtitles, code=b"STL25.01", table=b"00", start=b"10000000"):
    """An EBU STL file of (begin, end, text), the times as (h, m, s, f); or of whole blocks."""
    general = bytearray(b" " * 1024)
    general[:16] = b"850" + code + b"1" + table + b"08"
    general[255:264] = b"1" + start
    blocks = b""
    for n, one in enumerate(subtitles, start=1):
        blocks += one if isinstance(one, bytes) else stl_block(n, *one)
    return bytes(general) + blocks


def stl_block(number, begin, end, text, *, extension=0xFF, comment=0, cumulative=0):
    """One text block."""
    head = bytes([0, number & 255, number >> 8, extension, cumulative])
    return head + bytes(begin) + bytes(end) + bytes([20, 2, comment]) + text.ljust(112, b"\x8f")


DETX = """<?xml version="1.0" encoding="UTF-8"?>
<detx copyright="Chinkel S.A.">
  <header><cappella version="3.7.0"/><videofile timestamp="01:00:00:00">v.avi</videofile></header>
  <roles><role id="elise" name="Elise"/><role id="marc" name="Marc"/></roles>
  <body>
    <loop number="1" timecode="01:00:00:00"/>
    {body}
  </body>
</detx>
"""
BAND = """<line role="elise" track="0">
      <lipsync timecode="01:00:01:00" type="in_open"/>
      <text>On </text>
      <lipsync timecode="01:00:01:10" type="labial"/>
      <text>m'appelle </text>
      <lipsync timecode="01:00:01:20" type="semi_labial"/>
      <text>Vi</text>
      <lipsync timecode="01:00:02:00" type="neutral"/>
      <text>vi.</text>
      <lipsync timecode="01:00:02:10" type="out_close"/>
    </line>"""


def detx(body=BAND):
    """A rythmo band, as bytes."""
    return DETX.format(body=body).encode()
