"""Shared by all adapters: reads a file or text with dubsync, and writes a timeline with it."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import opentimelineio as otio

from dubsync.core.errors import DeliveryError, DubsyncError, TurnoverError
from dubsync.core.timeline.corrected import Written
from dubsync.core.timeline.losses import APPROXIMATE, LOST, Loss
from dubsync.core.timeline.probed import ProbedCut
from dubsync.core.timeline.timecode import exact_rate, parse_rate
from dubsync.editorial.formats import Format, format_of
from dubsync.editorial.otio.read import read_otio_whole
from dubsync.editorial.probe import probe_cut
from dubsync.service.store.atomic_write import write_whole
from dubsync_otio.timelines import otio_of

_log = logging.getLogger("dubsync_otio")
Rate = str | float | Fraction | None


class Refused(otio.exceptions.OTIOError):  # type: ignore[misc]
    """A DubsyncError as an OTIOError, which OpenTimelineIO's callers catch: message (hint)."""

    def __init__(self, error: DubsyncError) -> None:
        super().__init__(f"{error} ({error.hint})" if error.hint else str(error))


class Writer(Protocol):
    """One of dubsync's writers of cuts."""

    def __call__(self, cut: ProbedCut, corrected: tuple[()]) -> Written: ...


@contextmanager
def refusing() -> Iterator[None]:
    """A context that turns every DubsyncError into Refused."""
    try:
        yield
    except DubsyncError as error:
        raise Refused(error) from error


def rate_in(rate: Rate) -> Fraction | None:
    """A caller's rate as an exact one: 24, 23.976, "24000/1001", or None."""
    if rate is None or isinstance(rate, Fraction):
        return rate
    return parse_rate(rate) if isinstance(rate, str) else exact_rate(rate)


def read_file(filepath: str, format: Format, rate: Rate, strict: bool) -> Any:
    """The file's Timeline, or a collection of its timelines and of clips in bins.

    Args:
        format: the format of this adapter's files.
    """
    with refusing():
        result = probe_cut(Path(filepath), rate_in(rate))
        if format_of(result) is not format:
            raise TurnoverError(
                f"{Path(filepath).name} is {result.format}, not {format.title}",
                hint="use the adapter of that format",
            )
        made, losses = otio_of(result)
        if strict:
            refuse_losses(losses, Path(filepath).name)
        return made


def read_text(text: str, format: Format, rate: Rate, strict: bool) -> Any:
    """As `read_file`, from text."""
    with tempfile.TemporaryDirectory(prefix="dubsync") as folder:
        path = Path(folder) / f"text{format.suffixes[0]}"
        path.write_bytes(text.encode("utf-8", "replace"))
        return read_file(str(path), format, rate, strict)


def written(input_otio: Any, writer: Writer, strict: bool) -> bytes:
    """A timeline as bytes in the format of `writer`; losses are logged, or refused if `strict`."""
    with refusing():
        cut = read_otio_whole(input_otio.to_json_string())
        made = writer(cut, ())
        losses = [*cut.losses, *made.losses]
        if strict:
            refuse_losses(losses, cut.name)
        for loss in dict.fromkeys(losses):
            _log.warning("%s: %s: %s", loss.kind, loss.where, loss.what)
        return made.data


def write_file(input_otio: Any, filepath: str, writer: Writer, strict: bool) -> str:
    """As `written`, into a file; returns its path."""
    data = written(input_otio, writer, strict)
    with refusing():
        write_whole(Path(filepath), data)
    return filepath


def refuse_losses(losses: Iterable[Loss], name: str) -> None:
    """Refuse lost and approximate items; assumed and odd ones are not losses of content.

    Raises:
        DeliveryError: there is such a loss.
    """
    worse = list(dict.fromkeys(loss for loss in losses if loss.kind in (LOST, APPROXIMATE)))
    if worse:
        first = worse[0]
        more = f", and {len(worse) - 1} more" if len(worse) > 1 else ""
        raise DeliveryError(
            f"{name}: {first.where}: {first.what}{more}",
            hint=first.hint or "read it without strict, and see metadata['dubsync']['losses']",
        )
