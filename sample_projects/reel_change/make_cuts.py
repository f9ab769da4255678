"""Writes the two cuts of this reel, in every format: python make_cuts.py

The lists are CMX3600, written here line by line; the other formats are the same cuts through
dubsync's own readers and writers.  Sources are two_hander's plates; nothing here is new media.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dubsync.core.timeline.timecode import Timecode
from dubsync.editorial.fcpxml.write import write_fcpxml
from dubsync.editorial.otio.write import write_otio_flat
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.xmeml.write import write_xmeml

HERE = Path(__file__).parent
FILM, VIDEO = Fraction(24000, 1001), Fraction(30000, 1001)
FILES = {
    "A001C003": "A001C003_251114_ELISE_CU.mov",
    "A002C001": "A002C001_251114_MARC_CU.mov",
    "A002C002": "A002C002_251114_MARC_CU.mov",
    "A003C001": "A003C001_251114_TWO.mov",
    "A001C004": "A001C004_251114_ELISE_MCU.mov",
    "A002C004": "A002C004_251114_MARC_BCU.mov",
    "A001C006": "A001C006_251114_ELISE_CU.mov",
}


@dataclass(frozen=True)
class Shot:
    """A use of a reel: source timecode in, source frames, record frames where retimed, and how
    many frames long the dissolve is that it comes in by."""

    reel: str
    source: str
    frames: int
    record: int = 0
    dissolve: int = 0


ELISE_1 = Shot("A001C003", "10:14:22:17", 94)
MARC_1 = Shot("A002C001", "10:52:07:23", 108)
ELISE_2 = Shot("A001C003", "10:14:27:15", 84)
LISTENS = Shot("A002C002", "10:58:40:12", 58)
TWO = Shot("A003C001", "11:31:17:06", 112, dissolve=8)
ELISE_3 = Shot("A001C004", "10:21:03:21", 86)
SLOWED = Shot("A002C004", "11:05:55:14", 64, record=80)
ELISE_4 = Shot("A001C006", "10:37:49:08", 54)

OLD = (ELISE_1, MARC_1, ELISE_2, LISTENS, TWO, ELISE_3, SLOWED, ELISE_4)
NEW = (
    Shot("A001C003", "10:14:22:17", 86),  # trimmed tail
    Shot("A002C001", "10:52:08:05", 102),  # trimmed head
    LISTENS,  # passed ELISE_2
    Shot("A001C003", "10:14:27:15", 88),  # extended tail
    Shot("A003C001", "11:31:17:10", 112, dissolve=6),  # slipped, and another dissolve
    ELISE_3,
    Shot("A002C002", "10:58:40:04", 20),  # new, partly of frames shown before
    Shot("A002C004", "11:05:55:14", 64),  # no longer slowed
    ELISE_4,
)

#: The broadcast version: tapes and programme in drop frame, over the minute where numbers drop.
TAPES = (
    Shot("TAPE01", "01:02:58;20", 95),
    Shot("TAPE02", "02:10:00;12", 310),
    Shot("TAPE01", "01:03:40;00", 88, dissolve=15),
    Shot("TAPE03", "03:00:59;28", 140),
)
TAPES_NEW = (
    Shot("TAPE01", "01:02:58;20", 95),
    Shot("TAPE02", "02:10:00;12", 290),
    Shot("TAPE03", "03:01:00;02", 150),
    Shot("TAPE01", "01:03:40;00", 88, dissolve=15),
)


def edl(title: str, shots: tuple[Shot, ...], rate: Fraction, start: str) -> str:
    """The list: outs exclusive, CRLF."""
    drop = ";" in start
    lines = [f"TITLE: {title}", f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}", ""]
    at = Timecode.parse(start, rate).frame
    before = None
    for number, shot in enumerate(shots, 1):
        first = Timecode.parse(shot.source, rate).frame
        length = shot.record or shot.frames

        def timecodes(*frames: int) -> str:
            return " ".join(str(Timecode(frame, rate, drop)) for frame in frames)

        how = "C        "
        if shot.dissolve and before:
            leaves = Timecode.parse(before.source, rate).frame + before.frames
            out = timecodes(leaves, leaves, at, at)
            lines.append(f"{number:03d}  {before.reel:<8} V     C        {out}")
            how = f"D    {shot.dissolve:03d} "
        times = timecodes(first, first + shot.frames, at, at + length)
        lines.append(f"{number:03d}  {shot.reel:<8} V     {how}{times}")
        if shot.record:
            speed = float(Fraction(shot.frames, shot.record) * round(rate))
            lines.append(
                f"M2   {shot.reel:<8}      {speed:05.1f}                {timecodes(first)}"
            )
        if shot.dissolve and before:
            lines.append(f"* FROM CLIP NAME: {FILES.get(before.reel, before.reel)}")
            lines.append(f"* TO CLIP NAME: {FILES.get(shot.reel, shot.reel)}")
        else:
            lines.append(f"* FROM CLIP NAME: {FILES.get(shot.reel, shot.reel)}")
        lines.append("")
        at, before = at + length, shot
    return "\r\n".join(lines)


def write(name: str, text: str, rate: Fraction) -> None:
    """The list, and the same cut in the other formats beside it."""
    path = HERE / f"{name}.edl"
    path.write_bytes(text.encode("ascii"))
    cut = probe_cut(path, rate)
    for suffix, writer in ((".otio", write_otio_flat), (".fcpxml", write_fcpxml),
                           (".xml", write_xmeml)):  # fmt: skip
        written = writer(cut, ())
        (HERE / f"{name}{suffix}").write_bytes(written.data)
        for loss in written.losses:
            print(f"{name}{suffix}: {loss.where}: {loss.what}")


def main() -> None:
    """All of it."""
    write("old", edl("TWO_HANDER_R1_V04", OLD, FILM, "01:00:00:00"), FILM)
    write("new", edl("TWO_HANDER_R1_V05", NEW, FILM, "01:00:00:00"), FILM)
    for name, title, shots in (("broadcast_old", "BROADCAST_V1", TAPES),
                               ("broadcast_new", "BROADCAST_V2", TAPES_NEW)):  # fmt: skip
        text = edl(title, shots, VIDEO, "00:59:55;00")
        (HERE / f"{name}.edl").write_bytes(text.encode("ascii"))


if __name__ == "__main__":
    main()
