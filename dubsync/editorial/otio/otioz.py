"""Reads the timeline of an .otioz bundle; the bundle is not unpacked."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import replace
from io import BytesIO

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import ODD, Loss, LossReport
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.otio.read import read_otio_whole

_AGAIN = "export the timeline again"

#: Bytes of content.otio, unpacked.
LARGEST_CONTENT = 160 * 1024 * 1024
MOST_MEMBERS = 100_000


def read_otioz(data: bytes, *, path: str = "") -> ProbedCut:
    """The one content.otio of an .otioz bundle; its media is not unpacked.

    Raises:
        TurnoverError: not a bundle, not exactly one content.otio, or one that is too large.
    """
    where = path.rsplit("/", 1)[-1] or "the bundle"
    decoded, losses = bundled(data, where)
    read = read_otio_whole(decoded, path=path)
    return replace(
        read,
        format=read.format.replace("OpenTimelineIO", "OpenTimelineIO bundle"),
        losses=LossReport.of((*read.losses, *losses)),
    )


def bundled(data: bytes, where: str) -> tuple[str, list[Loss]]:
    """The text of a bundle's content.otio, and the losses about the bundle.

    Raises:
        TurnoverError: as `read_otioz`.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as bundle:
            members = bundle.infolist()
            if len(members) > MOST_MEMBERS:
                raise TurnoverError(f"{where} holds {len(members)} files", hint="is it a bundle?")
            contents = [m for m in members if m.filename == "content.otio"]
            if len(contents) != 1:
                raise TurnoverError(
                    f"{where} holds {len(contents)} files called content.otio, not one",
                    hint="export the bundle again",
                )
            with bundle.open(
                contents[0]
            ) as stream:  # its stated size may be wrong: read with a limit
                text = stream.read(LARGEST_CONTENT + 1)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
    ) as error:
        raise TurnoverError(f"{where} is a damaged bundle: {error}", hint=_AGAIN) from error
    if len(text) > LARGEST_CONTENT:
        raise TurnoverError(
            f"{where}: its timeline unpacks to more than {LARGEST_CONTENT >> 20} MiB",
            hint="export it without media metadata",
        )
    try:
        decoded = text.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise TurnoverError(f"{where}: its timeline is not UTF-8", hint=_AGAIN) from error
    outside = [
        m.filename
        for m in members
        if m.filename.startswith("/") or ".." in m.filename.split("/") or "\\" in m.filename
    ]
    losses = [
        Loss(where, f"names a file outside the bundle: {name[:80]!r}; not unpacked", ODD)
        for name in outside[:10]
    ]
    return decoded, losses
