"""Cuts with retimed shots and repeated plates, notes on them, and their delivery as each format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from hypothesis import strategies as st

from dubsync.core.note import ANSWERS, Note
from dubsync.core.shot import Cut, Turnover
from dubsync.core.timeline.probed import ProbedCut
from dubsync.core.timeline.timecode import Timecode
from dubsync.editorial.conform.into_edl import corrected_edl
from dubsync.editorial.conform.into_otio import corrected_otio
from dubsync.editorial.formats import format_of, named
from dubsync.editorial.lists.note_list import (
    write_avid_list,
    write_note_list,
    write_resolve_list,
)
from dubsync.editorial.notes.as_markers import note_markers, placed_notes
from dubsync.editorial.otio.write import write_otio_master
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.tracks.carry_over import timeline_of
from dubsync.editorial.tracks.corrected_clips import corrected_events, counted_as
from tests.editorial.editorial_making import (
    FILM,
    FILM_NTSC,
    NTSC,
    PAL,
    event_row,
    everything_linked,
    listing,
    rendered,
)

#: Where a note's marker goes: the same format as the cut's own, or written anew.
CUTS = ("edl", "otio", "fcpxml", "xml", "aaf")
PLACES = (*CUTS, "otio-master", "notes", "notes-avid", "notes-resolve")
#: Rates, and whether they are counted in drop frame.
RATES = [(FILM, False), (FILM_NTSC, False), (PAL, False), (NTSC, False), (NTSC, True)]
#: Speeds of the shots, in record order; the first two and the last play the same plate.
SPEEDS = (Fraction(1), Fraction(1), Fraction(2), Fraction(1, 2), Fraction(-1), Fraction(1))
LENGTH = 48


def retimed_list(rate: Fraction, drop: bool) -> str:
    """An EDL of six shots of 48 frames, one after another from 01:00:00:00."""

    def printed(frame: int) -> str:
        return str(Timecode(frame, rate, drop))

    first = Timecode.parse("01:00:00;00" if drop else "01:00:00:00", rate, drop=drop).frame
    rows = []
    for n, speed in enumerate(SPEEDS):
        reel = "A001" if speed == 1 else f"B{n:03d}"
        start = first + 1000 * (1 + (n if n else 1))
        used = int(LENGTH * abs(speed))
        source = printed(start), printed(start + used)
        at = first + n * LENGTH
        rows.append(event_row(n + 1, reel, source, (printed(at), printed(at + LENGTH))))
        if speed != 1:
            base = round(rate)
            fps = float(speed * base)
            rows.append(f"M2   {reel:<8} {fps:06.1f} {source[0]}")
        rows.append(f"* FROM CLIP NAME: {reel}.mov")
    return listing(*rows, mode="DROP FRAME" if drop else "NON-DROP FRAME")


@dataclass(frozen=True, slots=True)
class Reel:
    """A cut in its own format, and its turnover."""

    cut: Cut
    turnover: Turnover

    @property
    def probed(self) -> ProbedCut:
        assert self.cut.probed is not None
        return counted_as(self.cut.probed, self.cut.drop)


def reel_in(folder: Path, own: str, rate: Fraction = FILM, drop: bool = False) -> Reel:
    """The retimed list, as a cut of the format `own`."""
    path = folder / "cut.edl"
    path.write_text(retimed_list(rate, drop))
    cut = read_cut(path, rate=rate)
    if own != "edl":
        form = named(own)
        assert form.write is not None and cut.probed is not None
        path = folder / f"cut{form.suffixes[0]}"
        path.write_bytes(form.write(cut.probed, ())[0].written.data)
        cut = read_cut(path, rate=rate)
        cut = replace(cut, drop=drop)
    return Reel(cut, everything_linked(cut))


def delivered(folder: Path, reel: Reel, place: str, notes: list[Note]) -> ProbedCut:
    """The notes in a delivered file, read back as `place` has them."""
    probed, shots = reel.probed, rendered(reel.turnover.shots)
    new = corrected_events(probed, shots, language="fr-FR")
    placed, _ = placed_notes(notes, reel.turnover.shots)
    timeline = timeline_of(probed, new)
    key = "otio" if place == "otio-master" else place
    marks = note_markers(placed, timeline, named(key).marks) if key in CUTS else ()
    noted = replace(probed, markers=(*probed.markers, *marks))
    own = format_of(probed).name
    lists = {"notes-avid": ".txt", "notes-resolve": ".edl"}
    suffix = lists.get(place) or named(key).suffixes[0]
    if place == "notes":
        data = write_note_list(placed, reel.turnover.shots, timeline)
    elif place == "notes-avid":
        data = write_avid_list(placed, timeline)
    elif place == "notes-resolve":
        data = write_resolve_list(placed, timeline)
    elif place == "otio-master" and own in ("otio", "edl"):
        data = corrected_otio(reel.cut, reel.turnover, shots, language="fr-FR",
                              notes=marks).encode()  # fmt: skip
    elif place == "otio-master":
        data = write_otio_master(noted, new, language="fr-FR").data
    elif place == own == "edl":
        data = corrected_edl(reel.cut, shots, marks)[0].encode("ascii")
    else:
        form = named(key)
        if place == own:
            assert form.patch is not None
            data = form.patch(noted, new, Path(reel.cut.path).read_bytes(), marks).data
        else:
            assert form.write is not None
            data = form.write(noted, new)[0].written.data
    path = folder / f"delivered{suffix}"
    path.write_bytes(data)
    return probe_cut(path, reel.cut.rate)


#: Words as people write them, and as they break formats.
WORDS = st.one_of(
    st.sampled_from([
        "lips should close", "FIX", "fix: this\nBEST POSSIBLE", "=cmd|' /C calc'!A0", "'=1+1",
        "Élise says \"où ?\"", "名前 ü 😀", "a\nb\n\nc", "x (dubsync) y", "(.dubsync)",
        "N0001 [1] A: b",
        "]]> <b>&amp;", "|C:ResolveColorBlue |M:x |D:1", "* LOC: 01:00:00:00 RED x", "w" * 500,
        "lorem ipsum " * 40,
    ]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")),
            min_size=1, max_size=500).filter(str.strip),
)  # fmt: skip
AUTHORS = st.sampled_from(["ELISE", "", "Zoë (sound)", "A: B", "editor"])


@st.composite
def notes_on(draw: st.DrawFn, turnover: Turnover) -> list[Note]:
    """Some notes on frames that the shots render, handles included."""
    made = []
    for n in range(1, draw(st.integers(1, 5)) + 1):
        shot = draw(st.sampled_from(turnover.shots))
        frame = draw(st.integers(shot.render.start, shot.render.stop - 1))
        answer = draw(st.sampled_from(ANSWERS))
        reply = draw(WORDS).strip() if draw(st.booleans()) else ""
        made.append(
            Note(f"N{n:04d}", shot.name, frame, draw(WORDS), draw(AUTHORS),
                 draw(st.sampled_from((1, 2, 3))), answer, reply)
        )  # fmt: skip
    return made
