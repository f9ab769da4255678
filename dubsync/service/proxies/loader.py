"""Reads pictures in threads, the ones wanted most first; what is no longer wanted is not read."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dubsync.core.errors import DubsyncError
from dubsync.media.pixels.display import display_rgb
from dubsync.media.pixels.scale import scaled
from dubsync.media.plate import PlateReader, open_plate
from dubsync.media.stills.sequence import still_path
from dubsync.service.fault import bounded
from dubsync.service.proxies.held_pictures import RGB, HeldPictures, SourceKey
from dubsync.service.proxies.sources import PictureSource

#: Files that are kept open.
MOST_OPEN = 6
#: Seconds before a file that could not be read is looked for again.
AGAIN_S = 2.0
#: Seconds that closing waits for a file which answers no more.
LAST_READ_S = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """One picture: `frame` is a plate frame number, `width` in pixels, at most the file's own."""

    source: PictureSource
    frame: int
    width: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture that could not be read: where it was looked for, why, and what helps.

    gone  whether the file is not there, or its disk is not
    """

    wanted: Wanted
    path: str
    message: str
    hint: str
    gone: bool = False


class PictureLoader:
    """Fills `held` in the background.

    Args:
        ready: told of each new picture.
        failed: told of the first picture of a source that cannot be read, and again when it still
            cannot be read AGAIN_S later.  Both are called on the loader's threads, for each source
            in the order in which its pictures were read.
        threads: each reads another source; the frames of one are read by one, in order.
    """

    def __init__(
        self,
        held: HeldPictures,
        ready: Callable[[Wanted], None],
        failed: Callable[[Failure], None],
        threads: int = 2,
    ) -> None:
        self.held = held
        self._ready, self._failed = ready, failed
        self._change = threading.Condition()
        self._wanted: list[Wanted] = []
        self._busy: set[SourceKey] = set()
        self._refused: dict[SourceKey, float] = {}
        self._readers: OrderedDict[SourceKey, PlateReader] = OrderedDict()
        self._open = True
        self._threads = [
            threading.Thread(target=self._run, name=f"pictures {n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def want(self, wanted: Sequence[Wanted]) -> None:
        """Read these, the first first, and nothing that was wanted before and is not among them."""
        with self._change:
            self._wanted = [one for one in wanted if not self._has(one)]
            self._change.notify_all()

    def look_again(self) -> None:
        """Try files that could not be read at once, not after a while."""
        with self._change:
            self._refused.clear()
            self._change.notify_all()

    def close(self) -> None:
        """Stop the threads and close every file."""
        with self._change:
            self._open, self._wanted = False, []
            self._change.notify_all()
        for thread in self._threads:
            thread.join(LAST_READ_S)
        for reader in self._readers.values():
            _close(reader)
        self._readers.clear()

    # -- in the threads ----------------------------------------------------------------------

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            try:
                picture = bounded(lambda one=wanted: self._read(one))  # type: ignore[misc]
            except DubsyncError as error:
                self._refuse(wanted, error)
                continue
            self.held.put(wanted.source.key, wanted.frame, wanted.width, picture)
            # Told before the source is free: else the next thread's failure could be told first,
            # and this older picture would then look like a file that is back.
            self._ready(wanted)
            self._release(wanted)

    def _next(self) -> Wanted | None:
        """The picture to read now; None: the loader is closed."""
        with self._change:
            while self._open:
                now = time.monotonic()
                self._wanted = [one for one in self._wanted if not self._has(one)]
                for place, one in enumerate(self._wanted):
                    key = one.source.key
                    if key not in self._busy and self._refused.get(key, 0) <= now:
                        del self._wanted[place]
                        self._busy.add(key)
                        return one
                waits = [until - now for until in self._refused.values() if until > now]
                self._change.wait(min(waits) if self._wanted and waits else None)
        return None

    def _read(self, wanted: Wanted) -> RGB:
        source = wanted.source
        with self._change:
            reader = self._readers.pop(source.key, None)
        try:
            if reader is None:
                reader = open_plate(source.file, like=source.like)
            frame = next(iter(reader.read([wanted.frame + source.shift])))
        except (DubsyncError, OSError):
            if reader is not None:
                _close(reader)
            raise
        self._keep(source.key, reader)
        return np.ascontiguousarray(display_rgb(scaled(frame, wanted.width)))

    def _keep(self, key: SourceKey, reader: PlateReader) -> None:
        gone = []
        with self._change:
            self._readers[key] = reader
            while len(self._readers) > MOST_OPEN:
                gone.append(self._readers.popitem(last=False)[1])
        for one in gone:
            _close(one)

    def _refuse(self, wanted: Wanted, error: DubsyncError) -> None:
        with self._change:
            self._refused[wanted.source.key] = time.monotonic() + AGAIN_S
            self._wanted.insert(0, wanted)  # it may come back
            tell = self._open
        if tell:
            self._failed(_failure(wanted, error))
        self._free(wanted.source.key)

    def _release(self, wanted: Wanted) -> None:
        with self._change:
            self._refused.pop(wanted.source.key, None)
        self._free(wanted.source.key)

    def _free(self, key: SourceKey) -> None:
        with self._change:
            self._busy.discard(key)
            self._change.notify_all()

    def _has(self, wanted: Wanted) -> bool:
        return self.held.has(wanted.source.key, wanted.frame, wanted.width)


def _failure(wanted: Wanted, error: DubsyncError) -> Failure:
    """What to say: a file that is gone is offline, whatever reading it said."""
    file = wanted.source.file
    path = Path(file.path)
    if file.first_number is not None:
        path = still_path(path, file.still_number(wanted.frame + wanted.source.shift))
    if path.exists():
        return Failure(wanted, file.path, str(error), error.hint)
    return Failure(
        wanted, file.path, f"{file.name} is offline: it is not in {path.parent}",
        f"put it back or connect its disk; it is looked for every {AGAIN_S:.0f} s", gone=True,
    )  # fmt: skip


def _close(reader: PlateReader) -> None:
    reader.__exit__(None, None, None)
