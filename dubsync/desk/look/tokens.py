"""Every colour, size and length of time of the desk, once.  Sizes are pixels at 100 %.

The greys are strictly R = G = B: a tinted grey beside a picture shifts the eye's white.
"""

from __future__ import annotations

from typing import Final

# -- surfaces
BG0: Final = "#0e0e0e"  #: viewer surround, seams between docks
BG1: Final = "#181818"  #: window, tables
BG2: Final = "#1f1f1f"  #: docks
BG3: Final = "#282828"  #: buttons, chips
BG4: Final = "#323232"  #: under the mouse
WELL: Final = "#151515"  #: fields
PLOT: Final = "#141414"  #: curves
ROW_HOVER: Final = "#212121"
ROW_LINE: Final = "#242424"  #: between rows of a table
ROW_LINE_ON: Final = "#2a4a66"  #: the same below a selected row
LINE: Final = "#2c2c2c"  #: rules inside a dock
EDGE: Final = "#3a3a3a"  #: border of buttons and fields
CHECK_EDGE: Final = "#707070"

# -- text
TX1: Final = "#dedede"
TX2: Final = "#a8a8a8"
TX3: Final = "#8a8a8a"
TX4: Final = "#5c5c5c"  #: disabled

# -- accent: selection, focus, playhead, keys, progress, the one primary button; nothing else
ACCENT: Final = "#5aa6ea"
ON_ACCENT: Final = "#0b1620"
ACCENT_BACK: Final = "#20384e"
ACCENT_LINE: Final = "#35648c"

# -- statuses
APPROVED: Final = "#35c08f"
PENDING: Final = "#cbb8f2"
REJECTED: Final = "#ee7a55"
STALE: Final = "#d6b23e"
BLOCKED: Final = "#dd8ab8"
RENDERED: Final = "#e6e6e6"
TODO: Final = TX3

# -- curves
CURVE_PLATE: Final = "#8c8c8c"
CURVE_TAKE: Final = "#e0a04a"
CURVE_SOUND: Final = "#5fd0bf"
CURVE_RESULT: Final = "#f2f2f2"
FILL_TAKE: Final = "#45351d"
FILL_SOUND: Final = "#1d3b37"
LANE_TAKE: Final = "#a87a3a"
KNOB: Final = "#b8b8b8"  #: a slider at its default
KNOB_CHANGED: Final = "#f0f0f0"
GROOVE: Final = "#3c3c3c"

# -- lanes
LANE_TIME: Final = "#222222"  #: vertical lines at labelled marks of time
LANE_HALF_TIME: Final = "#1c1c1c"
LANE_GRID: Final = "#212121"
TICKS: Final = ("#3c3c3c", "#5a5a5a", "#7a7a7a")  #: small, half, labelled
WORD: Final = "#262626"
ON_WORD: Final = "#cfe5fa"  #: text of the word under the playhead
PHONE: Final = "#232323"
PHONE_ROUND, ON_ROUND = "#3a3350", PENDING
ON_PHONE: Final = "#1a0d08"  #: text on a coloured phone
WAVE, WAVE_LINE = "#868686", EDGE
KEY_RIM: Final = "#d5e9fb"  #: of a selected key
KEY_TEXT: Final = "#9cc9f3"
LANE_OPEN, LANE_OPEN_EDGE = "#262321", "#443a2a"  #: a take's word that another says
HATCH: Final = "#4a4a4a"

# -- type, in pixels
TEXT: Final = 12
SMALL: Final = 11  #: ruler, phones, names of takes
LARGER: Final = 13  #: page names, the shot's name
CARD_HEAD: Final = 15
TIMECODE: Final = 16
QUESTION: Final = 20
STEP_HEAD: Final = 24

# -- space and shape
SPACE: Final = (4, 8, 12, 16, 24)
RADIUS: Final = 3
RADIUS_SMALL: Final = 2
RADIUS_CARD: Final = 4
HIT: Final = 24
HIT_TRANSPORT: Final = 28

# -- layout at 1440 x 900
TOP_BAR, STATUS_BAR = 36, 24
STRIP, STRIP_NARROW, STRIP_ITEM = 200, 64, 60
THUMB, THUMB_NARROW = (84, 47), (50, 28)
INSPECTOR, INSPECTOR_NARROW = 340, 316
VIEWER_BAR, SCRUB_BAR, TRANSPORT = 32, 16, 40
CURVE_BAR, LANE_LABELS = 32, 92
SMALLEST = (1120, 700)
WINDOW = (1440, 900)  # at the very first start
NARROW_BELOW, WIDE_FROM = 1360, 1800

# -- motion, in milliseconds
FOLD: Final = 120
SPINNER_TURN: Final = 1200
MESSAGE_STAYS: Final = 4000
