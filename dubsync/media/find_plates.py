"""Find every plate under the media folders: in parallel, and at most once for each state of a file.

What probing a file says is kept (`PlateMemory`), so only new and changed files are opened again.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from dubsync.core.digest import digest
from dubsync.core.errors import DubsyncError, MediaError
from dubsync.core.plural import counted
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.shot import Plate, ProjectWarning
from dubsync.core.waiting.answering import answered
from dubsync.media.files.file_state import file_state
from dubsync.media.probe import plate_of
from dubsync.media.stills.sequence import Numbered, sequences_in

MOVIES = (".mov", ".mp4", ".m4v", ".mkv", ".mxf", ".avi", ".mpg", ".mpeg", ".ts", ".webm", ".mts")
#: Files opened at once: most of the time goes by waiting for a disk or a server.
AT_ONCE = 8
#: From this many files on, progress is shown.
SHOWN_FROM = 50
#: From this many files with the same problem on, they share one warning.
SHARED_FROM = 4
#: How many of them it names.
NAMED = 3


@dataclass(frozen=True, slots=True)
class ProbedFile:
    """What probing one movie or image sequence gave: a plate, or the reason why it is none.

    message, hint  about the plate's first frame, or why there is no plate; "": nothing to say
    """

    plate: Plate | None
    message: str = ""
    hint: str = ""


class PlateMemory(Protocol):
    """What earlier probing gave, by the state of the files."""

    def known(self, state: str) -> ProbedFile | None: ...
    def keep(self, state: str, probed: ProbedFile) -> None: ...


class NothingKnown:
    """A memory that keeps nothing."""

    def known(self, state: str) -> ProbedFile | None:
        return None

    def keep(self, state: str, probed: ProbedFile) -> None:
        pass


Source = Path | Numbered


def find_plates(
    roots: Sequence[Path],
    *,
    rate: Fraction | None = None,
    memory: PlateMemory | None = None,
    progress: Progress = silent,
) -> tuple[tuple[Plate, ...], tuple[ProjectWarning, ...]]:
    """Every plate under `roots`, and a warning for every file that should be one and is not.

    Plates come folder by folder, sorted by name.  Links that lead out of the roots are not
    followed; hidden files and single numbered PNGs are ignored.  No file's problem is raised.  Four
    or more files with the same problem share one warning.

    Args:
        rate: frames per second of an image sequence whose files do not state it.
        memory: what is known of files that have not changed.

    Raises:
        Cancelled: by `progress`.
    """
    memory = memory or NothingKnown()
    warnings: list[ProjectWarning] = []
    real_roots = [root.resolve() for root in roots]
    sources = list(_sources(real_roots, warnings))
    plates: list[Plate] = []
    problems: list[tuple[Source, ProbedFile]] = []
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        every = pool.map(lambda source: _probed(source, real_roots, rate, memory), sources)
        for done, (source, probed) in enumerate(zip(sources, every, strict=True), 1):
            if probed.plate is not None:
                plates.append(probed.plate)
            if probed.message:
                problems.append((source, probed))
            if len(sources) >= SHOWN_FROM:
                progress(Step("probe", "media", done, len(sources), unit="files"))
    finally:
        pool.shutdown(cancel_futures=True)
    return tuple(plates), (*warnings, *_warnings(problems))


def _probed(
    source: Source, roots: Sequence[Path], rate: Fraction | None, memory: PlateMemory
) -> ProbedFile:
    """What `source` is: from memory if it has not changed, else by opening it."""
    try:
        if not _inside(source, roots):
            return ProbedFile(
                None, "is a link that leads out of the media folders; it was not opened",
                "copy the file in, or add its folder as media",
            )  # fmt: skip
        state = _state(source, rate)
    except MediaError as error:
        return ProbedFile(None, str(error), error.hint)
    except OSError as error:
        return ProbedFile(None, f"cannot be read: {error.strerror or error}")
    known = memory.known(state)
    if known is not None and (known.plate is None or known.plate.path == _names(source)[1]):
        return known  # a memory is a file, and not trusted to lead anywhere else
    try:
        plate, warning = plate_of(source, rate)
    except DubsyncError as error:
        probed = ProbedFile(None, str(error), error.hint)
        if isinstance(error.__cause__, OSError):  # a disk or a permission, which may be back soon
            return probed
    else:
        hint = "set its timecode, if the cut refers to it" if warning else ""
        probed = ProbedFile(plate, warning, hint)
    memory.keep(state, probed)
    return probed


def _state(source: Source, rate: Fraction | None) -> str:
    """Of a movie, its file's; of a sequence, its numbers and the states of its outer files."""
    if isinstance(source, Path):
        return file_state(source)
    outer = [file_state(source.file(number)) for number in (source.numbers[0], source.numbers[-1])]
    return digest("sequence", source.numbers, rate, outer)[:32]


