"""What the reel is: who plays, what they say, which plates were shot and how they are cut.

Everything another module needs to know about this particular reel stands here and nowhere else.
Frames are whole frames at RATE; a plate's frame 0 is its first, handles included.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from stage import Framing

RATE = Fraction(24000, 1001)
NOMINAL = 24
"""Frames counted in one second of (non-drop) timecode."""

RECORD_START = 3600 * NOMINAL
"""01:00:00:00."""

HANDLE = 12
TITLE = "TWO_HANDER_R1_V03"
ORIGINAL = "en-US"
DUBS = ("it-IT", "es-ES")


@dataclass(frozen=True)
class Character:
    """Someone in the film."""

    seed: int
    """Seed of the face."""
    voices: dict[str, str]
    """Voice for each language."""


CHARACTERS = {
    "ELISE": Character(381, {ORIGINAL: "af_heart", "it-IT": "if_sara", "es-ES": "ef_dora"}),
    "MARC": Character(562, {ORIGINAL: "am_michael", "it-IT": "im_nicola", "es-ES": "em_alex"}),
}

SPEED = 0.9
"""Of the original voices: a little calmer than they come."""


@dataclass(frozen=True)
class Line:
    """A line of dialogue; a dub is spoken in the time the original takes in the cut."""

    character: str
    original: str
    dubs: tuple[str, ...]
    """In the order of DUBS."""


LINES = {
    "L001": Line(
        "ELISE",
        "You kept the map. All these years, you kept it.",
        (
            "Hai tenuto la mappa. Per tutti questi anni.",
            "Has guardado el mapa. Durante todos estos años.",
        ),
    ),
    "L002": Line(
        "MARC",
        "My father drew it. I promised him I would bring it back.",
        (
            "L'ha disegnata mio padre. Gli ho promesso di riportarla a casa.",
            "Lo dibujó mi padre. Le prometí llevarlo de vuelta a casa.",
        ),
    ),
    "L003": Line(
        "ELISE",
        "Then we leave before morning. Both of us.",
        (
            "Allora partiamo prima dell'alba. Tutti e due.",
            "Entonces nos vamos antes del alba. Los dos.",
        ),
    ),
    "L004": Line(
        "MARC",
        "And if the bridge is gone?",
        ("E se il ponte non c'è più?", "¿Y si el puente ya no está?"),
    ),
    "L005": Line("ELISE", "Then we go by boat.", ("Andremo in barca.", "Iremos en barco.")),
    "L006": Line(
        "ELISE",
        "People will talk about this. Let them.",
        ("La gente parlerà di noi. Lasciala fare.", "La gente hablará de nosotros. Que hablen."),
    ),
    "L007": Line(
        "MARC",
        "I am not afraid any more.",
        ("Ormai non ho più paura di niente.", "Ahora ya no le tengo miedo a nada."),
    ),
    "L008": Line("ELISE", "Maybe you should be.", ("Forse dovresti.", "Pues quizá deberías.")),
}


@dataclass(frozen=True)
class Stand:
    """A performer in a plate."""

    character: str
    framing: Framing
    yaw: float
    """Degrees by which the still itself is turned; positive faces the picture's right."""
    turn: tuple[float, float, float, float] | None = None
    """A head turn: degrees before, degrees after, and the frames it starts and ends at."""
    liveliness: float = 1.0


@dataclass(frozen=True)
class Plate:
    """One shot as it came from the (synthetic) camera."""

    reel: str
    slate: str
    """Rest of the file name."""
    timecode: str
    """Hour-of-day source timecode of frame 0."""
    frames: int
    stands: tuple[Stand, ...]
    lines: dict[str, int]
    """Frame at which each line's first phone starts."""
    garden: tuple[int, float]
    """Seed of the background, and which side its light is on (stage.garden)."""
    motion: int
    """Seed of the heads' motion."""
    codec: str = "h264"

    @property
    def file(self) -> str:
        """File name."""
        return f"{self.reel}_{self.slate}.mov"


