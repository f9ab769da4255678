"""Makes the folder of a synced clip a project, which `tweak`, `run` and the desk open.

The clip becomes a cut of one event from its first frame to its last.  Its movie and take are
linked into the folder, which takes no space; where the file system cannot do that, the project
names the folders in which they lie.  As for the clip, no actor is trained unless a person asks.
"""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import SettingsError
from dubsync.core.settings import Settings
from dubsync.core.shot import Event, Plate
from dubsync.core.sound.tracks import WHOLE, SoundChoice
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedTimeline, probed_range
from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode
from dubsync.service.consent.add_record import record_files
from dubsync.service.consent.records import read_consent
from dubsync.service.settings.project_file import ProjectFile, Role
from dubsync.service.settings.project_text import project_text
from dubsync.service.settings.toml_fields import FILE_NAME
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.write_cut import write_cut

CUT, PLATES, TAKES = "clip.otio", "plates", "takes"


def check_no_project(folder: Path) -> None:
    """Raises SettingsError where `folder` is a project already."""
    if (folder / FILE_NAME).exists():
        raise SettingsError(f"{folder} is a project already",
                            hint="choose another name with -o, or leave --project out")  # fmt: skip


def make_clip_project(
    folder: Path,
    event: Event,
    plate: Plate,
    *,
    character: str,
    performer: str,
    language: str,
    dub: Path | None,
    take: Path | None,
    consent: Path,
    heard: SoundChoice = WHOLE,
    settings: Settings,
) -> Path:
    """Write the project of a clip into `folder`, where its render lies already; dubsync.toml last.

    Args:
        event: the clip's only event.
        dub: the dub from the clip's first frame; None: the take is its own dub.
        consent: the performer's record, of which a copy is kept.
        heard: the sound track and channel of the dub.

    Raises:
        SettingsError: the folder is a project already.
        DeliveryError: it cannot be written.
    """
    check_no_project(folder)
    media = _linked(Path(plate.path), folder / PLATES, plate.name)
    takes: tuple[Path, ...] = ()
    if take is not None:
        name = f"{character}_{take.name}"
        takes = (_linked(take, folder / TAKES, name),)
        dub = dub or takes[0] / (name if takes[0] == folder / TAKES else take.name)
    assert dub is not None  # sync_clip checks that there is a dub or a take
    rate = plate.frames.rate
    start = str(Timecode(0, rate)) if rate in TIMECODE_RATES else ""
    write_cut(_cut(event, plate), folder / CUT)
    for source, name in record_files(consent, read_consent(consent)):
        write_whole(folder / "consent" / name, source.read_bytes())
    untrained = replace(settings, engine=replace(settings.engine, train_minutes=0.0))
    file = ProjectFile(
        folder=folder.resolve(), name=folder.stem, language=language,
        cut=(folder / CUT).resolve(), media=(media.resolve(),),
        roles=(Role(character, performer, dub.resolve(), start=start),),
        takes=tuple(path.resolve() for path in takes), settings=untrained,
        heard={} if heard == WHOLE else {dub.resolve(): heard},
    )  # fmt: skip
    write_whole(folder / FILE_NAME, project_text(file))
    return folder


def _linked(path: Path, folder: Path, name: str) -> Path:
    """The folder in which `path` is found: `folder`, with a link to it, or else its own."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.link(path.resolve(), folder / name)
        return folder
    except OSError:  # another file system, or one without links
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        return path.resolve().parent


def _cut(event: Event, plate: Plate) -> ProbedCut:
    """A timeline from frame 0 that shows the whole plate."""
    rate, length = plate.frames.rate, Fraction(len(plate.frames))
    record = probed_range(Fraction(0), length, rate)
    first, last = Fraction(plate.frames.start), Fraction(plate.frames.stop)
    source = probed_range(first, last, rate, plate.drop)
    one = ProbedEvent(
        ("V1",), event.name, "cut", record, source, plate.reel, media=plate.path, number="1",
        timeline=event.name, available=source,
    )  # fmt: skip
    timeline = ProbedTimeline(event.name, rate, Fraction(0), length)
    return ProbedCut("", "otio", (timeline,), (one,))
