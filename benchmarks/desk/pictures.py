"""The manual's pictures: a walk through the sample reel, from its worst shot to the delivered cut.

    python -m benchmarks.desk --part pictures [--reel REEL] [-o FOLDER] [--only by_hand]

REEL is a finished project (default: the sample reel, after `make demo`). The walk closes a mouth,
renders, takes a note, approves and delivers, so it works in a copy. `by_hand` is the picture of
`docs/guides/heads.md`, and with it comes `expressions`. Pictures are JPEG of 1440 x 900, the same
names each time.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from PyQt5.QtCore import QPoint
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QScrollArea

from benchmarks.desk._walk import Walk
from benchmarks.desk._window import application, open_window, scratch_settings, wait_for
from dubsync.desk.inspector.inspector_panel import NOTES, TWEAK
from dubsync.desk.inspector.section import Section
from dubsync.desk.look import tokens
from dubsync.desk.shell.window import SHOT

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "two_hander"
FOLDER = Path(__file__).parents[2] / "docs" / "images" / "desk"
#: Pictures of the walk that the manual shows.
SHOWN = ("reel", "findings", "open_mouth", "closed_lips", "approved", "delivered")
MOST, QUALITY = 250_000, 88  #: bytes of a picture; JPEG quality to begin with
AUTHOR, NOTE = "Lena", "Opened too early; the lips are closed now."
EARLY = 2  #: frames before the first word
WAITS = 900.0  #: seconds at most for what the preview process works out
#: Sections of the tab Tweak that are open in the picture of hands.
OPENED = ("Region and look", "Head", "Eyes", "Expressions")


def frame_to_close(walk: Walk) -> int:
    """A plate frame on which the current shot's mouth is open and should be closed.

    That of a missed closure; where none is missed, shortly before the first word, for which the
    mouth opens early.
    """
    curves = walk.window.curves.curves
    assert curves is not None
    mouth = curves.characters[walk.session.character]
    missed = [one.frame for one in mouth.contacts if one.kind == "closed lips" and one.met is False]
    spoken = [int(word.first) - EARLY for word in mouth.sound.words]
    return max([*missed, *spoken, curves.frames.start][0], curves.frames.start)


def by_hand(walk: Walk, folder: Path) -> None:
    """The shot whose tweak turns a head: its region, ranges and warnings, then its expressions."""
    session, tab = walk.session, walk.window.inspector.tweak
    walk.window.show_page(SHOT)
    walk.window.inspector.tabs.setCurrentIndex(TWEAK)
    for row in session.rows:
        session.show_shot(row.name)
        QTest.qWait(1000)  # its tweak is read
        spans = session.edits.tweak(session.character).region.spans
        if spans:
            break
    else:
        raise TimeoutError("no shot has a head turn: run make demo first")
    session.show_frame((spans[0].first + spans[0].last) // 2)
    wait_for(lambda: session.reach.mine is not None, WAITS, "the reach")
    for section in tab.findChildren(Section):
        section.open(section.head.title in OPENED)
    tab.expressions.look()
    wait_for(lambda: tab.expressions.faces, WAITS, "the expressions")
    area = tab.findChild(QScrollArea)
    for name, shown in (("by_hand", tab.region), ("expressions", tab.expressions)):
        QTest.qWait(200)  # folded sections are laid out
        area.verticalScrollBar().setValue(shown.mapTo(area.widget(), QPoint(0, 0)).y())
        save(walk, name, folder)


def save(walk: Walk, name: str, folder: Path) -> None:
    """Save the window as a JPEG of at most MOST bytes."""
    if name == "approved":
        walk.window.inspector.tabs.setCurrentIndex(NOTES)
    # Messages of the status bar go; one of them names the scratch folder.
    QTest.qWait(tokens.MESSAGE_STAYS + 500 if name == "delivered" else 500)
    picture = walk.window.grab()
    path = folder / f"{name}.jpg"
    for quality in range(QUALITY, 40, -6):
        picture.save(str(path), "JPG", quality)
        if path.stat().st_size <= MOST:
            return


def main() -> int:
    """Make the pictures; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reel", type=Path, default=SAMPLE)
    parser.add_argument("--only", choices=("by_hand",), help="the pictures of heads alone")
    parser.add_argument("-o", "--output", type=Path, default=FOLDER)
    options = parser.parse_args()
    if not (options.reel / "renders").is_dir():
        print(f"{options.reel} has no renders: run make demo first", file=sys.stderr)
        return 1
    options.output.mkdir(parents=True, exist_ok=True)
    scratch_settings()
    app = application()
    with tempfile.TemporaryDirectory() as scratch:
        reel = Path(scratch) / options.reel.name
        shutil.copytree(options.reel, reel)
        window = open_window(reel)
        walk = Walk(window)
        if options.only:
            by_hand(walk, options.output)
            window.close()
            app.processEvents()
            return 0
        walk.seen = lambda name: save(walk, name, options.output) if name in SHOWN else None
        walk.worst()
        walk.finding()
        frame = frame_to_close(walk)
        walk.close_lips(frame)
        walk.play(1)
        walk.session.show_frame(frame)
        walk.render()
        walk.judge(AUTHOR, NOTE)
        files = walk.deliver()
        by_hand(walk, options.output)
        window.close()
        app.processEvents()
        found = [path.name for path in files if path.is_file() and NOTE in _text(path)]
    print(f"pictures in {options.output}; the note is in {', '.join(found) or 'no file'}")
    return 0 if found else 1


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