def _sources(roots: Sequence[Path], warnings: list[ProjectWarning]) -> Iterator[Source]:
    seen: set[Path] = set()

    def refuse(error: OSError) -> None:
        where = Path(str(error.filename)).name
        warnings.append(ProjectWarning(where, f"the folder cannot be read: {error.strerror}"))

    for root in roots:
        found = os.walk(root, onerror=refuse)
        for folder, folders, names in answered(found, root, "looking for plates"):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            here = Path(folder)
            if here in seen:
                continue
            seen.add(here)
            for name in sorted(names):
                if not name.startswith(".") and Path(name).suffix.lower() in MOVIES:
                    yield here / name
            try:
                sequences = sequences_in(here)
            except MediaError as error:
                warnings.append(ProjectWarning(here.name, str(error), error.hint))
                continue
            for result in sequences:
                if len(result.numbers) > 1 or not result.pattern.lower().endswith(".png"):
                    yield result


def _inside(source: Source, real_roots: Sequence[Path]) -> bool:
    """Whether every file of `source` is under a root, with links resolved."""
    files = [source.file(n) for n in source.numbers] if isinstance(source, Numbered) else [source]
    try:
        return all(
            any(file.resolve().is_relative_to(root) for root in real_roots)
            for file in files
            if file.is_symlink()
        )
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        raise MediaError(
            "is a link that leads to no file", hint="delete the link, or copy the file in"
        ) from error


def _warnings(problems: Sequence[tuple[Source, ProbedFile]]) -> list[ProjectWarning]:
    """A warning for each problem; four or more files with the same one share it."""
    alike: dict[tuple[str, str], list[tuple[Source, ProbedFile]]] = defaultdict(list)
    for source, probed in problems:
        alike[_without_names(source, probed)].append((source, probed))
    warnings = []
    for (message, hint), these in alike.items():
        if len(these) < SHARED_FROM:
            warnings += [ProjectWarning(_names(s)[0], p.message, p.hint) for s, p in these]
            continue
        folders = sorted({Path(_names(source)[1]).parent.name for source, _ in these})
        where = folders[0] if len(folders) == 1 else counted(len(folders), "folder")
        named = ", ".join(_names(source)[0] for source, _ in these[:NAMED])
        warnings.append(ProjectWarning(
            f"{counted(len(these), 'file')} in {where}", f"each {message} ({named}, ...)", hint
        ))  # fmt: skip
    return warnings


def _names(source: Source) -> tuple[str, str]:
    if isinstance(source, Numbered):
        return source.pattern, source.path
    return source.name, str(source)


def _without_names(source: Source, probed: ProbedFile) -> tuple[str, str]:
    """Message and hint without the file's own names, so that those of like files are equal."""
    name, path = _names(source)
    message, hint = (
        text.replace(path, "").replace(name, "FILE").replace(Path(name).stem, "FILE")
        for text in (probed.message, probed.hint)
    )
    return message.strip(), hint
