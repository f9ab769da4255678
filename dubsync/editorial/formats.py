"""The formats of editorial, a row each: how one is recognised, read, written and patched.

`probe`, `new`, `deliver --as`, the OpenTimelineIO plugin, the command line's help and
docs/reference/formats.md take what they know of a format from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from dubsync.editorial import reading, writing
from dubsync.editorial.reading import Content
from dubsync.editorial.writing import Part

if TYPE_CHECKING:  # these bring numpy in, and `dubsync --help` needs the names of formats
    from dubsync.core.timeline.corrected import Corrected, Written
    from dubsync.core.timeline.probed import ProbedCut

#: What a file may be to a project.
CUT, LIST, SCRIPT = "cut", "list", "script"

Reader = Callable[[Content, Fraction | None], "ProbedCut"]
Writer = Callable[["ProbedCut", "Sequence[Corrected]"], list[Part]]
Patcher = Callable[["ProbedCut", "Sequence[Corrected]", bytes], "Written"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format, and what dubsync does with it.

    name         as `deliver --as`, JSON and the plugin call it
    label        as people call it
    title        how `ProbedCut.format` begins; "" for what `probe` does not read
    suffixes     of its files; the first is the one it is written with
    roles        which of CUT, LIST and SCRIPT its files may be
    states_rate  whether its files state their frame rate
    holds        whether a file's content is of this format; asked in the order of FORMATS
    read         everything that a file lists, at a rate where the file states none
    write        a cut written anew
    patch        a cut let into the file that it came as
    reads        what is read exactly, for docs/reference/formats.md
    with_losses  what is read with a loss that says so
    refuses      what is refused
    cannot_hold  what a cut loses when it is written so
    delivers     what `deliver --as` makes of it; "" where it is not delivered
    """

    name: str
    label: str
    title: str
    suffixes: tuple[str, ...]
    roles: frozenset[str]
    states_rate: bool = True
    holds: Callable[[Content], bool] | None = None
    read: Reader | None = None
    write: Writer | None = None
    patch: Patcher | None = None
    reads: str = ""
    with_losses: str = ""
    refuses: str = ""
    cannot_hold: str = ""
    delivers: str = ""


