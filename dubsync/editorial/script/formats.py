"""Reads and writes dub scripts; the format is recognised by content, not by file name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import DeliveryError, SettingsError, TurnoverError
from dubsync.core.script import Script, kept_otherwise
from dubsync.core.timeline.corrected import Written
from dubsync.core.timeline.losses import LOST, Loss, LossReport
from dubsync.editorial.files.text_file import (
    COMPOUND_MARK,
    UTF8_MARK,
    UTF16_MARKS,
    ZIP_MARK,
    file_bytes,
)
from dubsync.editorial.protools.session import looks_like_protools, read_protools
from dubsync.editorial.script.cue_sheet import read_cue_sheet, write_cue_csv, write_cue_xlsx
from dubsync.editorial.script.cue_table import looks_like_xlsx, text_of
from dubsync.editorial.script.dapt_read import looks_like_ttml, read_ttml
from dubsync.editorial.script.dapt_write import write_dapt
from dubsync.editorial.script.detx import looks_like_detx, read_detx
from dubsync.editorial.script.protools import protools_script
from dubsync.editorial.script.srt import looks_like_srt, read_srt, write_srt
from dubsync.editorial.script.stl import looks_like_stl, read_stl
from dubsync.editorial.script.webvtt import looks_like_webvtt, read_webvtt

LARGEST = 16 * 1024 * 1024  #: bytes; a feature's script in six languages is far smaller
_SAVE_AS = "export it as DAPT, CSV, XLSX or SRT"

#: Suffixes of formats that are XML.
_XML = (".xml", ".ttml", ".dapt", ".dfxp", ".itt", ".detx")

_SUFFIXES = (".srt", ".vtt", ".stl")

WRITERS: Mapping[str, Callable[[Script], Written]] = {
    "dapt": write_dapt,
    "csv": write_cue_csv,
    "tsv": lambda script: write_cue_csv(script, delimiter="\t"),
    "xlsx": write_cue_xlsx,
    "srt": write_srt,
}
FORMATS = tuple(WRITERS)


def is_script(head: bytes, suffix: str) -> bool:
    """Whether a file that begins with `head` is a script, rather than a timeline or media.

    Sheets (CSV, XLSX) and Pro Tools text are not recognised here: they may be lists of a cut.
    """
    if looks_like_stl(head) or looks_like_webvtt(head):
        return True
    if _begins(head, b"<"):
        return looks_like_detx(head) or looks_like_ttml(head)
    text = head.replace(b"\0", b"").decode("utf-8", "replace")
    return suffix.lower() in _SUFFIXES or looks_like_srt(text)


def script_in(
    path: Path,
    rate: Fraction | None = None,
    *,
    drop: bool = False,
    language: str = "",
    maps: Mapping[str, str] | None = None,
) -> Script:
    """The dub script at `path`: DAPT or other TTML, an ADR cue sheet (CSV, TSV, XLSX), SRT,
    WebVTT, EBU STL, a rythmo band (.detx), or a Pro Tools session's text.

    Args:
        rate: frames per second of timecode, if the file does not state it.
        drop: whether its timecode is drop-frame, if the file cannot state it.
        language: the dub's language if the file has several or none; BCP-47.
        maps: field -> column of a cue sheet (cue_columns.py).

    Raises:
        MissingMedia: no such file, or it cannot be read.
        SettingsError: a map names a column that does not exist.
        TurnoverError: damaged, unsafe, of an unknown format, or with rows that cannot be read.
    """
    data = file_bytes(path, what="script", most=LARGEST)
    return parse_script(data, str(path), rate, drop=drop, language=language, maps=maps)


def parse_script(
    data: bytes,
    path: str,
    rate: Fraction | None = None,
    *,
    drop: bool = False,
    language: str = "",
    maps: Mapping[str, str] | None = None,
) -> Script:
    """`script_in` of a file's bytes."""
    where = path.rsplit("/", 1)[-1]
    if data[:4] == ZIP_MARK:
        if not looks_like_xlsx(data):
            raise TurnoverError(f"{where} is a ZIP file, but not a workbook", hint=_SAVE_AS)
        result = read_cue_sheet(data, path=path, rate=rate, drop=drop, maps=maps)
    elif _begins(data, b"<"):
        if looks_like_detx(data):
            result = read_detx(data, path=path, rate=rate, drop=drop)
        elif looks_like_ttml(data):
            return read_ttml(data, path=path, language=language, rate=rate, drop=drop)
        else:
            raise TurnoverError(f"{where} is XML, but neither TTML nor .detx", hint=_SAVE_AS)
    elif looks_like_webvtt(data):
        result = read_webvtt(data, path=path)
    elif where.lower().endswith(".vtt"):
        raise TurnoverError(f"{where} does not begin with WEBVTT", hint=_SAVE_AS)
    elif looks_like_stl(data):
        result = read_stl(data, path=path, rate=rate, drop=drop)
    elif where.lower().endswith(_XML):
        raise TurnoverError(f"{where} is not XML: it does not begin with '<'", hint=_SAVE_AS)
    elif _begins(data, b"{") or _begins(data, b"[{"):
        raise TurnoverError(
            f"{where} is JSON; TTAL is not supported, since it is not published", hint=_SAVE_AS
        )
    elif where.lower().endswith(".stl"):
        raise TurnoverError(f"{where} is not EBU STL: it has no general block", hint=_SAVE_AS)
    elif data[:8] == COMPOUND_MARK:
        raise TurnoverError(f"{where} is an Office file from before 2007", hint="save it as .xlsx")
    else:
        result = _plain(data, path, rate, drop, maps)
    return replace(result, language=result.language or language)


