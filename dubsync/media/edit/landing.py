"""Several files that appear together, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from dubsync.media.files.atomic_output import land, refuse_existing, sync_folder
from dubsync.media.movie.write import writing


class Landing:
    """Hidden names for files in one folder, until all are complete."""

    def __init__(self) -> None:
        self._files: list[tuple[Path, Path]] = []

    def aside(self, path: Path) -> Path:
        """The hidden name under which `path` is written; an empty file, if it is a movie.

        Raises:
            DeliveryError: `path` exists.
            OSError: the folder cannot be written.
        """
        refuse_existing(path)
        aside = path.with_name(f".{path.name}.part{path.suffix}")
        self._files.append((aside, path))
        aside.touch()  # av reports missing write permission only at the end
        return aside

    def land(self) -> None:
        """Give every file its name.  On an error none has it."""
        with ExitStack() as undo:
            for aside, path in self._files:
                land(aside, path)
                undo.callback(path.unlink, missing_ok=True)
            for folder in {path.parent for _, path in self._files}:
                sync_folder(folder)
            undo.pop_all()

    def abandon(self) -> None:
        """Delete what has not landed."""
        for aside, _ in self._files:
            with suppress(OSError):  # the folder may be missing
                aside.unlink()


@contextmanager
def landing(first: Path) -> Iterator[Landing]:
    """A Landing whose files appear when the block succeeds; after an error none is left.

    Args:
        first: the file that an error of the disk is told of.

    Raises:
        DeliveryError: a file exists, or cannot be written.
    """
    with writing(first):  # outside, so that the message counts what is free without our files
        files = Landing()
        try:
            yield files
            files.land()
        finally:
            files.abandon()
