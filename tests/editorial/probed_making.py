"""Documents of every format for the tests of probing."""

from __future__ import annotations

FCPXML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.11">
  <resources>
    <format id="r1" frameDuration="1001/24000s" width="1920" height="1080"/>
    <asset id="r2" name="A001C003" start="0s" duration="600s" hasVideo="1" hasAudio="1" format="r1">
      <media-rep kind="original-media" src="file:///plates/A001C003.mov"/>
      <metadata><md key="com.apple.proapps.studio.reel" value="A001"/></metadata>
    </asset>
    <asset id="r3" name="wind" start="0s" duration="600s" hasAudio="1"/>
    <media id="r4" name="nest">
      <sequence format="r1" tcStart="0s" duration="48048/24000s">
        <spine>
          <asset-clip ref="r2" offset="0s" name="inner" start="24024/24000s"
                      duration="48048/24000s"/>
        </spine>
      </sequence>
    </media>
    <media id="r5" name="cameras">
      <multicam format="r1" tcStart="0s">
        <mc-angle name="left" angleID="L">
          <asset-clip ref="r2" offset="0s" name="left camera" duration="240240/24000s"/>
        </mc-angle>
        <mc-angle name="right" angleID="R">
          <asset-clip ref="r2" offset="0s" name="right camera" duration="240240/24000s"/>
        </mc-angle>
      </multicam>
    </media>
  </resources>
  <library><event name="day 1"><project name="R1">
    <sequence format="r1" tcStart="86486400/24000s" tcFormat="NDF" duration="480480/24000s">
      <spine>{spine}</spine>
    </sequence>
  </project></event></library>
</fcpxml>
"""

SECOND = "24024/24000s"


def fcpxml(spine: str) -> bytes:
    """A project at 24000/1001 from 01:00:00:00 with `spine` in it."""
    return FCPXML.replace("{spine}", spine).encode()


def at(second: int) -> str:
    """A whole second of 24-frame timecode after the project's first, as FCPXML prints it."""
    return f"{86486400 + second * 24024}/24000s"


def lasting(frames: int) -> str:
    return f"{frames * 1001}/24000s"


RATE25 = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
FILE = f"""<file id="f1"><name>A001.mov</name><pathurl>file:///plates/A001.mov</pathurl>{RATE25}
  <timecode>{RATE25}<string>10:00:00:00</string><frame>900000</frame>
  <displayformat>NDF</displayformat><reel><name>A001</name></reel></timecode>
  <media><video/></media></file>"""


def xmeml(tracks: str, sound: str = "") -> bytes:
    """A sequence at 25 fps from 01:00:00:00 with `tracks` of picture in it."""
    return f"""<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="5">
<sequence id="s1"><name>R1</name><duration>200</duration>{RATE25}
<timecode>{RATE25}<string>01:00:00:00</string><frame>90000</frame>
<displayformat>NDF</displayformat></timecode>
<media><video>{tracks}</video><audio>{sound}</audio></media>
<marker><name>look</name><comment>here</comment><in>10</in><out>-1</out></marker>
</sequence></xmeml>""".encode()


def clipitem(start: int, end: int, low: int, high: int, more: str = "", file: str = FILE) -> str:
    return (
        f"<clipitem><name>A001</name><enabled>TRUE</enabled>{RATE25}<start>{start}</start>"
        f"<end>{end}</end><in>{low}</in><out>{high}</out>{file}{more}</clipitem>"
    )


ALE = (
    "Heading\nFIELD_DELIM\tTABS\nVIDEO_FORMAT\t1080\nFPS\t23.976\n\n"
    "Column\nName\tTape\tStart\tEnd\tTracks\tScene\n\n"
    "Data\nslate 1\tA001\t01:00:00:00\t01:00:02:00\tVA1A2\t12A\n"
)

SESSION = """SESSION NAME:\tReel 1
SAMPLE RATE:\t48000.000000
BIT DEPTH:\t24-bit
SESSION START TIMECODE:\t01:00:00:00
TIMECODE FORMAT:\t25 Frame
# OF AUDIO TRACKS:\t1


T R A C K  L I S T I N G
TRACK NAME:\tELISE
COMMENTS:\t{Actor=Anna}
USER DELAY:\t0 Samples
STATE: Muted
CHANNEL \tEVENT   \tCLIP NAME      \tSTART TIME    \tEND TIME      \tDURATION      \tSTATE
1       \t1       \tBonjour.       \t   %s\t   %s\t   00:00:02:00\tUnmuted


M A R K E R S  L I S T I N G
#   \tLOCATION     \tTIME REFERENCE    \tUNITS    \tNAME       \tCOMMENTS
1   \t01:00:01:00  \t48000             \tSamples  \tpop        \t2-pop
"""


def session(start: str = "01:00:10:00", end: str = "01:00:12:00") -> str:
    return SESSION % (start, end)