@dataclass(frozen=True)
class Event:
    """One event of the cut."""

    reel: str
    source: int
    """First plate frame used."""
    frames: int
    """Length in the record."""
    speed: Fraction = Fraction(1)
    """Plate frames per record frame."""


_ELISE_CLOSE = Stand("ELISE", Framing(1.16, 0.44, -0.07), 6)
_MARC_CLOSE = Stand("MARC", Framing(1.16, 0.56, -0.06), -6)

PLATES = {
    p.reel: p
    for p in (
        Plate(
            "A001C003",
            "251114_ELISE_CU",
            "10:14:22:05",
            226,
            (_ELISE_CLOSE,),
            {"L001": 24, "L003": 138},
            (1, 0.92),
            11,
        ),
        Plate(
            "A002C001",
            "251114_MARC_CU",
            "10:52:07:11",
            132,
            (_MARC_CLOSE,),
            {"L002": 24},
            (2, 0.08),
            21,
        ),
        Plate("A002C002", "251114_MARC_CU", "10:58:40:00", 82, (_MARC_CLOSE,), {}, (2, 0.08), 22),
        Plate(
            "A003C001",
            "251114_TWO",
            "11:31:16:18",
            136,
            (
                Stand("ELISE", Framing(0.94, 0.285, 0.075), 11),
                Stand("MARC", Framing(0.97, 0.715, 0.045), -11),
            ),
            {"L004": 24, "L005": 78},
            (3, 0.5),
            31,
        ),
        Plate(
            "A001C004",
            "251114_ELISE_MCU",
            "10:21:03:09",
            110,
            (Stand("ELISE", Framing(1.04, 0.47, 0.0), 4, (11.0, -10.0, 34, 66)),),
            {"L006": 26},
            (4, 0.85),
            12,
        ),
        Plate(
            "A002C004",
            "251114_MARC_BCU",
            "11:05:55:02",
            88,
            (Stand("MARC", Framing(1.34, 0.55, -0.16), -6),),
            {"L007": 20},
            (5, 0.05),
            23,
        ),
        Plate(
            "A001C006",
            "251114_ELISE_CU",
            "10:37:48:20",
            78,
            (Stand("ELISE", Framing(1.24, 0.45, -0.11), 6, (0.0, -4.0, 48, 66)),),
            {"L008": 22},
            (6, 0.92),
            14,
            codec="prores",
        ),
    )
}

EVENTS = (
    Event("A001C003", 12, 94),
    Event("A002C001", 12, 108),
    Event("A001C003", 130, 84),
    Event("A002C002", 12, 58),
    Event("A003C001", 12, 112),
    Event("A001C004", 12, 86),
    Event("A002C004", 12, 80, Fraction(4, 5)),
    Event("A001C006", 12, 54),
)

RECORD_FRAMES = sum(e.frames for e in EVENTS)

TAKE_LINE, TAKE_LANGUAGE = "L002", "it-IT"
TAKE_SEED = 434
TAKE_ROOM = 12
"""Frames of silence before the line's first phone and after its last, in the filmed take."""


def record_start(index: int) -> int:
    """Record frame, from 0, at which an event starts."""
    return sum(e.frames for e in EVENTS[:index])


@dataclass(frozen=True)
class Slot:
    """Where a line is heard in the cut."""

    event: int
    frame: float
    """Record frame, from 0, of its first phone."""
    speed: Fraction


def slot(line: str) -> Slot:
    """The slot of a line: its event is the one that uses the plate where it is spoken."""
    for index, event in enumerate(EVENTS):
        start = PLATES[event.reel].lines.get(line)
        if start is None:
            continue
        into = (start - event.source) / event.speed
        if 0 <= into < event.frames:
            return Slot(index, record_start(index) + float(into), event.speed)
    raise ValueError(f"{line} is heard in no event")


def timecode_frames(text: str) -> int:
    """Frames since midnight of a non-drop timecode."""
    hours, minutes, seconds, frames = map(int, text.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * NOMINAL + frames


def timecode(frames: int) -> str:
    """Non-drop timecode of frames since midnight."""
    seconds, rest = divmod(frames, NOMINAL)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{rest:02}"