def _begins(data: bytes, mark: bytes) -> bool:
    head = data[:64].replace(b"\0", b"")
    for first in (UTF8_MARK, *UTF16_MARKS):
        head = head.removeprefix(first)
    return head.lstrip()[: len(mark)] == mark


def _plain(
    data: bytes, path: str, rate: Fraction | None, drop: bool, maps: Mapping[str, str] | None
) -> Script:
    text, losses = text_of(data, path.rsplit("/", 1)[-1])
    if looks_like_protools(text):
        result = protools_script(read_protools(text, rate=rate, path=path))
    elif looks_like_srt(text) and not maps:
        result = read_srt(text, path=path)
    else:
        return read_cue_sheet(data, path=path, rate=rate, drop=drop, maps=maps)
    return replace(result, losses=LossReport.of((*losses, *result.losses)))


def written(script: Script, kind: str) -> Written:
    """`script` in one of FORMATS, read back to check it; each difference is a Loss.

    Raises:
        SettingsError: no such format.
        DeliveryError: the script cannot be written in this format.
    """
    if kind not in WRITERS:
        raise SettingsError(
            f"unknown script format {kind!r}", hint=f"use one of: {', '.join(FORMATS)}"
        )
    output = WRITERS[kind](script)
    try:
        back = parse_script(
            output.data, f"written.{kind}", script.rate, drop=script.drop, language=script.language
        )
    except TurnoverError as error:
        raise DeliveryError(
            f"the written script cannot be read back: {error}", hint="report this as a bug"
        ) from error
    if back.from_start and script.start is not None:
        back = with_start(back, script.start)
    losses = [
        Loss(kind, _changed(name, count), LOST)
        for name, count in kept_otherwise(script, back).items()
    ]
    return Written(output.data, LossReport.of((*output.losses, *losses)))


def _changed(name: str, count: int) -> str:
    """What `kept_otherwise` found, for the conversion report."""
    if name == "untimed":
        return f"lines without an end or times that are lost or changed: {count}"
    return f"{name} is lost or changed in {count} line{'s' * (count > 1)}"


def with_start(script: Script, start: Fraction) -> Script:
    """A script whose times count from the programme's first frame, with that frame at `start`.

    Args:
        start: record time in seconds since midnight.
    """
    by = start - (script.start or 0)
    lines = tuple(
        replace(
            line,
            start=line.start + by,
            stop=line.stop + by,
            marks=tuple(replace(mark, time=mark.time + by) for mark in line.marks),
        )
        for line in script.lines
    )
    untimed = tuple(
        line if line.begin is None else replace(line, begin=line.begin + by)
        for line in script.untimed
    )
    return replace(script, lines=lines, untimed=untimed, start=start)