#: In the order in which a file is recognised: the first whose `holds` is true reads it.
FORMATS = (
    Format(
        "aaf", "AAF", "AAF", (".aaf",), frozenset({CUT}),
        holds=reading.is_aaf, read=reading.probe_aaf,
        write=writing.written_aaf, patch=writing.patched_aaf,
        reads="tracks, layers, subclips and nests, transitions, Motion Control's speeds and ramps "
        "over one clip, length of masters, locators with colour, tape timecode; by pyaaf2, in a "
        "process with 1 GiB and 60 s",
        with_losses="curves of a ramp (straight lines) and ramps over several clips; contents of "
        "retimed nests; effects; alternatives of a Selector",
        refuses="pyaaf2 absent; damage; no composition and no clip",
        cannot_hold="disabled clips, titles, captions and generators, effects, sound inside nests, "
        "the grouping of a nest of several tracks (its tracks are kept), edges between frames; "
        "wipes become dissolves",
        delivers="the cut, corrected clips on a track of their own",
    ),
    Format(
        "otioz", ".otioz", "OpenTimelineIO bundle", (".otioz",), frozenset({CUT}),
        holds=reading.is_otioz, read=reading.probe_otioz,
        reads="as .otio; a bundle is never unpacked",
        with_losses="as .otio; names of files outside the bundle",
        refuses="as .otio; no content.otio, or several",
    ),
    Format(
        "otio", ".otio", "OpenTimelineIO", (".otio",), frozenset({CUT}),
        holds=reading.is_otio, read=reading.probe_otio,
        write=writing.written_otio, patch=writing.patched_otio,
        reads="tracks, sound, gaps, transitions, markers, nests, steady speeds, disabled; "
        "collections of timelines",
        with_losses="speeds that change; unknown schemas; effects; drop frame, which .otio does "
        "not say; reversed clips",
        refuses="damage, cycles, depth over 256, NaN, bombs",
        cannot_hold="drop frame, ramps (their average is written), clips of bins, kinds of markers",
        delivers="the master, each render beside its plate; and one with corrected clips on a "
        "track of their own",
    ),
    Format(
        "fcpxml", "FCPXML", "FCPXML", (".fcpxml",), frozenset({CUT}),
        holds=reading.is_fcpxml, read=reading.probe_fcpxml,
        write=writing.written_fcpxml, patch=writing.patched_fcpxml,
        reads="versions 1.8 to 1.14: lanes, secondary storylines, compounds, multicam's active "
        "angles, sync clips, the pick of an audition, timeMap speeds and ramps, length of assets, "
        "captions, titles, markers, keywords, notes, disabled, drop frame",
        with_losses="conform-rate (source out is counted without it); smooth points of a ramp; "
        "other angles and alternatives; effects; starts left out",
        refuses="as FCP7 XML",
        cannot_hold="cross-fades of sound, colours of markers, looks and media of generators and "
        "titles, looks of wipes; multicam and sync clips become compounds, captions lose their "
        "role",
        delivers="the cut, corrected clips on a track of their own",
    ),
    Format(
        "xml", "FCP7 XML", "Final Cut Pro 7", (".xml",), frozenset({CUT}),
        holds=reading.is_xmeml, read=reading.probe_xmeml,
        write=writing.written_xmeml, patch=writing.patched_xmeml,
        reads="tracks, sound, nests, files by id, timecode, steady Time Remap, drawn Time Remap "
        "(ramps) from point to point, length of files, markers, generators, disabled",
        with_losses="Bezier handles of a ramp; effects; contents of retimed nests; reversed clips "
        "without a drawn line",
        refuses="entities, outside names, part documents (`<filter>` alone)",
        cannot_hold="edges of media between frames (written from the frame that shows), rates that "
        "are no timebase, kinds and colours of markers, looks of titles and wipes; sound inside a "
        "nest moves to tracks of its own",
        delivers="the cut, corrected clips on a track of their own",
    ),
    Format(
        "ale", "ALE", "Avid Log Exchange", (".ale",), frozenset({LIST}),
        holds=reading.is_ale, read=reading.probe_ale,
        reads="rate from its FPS heading; all columns",
        with_losses="no FPS; Duration, Start and End that disagree; spare cells",
        refuses="no Column or Data",
        cannot_hold="everything but the corrected clips; clips at another rate than most",
        delivers="a row for each corrected clip, for a bin",
    ),
    Format(
        "protools", "Pro Tools session text", "Pro Tools", (".txt",), frozenset({LIST, SCRIPT}),
        holds=reading.is_protools, read=reading.probe_protools,
        reads="clips, mutes, track comments, markers; timecode, hundredths of a frame, samples; "
        "feet and frames where markers prove the film rate",
        with_losses="feet and frames without such markers (film runs with the picture: 24, 23.976 "
        "or 25 a second); minutes and seconds (to 1 ms); bars and beats; listings of plug-ins, "
        "files, clips",
        refuses="no known timecode format",
    ),
    Format(
        "edl", "CMX3600 EDL", "CMX3600", (".edl",), frozenset({CUT}),
        states_rate=False, holds=reading.is_list, read=reading.probe_list,
        write=writing.written_lists,
        reads="events, tracks, transitions, steady speeds, locators; every other remark stays with "
        "its event; all dialects we have: 8, 32 and 128 character reels, six-digit numbers, FCM "
        "changes, `;`, M2, C D W K, AUD, B, AA/V, LOC, BL, remarks, CRLF, Ctrl-Z, cp1252, Mac "
        "Roman",
        with_losses="no rate: timecode as printed, nothing counted (`--rate`); FCM DROP: taken for "
        "30000/1001, or 60000/1001 when frame numbers need it; lengths that differ without M2; M2 "
        "against its source range; transitions from what is no event; a table of sources' UMIDs",
        refuses="a frame number past `--rate`; `;` at a rate that cannot drop; UTF-16; no event",
        cannot_hold="other tracks and sound, clips of another rate than the list's, titles, "
        "disabled clips; speeds that change are printed as their mean, in tenths of a frame a "
        "second; wipes are printed as W001",
        delivers="a list for each track that holds corrected clips, and lists of these alone; an "
        "EDL goes out line for line",
    ),
    Format(
        "csv", "shot list", "", (".csv",), frozenset({LIST}),
        cannot_hold="everything but the corrected clips",
        delivers="a row for each corrected clip, for a spreadsheet",
    ),
    Format(
        "pull", "pull list", "", (".edl", ".ale", ".csv"), frozenset({LIST}),
        cannot_hold="everything but the plates",
        delivers="the plate frames to pull for each shot, handles included; needs no render",
    ),
    Format(
        "dapt", "DAPT and other TTML", "", (".ttml", ".xml", ".dapt"), frozenset({SCRIPT}),
    ),
    Format(
        "cue-sheet", "ADR cue sheet", "", (".csv", ".tsv", ".xlsx"), frozenset({SCRIPT}),
        states_rate=False,
    ),
    Format("srt", "SRT", "", (".srt",), frozenset({SCRIPT})),
)  # fmt: skip

#: What `deliver --as` knows.
DELIVERED = tuple(each.name for each in FORMATS if each.delivers)
_BY_NAME = {each.name: each for each in FORMATS}


def named(name: str) -> Format:
    """The format called `name`.  Raises KeyError."""
    return _BY_NAME[name]


def format_of(cut: ProbedCut) -> Format:
    """The format that a probed file is of, as its reader names it."""
    return next(each for each in FORMATS if each.title and cut.format.startswith(each.title))


def sniffed(content: Content) -> Format:
    """The format that a file's content is of, whatever it is called.

    Raises:
        TurnoverError: text that cannot be decoded, or no text at all.
    """
    return next(each for each in FORMATS if each.holds is not None and each.holds(content))


def suffixes(role: str = "") -> tuple[str, ...]:
    """The suffixes of what `probe` reads, or of those that may play `role`."""
    read = [each for each in FORMATS if each.read is not None]
    return tuple(dict.fromkeys(s for f in read if not role or role in f.roles for s in f.suffixes))


def labels(role: str = "") -> str:
    """What `probe` reads, or what of it may play `role`, for people: "AAF, .otio or FCP7 XML"."""
    *most, last = (f.label for f in FORMATS if f.read and (not role or role in f.roles))
    return f"{', '.join(most)} or {last}"
